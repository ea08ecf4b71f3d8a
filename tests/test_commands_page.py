"""docs/commands.md has every command with its arguments, as their own help says it."""

import re

from tools.commands_page import PAGE, page


def test_the_page_is_as_make_commands_writes_it():
    assert PAGE.read_text() == page()


def test_every_argument_says_what_it_is():
    rows = re.findall(r"^\| `(.*)` \| (.*) \|$", page(), re.MULTILINE)

    assert len(rows) > 60
    assert [name for name, what in rows if not what] == []
