"""The names of companies in the lines of a section."""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from .leavers import Gone, How, LeftName, footnote_of, said_in_sentences
from .page import LineKind, PageLine
from .remarks import (
    column_says_left,
    divides,
    is_no_name,
    names_who_signs,
    only_says_left,
    says_left,
    split_remark,
)
from .wording import (
    AFTERWARDS,
    ASIDE,
    CONTROLS,
    NAME_COLUMN,
    NOTE_COLUMN,
    OTHER_COLUMN,
    REMARKS,
    SHOWS_MORE,
    SMALL_WORDS,
    fold,
    is_letter,
)

BULLET = re.compile(r"^(?:[•‣▪▫●◦·∙○■□➢➤➔→►▶▸✓✔✅»§–—*+>-]\s+|[•‣▪●◦·■➢➤►▶✓✔]\s*)+")
NUMBER = re.compile(r"^\(?\d{1,4}[.)]\s+(?=\S)")
# At most 200 marks: a text of nothing but stars is read in time that grows with its length.
FOOTNOTE = re.compile(r"(?:\s?(?:\[(?:\d{1,3}|[a-z]|\*{1,9})\]|\(\d{1,2}\)|[*†‡¹²³⁰⁴-⁹])){1,200}$")
OF_THE_LINK = re.compile(r"(?i)\s*\((?:opens in|external link|link is external|new window)[^()]*\)")
DOCUMENT = re.compile(r"(?i)\s*\(\.?(?:pdf|docx?|xlsx?|odt|zip|\d[\d.,]* ?[km]b)\b[^()]*\)$")
BRACKET = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<note>[^()\[\]]+)[)\]]$")
AFTER_DASH = re.compile(r"^(?P<name>.*?\S)(?:\s+[–—-]+\s+|\s*[,:;]\s+)(?P<note>\S.*)$")
SIGNED_PARTLY = re.compile(
    r"(?i)^(?:in addition|additionally|furthermore|moreover|finally|also)?,?\s*"
    r"(?P<name>(?!only\b|who\b|which\b|has\b|"
    r"they\b)\w\S*(?: \S+){0,4}?),?\s+(?P<note>(?:who |which )?(?:has |have )?(?:only )?"
    r"sign(?:ed|s)\b[^.;]*\bchapters?\b[^.;]*)"
)
DATE = re.compile(r"\d{1,4}(?: \d{1,4}){2}|\d{1,2} [^\W\d]+ \d{4}|[^\W\d]+ \d{1,2} \d{4}|\d{1,6}")
SENTENCE_END = re.compile(r"[.!?:;…]$")
ABBREVIATION = re.compile(
    r"(?i)(?:\b\w\.\s?){2,}$|\.\w{1,3}\.$|\b(?:inc|ltd|ltda|co|corp|cie|cia|llc|llp|plc|"
    r"pty|pvt|gmbh|ag|"
    r"sa|as|ab|oy|spa|srl|bv|nv|kft|zrt|rt|sp|intl|int|bros|assoc|dept|univ|soc|hnos|jr|sr)\.$"
)
# Where no head tells the columns apart: English names of countries, and answers.
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
ADDRESS = re.compile(r"(?i)(?:https?:|www\.|\S+@)\S+$|\S+\.(?:com|eu|org|net|de|fr|ai)$")
RUN = 3  # lines of text in a row that are a part of a list beside one in another form


