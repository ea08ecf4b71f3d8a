"""Changes as feeds to subscribe to: Atom (RFC 4287) and JSON Feed 1.1."""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from django.conf import settings
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Change, Company, SupplierCheck
from companies.pages.links import feed_query, private, query_string, redirect_renamed
from companies.pages.shown_changes import ShownChange, shown_changes
from companies.register import suppliers
from companies.register.following.supplier_news import NewMatch, news_of
from pactwatch.limits import is_over_limit
from pactwatch.outages.turns import costly

ATOM, JSON = "application/atom+xml", "application/feed+json"
NAMESPACE = "http://www.w3.org/2005/Atom"
TAGGED_SINCE = "2026"  # RFC 4151: a time at which the name in the ids was ours
MOST_READ, WHILE = 60, 600  # of kept lists: requests of a network in so many seconds
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
    """Changes, the newest first; `page` is the URL of the same on a page, `next` of older ones."""

    id: str
    title: str
    language: str
    page: str
    url: str
    next: str
    updated: datetime.datetime
    entries: list[FeedEntry]


def changes(request: HttpRequest, form: str) -> HttpResponse:
    title = _("PactWatch: changes to the register")
    return _answer(request, form, queries.ChangeFilter.of(request), title, reverse("changes"))


def companies(request: HttpRequest, form: str) -> HttpResponse:
    """Changes of the companies that a list shows, by the parameters of that list."""
    listed = queries.CompanyFilter.of(request)
    changed = queries.changes_of_result(listed)
    page = listed.form.cleaned_data["page"] or 1
    title = _("PactWatch: changes to the companies of a list")
    query = queries.ChangeFilter(QueryDict(f"page={page}"), queryset=changed)
    return _answer(request, form, query, title, reverse("companies"), of_list=listed.data)


def company(request: HttpRequest, form: str, slug: str) -> HttpResponse:
    found = Company.objects.filter(slug=slug).first()
    if found is None:
        return redirect_renamed(request, f"company-{form}", slug)
    query = queries.CompanyChangeFilter.of(request, queryset=queries.changes_of(found))
    title = _("PactWatch: changes to the record of %(company)s") % {"company": found.name}
    return _answer(request, form, query, title, reverse("company-history", args=[slug]))


@costly
def kept_list(request: HttpRequest, token: str, form: str) -> HttpResponseBase:
    """What is new for the owner of a kept list of suppliers, and nothing else."""
    queries.refuse_parameters(request.GET)
    if is_over_limit(request, what="kept-list-feed", most=MOST_READ, seconds=WHILE):
        reason = _("Too many requests from this network. Try again in %(seconds)d seconds.")
        refused = HttpResponse(reason % {"seconds": WHILE}, status=429, content_type="text/plain")
        refused.headers["Retry-After"] = str(WHILE)
        return private(refused)
    check = suppliers.kept_check(token)
    if check is None:
        raise Http404(_("There is no list at this address. It was deleted or has expired."))
    suppliers.prolong(check)
    changes, matches = news_of(check)
    entries = [_entry(one) for one in shown_changes(changes)]
    entries += [_new_match(one, check) for one in matches]
    entries.sort(key=attrgetter("recorded_at"), reverse=True)
    page = settings.SITE_URL + reverse("check-kept", args=[token])
    feed = Feed(
        id=tag(f"kept-list/{check.pk}"),
        title=_("PactWatch: your list of suppliers"),
        language=get_language() or "en",
        page=page,
        url=settings.SITE_URL + request.get_full_path(),
        next="",
        updated=entries[0].recorded_at if entries else check.made_at,
        entries=entries,
    )
    return private(_written(feed, form))


def _new_match(one: NewMatch, check: SupplierCheck) -> FeedEntry:
    names = {"listed": one.listed, "company": one.company.name}
    return FeedEntry(
        id=tag(f"kept-list/{check.pk}/{one.position}/{one.company.slug}"),
        title=_("“%(listed)s” on your list: we know it now as %(company)s") % names,
        text=_(
            "When you kept the list, no company of this name was on the register. Its record gives "
            "its status, with date and sources."
        ),
        url=settings.SITE_URL + one.company.get_absolute_url(),
        recorded_at=one.change.recorded_at if one.change else check.made_at,
        tag="match",
        label=_("New match"),
    )


def _answer(
    request: HttpRequest,
    form: str,
    query: queries.ChangeFilter,
    title: str,
    page: str,
    *,
    of_list: QueryDict | None = None,
) -> HttpResponse:
    """The feed of a query, or of the list that chose its companies."""
    rows = query.page_of_rows()
    entries = [_entry(one) for one in shown_changes(rows.object_list)]
    of_feed = feed_query(query.data if of_list is None else of_list)
    feed = Feed(
        id=tag(f"{page}{of_feed}"),
        title=title,
        language=get_language() or "en",
        page=settings.SITE_URL + page + of_feed,
        url=settings.SITE_URL + request.get_full_path(),
        next=_next(request, rows),
        updated=entries[0].recorded_at if entries else _last_change(),
        entries=entries,
    )
    return _written(feed, form)


def _written(feed: Feed, form: str) -> HttpResponse:
    write, content_type = FORMS[form]
    return HttpResponse(write(feed), content_type=f"{content_type}; charset=utf-8")


def _entry(one: ShownChange) -> FeedEntry:
    change = one.change
    link = one.company.get_absolute_url() if one.company else reverse("changes")
    return FeedEntry(
        id=tag(f"change/{change.number}"),
        title=str(one),
        text=in_sentences(one),
        url=settings.SITE_URL + link,
        recorded_at=change.recorded_at,
        tag=change.kind,
        label=str(change.get_kind_display()),
    )


def in_sentences(one: ShownChange) -> str:
    """What changed, when in the world, and why, in one text."""
    change = one.change
    line = str(one)
    # A retraction ends with the editor's own sentence.
    said = [line if line.endswith((".", "!", "?", "…")) else f"{line}."]
    if change.happened:
        day = change.happened.in_words(get_language() or "en")
        said.append(_("Happened: %(day)s.") % {"day": day})
    said.append(_("Reason: %(cause)s.") % {"cause": change.get_cause_display()})
    said.append(_("Recorded by %(role)s.") % {"role": change.get_by_role_display()})
    return " ".join(said)


def _next(request: HttpRequest, rows: Page[Change]) -> str:
    if not rows.has_next():
        return ""
    query = request.GET.copy()
    query["page"] = str(rows.next_page_number())
    return settings.SITE_URL + request.path + query_string(query)


def _last_change() -> datetime.datetime:
    last = Change.objects.values_list("recorded_at", flat=True).first()
    return last or NEVER


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
