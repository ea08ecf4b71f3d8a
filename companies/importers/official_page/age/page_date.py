"""The dates that a page states about itself: its last update, or when a copy was taken."""

import datetime
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from companies.importers.official_page.decoding import decode
from companies.importers.official_page.html import refuse_depth
from companies.importers.official_page.page import UnreadableList
from companies.importers.official_page.wording import fold, tidy

from .written_dates import WrittenDate, first_date


class DateBasis(StrEnum):
    """Where the date was found, most reliable first."""

    ARCHIVED = "archived"  # the stamp of an archive, or of the program that saved the copy
    STATED = "stated"  # in words that readers see
    METADATA = "metadata"  # in its source, which its own program writes at each change
    HEADER = "header"  # the server's Last-Modified


@dataclass(frozen=True, slots=True)
class PageDate:
    """One date found on a page; `day` is None if its words are ambiguous."""

    basis: DateBasis
    text: str
    day: datetime.date | None


# The words before the date of the last update, in each language; folded, as all words here.
LABELS = {
    "bg": "последна актуализация|последно актуализиране|последна промяна|актуализирано на|обновено",
    "cs": "posledni aktualizace|naposledy aktualizovano|aktualizovano|posledni zmena|"
    "datum aktualizace",
    "da": "seneste opdatering|sidste opdatering|sidst opdateret|senest opdateret|opdateret den|"
    "sidst aendret|sidst ændret",
    "de": "letzte aktualisierung|zuletzt aktualisiert|aktualisiert am|letzte anderung|"
    "zuletzt geandert|letztes update|stand vom|zuletzt bearbeitet",
    "el": "τελευταια ενημερωση|τελευταια τροποποιηση|ενημερωθηκε|ημερομηνια ενημερωσης",
    "en": "last update|last updated|latest update|last modified|last modification|last reviewed|"
    "last revised|last changed|last edited|updated on|updated at|updated|page update|"
    "date of update|update date|modified on|revised on|list as of|list as at|date modified",
    "es": "ultima actualizacion|actualizado el|actualizada el|ultima modificacion|"
    "fecha de actualizacion|actualizado",
    "et": "viimati uuendatud|viimati muudetud|viimane uuendus|uuendatud|viimati ajakohastatud",
    "fi": "viimeksi paivitetty|viimeisin paivitys|paivitetty|viimeksi muokattu",
    "fr": "derniere mise a jour|derniere actualisation|mis a jour le|mise a jour le|mise a jour|"
    "derniere modification|modifie le|modifiee le|actualise le|actualisee le|a jour au",
    "ga": "an nuashonru is deanai|an nuashonru deireanach|nuashonraithe",
    "hr": "posljednje azuriranje|zadnje azuriranje|azurirano|posljednja izmjena|zadnja izmjena",
    "hu": "legutobbi frissites|utolso frissites|frissitve|utoljara frissitve|utolso modositas|"
    "legutobb frissitve",
    "it": "ultimo aggiornamento|aggiornato il|aggiornata il|ultima modifica|data di aggiornamento|"
    "aggiornato al|aggiornata al",
    "lt": "paskutinis atnaujinimas|naujausia redakcija|atnaujinta|paskutini karta atnaujinta",
    "lv": "pedejais atjauninajums|pedeja atjauninasana|atjauninats|pedejoreiz atjauninats|"
    "pedejas izmainas",
    "mt": "l ahhar aggornament|ahhar aggornament|aggornat|l ahhar modifika|aggornata",
    "nl": "laatste update|laatst bijgewerkt|bijgewerkt op|laatste wijziging|laatst gewijzigd|"
    "laatst aangepast",
    "pl": "ostatnia aktualizacja|ostatnio zaktualizowano|zaktualizowano|data aktualizacji|"
    "ostatnia modyfikacja|ostatnia zmiana|aktualizacja",
    "pt": "ultima atualizacao|ultima actualizacao|atualizado em|atualizada em|ultima modificacao|"
    "data de atualizacao|ultima alteracao",
    "ro": "ultima actualizare|actualizat la|actualizat pe|actualizata la|ultima modificare|"
    "data actualizarii",
    "sk": "posledna aktualizacia|naposledy aktualizovane|aktualizovane|posledna zmena|"
    "datum aktualizacie",
    "sl": "zadnja posodobitev|posodobljeno|zadnjic posodobljeno|zadnja sprememba|"
    "datum posodobitve|nazadnje posodobljeno",
    "sv": "senaste uppdatering|senast uppdaterad|uppdaterad|senast andrad|senast uppdaterat|"
    "uppdaterades",
}
# Words that date a list only where they and the day are all that is said: "Stand: 1.8.2025".
ALONE = {
    "en": "as of|as at|status|version of|situation on|situation at|date|correct as of|valid as of",
    "de": "stand|stand am|per|version vom|datum",
    "fr": "etat au|situation au|version du|liste au|au|date",
    "it": "situazione al|al|data",
    "es": "situacion a|a fecha de|fecha",
    "nl": "stand van zaken|stand|per|datum",
    "pl": "stan na|stan na dzien|wedlug stanu na",
    "sv": "per|den",
    "da": "pr|status pr",
    "cs": "stav k|ke dni",
    "sk": "stav k|ku dnu",
    "pt": "situacao em|data",
    "fi": "tilanne",
    "hu": "allapot",
}
WORDS_BEFORE = 5  # "This page was last updated on"
WORDS_BETWEEN = 5  # "on Friday, the"
# Elements about something else than the page, unless they contain its title.
OTHER = {"aside", "article", "blockquote"}
OTHER_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:teaser|cards?|news|related|promo|post|tweet|comments?)(?:$|[\s_-])"
)
ROWS = {"li", "tr", "dd"}
LONGEST_TABLE = 5  # rows; a longer one is the list, and a day in it that of one company
ELEMENTS = re.compile(r"<(?:html|body|main|div|p|h[1-6]|ul|ol|li|table)[\s>]", re.I)
UNSEEN = {"script", "style", "template", "noscript", "select", "textarea", "head", "svg"}
INLINE = {
    *("a", "abbr", "b", "bdi", "cite", "em", "font", "i", "label", "mark", "small", "span"),
    *("strong", "sub", "sup", "time", "u", "wbr"),
}
MODIFIED = {
    *("article:modified_time", "og:updated_time", "last-modified", "last-update", "last_updated"),
    *("dcterms.modified", "dc.date.modified", "dc.modified", "date.modified", "modified"),
    *("datemodified", "revised", "lastmod", "dc.date.lastmodified", "lastmodified"),
}
DATED = {"date", "dc.date", "dcterms.date"}  # of the last change, or of publication
PUBLISHED = {"article:published_time", "datepublished", "dcterms.issued", "dcterms.created"}
# https://web.archive.org/web/20241009123456/https://…, archive.ph/2024.10.09-123456/https://…
ARCHIVED_URL = re.compile(
    r"/((?:19|20)\d\d)\.?(\d\d)\.?(\d\d)(?:-?\d{6})?(?:[a-z]{2}_)?/(?:https?(?::|%3a)|www\.)", re.I
)
SAVED = (
    re.compile(r"file archived on ([^<>]{8,40}?) and retrieved", re.I),  # Wayback Machine
    re.compile(r"__wm\.wombat\(\s*[\"'][^\"']{0,2000}[\"']\s*,\s*[\"'](\d{8})\d{6}[\"']"),
    re.compile(r"data-scrapbook-create=[\"']?(\d{8})\d{6}"),  # WebScrapBook
    re.compile(r"page saved with singlefile[^<>]{0,3000}?saved date:([^<>\n]{8,60})", re.I),
    re.compile(r"mirrored from [^<>]{1,2000}? by httrack [^<>]{0,100}?\], ([^<>]{8,40})", re.I),
    re.compile(r"snapshot of the page as it appeared on ([^<>]{8,40})", re.I),  # of search engines
)
SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S{1,2000})", re.I)
OWN_URL = "base[href], link[rel=canonical], link[rel=bookmark], meta[property='og:url']"
# An archive rewrites the links of a page, all with the stamp of the page.
REWRITTEN = 3


