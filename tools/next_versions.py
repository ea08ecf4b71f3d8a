"""Run the tests on the next Python and Django: `make next`.

It may fail, and says with what. A virtual environment of its own, .venv-next, gets the newest
releases of all that requirements*.in name, with Django 6 in place of 5.2 and without the lock. The
tests that `make test` runs on SQLite follow; deprecations are warnings here and not failures.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.__main__ import PYTEST, read_counts, without_browser, without_database

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-next"
VERSION, OVERRIDES = "3.13", "django>=6,<7\n"
LATER = ("DeprecationWarning", "PendingDeprecationWarning")
TWO_HOURS = 7200


def requirements() -> str:
    """The direct requirements for users and developers, unpinned."""
    named = (ROOT / "requirements-dev.in").read_text().splitlines()
    ours = [line for line in named if not line.startswith(("-c", "-r"))]
    return "\n".join([(ROOT / "requirements.in").read_text(), *ours, ""])


def install(folder: Path) -> None:
    (folder / "requirements.in").write_text(requirements())
    (folder / "overrides.txt").write_text(OVERRIDES)
    uv = [sys.executable, "-m", "uv"]
    where = ["--quiet", "--no-python-downloads", "--python"]
    chosen = ["--upgrade", "--override", folder / "overrides.txt", "-r", folder / "requirements.in"]
    for command in (
        [*uv, "venv", "--allow-existing", *where, VERSION, VENV],
        [*uv, "pip", "install", *where, VENV / "bin/python", *chosen],
    ):
        subprocess.run(command, check=True, timeout=TWO_HOURS)


def test(report: Path, arguments: list[str]) -> int:
    later = [word for name in LATER for word in ("-W", f"default::{name}")]
    chosen = [*without_browser(arguments), *later, f"--junit-xml={report}", *arguments]
    command = [VENV / "bin/python", *PYTEST[1:], "-p", "no:cacheprovider", *chosen]
    return subprocess.run(command, env=without_database(), timeout=TWO_HOURS).returncode


def versions() -> str:
    asked = "import platform, django; print(platform.python_version(), django.__version__)"
    command = [VENV / "bin/python", "-c", asked]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    return "Python {}, Django {}".format(*said.split())


def verdict(on: str, counts: dict[str, int]) -> str:
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    failed = counts.get("failed", 0) + counts.get("errors", 0)
    how = "which ones is above" if failed else "nothing fails"
    return f"{on}: {said}; {how}." if said else f"{on}: no test ran, the reason is above."


def main(arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="pactwatch-next-") as name:
        folder, report = Path(name), Path(name) / "report.xml"
        try:
            install(folder)
        except subprocess.CalledProcessError:
            print(f"The next versions cannot be tried: no Python {VERSION}, or no package index.")
            return 2
        code = test(report, [*arguments])
        counts = read_counts(report) if report.exists() else {}
        print(f"\n{verdict(versions(), counts)}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
