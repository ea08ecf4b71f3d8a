"""Builders of data packages."""

from io import StringIO
from pathlib import Path

from django.core.management import call_command

from companies.register.package import TABLES, dump

ROWS = {
    "sectors": ["software,Software,Logiciel"],
    "sources": [
        "list,https://example.org/list,The list,,official_list,,,,,,,",
        "news,https://example.org/news,The news,,press,2024-09-25,2026-01-10,,,,,",
    ],
    "pacts": ["eu-ai-pact,1,EU AI Pact,Pacte,,,Commission,2024-09-25,,https://example.org,12,,,"],
    "official_lists": ["eu-ai-pact,https://example.org/list,24,True"],
    "list_headings": ["eu-ai-pact,fr,heading,Signataires"],
    "commitments": [
        "eu-ai-pact,governance,1,core,all,Governance,Gouvernance,,,,list,",
        "eu-ai-pact,labels,2,additional,all,Labels,Étiquettes,,,,list,",
    ],
    "milestones": ["2024-09-25,ai_pact,First signatures,Premières signatures,,list,,eu-ai-pact,"],
    "published_shares": ["eu-ai-pact,eu,63,230,news"],
    "opinions": ["eu-ai-pact,1,Too vague.,Trop vague.,Zu vage,de,Too vague,Trop vague,B,B,news"],
    "companies": [
        "acme,Acme,,FR,software,large,unknown,https://acme.example,,,unknown,",
        "bolt,Bolt,,,,unknown,unknown,,acme,,unknown,",
    ],
    "company_names": ["acme,Acme Corporation,alias"],
    "company_identifiers": ["acme,wikidata,Q1"],
    "company_redirects": ["old-acme,acme"],
    "signings": [
        "acme,eu-ai-pact,signed,2024-10,first_seen,,,,,",
        "bolt,eu-ai-pact,not_signed,2024-09-25,observed,2026,,,,",
    ],
    "pledges": ["acme,eu-ai-pact,governance,implied_by_signature,no_evidence,,,,A note,"],
    "progress_reports": ["acme,eu-ai-pact,1,2025-10-01,stated,,,"],
    "retractions": [
        "acme,eu-ai-pact,declined,2024-09-25,2026-01-05,2026-02-01,No refusal.,Pas un refus."
    ],
    "citations": ["acme,eu-ai-pact,signing,2024-10,,,list,Acme,,,,,,,"],
}


def a_package(directory: Path, **rows: list[str]) -> Path:
    """A small package in `directory`; `rows` replaces the lines of tables, by their names."""
    directory.mkdir(exist_ok=True)
    for table in TABLES:
        lines = [",".join(table.columns), *rows.get(table.name, ROWS[table.name])]
        (directory / table.file).write_bytes("".join(f"{line}\n" for line in lines).encode())
    return directory


def load(*arguments: object) -> str:
    """Run load_register and return its output."""
    out = StringIO()
    call_command("load_register", *map(str, arguments), stdout=out)
    return out.getvalue().strip()


def dumped() -> dict[str, bytes]:
    return dict(dump())
