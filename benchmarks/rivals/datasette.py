"""Datasette on the same companies: one wide table with indexes and FTS, as one would publish it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

VERSION = "0.65.2"
TABLES = """
CREATE TABLE companies (slug TEXT PRIMARY KEY, name TEXT, sorted TEXT, country TEXT, sector TEXT,
 size TEXT, role TEXT, website TEXT, status TEXT, since TEXT, since_precision TEXT,
 since_basis TEXT, sources INTEGER, pledges TEXT, names TEXT);
INSERT INTO companies SELECT c.slug, c.name, c.name_folded, c.country, x.code, c.size, c.role,
 c.website, s.status, s.since, s.since_precision, s.since_basis, s.source_count, s.pledges, r.names
 FROM ours.companies_company c LEFT JOIN ours.companies_sector x ON x.id = c.sector_id
 LEFT JOIN ours.companies_companyrow r ON r.company_id = c.id
 LEFT JOIN ours.companies_statusrow s ON s.company_id = c.id
  AND s.pact_id = (SELECT id FROM ours.companies_pact ORDER BY position LIMIT 1) ORDER BY c.slug;
CREATE INDEX by_country ON companies (country, status, since);
CREATE INDEX by_country_and_name ON companies (country, status, sorted);
CREATE INDEX by_status ON companies (status, since);
CREATE INDEX by_name ON companies (sorted, slug);
"""
SEARCHED = """
CREATE VIRTUAL TABLE companies_fts USING fts5(names, content='companies', tokenize='trigram');
INSERT INTO companies_fts (companies_fts) VALUES ('rebuild');
ANALYZE;
"""
INSTALLING = 300  # seconds
# What it cuts off after a second by default would be faster and wrong; to look for columns that
# might be facets takes three quarters of a list's time.
SETTINGS = {
    "sql_time_limit_ms": 600_000,
    "facet_time_limit_ms": 600_000,
    "suggest_facets": "off",
}


def published(database: Path, folder: Path) -> Path:
    """The SQLite file for Datasette and the tuned SQL, made from our database if missing."""
    path = folder / f"{database.stem}-published" / "register.db"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        making = path.with_suffix(".new")
        making.unlink(missing_ok=True)
        with sqlite3.connect(making) as connection:
            connection.execute("ATTACH ? AS ours", [f"file:{database}"])
            connection.executescript(TABLES + SEARCHED)
        connection.close()
        making.rename(path)
    return path


def installed(folder: Path) -> Path | None:
    """Datasette in a virtual environment of its own; None if it cannot be installed."""
    program = folder / "datasette" / "bin" / "datasette"
    if program.exists():
        return program
    commands = [
        [sys.executable, "-m", "venv", folder / "datasette"],
        [program.with_name("python"), "-m", "pip", "install", "-q", f"datasette=={VERSION}"],
    ]
    try:
        for command in commands:
            subprocess.run(command, capture_output=True, check=True, timeout=INSTALLING)
    except (subprocess.SubprocessError, OSError):
        return None
    return program


def command(program: Path, path: Path, port: int) -> list[str]:
    """The command that serves an immutable file with cached row counts."""
    settings = [part for name, value in SETTINGS.items() for part in ("--setting", name, value)]
    return [str(part) for part in (program, "serve", "-i", path, "-p", port, *settings)]
