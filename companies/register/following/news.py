"""What is new for a subscription."""

from dataclasses import dataclass, field

from companies.models import Subscription


@dataclass(frozen=True)
class Item:
    """One piece of news: a change, or a name of a kept list that means a company by now."""

    kind: str
    key: str
    company_slug: str
    lane: int
    changes: tuple[int, ...] = ()
    place: int | None = None


@dataclass(frozen=True)
class News:
    """What a subscription has not seen, until the change `last`; `members` is whom it follows.

    With a `fault` its filters cannot be read.
    """

    subscription: Subscription
    last: int
    members: bytes = b""
    items: list[Item] = field(default_factory=list)
    fault: bool = False

    @property
    def begin(self) -> int:
        """The change that it had seen before."""
        return self.subscription.position
