"""Who may do what: docs/roles.csv says it for every address, and each cell is asked."""

import pytest

from tests import roles
from tests.hostile.everything import a_row_of_everything
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]

_register = shared(a_row_of_everything, history=True)


def test_the_table_of_roles_has_every_url():
    assert [*roles.table()] == [roles.readable(route) for route in roles.routes()]


@pytest.mark.parametrize("role", roles.ROLES)
def test_each_role_gets_the_status_code_of_the_table_at_each_url(role):
    asked = roles.Asked(role)

    told = {address: cells[role] for address, cells in roles.table().items()}
    assert asked.cells
    assert {a: c for a, c in asked.cells.items() if told[a] != c} == {}
    if role in roles.READERS:
        assert asked.wrote == []
