"""Feeds of changes: of the register, a company, a list or a saved supplier list."""

import datetime
from collections.abc import Callable
from operator import attrgetter

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Change, Company, SupplierCheck
from companies.pages.links import feed_query, private, query_string, redirect_renamed
from companies.pages.shown_changes import ShownChange, shown_changes
from companies.queries.events.newest_changes import newest_changes_of
from companies.queries.wording.in_sentences import in_sentences
from companies.register import suppliers
from companies.register.following.supplier_news import NewMatch, news_of
from pactwatch.limits import is_over_limit
from pactwatch.outages.costly_requests import costly

from .feed_forms import NEVER, Feed, FeedEntry, tag, written
from .list_feeds import ListChanges

MOST_READ, WHILE = 60, 600  # of saved lists: requests of a network in so many seconds


def changes(request: HttpRequest, form: str) -> HttpResponse:
    title = _("PactWatch: changes to the register")
    return _answer(request, form, queries.ChangeFilter.of(request), title, reverse("changes"))


def of_list(
    request: HttpRequest, form: str, find: Callable[..., ListChanges], **named: str
) -> HttpResponse:
    """The feed of changes that affect a list."""
    found = find(request, **named)
    number = found.listed.form.cleaned_data.get("page") or 1
    parameters = QueryDict(f"page={number}&material={found.material}")
    query = queries.ChangeFilter(parameters, queryset=found.changes)
    return _answer(request, form, query, found.title, found.page, of_list=found)


def company(request: HttpRequest, form: str, slug: str) -> HttpResponse:
    found = Company.objects.filter(slug=slug).first()
    if found is None:
        return redirect_renamed(request, f"company-{form}", slug)
    query = queries.CompanyChangeFilter.of(request, queryset=queries.changes_of(found))
    title = _("PactWatch: changes to the record of %(company)s") % {"company": found.name}
    return _answer(request, form, query, title, reverse("company-history", args=[slug]))


@costly
def kept_list(request: HttpRequest, token: str, form: str) -> HttpResponseBase:
    """The feed of a saved supplier list."""
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
    return private(written(feed, form))


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
    of_list: ListChanges | None = None,
) -> HttpResponse:
    """The feed of a query, or of the list whose changes were selected."""
    listed = of_list.listed if of_list else query
    changes, following = newest_changes_of(query, of_list.companies if of_list else None)
    entries = [_entry(one) for one in shown_changes(changes)]
    of_feed = feed_query(listed.data)
    feed = Feed(
        id=tag(f"{page}{of_feed}"),
        title=title,
        language=get_language() or "en",
        page=settings.SITE_URL + page + of_feed,
        url=settings.SITE_URL + request.get_full_path(),
        next=_next(request, following) if "page" in listed.base_filters else "",
        updated=entries[0].recorded_at if entries else _last_change(),
        entries=entries,
    )
    return written(feed, form)


def _entry(one: ShownChange) -> FeedEntry:
    change = one.change
    link = one.company.get_absolute_url() if one.company else reverse("changes")
    return FeedEntry(
        id=tag(f"change/{change.number}"),
        title=str(one),
        text=in_sentences(change, str(one)),
        url=settings.SITE_URL + link,
        recorded_at=change.recorded_at,
        tag=change.kind,
        label=str(change.get_kind_display()),
    )


def _next(request: HttpRequest, number: int | None) -> str:
    if number is None:
        return ""
    query = request.GET.copy()
    query["page"] = str(number)
    return settings.SITE_URL + request.path + query_string(query)


def _last_change() -> datetime.datetime:
    last = Change.objects.values_list("recorded_at", flat=True).first()
    return last or NEVER