@dataclass(frozen=True)
class ListedName:
    """One company as the page states it.

    `note` is what the page says of it beside the name ("formerly X", "Safety and Security Chapter
    only"); `position` counts from 1 in the order of the page. `lines` are those that the page
    breaks it into, where it does: one name, several, or a name and something else.
    """

    name: str
    position: int
    note: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A text that may be a name, with the remark beside it and the statement that it left."""

    text: str
    remark: str = ""
    is_in_list: bool = True
    gone: Gone | None = None
    lines: tuple[str, ...] = ()


@dataclass
class Names:
    """The companies that a section lists, and those that it names as having left."""

    listed: list[ListedName] = field(default_factory=list)
    left: list[LeftName] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.listed) + len(self.left)

    def add_left(self, others: Iterable[LeftName]) -> None:
        """Add names that left; what is listed too is said to be both, and is not listed."""
        known = {one.name.casefold() for one in self.left}
        listed = {one.name.casefold() for one in self.listed}
        for one in others:
            key = one.name.casefold()
            if key not in known:
                known.add(key)
                self.left.append(replace(one, also_listed=one.also_listed or key in listed))
        stay = [one for one in self.listed if one.name.casefold() not in known]
        self.listed = [replace(one, position=n) for n, one in enumerate(stay, start=1)]


@dataclass(frozen=True)
class Reader:
    """What is known of the page around a section: its footnotes, and the day it is read for."""

    notes: Mapping[str, str] = field(default_factory=dict)
    day: datetime.date | None = None

    def gone(self, line: PageLine, *remarks: str) -> Gone | None:
        """What a line, or a remark that belongs to it, says of its company's having left."""
        said = [line.said, *(one for one in remarks if says_left(one, self.day))]
        said.append(footnote_of(line, self.notes))
        remark = next(filter(None, said), "")
        if line.is_struck:
            return Gone(How.STRUCK, remark)
        if remark:
            return Gone(How.SAID, remark)
        if line.left:
            return Gone(How.HEADED, line.left)
        return Gone(How.HIDDEN) if line.is_hidden else None


def names(lines: Sequence[PageLine], reader: Reader | None = None) -> Names:
    """The names in a section, in its order.

    A name that is there twice, ignoring case, keeps its first place and spelling, and the notes
    of both; if it left in one of the two places, it is not listed.
    """
    reader = reader or Reader()
    found: dict[str, ListedName] = {}
    left: list[LeftName] = []
    sentences = 0
    candidates = _without_numbers(_without_index(_candidates(lines, reader)))
    for candidate in _without_collapsed(candidates, lines):
        name, note, gone = _read(candidate, reader)
        if not name:
            sentences += 1
        elif _is_noise(name, in_list=candidate.is_in_list):
            continue
        elif gone:
            left.append(LeftName(name, candidate.text, gone.how, gone.remark))
        else:
            _add(found, ListedName(name, len(found) + 1, note, candidate.lines))
    if sentences > len(found) + len(left):  # a list of what companies promise, not of companies
        return Names()
    result = Names(list(found.values()))
    result.add_left(left)
    told = said_in_sentences(lines, [one.name for one in result.listed], reader.day)
    result.add_left(LeftName(name, sentence, How.SAID, sentence) for name, sentence in told.items())
    return result


def _add(found: dict[str, ListedName], one: ListedName) -> None:
    first = found.setdefault(one.name.casefold(), one)
    notes = first.note.split("; ") if first.note else []
    if one.note and one.note not in notes:
        found[one.name.casefold()] = replace(first, note="; ".join([*notes, one.note]))


def _without_collapsed(
    candidates: Sequence[Candidate], lines: Sequence[PageLine]
) -> Iterator[Candidate]:
    """The candidates, of which hidden ones count where most are or where a control shows them."""
    hidden = sum(one.gone is not None and one.gone.how is How.HIDDEN for one in candidates)
    more = hidden and any(
        SHOWS_MORE.match(fold(line.text))
        for line in lines
        if line.href or line.level or line.mark.startswith(("button", "a."))
    )
    for one in candidates:
        shown = one.gone == Gone(How.HIDDEN) and (more or hidden * 2 >= len(candidates))
        yield replace(one, gone=None) if shown else one


def _candidates(lines: Sequence[PageLine], reader: Reader) -> Iterator[Candidate]:
    """The candidates for names: items, cells, terms, or else lines of text."""
    texts = [line for line in lines if line.kind is LineKind.TEXT]
    has_other = len(texts) < len(lines) and any(
        not is_prose(line.text) for line in lines if line.kind is not LineKind.TEXT
    )
    categories = _categories(lines)
    for kind, group in groupby(lines, key=_part):
        here = list(group)
        if kind[0] is LineKind.TEXT:
            yield from _texts(here, reader, beside=has_other)
        elif kind[0] is LineKind.CELL:
            yield from _named_cells(here, reader)
        elif kind[0] is LineKind.ITEM:
            yield from _items(here, categories, reader)
        else:
            yield from _definitions(here, reader)


def _part(line: PageLine) -> tuple[LineKind, int]:
    if line.kind is LineKind.CELL:
        return LineKind.CELL, line.place.table if line.place else 0
    return (LineKind.TERM if line.kind is LineKind.DEFINITION else line.kind), 0


