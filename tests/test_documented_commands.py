"""What README, CONTRIBUTING and docs show as a command exists, and takes what it is shown with.

What is safe and quick is run too, in tests/test_first_run.py.
"""

import re
import shlex
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands, load_command_class
from granian.cli import cli as granian

from pactwatch.system_checks import COMPILE

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    path
    for pattern in ("*.md", "docs/*.md", "docs/*/*.md", ".github/*.md")
    for path in sorted(ROOT.glob(pattern))
]
MAKEFILE = (ROOT / "Makefile").read_text()
DEPLOY = (ROOT / "docs/deploy.md").read_text()
PYTHON = ".venv/bin/python"
NAMES_OF_TESTS = "\n".join(
    f"{path.stem}\n{path.read_text()}" for path in (ROOT / "tests").rglob("test_*.py")
)
# Programs of the machine: only our files and units among their arguments are checked.
MACHINE = {
    "apt-get",
    "cd",
    "cp",
    "df",
    "docker",
    "echo",
    "git",
    "install",
    "journalctl",
    "ln",
    "nginx",
    "npm",
}
MACHINE |= {"openssl", "runuser", "sed", "systemctl", "tar", "useradd"}


def blocks(text, language="sh"):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text):
    """Each command of a document: the lines of its shell blocks, and the code within sentences."""
    for block in blocks(text):
        for line in re.sub(r"\\\n", " ", block).splitlines():
            for command in re.sub(r"(^|\s)#.*", "", line).split("&&"):
                if command.strip() and command.strip() != "}" and not command.endswith("() {"):
                    yield command.strip()
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for code in re.findall(r"`([^`]+)`", prose):
        if re.match(r"(\w+=\S* )*(make|manage\.py|\.venv/bin/\w+|pybabel) \S", code):
            name_alone = re.sub(r"^manage\.py (\w+)$", r"manage.py help \1", code)
            yield re.sub(r"^manage\.py", f"{PYTHON} manage.py", name_alone)


SHOWN = [
    (path.relative_to(ROOT).as_posix(), command)
    for path in DOCUMENTS
    for command in dict.fromkeys(commands(path.read_text()))
]


def fault(command):
    """Why a command cannot work as it is shown; None where it can."""
    if re.match(r"[A-Z]+=\$\(", command):  # the answer of another program of the machine
        return None
    words = shlex.split(command)
    while words and (words[0] == "sudo" or re.fullmatch(r"[A-Z]+=.*", words[0])):
        words = words[1:]
    if not words:
        return None
    program, *arguments = words
    if program == "pactwatch":  # deploy/pactwatch
        return fault_of_manage(arguments)
    if program in MACHINE:
        return fault_of_machine(arguments)
    known = {
        "make": fault_of_make,
        PYTHON: fault_of_python,
        "python3": fault_of_python,
        ".venv/bin/pip": fault_of_pip,
        ".venv/bin/pybabel": fault_of_pybabel,
        "pybabel": fault_of_pybabel,
        ".venv/bin/granian": fault_of_granian,
        "export": fault_of_export,
        "systemd-run": fault_of_machine,
        "curl": lambda arguments: None,  # tests/test_docs.py and test_api_manual.py ask them
    }
    return known[program](arguments) if program in known else f"{program} is not known here"


def fault_of_make(arguments):
    targets = set(re.findall(r"^([a-z-]+):.*  ## ", MAKEFILE, re.MULTILINE))
    variables = {"ARGS", "CONFIRM", "DATABASE_URL", "PORT", "PYTHON3"}
    for word in arguments:
        name, is_variable, value = word.partition("=")
        if name not in (variables if is_variable else targets):
            return f"make has no {name}"
        if name == "ARGS" and arguments[0] == "test":
            return fault_of_pytest(shlex.split(value))
    return None


def fault_of_python(arguments):
    if arguments[0] == "manage.py":
        return fault_of_manage(arguments[1:])
    option, module, *rest = arguments
    if option != "-m" or not find_spec(module):
        return f"there is no module {module}"
    if module == "tools.postgres":
        return fault(shlex.join(rest))
    return fault_of_pytest(rest) if module == "pytest" else None


