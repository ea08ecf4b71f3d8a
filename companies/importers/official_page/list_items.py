"""List items as candidates for names, and what distinguishes a name from other text."""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from .leaving.leavers import How, Leaving, footnote_of
from .leaving.remarks import divides, is_no_name, names_who_signs, only_says_left, says_left
from .page import LineKind, PageLine
from .parts import is_statement
from .wording import AFTERWARDS, ASIDE, CONTROLS, REMARKS, fold, is_letter

BULLET = re.compile(r"^(?:[•‣▪▫●◦·∙○■□➢➤➔→►▶▸✓✔✅»§–—*+>-]\s+|[•‣▪●◦·■➢➤►▶✓✔]\s*)+")
# At most 200 marks: a text of nothing but stars is read in time that grows with its length.
FOOTNOTE = re.compile(r"(?:\s?(?:\[(?:\d{1,3}|[a-z]|\*{1,9})\]|\(\d{1,2}\)|[*†‡¹²³⁰⁴-⁹])){1,200}$")
DATE = re.compile(r"\d{1,4}(?: \d{1,4}){2}|\d{1,2} [^\W\d]+ \d{4}|[^\W\d]+ \d{1,2} \d{4}|\d{1,6}")
SENTENCE_END = re.compile(r"[.!?:;…]$")
ABBREVIATION = re.compile(
    r"(?i)(?:\b\w\.\s?){2,}$|\.\w{1,3}\.$|\b(?:inc|ltd|ltda|co|corp|cie|cia|llc|llp|plc|"
    r"pty|pvt|gmbh|ag|"
    r"sa|as|ab|oy|spa|srl|bv|nv|kft|zrt|rt|sp|intl|int|bros|assoc|dept|univ|soc|hnos|jr|sr)\.$"
)
# Where no header distinguishes the columns: English names of countries, and answers.
ATTRIBUTES = {
    *("austria", "belgium", "bulgaria", "croatia", "cyprus", "czechia", "denmark", "estonia"),
    *("finland", "france", "germany", "greece", "hungary", "ireland", "italy", "latvia"),
    *("lithuania", "luxembourg", "malta", "netherlands", "poland", "portugal", "romania"),
    *("slovakia", "slovenia", "spain", "sweden", "norway", "switzerland", "iceland", "china"),
    *("usa", "us", "uk", "united states", "united kingdom", "japan", "canada", "israel", "india"),
    *("czech republic", "south korea", "the netherlands", "eu", "yes", "no", "signed"),
}
LONGEST = 200  # characters of a name with its note
BROKEN_AT_MOST = 0.9  # of the items; if more have a second line, it says something else
LEGAL_FORM = re.compile(
    r"(?:se|sas?|s a|ag|gmbh|ltd|limited|inc|llc|plc|nv|bv|srl|spa|s p a|oyj?|ab|as|a s|kg|corp|co)"
)
DOMAINS = (".com", ".eu", ".org", ".net", ".de", ".fr", ".es", ".it")
ADDENDA = ",;:(–—-/"  # how what is added to a name begins
RUN = 3  # lines of text in a row that are a part of a list beside one in another form
SIGNED_PARTLY = re.compile(
    r"(?i)^(?:in addition|additionally|furthermore|moreover|finally|also)?,?\s*"
    r"(?P<name>(?!only\b|who\b|which\b|has\b|"
    r"they\b)\w\S*(?: \S+){0,4}?),?\s+(?P<note>(?:who |which )?(?:has |have )?(?:only )?"
    r"sign(?:ed|s)\b[^.;]*\bchapters?\b[^.;]*)"
)


@dataclass(frozen=True)
class Candidate:
    """A text that may be a name, its remark, and the statement that it left, if any."""

    text: str
    remark: str = ""
    is_in_list: bool = True
    gone: Leaving | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageContext:
    """Facts about the page around a section: its footnotes, and the date it is read for."""

    notes: Mapping[str, str] = field(default_factory=dict)
    day: datetime.date | None = None

    def gone(self, line: PageLine, *remarks: str) -> Leaving | None:
        """The statement in a line, or in its remark, that its company left."""
        said = [line.said, *(one for one in remarks if says_left(one, self.day))]
        said.append(footnote_of(line, self.notes))
        remark = next(filter(None, said), "")
        if line.is_struck:
            return Leaving(How.STRUCK, remark)
        if remark:
            return Leaving(How.SAID, remark)
        if line.left:
            return Leaving(How.HEADED, line.left)
        return Leaving(How.HIDDEN) if line.is_hidden else None


