"""The hash chain over all changes, which reveals later alterations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from companies.models import NO_HASH, Change


@dataclass(frozen=True)
class BrokenChain:
    """The first altered change, and what is wrong."""

    number: int
    fault: str


def verify(changes: Iterable[Change]) -> tuple[int, BrokenChain | None]:
    """Verify the chain: the number of intact changes, and the break if there is one.

    It finds changes that were altered, removed or inserted; not the loss of the newest ones,
    for which the count and the last hash must be stored elsewhere.
    """
    intact, previous = 0, NO_HASH
    for change in changes:
        if fault := _fault(change, intact + 1, previous):
            return intact, BrokenChain(change.number, fault)
        intact, previous = intact + 1, change.hash
    return intact, None


def _fault(change: Change, number: int, previous: str) -> str | None:
    if change.number != number:
        return f"expected change {number} here"
    if change.previous_hash != previous:
        return "it does not hold the hash of the change before it"
    if change.hash != change.computed_hash():
        return "its hash is not that of what it says"
    return None


def in_order() -> Iterator[Change]:
    return Change.objects.order_by("number").iterator(chunk_size=2000)


def last_hash() -> str:
    """The newest hash, to be stored elsewhere as evidence."""
    return Change.objects.order_by("-number").values_list("hash", flat=True).first() or NO_HASH
