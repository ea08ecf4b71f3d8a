"""Writes a file once most tests of a run have ended, so that another run can begin beside the rest.

`--most-ran=FILE` names it; only a run in several processes counts its tests.
"""

from pathlib import Path

import pytest

MOST = 0.8


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("PactWatch").addoption("--most-ran", metavar="FILE", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    file = config.getoption("most_ran")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(file))


class Progress:
    def __init__(self, file: Path) -> None:
        self.file, self.total, self.ended = file, 0, 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.total = len(ids)

    def pytest_runtest_logfinish(self) -> None:
        self.ended += 1
        if self.total and self.ended >= MOST * self.total:
            self.file.touch()
