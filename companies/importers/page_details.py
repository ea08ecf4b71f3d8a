"""Read what a citation needs from a page: title, publisher, date and language.

Bytes in, details out. Nothing is trusted without a person: an editor sees each of them in a form
before it is saved.
"""

import datetime
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from .cited_page import decoded, is_too_deep
from .official_page.age.written_dates import first_date
from .official_page.decoding import SIGNATURES
from .official_page.wording import tidy, unescape

LONGEST_TITLE, LONGEST_PUBLISHER = 300, 200  # as the register's columns
LONGEST_JSON = 500_000  # characters of one script
MOST_OBJECTS = 500  # of all scripts of a page
DEEPEST_JSON = 8  # objects inside each other

# The names of a <meta>, the surest first: Open Graph, libraries' and press sites' own.
TITLES = ("og:title", "citation_title", "dc.title", "dcterms.title", "twitter:title")
PUBLISHERS = ("og:site_name", "citation_publisher", "dc.publisher", "dcterms.publisher")
PROGRAMS = ("application-name", "apple-mobile-web-app-title")
PUBLISHED = (
    *("article:published_time", "og:article:published_time", "og:published_time"),
    *("citation_publication_date", "citation_online_date", "datepublished", "publish-date"),
    *("publication_date", "pubdate", "dcterms.issued", "dc.date.issued", "dcterms.created"),
    *("dcterms.date", "dc.date", "parsely-pub-date", "sailthru.date", "date"),
)
LANGUAGES = ("og:locale", "dc.language", "dcterms.language", "content-language", "language")
# https://schema.org: articles, before the pages that contain them.
WRITTEN = re.compile(
    r"Article|Posting|Report|Press ?Release|Book|Thesis|Legislation", re.IGNORECASE
)
PAGES = re.compile(r"Page$")
# "Meta snubs the Pact | POLITICO": what stands behind the last of these may be the site.
BEFORE_SITE = re.compile(r"\s+[|–—·•»-]\s+")
ISO_DAY = re.compile(r"\s*((?:19|20)\d\d)-?(\d\d)-?(\d\d)(?!\d)")
# https://web.archive.org/web/20240925101500/https://… and, of images and scripts, 20240925im_/
KEPT_COPY = re.compile(r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/(https?:/?/?.+)")
LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_]|\Z)")
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class PageDetails:
    """Title, publisher, publication date and language (two letters); empty if not stated."""

    title: str = ""
    publisher: str = ""
    published_on: datetime.date | None = None
    language: str = ""


def read_details(content: bytes, content_type: str = "") -> PageDetails | None:
    """Read the details of a page; None if it is not a text page."""
    start = content.lstrip()[:8]
    if any(start.startswith(signature) for signature, _name in SIGNATURES):
        return None
    text = next(decoded(content, content_type), "")
    if is_too_deep(text):
        return None
    page = _Page(LexborHTMLParser(text))
    if not (page.tree.css_first("title, h1, meta") and page.tree.body):
        return None
    return PageDetails(page.title, page.publisher, page.published_on, page.language)


def original_of(url: str) -> str:
    """The original URL of a copy in the Internet Archive; "" if `url` is none."""
    found = KEPT_COPY.fullmatch(url)
    return re.sub(r":/+", "://", found[1], count=1) if found else ""


def read_archived_copy(content: bytes) -> str:
    """The URL of the copy in a response of https://archive.org/wayback/available, or ""."""
    answer = _parsed(content.decode("utf-8", "replace"))
    for key in ("archived_snapshots", "closest"):
        answer = answer.get(key) if isinstance(answer, dict) else None
    url = str(answer.get("url") or "") if isinstance(answer, dict) else ""
    return re.sub(r"\Ahttp:", "https:", url) if original_of(url) else ""