def page_dates(content: bytes, *, url: str = "", last_modified: str = "") -> tuple[PageDate, ...]:
    """The dates of a page, the most reliable basis first, then the latest date first.

    A copy is as old as the day on which it was taken; otherwise the page stood like this on the
    last date that it states: what is dated later stood there too. Never raises.
    """
    try:
        text = decode(content)
        refuse_depth(text)
    except UnreadableList:
        text = ""
    tree = LexborHTMLParser(text)
    found = [*_stamps(text, tree, url), *_in_words(tree, text), *_metadata(tree)]
    if last_modified and (written := first_date(last_modified, ("en",))):
        found.append(PageDate(DateBasis.HEADER, last_modified, written.day))
    return _in_order(found)


def _in_order(found: Sequence[PageDate]) -> tuple[PageDate, ...]:
    ranks = list(DateBasis)
    latest = sorted(found, key=lambda one: one.day or datetime.date.min, reverse=True)
    return tuple(dict.fromkeys(sorted(latest, key=lambda one: ranks.index(one.basis))))


# Stamps


def _stamps(text: str, tree: LexborHTMLParser, url: str) -> Iterator[PageDate]:
    """Timestamps of archives and of programs that save pages, in the source or the URL."""
    for pattern in SAVED:
        for found in pattern.finditer(text):
            yield from _stamp(tidy(found[1]))
    urls = [url, *(found[1] for found in SAVED_FROM.finditer(text)), *_own_urls(tree)]
    for found in filter(None, map(ARCHIVED_URL.search, urls)):
        yield from _stamp("-".join(found.groups()))
    if tree.css_first("[itemprop=pubdate][datetime]") and "archive.today" in text:
        yield from _stamp(_attribute(tree.css_first("[itemprop=pubdate]"), "datetime"))