def _texts(lines: Sequence[PageLine], reader: Reader, *, beside: bool) -> Iterator[Candidate]:
    """Lines of text that read as names; `beside` a list in another form, only a run of them."""
    plain = [line for line in lines if _may_be_name(line.text) and not is_no_name(line.text)]
    upright = [line for line in plain if not line.is_italic or len(line.text.split()) < 3]
    plain = upright or plain
    named = [line for line in plain if not line.level] or plain
    kept = {id(line) for line in named} if not beside or len(named) >= RUN else set()
    for line, after in zip(lines, [*lines[1:], None], strict=True):
        if id(line) in kept or SIGNED_PARTLY.match(line.text):
            said = after.text if after and _belongs_to(after, line) else ""
            yield Candidate(line.text, is_in_list=False, gone=reader.gone(line, said))


def _belongs_to(line: PageLine, name: PageLine) -> bool:
    """Whether a line is a remark on the one before it."""
    return line.owner == name.owner and is_no_name(line.text)


def _items(lines: Sequence[PageLine], categories: set[int], reader: Reader) -> Iterator[Candidate]:
    items = [_shown(list(group)) for _, group in groupby(lines, key=lambda line: line.owner)]
    has_breaks = [any(line.follows_break for line in here[1:]) for here in items]
    joins = sum(has_breaks) < BROKEN_AT_MOST * len(items)
    parents = {line.parent for line in lines} - {0}
    above: dict[int, str] = {}  # the heading of former signatories over the items of a list
    for here in items:
        first = here[0]
        if divides(first.text):
            above[first.owner if first.owner in parents else -first.list] = first.text
            continue
        if names_who_signs(first.text):
            above.pop(-first.list, None)
        for line in here:
            line.left = line.left or above.get(first.parent) or above.get(-first.list, "")
        if first.owner not in categories:
            yield from _item(here, reader, joins=joins)


def _shown(here: list[PageLine]) -> list[PageLine]:
    """The lines of an item that a reader takes for its text."""
    shown = [line for line in here if not line.mark.startswith("button")] or here
    shown = [line for line in shown if not line.is_hidden] or shown
    standing = [line for line in shown if not line.is_struck]
    return standing if any(_may_stand(line.text) for line in standing) else shown


def _may_stand(text: str) -> bool:
    """Whether what is left of a line without its struck part is a name by itself."""
    return not (_is_noise(text) or only_says_left(text) or LEGAL_FORM.fullmatch(fold(text)))


def _item(here: Sequence[PageLine], reader: Reader, *, joins: bool) -> Iterator[Candidate]:
    said = [line.text for line in here[1:] if only_says_left(line.text, reader.day)]
    shown = [line for line in here if line.text not in said] or list(here)
    if len(shown) > 1 and only_says_left(shown[0].text, reader.day):
        said.append(shown.pop(0).text)
    shown.sort(key=lambda line: not line.is_struck)
    if len(shown) > RUN and sum(_may_be_name(line.text) for line in shown) > RUN:
        yield from (Candidate(line.text, gone=reader.gone(line, *said)) for line in shown)
        return
    first, *others = shown
    rest = [line.text for line in others if not _is_noise(line.text)]
    gone = reader.gone(first, *said, *rest)
    lines = (first.text, *rest) if rest and not (gone and gone.remark) else ()
    if joins and lines and all(_continues(line) for line in others):
        yield Candidate(" ".join(lines), gone=gone, lines=lines)
    else:
        yield Candidate(first.text, " ".join(rest), gone=gone, lines=lines)


def _continues(line: PageLine) -> bool:
    """Whether a line of an item may be a part of the name that the line before it begins."""
    text, key = line.text, fold(line.text)
    is_other = key in ATTRIBUTES or _is_number(key) or ADDRESS.search(text) or ASIDE.match(text)
    return line.follows_break and not (is_other or is_prose(text) or _is_noise(text))


def _categories(lines: Sequence[PageLine]) -> set[int]:
    """The items that only group others, as when a list is ordered by country."""
    items = [line for line in lines if line.kind is LineKind.ITEM]
    parents = {line.parent for line in items} - {0}
    outermost = {line.owner for line in items if not line.parent}
    return parents if outermost and outermost <= parents else set()


