"""Why a page without a list has none."""

import re

from .cleaning import fold
from .page import Page
from .refusals import Reason, UnreadableList
from .wording import ERRORS, LOGIN

BLANKED = re.compile(
    r"<!--(?:.*?-->|.*\Z)|<(script|style|textarea|title)\b(?:.*?</\1\s*>|.*\Z)",
    re.DOTALL | re.IGNORECASE,
)
SHORT = 40  # lines; an error page says little else
UNFINISHED_TAG = re.compile(r"<(?:/?[A-Za-z!][^<>]*)?\Z")
BALANCED = ("ul", "ol", "dl", "table")


def refuse_truncated(text: str) -> None:
    """Refuse HTML that opened a document, a list or a tag and does not close it."""
    open_comment = text.rfind("<!--") > text.rfind("-->")
    bare = BLANKED.sub(" ", text)
    if open_comment and "-->" not in text[text.rfind("<!--") :]:
        raise UnreadableList(Reason.TRUNCATED, detail="in a comment")
    lower = bare.lower()
    if UNFINISHED_TAG.search(bare[-5000:]):
        raise UnreadableList(Reason.TRUNCATED, detail="in a tag")
    for tag in ("html", "body"):
        if re.search(rf"<{tag}[\s>]", lower):
            if re.search(r"</html\s*>", lower) or (tag == "body" and "</body" in lower):
                return
            raise UnreadableList(Reason.TRUNCATED, detail=f"no </{tag}>")
    for tag in BALANCED:
        opened = len(re.findall(rf"<{tag}[\s>]", lower))
        if opened > lower.count(f"</{tag}"):
            raise UnreadableList(Reason.TRUNCATED, detail=f"no </{tag}>")


def refuse_other_page(page: Page) -> None:
    """Refuse a page that asks to sign in or reports an error, by its title and its headings."""
    lines = page.lines
    telling = [page.title, *page.headings()[:5], *(line.text for line in lines[:3])]
    if len(lines) <= SHORT:
        telling += [line.text for line in lines]
    keys = [fold(text) for text in telling]
    if any(LOGIN.search(key) for key in keys):
        raise UnreadableList(Reason.LOGIN_PAGE, detail=page.title)
    if any(ERRORS.search(key) for key in keys):
        raise UnreadableList(Reason.ERROR_PAGE, detail=page.title or telling[-1][:100])
    if page.asks_password:
        raise UnreadableList(Reason.LOGIN_PAGE, detail=page.title)