def _stamp(written: str) -> Iterator[PageDate]:
    if re.fullmatch(r"\d{8}", written):
        written = f"{written[:4]}-{written[4:6]}-{written[6:]}"
    if found := first_date(written, ("en",)):
        yield PageDate(DateBasis.ARCHIVED, found.text, found.day)


def _own_urls(tree: LexborHTMLParser) -> Iterator[str]:
    """The page's URLs for itself; and one of its links if an archive rewrote them."""
    for node in tree.css(OWN_URL):
        yield _attribute(node, "href") or _attribute(node, "content")
    stamped: dict[str, set[str]] = {}
    for node in tree.css("a[href], link[href], img[src], script[src]"):
        link = _attribute(node, "href") or _attribute(node, "src")
        if found := ARCHIVED_URL.search(link):
            stamped.setdefault("".join(found.groups()), set()).add(link)
    for urls in stamped.values():
        if len(urls) >= REWRITTEN:
            yield next(iter(urls))


def _attribute(node: LexborNode | None, name: str) -> str:
    return (node.attributes.get(name) or "") if node is not None else ""


# Words


@cache
def _label() -> re.Pattern[str]:
    words = sorted(map(fold, "|".join(LABELS.values()).split("|")), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(words)})\b")


@cache
def _languages(labels: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for language, words in labels:
        for word in words.split("|"):
            found.setdefault(fold(word), []).append(language)
    return found


def _in_words(tree: LexborHTMLParser, text: str) -> Iterator[PageDate]:
    root = tree.css_first("html")
    own = _attribute(root, "lang").replace("_", "-")
    lines = list(_lines(tree)) if ELEMENTS.search(text) else [*map(tidy, text.split("\n"))]
    lines = [line for line in lines if line]
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        if found := _dated(line, after, own):
            yield PageDate(DateBasis.STATED, found.text, found.day)


def _dated(line: str, after: str, own: str) -> WrittenDate | None:
    """The date of the last update in a line, or announced by it and stated by `after`."""
    key = fold(line)
    label = _label().search(key)
    if label and len(key[: label.start()].split()) <= WORDS_BEFORE:
        languages = [*_languages(tuple(LABELS.items()))[label[0]], own]
        rest = key[label.end() :].split()
        written = first_date(line, languages) if rest else first_date(after, languages)
        if written and (not rest or label.end() <= len(fold(written.before)) + 1):
            between = fold(written.before)[label.end() :] if rest else fold(written.before)
            return written if len(between.split()) <= WORDS_BETWEEN else None
    return _dated_alone(line, own)


def _dated_alone(line: str, own: str) -> WrittenDate | None:
    """The date of a line such as "Stand: 1.8.2025" or "Signatories (as of 9 October 2024)"."""
    bracket = re.search(r"[(\[]([^()\[\]]{5,60})[)\]]$", line)
    for part in (line, bracket[1] if bracket else ""):
        known = _languages(tuple(ALONE.items()))
        words = fold(part).split()
        for length in range(1, min(5, len(words))):
            label = " ".join(words[:length])
            written = first_date(part, [*known[label], own]) if label in known else None
            if written and fold(written.before) == label and _is_end(part, written):
                return written
    return None


def _is_end(part: str, written: WrittenDate) -> bool:
    return not fold(part[len(written.before) + len(written.text) :])


def _lines(tree: LexborHTMLParser) -> Iterator[str]:
    """The lines of the whole page, footer included, except those about something else."""
    text: list[str] = []
    whole = len(tree.body.text()) if tree.body else 0
    stack = [(node, False) for node in _children(tree.body)]
    while stack:
        node, closes = stack.pop()
        is_block = node.is_element_node and node.tag not in INLINE
        if is_block and (line := tidy("".join(text))):
            yield line
        if is_block:
            text.clear()
        if closes:
            continue
        if node.is_text_node:
            text.append(node.text_content or "")
        elif node.tag == "time" and first_date(_attribute(node, "datetime")):
            text.append(f" {_attribute(node, 'datetime')} ")
        elif node.is_element_node and not _is_other(node, whole):
            stack += [(node, True), *((child, False) for child in _children(node))]
    if line := tidy("".join(text)):
        yield line


def _children(node: LexborNode | None) -> list[LexborNode]:
    """The children of a node, last first."""
    return list(node.iter(include_text=True))[::-1] if node is not None else []


def _is_other(node: LexborNode, whole: int) -> bool:
    """Whether an element is hidden, or about one news item or company and not the page.

    `whole` is the length of the page's text: an element with most of it is the page itself.
    """
    tag = node.tag or ""
    if tag in UNSEEN:
        return True
    classes = _attribute(node, "class").lower()
    if tag in OTHER or (tag in {"div", "section", "li"} and OTHER_CLASSES.search(classes)):
        return node.css_first("h1") is None and len(node.text()) * 2 < whole
    if tag == "table":
        return len(node.css("tr")) > LONGEST_TABLE
    return tag in ROWS and node.css_first("a, h2, h3, h4, h5, h6") is not None


# Metadata


def _metadata(tree: LexborHTMLParser) -> Iterator[PageDate]:
    """The modification date in the metadata; a plain "date" if no publication date equals it.

    A publication date is not the date of the list: names were added since.
    """
    stated: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        names = (_attribute(node, key) for key in ("name", "property", "http-equiv", "itemprop"))
        for name in filter(None, names):
            stated.setdefault(name.strip().lower(), []).append(_attribute(node, "content"))
    for name, text in _json_ld(tree):
        stated.setdefault(name, []).append(text)
    modified = [text for name in stated.keys() & MODIFIED for text in stated[name]]
    published = {_day(text) for name in stated.keys() & PUBLISHED for text in stated[name]}
    dated = [text for name in stated.keys() & DATED for text in stated[name]]
    for text in modified or [text for text in dated if _day(text) not in published]:
        if written := first_date(text[:100]):
            yield PageDate(DateBasis.METADATA, written.text, written.day)


def _day(text: str) -> datetime.date | None:
    written = first_date(text[:100])
    return written.day if written else None


def _json_ld(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Dates that JSON-LD states about the page itself, not about news items on it."""
    for script in tree.css("script[type='application/ld+json' i]"):
        try:
            data = json.loads(script.text(deep=True) or "")
        except (ValueError, RecursionError):
            continue
        top = data if isinstance(data, list) else [data]
        graph = [node for one in top if isinstance(one, dict) for node in _graph(one)]
        pages = [node for node in graph if str(_first(node.get("@type"))).endswith("Page")]
        for node in pages or graph[:1]:
            for name in ("dateModified", "datePublished"):
                if isinstance(node.get(name), str):
                    yield name.lower(), node[name]


def _graph(data: dict[str, Any]) -> list[dict[str, Any]]:
    inside = data.get("@graph")
    nodes = inside if isinstance(inside, list) else [data]
    return [node for node in nodes if isinstance(node, dict)]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value
