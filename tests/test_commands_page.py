"""docs/commands.md has every command with its arguments, as their own help says it."""

import re

from tools.commands_page import PAGE, page


def test_the_commands_page_is_up_to_date():
    assert PAGE.read_text() == page()


def test_every_command_line_argument_has_a_help_text():
    rows = re.findall(r"^\| `(.*)` \| (.*) \|$", page(), re.MULTILINE)

    assert len(rows) > 60
    assert [name for name, what in rows if not what] == []