def items_named(
    lines: Sequence[PageLine], categories: set[int], around: PageContext
) -> Iterator[Candidate]:
    items = [shown_lines(list(group)) for _, group in groupby(lines, key=lambda line: line.owner)]
    has_breaks = [any(line.follows_break for line in here[1:]) for here in items]
    joins = sum(has_breaks) < BROKEN_AT_MOST * len(items)
    parents = {line.parent for line in lines} - {0}
    below = _said_below(items, parents)
    above: dict[int, str] = {}  # the heading of former signatories over the items of a list
    for here in items:
        first = here[0]
        if divides(first.text):
            above[first.owner if first.owner in parents else -first.list] = first.text
            continue
        if names_who_signs(first.text):
            above.pop(-first.list, None)
        if first.parent in below and below[first.parent] == first.text:
            continue
        for line in here:
            line.said = line.said or below.get(line.owner, "")
            line.left = line.left or above.get(first.parent) or above.get(-first.list, "")
        if first.owner not in categories:
            yield from item_named(here, around, joins=joins)


def _said_below(items: Sequence[Sequence[PageLine]], parents: set[int]) -> dict[int, str]:
    """Nested items that are remarks on their parent item, by the parent's owner."""
    inner = [here[0] for here in items if here[0].parent and here[0].owner not in parents]
    return {line.parent: line.text for line in inner if is_no_name(line.text)}


def shown_lines(here: list[PageLine]) -> list[PageLine]:
    """The visible lines of an item."""
    shown = [line for line in here if not line.mark.startswith("button")] or here
    shown = [line for line in shown if not line.is_hidden] or shown
    unstruck = [line for line in shown if not line.is_struck]
    return unstruck if any(_may_stand(line.text) for line in unstruck) else shown


def _may_stand(text: str) -> bool:
    """Whether the rest of a line without its struck-out part is itself a name."""
    return text[0] not in ADDENDA and not (
        is_noise(text) or only_says_left(text) or LEGAL_FORM.fullmatch(fold(text))
    )


def item_named(
    here: Sequence[PageLine], around: PageContext, *, joins: bool
) -> Iterator[Candidate]:
    said = [line.text for line in here[1:] if only_says_left(line.text, around.day)]
    shown = [line for line in here if line.text not in said] or list(here)
    if len(shown) > 1 and only_says_left(shown[0].text, around.day):
        said.append(shown.pop(0).text)
    shown.sort(key=lambda line: (not line.is_struck, not line.level))
    if len(shown) > RUN and sum(may_be_name(line.text) for line in shown) > RUN:
        yield from (Candidate(line.text, gone=around.gone(line, *said)) for line in shown)
        return
    first, *others = shown
    rest = [line.text for line in others if not is_noise(line.text)]
    gone = around.gone(first, *said, *rest)
    lines = (first.text, *rest) if rest and not (gone and gone.remark) else ()
    if joins and lines and all(_continues(line) for line in others):
        yield Candidate(" ".join(lines), gone=gone, lines=lines)
    else:
        yield Candidate(first.text, " ".join(rest), gone=gone, lines=lines)


def _continues(line: PageLine) -> bool:
    """Whether a line may continue the name begun on the line before."""
    text, key = line.text, fold(line.text)
    is_url = " " not in text and (text.lower().endswith(DOMAINS) or "@" in text)
    is_url = is_url or text.lower().startswith(("http:", "https:", "www."))
    is_other = key in ATTRIBUTES or is_number(key) or is_url or ASIDE.match(text)
    return line.follows_break and not (is_other or is_prose(text) or is_noise(text))


def categories(lines: Sequence[PageLine]) -> set[int]:
    """Items that only group others, as in a list ordered by country."""
    items = [line for line in lines if line.kind is LineKind.ITEM]
    parents = {line.parent for line in items} - {0}
    outermost = {line.owner for line in items if not line.parent}
    return parents if outermost and outermost <= parents else set()


def may_be_name(text: str) -> bool:
    bare = FOOTNOTE.sub("", BULLET.sub("", text))
    return len(bare) > 1 and not is_noise(bare) and not is_prose(bare)


def is_noise(text: str, *, in_list: bool = False) -> bool:
    """Whether `text` is a date, an index letter, a control or a remark on the list."""
    key = fold(text)
    if not key or CONTROLS.fullmatch(key) or is_statement(text):
        return True
    if DATE.fullmatch(key) or (is_letter(text) and len(text) > 1):
        return True
    if in_list and len(key.split()) < 4:
        return False
    return key in AFTERWARDS or REMARKS.match(key) is not None


def is_prose(text: str, *, in_list: bool = False) -> bool:
    """Whether `text` reads as a sentence: too long, mostly lower case, or ended as one."""
    words = text.split()
    if len(text) > LONGEST or len(words) > (25 if in_list else 14):
        return True
    if SENTENCE_END.search(text) and not ABBREVIATION.search(text):
        least = 6 if in_list else 3 if text.endswith("!") else 4
        return len(words) >= least or (not in_list and text.endswith((":", "…")))
    lower = sum(word[0].islower() for word in words)
    return len(words) >= (11 if in_list else 7) and lower * 5 >= len(words) * 3


def is_number(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return digits * 2 >= len(text.replace(" ", ""))


def may_be_listed(text: str) -> bool:
    """Whether a line reads as a name, with or without a note."""
    return SIGNED_PARTLY.match(text) is not None or may_be_name(text)
