"""What is new for a subscription."""

from dataclasses import dataclass, field

from companies.models import Subscription


@dataclass(frozen=True)
class Item:
    """An item of news: a change, or a name of a saved list that now matches a company."""

    kind: str
    key: str
    company_slug: str
    lane: int
    changes: tuple[int, ...] = ()
    place: int | None = None


@dataclass(frozen=True)
class News:
    """The news of a subscription up to the change `last`; `members` is whom it follows.

    With a `fault`, its filters are invalid.
    """

    subscription: Subscription
    last: int
    members: bytes = b""
    items: list[Item] = field(default_factory=list)
    fault: bool = False

    @property
    def begin(self) -> int:
        """The last change it had seen."""
        return self.subscription.position
