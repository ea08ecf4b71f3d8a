"""docs/editors.md: what it says of roles is what the table of addresses says."""

import re
from pathlib import Path

import pytest

from tests import roles

PAGE = Path(__file__).parent.parent / "docs/editors.md"
COMPANY = "/admin/companies/company/"
# Of each line of the page, an address that it is about, and the place of its method in the cells.
ABOUT = {
    "see records, history, proposals": (COMPANY + "<path:object_id>/change/", 0),
    "correct records, change a status, add evidence": (
        COMPANY + "<int:company_id>/change-status/",
        1,
    ),
    "retract a status that was wrong": (COMPANY + "<int:company_id>/retract-status/", 1),
    "upload a spreadsheet": ("/admin/companies/importrun/upload/", 1),
    "decide on proposals, send answers to corrections": (
        "/admin/companies/importrun/<int:run_id>/review/",
        1,
    ),
    "draft answers to corrections": ("/admin/companies/correction/<int:correction_id>/answer/", 1),
    "delete companies, statuses, sources; merge": (COMPANY + "<int:company_id>/merge/", 1),
    "manage logins, read the log of accounts": ("/admin/auth/user/<path:object_id>/change/", 1),
}


def lines() -> dict[str, list[bool]]:
    rows = re.findall(r"^\| (\w.*?) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    return {what: [cell.strip() == "yes" for cell in cells.split("|")] for what, cells in rows}


@pytest.mark.parametrize("what", ABOUT)
def test_each_role_has_the_rights_that_the_editors_guide_states(what):
    address, place = ABOUT[what]
    cells = roles.table()[address]

    assert lines()[what] == [
        cells[role].split()[place] == "200"
        for role in ("viewer", "editor", "reviewer", "administrator")
    ]


def test_each_line_of_the_rights_table_is_checked():
    assert {*lines()} == {*ABOUT}


def test_each_screenshot_of_the_editors_guide_exists_and_is_small():
    pictures = re.findall(r"\((screenshots/.*?)\)", PAGE.read_text())

    assert len(pictures) == 7
    for picture in pictures:
        assert (PAGE.parent / picture).stat().st_size < 100_000