def _definitions(lines: Sequence[PageLine], reader: Reader) -> Iterator[Candidate]:
    """Terms with their definitions as remarks; where few terms group many definitions, those."""
    terms = [line for line in lines if line.kind is LineKind.TERM and not is_letter(line.text)]
    others = [line for line in lines if line.kind is LineKind.DEFINITION]
    said = _by_term(lines)
    if not terms or len(others) > 2 * len(terms) or any(divides(line.text) for line in terms):
        for term, here in said:
            for line in here:
                line.left = line.left or (term.text if term and divides(term.text) else "")
                yield Candidate(line.text, gone=reader.gone(line))
        return
    for term, here in said:
        if term:
            remarks = [text for line in here for text in (line.text, line.said) if text]
            yield Candidate(term.text, " ".join(remarks), gone=reader.gone(term, *remarks))


def _by_term(lines: Sequence[PageLine]) -> list[tuple[PageLine | None, list[PageLine]]]:
    """Each term with the definitions below it."""
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
    """The candidates without marks and without the letters of an index: "A", "B", "C"."""
    kept = [bare for one in candidates if (bare := _without_marks(one)) is not None]
    letters = [one for one in kept if len(one.text) == 1]
    index = set(letters) if len(letters) > 1 else set()  # one letter alone is a company, such as X
    return [one for one in kept if one not in index]


