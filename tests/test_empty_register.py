"""A register without a single row: its addresses answer or are not found; none breaks."""

import pytest
from django.test import Client

from .test_guards import API_ADDRESSES, PAGES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["", "/fr"])
def test_no_page_of_an_empty_register_breaks(language):
    visitor = Client(raise_request_exception=False)
    addresses = [f"{language}{page}" for page in PAGES if not page.startswith("/fr/")]

    assert {address: status for address in addresses if (status := answer(visitor, address))} == {}


def test_no_answer_of_the_api_of_an_empty_register_breaks():
    visitor = Client(raise_request_exception=False)

    assert {path: status for path in API_ADDRESSES if (status := answer(visitor, path))} == {}


def answer(visitor: Client, address: str) -> int:
    """The status of an answer that is neither a page nor "not found", else 0."""
    status = visitor.get(address).status_code
    return 0 if status in (200, 404) else status