@dataclass
class _Page:
    tree: LexborHTMLParser

    @cached_property
    def metas(self) -> dict[str, str]:
        """The first content of each <meta>, by its name in lower case."""
        found: dict[str, str] = {}
        for node in self.tree.css("meta[content]"):
            given = node.attributes
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = (given.get(key) or "").strip().lower()
                if name and (content := _line(given.get("content") or "")):
                    found.setdefault(name, content)
        return found

    @cached_property
    def objects(self) -> list[dict[str, Any]]:
        """The schema.org objects: articles first, then pages; others are not about the page."""
        found = []
        for node in self.tree.css("script[type='application/ld+json' i]"):
            text = node.text()
            if len(text) <= LONGEST_JSON:
                found += list(_objects(_parsed(text)))[:MOST_OBJECTS]
        written = [one for one in found if WRITTEN.search(_type(one))]
        return [*written, *(one for one in found if PAGES.search(_type(one)))]

    def meta(self, names: Sequence[str]) -> str:
        return next((self.metas[name] for name in names if name in self.metas), "")

    def said(self, *keys: str) -> str:
        """The first text under one of these keys."""
        texts = (_text(one.get(key)) for one in self.objects for key in keys)
        return next(filter(None, texts), "")

    @cached_property
    def title(self) -> str:
        heads = [_line(node.text()) for node in self.tree.css("h1")]
        own = self.tree.css_first("title")
        named = _line(own.text()) if own else ""
        found = self.meta(TITLES) or self.said("headline") or (heads[0] if len(heads) == 1 else "")
        return self._without_site(found or named or self.said("name"))[:LONGEST_TITLE].strip()

    def _without_site(self, title: str) -> str:
        """The title without the name of the site, where it ends with it."""
        *parts, last = BEFORE_SITE.split(title)
        sites = {_bare(one) for one in (self._site, self.meta(PROGRAMS)) if one}
        if parts and _bare(last) in sites - {""}:
            return title[: title.rindex(last)].rstrip(" |–—·•»-")
        return title

    @cached_property
    def _site(self) -> str:
        return self.meta(PUBLISHERS) or self.said("publisher", "sourceOrganization", "provider")

    @property
    def publisher(self) -> str:
        return (self._site or self.meta(PROGRAMS))[:LONGEST_PUBLISHER].strip()

    @cached_property
    def published_on(self) -> datetime.date | None:
        for text in (
            self.meta(PUBLISHED[:3]),
            self.said("datePublished"),
            self.meta(PUBLISHED),
            *self._times(),
        ):
            if day := self._day(text):
                return day
        return None

    def _times(self) -> Iterator[str]:
        """Dates in <time> elements: the publication, else the first one near the heading."""
        for rule in ("[itemprop=datePublished]", "time[pubdate]", "header time", "article time"):
            if node := self.tree.css_first(rule):
                yield node.attributes.get("datetime") or node.attributes.get("content") or ""
                yield _line(node.text())

    def _day(self, text: str) -> datetime.date | None:
        if found := ISO_DAY.match(text):
            try:
                return datetime.date(*map(int, found.groups()))
            except ValueError:
                return None
        written = first_date(text, [self.language] if self.language else []) if text else None
        return written.day if written else None

    @cached_property
    def language(self) -> str:
        root = self.tree.css_first("html")
        given = (root.attributes if root else None) or {}
        said = (
            given.get("lang") or given.get("xml:lang"),
            self.said("inLanguage"),
            *(self.metas.get(name) for name in LANGUAGES),
        )
        codes = (LANGUAGE.match(text.strip()) for text in said if text)
        return next((code[1].lower() for code in codes if code), "")


def _line(text: str) -> str:
    return tidy(CONTROLS.sub(" ", unescape(text)))


def _bare(text: str) -> str:
    return re.sub(r"\W+", "", text).casefold()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The object and those nested in its lists, graph and main entity."""
    if depth > DEEPEST_JSON:
        return
    if isinstance(value, list):
        for one in value:
            yield from _objects(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(key), depth + 1)


def _type(one: dict[str, Any]) -> str:
    kind = one.get("@type")
    return " ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "")


def _text(value: Any) -> str:
    """A text, the name of an object, or the first of a list of these."""
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, list):
        return next(filter(None, map(_text, value[:5])), "")
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value") or "") if value else ""
    return ""
