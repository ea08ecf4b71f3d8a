"""Data types: a page as a sequence of lines, and the reasons why it has no list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

PSEUDO = 7  # looks like a heading (bold, a button, a caption) without being h1 to h6


class LineKind(Enum):
    """The structural kind of a line."""

    TEXT = auto()
    ITEM = auto()
    CELL = auto()
    TERM = auto()
    DEFINITION = auto()


@dataclass(frozen=True, slots=True)
class CellPlace:
    """The position of a cell in its table; rows and columns count from 0."""

    table: int
    row: int
    column: int
    is_header: bool


@dataclass(slots=True)
class PageLine:
    """One line as a reader sees it.

    `level` is 1 to 6 for a heading, PSEUDO for what looks like one, else 0. Lines with the same
    `owner` share one paragraph, item or cell; `parent` is the owner of the item around an item.
    `mark` is the tag and class of its element, `href` the target if the whole line is a link.
    `list` distinguishes lists; `follows_break` that a <br> precedes it. `said` is what an icon, a
    title or an emphasised word says beside the text, `footnotes` are the marks behind it, `left`
    the heading of former signatories above it.
    """

    text: str
    kind: LineKind = LineKind.TEXT
    level: int = 0
    owner: int = 0
    parent: int = 0
    mark: str = ""
    href: str = ""
    is_bold: bool = False
    is_italic: bool = False
    is_struck: bool = False
    is_hidden: bool = False
    follows_break: bool = False
    list: int = 0
    said: str = ""
    footnotes: tuple[str, ...] = ()
    left: str = ""
    place: CellPlace | None = None

    @property
    def is_heading(self) -> bool:
        return 1 <= self.level < PSEUDO


@dataclass(frozen=True, slots=True)
class Control:
    """A link or button, which is no line of the page; also in menus and pagers.

    `at` is the number of lines before it. A control in a pager needs no word to say that it
    leads to another page of the list.
    """

    at: int
    label: str
    href: str = ""
    is_next: bool = False  # by rel="next"
    is_link: bool = False
    in_pager: bool = False
    shows_more: bool = False  # by its class: "load-more"
    file_type: str = ""  # by its attribute "type", or the name under which it is saved


@dataclass
class PageOutline:
    """The lines of a page and references to them.

    `anchors` and `containers` are half-open ranges of line numbers; `links` are fragments and
    labels of links within the page, such as those of an in-page menu. `labels` are ranges of
    lines with the label of their element, or with "#" and the id of the labelling element.
    `pager_texts` and `data` begin with the number of lines before them.
    """

    lines: list[PageLine] = field(default_factory=list)
    title: str = ""
    anchors: dict[str, tuple[int, int]] = field(default_factory=dict)
    containers: list[tuple[int, int]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    labels: list[tuple[int, int, str]] = field(default_factory=list)
    asks_password: bool = False
    controls: list[Control] = field(default_factory=list)
    pager_texts: list[tuple[int, str]] = field(default_factory=list)  # "Page 1 of 2"
    data: list[tuple[int, str, str]] = field(default_factory=list)  # data-total="137"

    def headings(self) -> list[str]:
        return [line.text for line in self.lines if line.is_heading]


def leads_away(href: str) -> bool:
    """Whether a URL can be followed: no fragment of the page and no script."""
    href = href.strip()
    return bool(href) and not href.startswith("#") and not href.lower().startswith("javascript:")


class Reason(StrEnum):
    """Why a page has no list of names."""

    EMPTY = "empty"  # no bytes, or only white space
    NOT_TEXT = "not_text"  # a PDF, an archive, an image, or an unknown encoding
    TRUNCATED = "truncated"  # cut off before its end
    TOO_DEEP = "too_deep"  # more nested elements than any page has
    TOO_LONG = "too_long"  # more text than any list has
    LOGIN_PAGE = "login_page"
    ERROR_PAGE = "error_page"  # not found, forbidden, unavailable, or a check for robots
    NO_SECTION = "no_section"  # none of the headings or anchors is on the page
    EMPTY_SECTION = "empty_section"  # the heading is there, nothing follows it
    NOT_A_LIST = "not_a_list"  # only sentences, or another format
    ALL_LEFT = "all_left"  # every name is marked as one that left
    ENCRYPTED = "encrypted"  # a PDF with a password
    BROKEN_FILE = "broken_file"  # a PDF or a spreadsheet that cannot be opened
    NO_TEXT = "no_text"  # a PDF of pictures
    WRAPPED = "wrapped"  # a PDF in which one name may be two


MEANINGS = {
    Reason.EMPTY: "the page is empty",
    Reason.NOT_TEXT: "the content is not text",
    Reason.TRUNCATED: "the page is cut off before its end",
    Reason.TOO_DEEP: "the page nests its elements too deeply",
    Reason.TOO_LONG: "the page is longer than any list",
    Reason.LOGIN_PAGE: "the page asks to sign in",
    Reason.ERROR_PAGE: "the page reports an error",
    Reason.NO_SECTION: "the page has none of the headings looked for",
    Reason.EMPTY_SECTION: "the section of the list is empty",
    Reason.NOT_A_LIST: "the page holds no list of names",
    Reason.ALL_LEFT: "the page marks every name as no longer on the list",
    Reason.ENCRYPTED: "the PDF is encrypted",
    Reason.BROKEN_FILE: "the file cannot be opened",
    Reason.NO_TEXT: "a page of the PDF has a picture and no text",
    Reason.WRAPPED: "a name of the PDF seems to go over two lines",
}


class UnreadableList(ValueError):
    """A page without a list of names.

    `detail` is a word of the page or its format; `looked_for` are the headings and anchors that
    would have begun the list, `found` the headings of the page, `files` the URLs of files that
    may be the list.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        detail: str = "",
        looked_for: Sequence[str] = (),
        found: Sequence[str] = (),
        files: Sequence[str] = (),
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.looked_for = tuple(looked_for)
        self.found = tuple(found)
        self.files = tuple(files)
        super().__init__(f"{MEANINGS[reason]} ({detail})" if detail else MEANINGS[reason])
