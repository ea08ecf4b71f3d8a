"""Write docs/commands.md: every make target and management command, from its help.

Run by `make commands`; a test compares the page.
"""

import re
from argparse import SUPPRESS, Action, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/commands.md"
HEAD = """\
# All commands

Made from their own help by `make commands`; a test fails when it is out of date. On your own
machine `.venv/bin/python manage.py help` lists those of manage.py; [deploy.md](deploy.md) says how
to call them in production. Each takes `--help` too.
"""
OURS = ("accounts", "companies")
TARGET = re.compile(r"^([a-z-]+):.*?  ## (.*)$", re.MULTILINE)


def page() -> str:
    return "\n".join([HEAD, *_targets(), *_commands()])


def _targets() -> Iterator[str]:
    yield "## make\n\n| Target | What it does |\n|---|---|"
    for name, what in TARGET.findall((ROOT / "Makefile").read_text()):
        yield f"| `make {name}` | {_cell(what)} |"
    yield ""


def _commands() -> Iterator[str]:
    yield "## manage.py\n"
    ours = {n: app for n, app in get_commands().items() if app.startswith(OURS)}
    for name in sorted(ours):
        if name == "makemessages":  # Django's own, which make messages calls
            continue
        command = load_command_class(ours[name], name)
        parser = command.create_parser("manage.py", name)
        yield f"### {name}\n\n{command.help}\n"
        actions = [one for one in parser._actions if _is_own(one)]
        if actions:
            yield "| Argument | What it is |\n|---|---|"
            for action in actions:
                yield from _rows(action)
            yield ""


def _is_own(action: Action) -> bool:
    """Whether an option is the command's own, not one that every Django command has."""
    common = {"help", "version", "verbosity", "settings", "pythonpath", "traceback"}
    return action.dest not in common | {"no_color", "force_color", "skip_checks"}


def _rows(action: Action, before: str = "") -> Iterator[str]:
    if isinstance(action, _SubParsersAction):
        told = {one.dest: one.help for one in action._choices_actions}
        for name, parser in action.choices.items():
            yield f"| `{before}{name}` | {_cell(told[name])} |"
            for one in filter(_is_own, parser._actions):
                yield from _rows(one, f"{before}{name} ")
        return
    names = ", ".join(action.option_strings) or str(action.metavar or action.dest.upper())
    value = action.metavar or (action.dest.upper() if action.nargs != 0 else "")
    shown = names if not action.option_strings or not value else f"{names} {value}"
    yield f"| `{before}{shown}` | {_cell(_meaning(action))} |"


def _meaning(action: Action) -> str:
    parts = [action.help] if action.help and action.help != SUPPRESS else []
    if action.nargs == 0 and action.const not in (None, True):
        parts.append(f"the same as --{action.dest} {action.const}")
    if action.choices:
        parts.append(f"one of: {', '.join(map(str, action.choices))}")
    if action.default not in (None, False, True, "", SUPPRESS, []) and action.nargs != 0:
        default = str(action.default).removeprefix(f"{ROOT}/")
        parts.append(f"{default} unless it is given")
    return "; ".join(parts) % {"default": action.default, "prog": "manage.py"}


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


if __name__ == "__main__":
    from pactwatch.startup import setup

    setup()
    PAGE.write_text(page())