def fault_of_pytest(arguments):
    for before, word in zip(["", *arguments], arguments, strict=False):
        if before == "-k" and not re.search(rf"(def )?test_\w*{word}", NAMES_OF_TESTS):
            return f"no test is named {word}"
        if before == "-m" and f'"{word}: ' not in (ROOT / "pyproject.toml").read_text():
            return f"there is no marker {word}"
        if word.startswith("tests/") and not (ROOT / word).exists():
            return f"there is no {word}"
    return None


def fault_of_manage(arguments):
    name, *options = arguments
    if unknown := {name, *(options if name == "help" else ())} - {*get_commands()}:
        return f"manage.py has no {', '.join(unknown)}" if unknown != {"help"} else None
    command = get_commands()[name]
    if isinstance(command, str):
        command = load_command_class(command, name)
    try:
        command.create_parser("manage.py", name).parse_args(options)
    except CommandError as error:
        return str(error)
    except SystemExit as end:  # of --help
        return end.code or None
    return None


def fault_of_pip(arguments):
    files = [word for before, word in pairwise(arguments) if before == "-r"]
    missing = [name for name in files if not (ROOT / name).exists()]
    return f"there is no {missing[0]}" if missing or not files else None


def fault_of_pybabel(arguments):
    documented = shlex.split(COMPILE.partition("pybabel ")[2])
    return None if arguments in (documented, ["compile"]) else f"the check says {documented}"


def fault_of_granian(arguments):
    *_options, target = arguments
    granian.make_context("granian", [*arguments])  # raises for an option it does not have
    return None if target == "pactwatch.wsgi:application" else f"there is no {target}"


def fault_of_export(arguments):
    name = arguments[0].partition("=")[0]
    return None if f"| `{name}` |" in DEPLOY else f"{name} is not described"


def fault_of_machine(arguments):
    ours = [word.removeprefix("/opt/pactwatch/") for word in arguments if "/opt/pactwatch/" in word]
    ours += [word for word in arguments if word.startswith("deploy/")]
    missing = [
        name for name in ours if not name.startswith((".venv/", "--")) and not list(ROOT.glob(name))
    ]
    units = re.findall(r"pactwatch-\w+\.(?:service|timer)", " ".join(arguments))
    missing += [name for name in units if not (ROOT / "deploy" / name).exists()]
    return f"there is no {missing[0]}" if missing else None


def test_each_documented_command_can_run_as_shown():
    faults = {(document, command): fault(command) for document, command in SHOWN}
    assert {shown: said for shown, said in faults.items() if said} == {}


@pytest.mark.parametrize(
    "command",
    [
        "make nonsense",
        "make watch OPTIONS=--dry-run",
        'make test ARGS="-k nothing_is_named_so"',
        ".venv/bin/python manage.py nonsense",
        ".venv/bin/python manage.py help nonsense",
        ".venv/bin/python manage.py watch --nonsense",
        ".venv/bin/python manage.py create_editor",
        "pactwatch load_register --never",
        ".venv/bin/python -m tests.nonsense",
        ".venv/bin/python -m pytest tests/test_nonsense.py",
        ".venv/bin/python -m pytest -m nonsense",
        ".venv/bin/python -m tools.postgres .venv/bin/python -m pytest tests/test_nonsense.py",
        ".venv/bin/pip install -r nonsense.txt",
        ".venv/bin/pybabel compile --directory nonsense",
        ".venv/bin/granian nonsense.wsgi:application",
        "export NONSENSE=1",
        "cp deploy/nonsense.service /etc",
        "sudo systemctl start pactwatch-nonsense.service",
        "nonsense",
    ],
)
def test_a_documented_command_that_cannot_run_is_reported(command):
    assert fault(command)


def test_commands_are_found_in_blocks_and_in_sentences():
    text = (
        "Run `manage.py migrate`.\n\n```sh\na=1 b \\\n  c  # why\nd && e\n```\n```json\n{}\n```\n"
    )

    assert [*commands(text)] == ["a=1 b    c", "d", "e", f"{PYTHON} manage.py help migrate"]


def test_each_kind_of_command_is_found_in_the_documents():
    programs = {command.split()[0] for _document, command in SHOWN}

    assert {"make", PYTHON, ".venv/bin/granian", "systemctl", "pactwatch", "export"} <= programs
    assert len(SHOWN) > 60
