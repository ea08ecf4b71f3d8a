"""Which tests PostgreSQL runs: those about the database, and enough others to send every statement.

On SQLite every test runs, and with `--record-shapes=FOLDER` each process writes there which shapes
of statement its tests sent, and one query of each. A shape is a statement that reads or writes
rows, as Django sends it: without literals, and whatever the length of its lists. What a constraint
or a trigger refused is a shape of its own, by the words of the refusal. With
`--cover-shapes=FOLDER`, on PostgreSQL, run all tests marked `database`, and of the others a small
choice which together sent every shape on SQLite.

The two databases spell some statements differently, so a shape counts as sent to PostgreSQL when
tests/statements.py sent its query there, or a test that sent it on SQLite has passed there. If one
was not, the run on PostgreSQL fails.
"""

import json
import os
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.db import IntegrityError, connection

from tests import statements

ROWS = re.compile(r"\s*\(*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
SHORTER = (
    (re.compile(r"'(?:[^']|'')*'"), "%s"),  # text
    (re.compile(r"\b\d+(?:\.\d+)?\b"), "%s"),
    (re.compile(r"%s(?:, %s)+"), "%s"),
    (re.compile(r"(\(%s\))(?:, \(%s\))+"), r"\1"),  # rows of an INSERT
    (re.compile(r"(WHEN (?:(?! THEN ).)+ THEN %s)(?: \1)+"), r"\1"),  # rows of a bulk update
    (re.compile(r"(SELECT %s)(?: UNION ALL SELECT %s)+"), r"\1"),
)


def shape_of(statement: str) -> str:
    for pattern, short in SHORTER:
        statement = pattern.sub(short, statement)
    return statement


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("PactWatch")
    group.addoption("--record-shapes", metavar="FOLDER", type=Path)
    group.addoption("--cover-shapes", metavar="FOLDER", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    if folder := config.getoption("record_shapes"):
        config.pluginmanager.register(Recorder(folder))
    if folder := config.getoption("cover_shapes"):
        config.pluginmanager.register(Cover(folder))


class Recorder:
    """Writes into a file of this process what each test cost and which shapes it sent."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / f"{os.getpid()}.json"
        self.statements: dict[str, str] = {}  # shape by statement: most are sent many times
        self.shapes: dict[str, str] = {}  # text by key
        self.queries: dict[str, bytes] = {}
        self.sent: set[str] = set()
        self.tests: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.sent, started = set(), process_time()
        with statements.followed(), connection.execute_wrapper(self.note):
            answer = yield
        self.tests[item.nodeid] = {
            "seconds": process_time() - started,
            "sent": sorted(self.sent),
            "database": is_about_the_database(item),
        }
        return answer

    def note(self, execute: Callable, sql: Any, params: Any, many: bool, context: dict) -> Any:
        statement = str(sql)
        if statement not in self.statements and ROWS.match(statement):
            key = self.statements[statement] = self.key_of(shape_of(statement))
            if key not in self.queries and (query := statements.stored()):
                self.queries[key] = query
        if statement in self.statements:
            self.sent.add(self.statements[statement])
        try:
            return execute(sql, params, many, context)
        except IntegrityError as refusal:
            self.sent.add(self.key_of(f"refused: {refusal}"))
            raise

    def key_of(self, text: str) -> str:
        key = blake2b(text.encode(), digest_size=8).hexdigest()
        self.shapes[key] = text
        return key

    def pytest_sessionfinish(self) -> None:
        if self.tests:
            self.file.write_text(json.dumps({"tests": self.tests, "shapes": self.shapes}))
            self.file.with_suffix(".pickle").write_bytes(pickle.dumps(self.queries))


class Cover:
    """Keeps the tests that PostgreSQL must run, and sees to it that every shape was sent."""

    def __init__(self, folder: Path) -> None:
        self.tests: dict[str, dict[str, Any]] = {}
        self.shapes: dict[str, str] = {}
        for file in sorted(folder.glob("*.json")):
            record = json.loads(file.read_text())
            self.tests |= record["tests"]
            self.shapes |= record["shapes"]
        self.accepted = statements.accepted(folder)
        self.passed: set[str] = set()

    def pytest_ignore_collect(self, collection_path: Path, config: pytest.Config) -> bool | None:
        """Named one by one, each file would have pytest list its folder anew."""
        is_file = collection_path.suffix == ".py"
        name = collection_path.relative_to(config.rootpath).as_posix() if is_file else ""
        return True if is_file and name not in self.files else None

    @cached_property
    def files(self) -> set[str]:
        """Where the tests are that will run: no other file need be read."""
        about = {key for key, test in self.tests.items() if test["database"]}
        chosen = about | self.choice({*self.tests}, about)
        return {key.partition("::")[0] for key in chosen}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        about = {item.nodeid for item in items if is_about_the_database(item)}
        chosen = about | self.choice({item.nodeid for item in items}, about)
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in chosen])
        items[:] = [item for item in items if item.nodeid in chosen]

    def choice(self, offered: set[str], about: set[str]) -> set[str]:
        """The cheapest tests, nearly, that together send what those of `about` do not."""
        sent = {key: set(self.tests[key]["sent"]) for key in sorted(offered) if key in self.tests}
        covered = self.accepted | {shape for key in about for shape in sent.get(key, ())}
        missing, chosen = sent, list[str]()

        def worth(key: str) -> float:
            return len(missing[key]) / (self.tests[key]["seconds"] + 0.02)

        others = Counter(covered)  # how many tests that run send a shape
        while missing := {key: new for key, all_ in missing.items() if (new := all_ - covered)}:
            best = max(missing, key=worth)
            chosen.append(best)
            covered |= missing[best]
            others.update(sent[best])
        for key in sorted(chosen, key=lambda key: -self.tests[key]["seconds"]):
            if all(others[shape] > 1 for shape in sent[key]):  # by now others send all of it
                chosen.remove(key)
                others.subtract(sent[key])
        return set(chosen)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput") or session.testsfailed:
            return
        sent = {shape for key in self.passed for shape in self.tests.get(key, {"sent": ()})["sent"]}
        if never := sorted(self.shapes.keys() - sent - self.accepted):
            print(f"\n{len(never)} shapes of statement were sent to SQLite and not to PostgreSQL:")
            for shape in never:
                senders = [key for key, test in self.tests.items() if shape in test["sent"]]
                print(f"- {self.shapes[shape]}\n  sent by {', '.join(senders[:3])}")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def is_about_the_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("database") is not None
