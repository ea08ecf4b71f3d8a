"""A page as a sequence of lines, whichever format it came in."""

from dataclasses import dataclass, field
from enum import Enum, auto

PSEUDO = 7  # looks like a heading (bold, a button, a caption) without being h1 to h6


class Kind(Enum):
    """What part of the page's structure a line is."""

    TEXT = auto()
    ITEM = auto()
    CELL = auto()
    TERM = auto()
    DEFINITION = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its table a cell stands; rows and columns count from 0."""

    table: int
    row: int
    column: int
    is_header: bool


@dataclass(slots=True)
class Line:
    """One line as a reader sees it.

    `level` is 1 to 6 for a heading, PSEUDO for what looks like one, else 0. Lines with the same
    `owner` share one paragraph, item or cell; `parent` is the owner of the item around an item.
    `mark` is the tag and class of its element, `href` the target if the whole line is a link.
    """

    text: str
    kind: Kind = Kind.TEXT
    level: int = 0
    owner: int = 0
    parent: int = 0
    mark: str = ""
    href: str = ""
    is_bold: bool = False
    is_italic: bool = False
    place: Place | None = None

    @property
    def is_heading(self) -> bool:
        return 1 <= self.level < PSEUDO


@dataclass
class Page:
    """The lines of a page and the ways into them.

    `anchors` and `containers` are ranges of line numbers, the end excluded; `links` are the
    fragments and labels of links within the page, as in-page menus have them.
    """

    lines: list[Line] = field(default_factory=list)
    title: str = ""
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict)
    containers: list[tuple[int, int]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    asks_password: bool = False

    def headings(self) -> list[str]:
        return [line.text for line in self.lines if line.is_heading]
