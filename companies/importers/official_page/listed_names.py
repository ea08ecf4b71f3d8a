"""Extract the company names from the lines of a section."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from .leaving.leavers import (
    How,
    Leaving,
    LeftName,
    named_behind_colon,
    said_in_sentences,
    without_marks,
)
from .leaving.remarks import divides, is_no_name, mentions_leaving, split_remark
from .list_items import (
    BULLET,
    FOOTNOTE,
    LONGEST,
    RUN,
    SIGNED_PARTLY,
    Candidate,
    PageContext,
    categories,
    is_noise,
    is_prose,
    items_named,
    may_be_name,
)
from .page import LineKind, PageLine
from .parts import is_about_list
from .table_rows import named_cells
from .wording import ASIDE, SHOWS_MORE, fold, is_beside, is_letter, signed_part

NUMBER = re.compile(r"^\(?\d{1,4}[.)]\s+(?=\S)")
OF_THE_LINK = re.compile(r"(?i)\s*\((?:opens in|external link|link is external|new window)[^()]*\)")
DOCUMENT = re.compile(r"(?i)\s*\(\.?(?:pdf|docx?|xlsx?|odt|zip|\d[\d.,]* ?[km]b)\b[^()]*\)$")
BRACKET = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<note>[^()\[\]]+)[)\]]$")
DASH = re.compile(r"\s+[–—-]+\s+|\s*[,:;]\s+")
# What divides a name from a column of a text: "Airbus – France", "Airbus;FR".
DIVIDERS = (" – ", " — ", " - ", " | ", "\t", "|", ";", ", ")
FEWEST_TAILS, MOST_TAILS = 5, 0.8  # so many names, and this share, have a tail that is a column


@dataclass(frozen=True)
class ListedName:
    """One company as listed.

    `note` is what the page says about it beside the name ("formerly X", "Safety and Security
    Chapter only"); `position` counts from 1 in page order. `lines` are the lines that the page
    breaks it into, if it does: one name, several, or a name and something else.
    """

    name: str
    position: int
    note: str = ""
    lines: tuple[str, ...] = ()


@dataclass
class NamesRead:
    """The names that a section lists, and those that it says have left."""

    listed: list[ListedName] = field(default_factory=list)
    left: list[LeftName] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.listed) + len(self.left)

    def add_left(self, others: Iterable[LeftName], *, elsewhere: bool = True) -> None:
        """Add names that left, and remove them from the listed ones.

        Names listed `elsewhere` than where the page says they left are marked as both.
        """
        known = {one.name.casefold() for one in self.left}
        listed = {one.name.casefold() for one in self.listed}
        for one in others:
            key = one.name.casefold()
            if key not in known:
                known.add(key)
                self.left.append(
                    replace(one, also_listed=one.also_listed or (elsewhere and key in listed))
                )
        stay = [one for one in self.listed if one.name.casefold() not in known]
        self.listed = [replace(one, position=n) for n, one in enumerate(stay, start=1)]


def names(lines: Sequence[PageLine], around: PageContext | None = None) -> NamesRead:
    """The names in a section, in order.

    A repeated name, ignoring case, keeps its first position and spelling, and the notes of
    both; if it left in one place, it is not listed.
    """
    around, lines = around or PageContext(), _without_other_lists(lines)
    found: dict[str, ListedName] = {}
    left: list[LeftName] = []
    sentences = 0
    candidates = list(_candidates_by_part(lines, around))
    divider = _divider_of_tails([candidate.text for _part, candidate in candidates])
    for part, candidate in candidates:
        name, note, gone = _read(candidate, around)
        name, tail = _divided(name, divider)
        note = _joined(tail, note)
        if not name:
            sentences += 1
        elif is_noise(name, in_list=candidate.is_in_list):
            continue
        elif gone:
            left.append(LeftName(name, candidate.text, gone.how, gone.remark))
        else:
            note = note if signed_part(note) else _joined(note, part)
            _add(found, ListedName(name, len(found) + 1, note, candidate.lines))
    if sentences > len(found) + len(left):  # a list of what companies promise, not of companies
        return NamesRead()
    return _with_remarks(
        NamesRead(list(found.values())), [*left, *named_behind_colon(lines)], lines, around
    )


def _with_remarks(
    result: NamesRead, left: Sequence[LeftName], lines: Sequence[PageLine], around: PageContext
) -> NamesRead:
    """The names without those that left, also according to a sentence."""
    result.add_left(left)
    remarks = said_in_sentences(lines, [one.name for one in result.listed], around.day)
    of_sentences = [LeftName(name, said, How.SAID, said) for name, said in remarks.items()]
    result.add_left(of_sentences, elsewhere=False)
    return result


def _without_other_lists(lines: Sequence[PageLine]) -> list[PageLine]:
    """The lines without remarks about the list, and without lists of cookies or links."""
    lists: dict[int, dict[int, PageLine]] = {}
    for line in lines:
        if line.list and not line.is_hidden:
            lists.setdefault(line.list, {}).setdefault(line.owner, line)
    longest = max(map(len, lists.values()), default=0)
    others = {
        number
        for number, items in lists.items()
        if is_beside([line.text for line in items.values()])
        or (len(items) < longest and all(map(_is_control, items.values())))
    }
    return [line for line in lines if line.list not in others and not is_about_list(line)]


def _is_control(line: PageLine) -> bool:
    """Whether an item is only a link within the page or a button."""
    return line.mark.startswith("button") or (line.href.startswith("#") and len(line.href) > 1)


def _candidates_by_part(
    lines: Sequence[PageLine], around: PageContext
) -> Iterator[tuple[str, Candidate]]:
    """The candidates, each with the part of the list that its heading names, or ""."""
    for part, here in _by_part(lines):
        candidates = _without_numbers(_without_index(_candidates(here, around)))
        for candidate in _without_collapsed(candidates, lines):
            if not is_no_name(candidate.text):
                yield part, candidate


def _by_part(lines: Sequence[PageLine]) -> Iterator[tuple[str, Sequence[PageLine]]]:
    """The lines under each heading of a part, with that heading; all lines if there is none.

    A heading directly followed by another, as in a table of two columns, does not apply to all
    names.
    """
    start, part = 0, ""
    for number, line in enumerate(lines):
        found = line.level and line.kind is LineKind.TEXT and signed_part(line.text)
        if found:
            yield part, lines[start:number]
            part = "" if 0 < start == number else found
            start = number + 1
    yield part, lines[start:]


def _add(found: dict[str, ListedName], one: ListedName) -> None:
    first = found.setdefault(one.name.casefold(), one)
    notes = dict.fromkeys(filter(None, [*first.note.split("; "), *one.note.split("; ")]))
    found[one.name.casefold()] = replace(first, note="; ".join(notes))


def _without_collapsed(
    candidates: Sequence[Candidate], lines: Sequence[PageLine]
) -> Iterator[Candidate]:
    """The candidates; hidden ones count if most are hidden or a control reveals them."""
    hidden = sum(one.gone is not None and one.gone.how is How.HIDDEN for one in candidates)
    more = hidden and any(
        SHOWS_MORE.match(fold(line.text))
        for line in lines
        if line.href or line.level or line.mark.startswith(("button", "a."))
    )
    for one in candidates:
        shown = one.gone == Leaving(How.HIDDEN) and (more or hidden * 2 >= len(candidates))
        yield replace(one, gone=None) if shown else one


def _candidates(lines: Sequence[PageLine], around: PageContext) -> Iterator[Candidate]:
    """The candidates: list items, table cells, definition terms, or else lines of text."""
    texts = [line for line in lines if line.kind is LineKind.TEXT]
    has_other = len(texts) < len(lines) and any(
        not is_prose(line.text) for line in lines if line.kind is not LineKind.TEXT
    )
    for kind, group in groupby(lines, key=_part):
        here = list(group)
        if kind[0] is LineKind.TEXT:
            yield from _texts(here, around, beside=has_other)
        elif kind[0] is LineKind.CELL:
            yield from named_cells(here, around)
        elif kind[0] is LineKind.ITEM:
            yield from items_named(here, categories(lines), around)
        else:
            yield from _definitions(here, around)


def _part(line: PageLine) -> tuple[LineKind, int]:
    if line.kind is LineKind.CELL:
        return LineKind.CELL, line.place.table if line.place else 0
    return (LineKind.TERM if line.kind is LineKind.DEFINITION else line.kind), 0


def _texts(lines: Sequence[PageLine], around: PageContext, *, beside: bool) -> Iterator[Candidate]:
    """Lines of text that look like names; `beside` another list only a run of them counts."""
    plain = [line for line in lines if may_be_name(line.text) and not is_no_name(line.text)]
    plain = [line for line in plain if not (beside and line.mark.startswith("button"))]
    upright = [line for line in plain if not line.is_italic or len(line.text.split()) < 3]
    plain = upright or plain
    named = [line for line in plain if not line.level] or plain
    kept = {id(line) for line in named} if not beside or len(named) >= RUN else set()
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        if id(line) in kept or SIGNED_PARTLY.match(line.text):
            said = after.text if after and _belongs_to(after, line) else ""
            yield Candidate(line.text, is_in_list=False, gone=around.gone(line, said))


def _belongs_to(line: PageLine, name: PageLine) -> bool:
    """Whether a line is a remark on the line before it."""
    return line.owner == name.owner and is_no_name(line.text)


def _definitions(lines: Sequence[PageLine], around: PageContext) -> Iterator[Candidate]:
    """Definition terms with definitions as remarks; if few terms group many, the definitions."""
    terms = [line for line in lines if line.kind is LineKind.TERM and not is_letter(line.text)]
    others = [line for line in lines if line.kind is LineKind.DEFINITION]
    said = _by_term(lines)
    if not terms or len(others) > 2 * len(terms) or any(divides(line.text) for line in terms):
        for term, here in said:
            for line in here:
                line.left = line.left or (term.text if term and divides(term.text) else "")
                yield Candidate(line.text, gone=around.gone(line))
        return
    for term, here in said:
        if term:
            remarks = [text for line in here for text in (line.text, line.said) if text]
            yield Candidate(term.text, " ".join(remarks), gone=around.gone(term, *remarks))


def _by_term(lines: Sequence[PageLine]) -> list[tuple[PageLine | None, list[PageLine]]]:
    """Each term with its definitions."""
    found: list[tuple[PageLine | None, list[PageLine]]] = [(None, [])]
    for line in lines:
        if line.kind is LineKind.DEFINITION:
            found[-1][1].append(line)
        else:
            found.append((line, []))
    return found


def _without_marks(candidate: Candidate) -> Candidate | None:
    text = OF_THE_LINK.sub("", DOCUMENT.sub("", candidate.text))
    text = FOOTNOTE.sub("", BULLET.sub("", text)).strip(" ,;|•·")
    if not text:
        return None
    return replace(candidate, text=text, remark=FOOTNOTE.sub("", candidate.remark))


def _without_index(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates without bullet marks and without index letters: "A", "B", "C"."""
    kept = [bare for one in candidates if (bare := _without_marks(one)) is not None]
    letters = [one for one in kept if len(one.text) == 1]
    index = set(letters) if len(letters) > 1 else set()  # one letter alone is a company, such as X
    return [one for one in kept if one not in index]


def _without_numbers(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without typed numbers if most have one: "3. Element" alone is a name."""
    numbered = sum(NUMBER.match(one.text) is not None for one in candidates)
    if numbered * 2 <= len(candidates):
        return list(candidates)
    return [replace(one, text=NUMBER.sub("", one.text)) for one in candidates]


def _read(candidate: Candidate, around: PageContext) -> tuple[str, str, Leaving | None]:
    """Split a candidate into name, note, and statement that it left."""
    name, remark = split_remark(candidate.text, around.day)
    name = FOOTNOTE.sub("", name).strip(" ,;|•·")
    gone = candidate.gone
    if remark and name and len(name) <= LONGEST and not is_prose(name, in_list=True):
        how = gone.how if gone and gone.how is How.STRUCK else How.SAID
        return name, "", Leaving(how, remark)
    name, note = _name_and_note(candidate)
    return without_marks(name, around.notes) if gone else name, note, gone


def _name_and_note(candidate: Candidate) -> tuple[str, str]:
    """Split into name and note; brackets not about the signature stay in the name."""
    text, remark = candidate.text, candidate.remark
    partly = SIGNED_PARTLY.match(text)
    if partly:
        return partly["name"], _joined(partly["note"], remark)
    bracket = BRACKET.match(text)
    if bracket and (ASIDE.match(bracket["note"]) or mentions_leaving(bracket["note"])):
        return bracket["name"], _joined(bracket["note"], remark)
    for dash in DASH.finditer(text) if len(text) <= LONGEST else ():
        if dash.start() and ASIDE.match(text, dash.end()):
            return text[: dash.start()], _joined(text[dash.end() :], remark)
    if is_prose(text, in_list=candidate.is_in_list):
        return "", ""
    return text, remark


def _divider_of_tails(texts: Sequence[str]) -> str:
    """The separator between most names and an extra column, such as their country.

    It is "(" for brackets. After another separator the same words must repeat, which
    distinguishes a column from legal forms and second halves of names.
    """
    for divider in ("(", *DIVIDERS):
        tails = [tail for text in texts if (tail := _divided(text, divider)[1])]
        if len(tails) < max(FEWEST_TAILS, MOST_TAILS * len(texts)):
            continue
        if divider == "(" or len(set(tails)) * 2 <= len(tails):
            return divider
    return ""


def _divided(text: str, divider: str) -> tuple[str, str]:
    """Split at the last separator; the second part is empty if there is none."""
    if divider == "(":
        bracket = BRACKET.match(text)
        return (bracket["name"], bracket["note"]) if bracket else (text, "")
    name, found, tail = text.rpartition(divider) if divider else (text, "", "")
    return (name.strip(), tail.strip()) if found and name.strip() else (text, "")


def _joined(*notes: str) -> str:
    return "; ".join(note.strip() for note in notes if note.strip())
