"""Feed formats: Atom (RFC 4287) and JSON Feed 1.1."""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

ATOM, JSON = "application/atom+xml", "application/feed+json"
NAMESPACE = "http://www.w3.org/2005/Atom"
TAGGED_SINCE = "2026"  # RFC 4151: a time at which the name in the ids was ours
NEVER = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
# Characters that XML 1.0 forbids, even as references.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class FeedEntry:
    """One change; its id is the same in every feed and language."""

    id: str
    title: str
    text: str
    url: str
    recorded_at: datetime.datetime
    tag: str
    label: str


@dataclass(frozen=True)
class Feed:
    """Changes, newest first; `page` is the URL of their page, `next` that of older ones."""

    id: str
    title: str
    language: str
    page: str
    url: str
    next: str
    updated: datetime.datetime
    entries: list[FeedEntry]


def tag(name: str) -> str:
    """A tag URI, which stays the same when a URL changes."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{TAGGED_SINCE}:{name}"


def atom(feed: Feed) -> bytes:
    root = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language})
    _put(root, "id", feed.id)
    _put(root, "title", feed.title)
    _put(root, "updated", _instant(feed.updated))
    _put(ET.SubElement(root, "author"), "name", "PactWatch")
    _put(root, "rights", "CC BY 4.0")
    ET.SubElement(root, "link", {"rel": "self", "type": ATOM, "href": feed.url})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.page})
    if feed.next:
        ET.SubElement(root, "link", {"rel": "next", "type": ATOM, "href": feed.next})
    for entry in feed.entries:
        _put_entry(root, entry)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _put_entry(root: ET.Element, entry: FeedEntry) -> None:
    element = ET.SubElement(root, "entry")
    _put(element, "id", entry.id)
    _put(element, "title", entry.title)
    _put(element, "published", _instant(entry.recorded_at))
    _put(element, "updated", _instant(entry.recorded_at))
    ET.SubElement(element, "link", {"rel": "alternate", "href": entry.url})
    ET.SubElement(element, "category", {"term": entry.tag, "label": entry.label})
    _put(element, "summary", entry.text)


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NOT_XML.sub("\ufffd", text)


def json_feed(feed: Feed) -> bytes:
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "language": feed.language,
        "home_page_url": feed.page,
        "feed_url": feed.url,
        **({"next_url": feed.next} if feed.next else {}),
        "authors": [{"name": "PactWatch", "url": settings.SITE_URL + reverse("home")}],
        "items": [
            {
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "content_text": entry.text,
                "date_published": _instant(entry.recorded_at),
                "tags": [entry.tag],
            }
            for entry in feed.entries
        ],
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _instant(instant: datetime.datetime) -> str:
    return (
        instant.astimezone(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


FORMS: dict[str, tuple[Callable[[Feed], bytes], str]] = {
    "atom": (atom, ATOM),
    "json": (json_feed, JSON),
}


def written(feed: Feed, form: str) -> HttpResponse:
    write, content_type = FORMS[form]
    return HttpResponse(write(feed), content_type=f"{content_type}; charset=utf-8")