def _without_numbers(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without typed numbers, if most have one: "3. Element" alone is a name."""
    numbered = sum(NUMBER.match(one.text) is not None for one in candidates)
    if numbered * 2 <= len(candidates):
        return list(candidates)
    return [replace(one, text=NUMBER.sub("", one.text)) for one in candidates]


def _read(candidate: Candidate, reader: Reader) -> tuple[str, str, Gone | None]:
    """A name, its note, and the statement that it left, in whatever part of the page it is."""
    if is_no_name(candidate.text):
        return "", "", None
    name, remark = split_remark(candidate.text, reader.day)
    name = FOOTNOTE.sub("", name).strip(" ,;|•·")
    gone = candidate.gone
    if remark and name and len(name) <= LONGEST and not is_prose(name, in_list=True):
        how = gone.how if gone and gone.how is How.STRUCK else How.SAID
        return name, "", Gone(how, remark)
    name, note = _name_and_note(candidate)
    return name, note, gone


def _name_and_note(candidate: Candidate) -> tuple[str, str]:
    """A name and its note; a bracket that says nothing of the signature stays in the name."""
    text, remark = candidate.text, candidate.remark
    partly = SIGNED_PARTLY.match(text)
    if partly:
        return partly["name"], _joined(partly["note"], remark)
    bracket = BRACKET.match(text)
    if bracket and ASIDE.match(bracket["note"]):
        return bracket["name"], _joined(bracket["note"], remark)
    dashed = AFTER_DASH.match(text)
    if dashed and ASIDE.match(dashed["note"]) and len(text) <= LONGEST:
        return dashed["name"], _joined(dashed["note"], remark)
    if is_prose(text, in_list=candidate.is_in_list):
        return "", ""
    return text, remark


def _joined(*notes: str) -> str:
    return "; ".join(note.strip() for note in notes if note.strip())


def may_be_listed(text: str) -> bool:
    """Whether a line reads as a name, with or without a note."""
    return SIGNED_PARTLY.match(text) is not None or _may_be_name(text)


def _may_be_name(text: str) -> bool:
    bare = FOOTNOTE.sub("", BULLET.sub("", text))
    return len(bare) > 1 and not _is_noise(bare) and not is_prose(bare)


def _is_noise(text: str, *, in_list: bool = False) -> bool:
    """Whether `text` is a date, a letter of an index, a control or a remark on the list."""
    key = fold(text)
    if not key or CONTROLS.fullmatch(key):
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


# Tables


def _named_cells(lines: Sequence[PageLine], reader: Reader) -> Iterator[Candidate]:
    """The names of one table, row by row, each with the remark of its row."""
    cells = _cells(lines)
    names, notes, first = _columns(cells)
    heads = {column: here[0].text for (row, column), here in cells.items() if row == first - 1}
    above = ""
    for row, columns in groupby(sorted(cells), key=lambda place: place[0]):
        here = {column: cells[row, column] for _row, column in columns}
        if len(here) == 1 and _is_title(only := next(iter(here.values()))[0]):
            above = only.text if divides(only.text) else ""
        elif row >= first:
            said = _said_in_row(here, names, heads, reader)
            remark = "; ".join(line.text for note in notes for line in here.get(note, []))
            for column in sorted(names & here.keys()):
                for line in here[column]:
                    line.left = line.left or above
                yield from _cell(here[column], remark, said, reader, has_head=bool(first))


def _is_title(line: PageLine) -> bool:
    """Whether the only cell of a row is a heading of the rows below it."""
    return _is_header(line) or divides(line.text) or names_who_signs(line.text)


def _said_in_row(
    row: Mapping[int, list[PageLine]], names: set[int], heads: Mapping[int, str], reader: Reader
) -> list[str]:
    """What the other cells of a row say of its company's having left."""
    others = [(column, line) for column in row.keys() - names for line in row[column]]
    found = [column_says_left(heads.get(col, ""), line.text, reader.day) for col, line in others]
    loose = [line.text for column in names & row.keys() for line in row[column]]
    return [*filter(None, found), *(text for text in loose if is_no_name(text))]


def _cell(
    here: Sequence[PageLine], remark: str, said: Sequence[str], reader: Reader, *, has_head: bool
) -> Iterator[Candidate]:
    """The names in a cell: one below a head, in a layout without heads each line."""
    if _is_header(here[0]):
        return
    shown = _shown(list(here))
    if not has_head or len(shown) == 1:
        for line in shown:
            gone = reader.gone(line, remark) or (Gone(How.SAID, said[0]) if said else None)
            yield Candidate(line.text, remark, gone=gone)
        return
    for one in _item(shown, reader, joins=True):
        gone = one.gone or (Gone(How.SAID, said[0]) if said else None)
        yield replace(one, remark="; ".join(filter(None, [one.remark, remark])), gone=gone)


def _cells(lines: Sequence[PageLine]) -> dict[tuple[int, int], list[PageLine]]:
    places = groupby(lines, key=lambda line: line.place)
    cells: dict[tuple[int, int], list[PageLine]] = {}
    for place, here in places:
        if place is not None:
            cells.setdefault((place.row, place.column), []).extend(here)
    return cells


def _is_header(line: PageLine) -> bool:
    return line.place is not None and line.place.is_header


def _columns(cells: Mapping[tuple[int, int], list[PageLine]]) -> tuple[set[int], list[int], int]:
    """The columns of names, those of remarks, and the first row below the head."""
    top = min(row for row, _ in cells)
    head = {column: fold(here[0].text) for (row, column), here in cells.items() if row == top}
    is_head = all(_is_header(here[0]) for (row, _), here in cells.items() if row == top)
    names = [column for column, text in head.items() if _heads_names(text, is_head=is_head)]
    body = {place: here for place, here in cells.items() if place[0] > top}
    if body and names:
        notes = [column for column, text in head.items() if NOTE_COLUMN.search(text)]
        return {*_same_head(names, head)}, [note for note in notes if note not in names], top + 1
    rows = body if is_head and body else cells
    columns = sorted({column for _, column in rows})
    named = [column for column in columns if not _is_attribute(rows, column)] or columns
    if is_head and body:
        return {named[0]}, [], top + 1
    return set(named), [], top


def _heads_names(text: str, *, is_head: bool) -> bool:
    """Whether a cell of the first row is the head of names; a plain cell says nothing else."""
    if is_head:
        return bool(NAME_COLUMN.search(text)) and not OTHER_COLUMN.search(text)
    return (
        bool(NAME_COLUMN.search(text))
        and not SMALL_WORDS.sub("", NAME_COLUMN.sub("", text)).strip()
    )


def _same_head(names: Sequence[int], head: Mapping[int, str]) -> list[int]:
    """The first column of names and those with the same head: a list in several columns."""
    first = min(names)
    return [column for column in names if head[column] == head[first]]


def _is_attribute(cells: Mapping[tuple[int, int], list[PageLine]], column: int) -> bool:
    """Whether most of a column is numbers, dates, countries or the same few words."""
    texts = [fold(here[0].text) for (_, number), here in cells.items() if number == column]
    plain = [text for text in texts if text in ATTRIBUTES or _is_number(text)]
    few = len(texts) >= 6 and len(set(texts)) * 2 <= len(texts)
    return few or len(plain) * 2 > len(texts)


def _is_number(text: str) -> bool:
    digits = sum(letter.isdigit() for letter in text)
    return digits * 2 >= len(text.replace(" ", ""))
