"""Changes in words, as a page says them."""

from collections.abc import Iterable

from django.utils.translation import override

from companies.models import Change
from companies.queries import KnownRows, sentence


def line(change: Change, language: str = "en") -> str:
    """The company's name then, and what the change says."""
    with override(language):
        said = sentence(change, KnownRows([change]))
    return f"{change.company_name}: {said}" if change.company_name else said


def lines(changes: Iterable[Change] | None = None) -> list[str]:
    """The line of each change that has one, the oldest first."""
    changes = Change.objects.order_by("number") if changes is None else changes
    return [line(change) for change in changes if change.has_line]
