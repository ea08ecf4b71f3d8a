"""Why a page could not be read as a list of names."""

from collections.abc import Sequence
from enum import StrEnum


class Reason(StrEnum):
    """The closed set of reasons; the caller words them for its readers."""

    EMPTY = "empty"  # no bytes, or only white space
    NOT_TEXT = "not_text"  # a PDF, an archive, an image, or an unknown encoding
    TRUNCATED = "truncated"  # cut off before its end
    TOO_DEEP = "too_deep"  # elements nested beyond what a page has
    TOO_LONG = "too_long"  # more text than any list has
    LOGIN_PAGE = "login_page"
    ERROR_PAGE = "error_page"  # not found, forbidden, unavailable, or a check for robots
    NO_SECTION = "no_section"  # none of the headings or anchors is on the page
    EMPTY_SECTION = "empty_section"  # the heading is there, nothing follows it
    NOT_A_LIST = "not_a_list"  # only sentences, or another format


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
}


class UnreadableList(ValueError):
    """A page that gives no list of names, with the reason and what it was judged by.

    `detail` is a word of the page or of its format; `looked_for` are the headings and anchors
    asked for, `found` the headings the page has.
    """

    def __init__(
        self,
        reason: Reason,
        *,
        detail: str = "",
        looked_for: Sequence[str] = (),
        found: Sequence[str] = (),
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.looked_for = tuple(looked_for)
        self.found = tuple(found)
        super().__init__(f"{MEANINGS[reason]} ({detail})" if detail else MEANINGS[reason])
