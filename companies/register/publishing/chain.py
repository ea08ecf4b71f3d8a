"""The public history: each act told in plain words, in a chain that shows any later alteration."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone
from django.utils.translation import override

from companies.models import NO_HASH, Change
from companies.register.units import Act

from .wording import Line, Named, lines_of

BATCH = 1000


def tell(act: Act) -> list[Change]:
    """Write the changes the public should know of `act`; inside its transaction and lock."""
    named = Named(act)
    told: dict[str, list[Line]] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            told[language] = list(lines_of(act, named))
    last = Change.objects.order_by("-number").first()
    number, previous = (last.number, last.hash) if last else (0, NO_HASH)
    changes: list[Change] = []
    now, role = timezone.now(), role_of(act.by)
    # What happened in the world is told in the world's order.
    pairs = sorted(zip(told["en"], told["fr"], strict=True), key=lambda pair: pair[0].order)
    for line, french in pairs:
        number += 1
        change = Change(
            number=number,
            what_en=shortened(line.what),
            what_fr=shortened(french.what),
            recorded_at=now,
            by_role=role,
            previous_hash=previous,
            **line.columns(),
        )
        if act.cause:
            change.cause = act.cause
        previous = change.hash = change.computed_hash()
        changes.append(change)
    return Change.objects.bulk_create(changes, batch_size=BATCH)


def shortened(text: str, limit: int = 500) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def role_of(user: AbstractBaseUser | None) -> Change.ByRole:
    """How the public is told of who did it; never the person."""
    if user is None:
        return Change.ByRole.MACHINE
    may_decide = user.has_perm("companies.change_proposal")  # type: ignore[attr-defined]
    return Change.ByRole.REVIEWER if may_decide else Change.ByRole.EDITOR


@dataclass(frozen=True)
class BrokenChain:
    """The first change that is not what was recorded, and how that shows."""

    number: int
    fault: str


def verify(changes: Iterable[Change]) -> tuple[int, BrokenChain | None]:
    """Follow the chain from its start: how many changes hold, and where it breaks if it does.

    It finds a change that was altered, taken out or put in; not the loss of the newest ones, for
    which the count and the last hash are to be kept elsewhere.
    """
    held, previous = 0, NO_HASH
    for change in changes:
        if fault := _fault(change, held + 1, previous):
            return held, BrokenChain(change.number, fault)
        held, previous = held + 1, change.hash
    return held, None


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
    """What anyone may keep elsewhere, to show later that nothing was rewritten."""
    return Change.objects.order_by("-number").values_list("hash", flat=True).first() or NO_HASH
