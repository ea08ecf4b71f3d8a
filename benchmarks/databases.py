"""The databases to measure, filled once for each size and kept if a folder is given."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.server import NotMeasured, environment

ROOT = Path(__file__).resolve().parent.parent
AN_HOUR = 3600  # seconds that a command may take


@dataclass
class Databases:
    """Filled databases in `folder`, and in the PostgreSQL server at `server`, if any."""

    folder: Path
    server: str | None
    seconds: dict[str, float] = field(default_factory=dict)  # to fill each

    def sqlite(self, size: int) -> str:
        """The URL of an SQLite database with `size` companies."""
        path = self.folder / f"companies-{size}.sqlite3"
        empty = self.folder / "empty.sqlite3"
        if not path.exists():
            self._migrate(f"sqlite:///{empty}")
            filling = path.with_suffix(".new")
            shutil.copy(empty, filling)
            self._fill(f"sqlite:///{filling}", size, "SQLite")
            filling.rename(path)
        self._migrate(f"sqlite:///{path}")
        return f"sqlite:///{path}"

    def postgresql(self, size: int) -> str:
        name = f"companies_{size}"
        if name not in self._names():
            if "empty" not in self._names():
                self._run("CREATE DATABASE empty")
            self._migrate(self._address("empty"))
            self._run("DROP DATABASE IF EXISTS filling")
            self._run("CREATE DATABASE filling TEMPLATE empty")
            self._fill(self._address("filling"), size, "PostgreSQL")
            self._run(f"ALTER DATABASE filling RENAME TO {name}")
        self._migrate(self._address(name))
        return self._address(name)

    def _migrate(self, address: str) -> None:
        """Migrate a kept database to the current code, if a migration is missing.

        Each `migrate` rebuilds the read table: minutes for a million companies.
        """
        env = environment(self.folder, address)
        try:
            manage("migrate", "--check", env=env)
        except NotMeasured:
            manage("migrate", "--verbosity=0", env=env)

    def _fill(self, address: str, size: int, kind: str) -> None:
        began = time.perf_counter()
        manage("invent_register", str(size), env=environment(self.folder, address))
        self.seconds[f"{kind}, {size:,}"] = time.perf_counter() - began

    def _address(self, name: str) -> str:
        return f"{str(self.server).rpartition('/')[0]}/{name}"

    def _names(self) -> set[str]:
        with psycopg.connect(str(self.server), autocommit=True) as connection:
            return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}

    def _run(self, statement: str) -> None:
        with psycopg.connect(str(self.server), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # our own text

    def version(self) -> str:
        if self.server is None:
            return f"SQLite {sqlite3.sqlite_version}"
        with psycopg.connect(self.server) as connection:
            major = connection.info.server_version // 10_000
        return f"SQLite {sqlite3.sqlite_version} and PostgreSQL {major}"


def manage(*arguments: str, env: Mapping[str, str]) -> None:
    """Run a management command without the ten-second statement timeout of the server."""
    finished("django", *arguments, env={**env, "DATABASE_POOL": "off"})


def finished(
    module: str, *arguments: str, env: Mapping[str, str] = os.environ, said: str = ""
) -> str:
    """The output of `python -m module`; raises NotMeasured with its error output on failure."""
    answer = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**env},
        cwd=ROOT,
        input=said,
        capture_output=True,
        text=True,
        timeout=AN_HOUR,
        # Ctrl-C reaches the benchmark alone, which then ends what it started.
        start_new_session=True,
    )
    if answer.returncode:
        raise NotMeasured(f"{module} {' '.join(arguments)}\n{answer.stderr.strip()}")
    return answer.stdout
