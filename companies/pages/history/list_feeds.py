"""The selection of changes for the feed of each list, and the feed of releases."""

from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Change, Commitment
from companies.queries.events import list_changes
from companies.queries.events.newest_changes import Listed
from companies.queries.matrix.matrix_filter import MatrixFilter
from companies.register.open_data.released import Release, releases

from .feed_forms import NEVER, Feed, FeedEntry, tag, written


@dataclass(frozen=True)
class ListChanges:
    """The changes that affect a list, if any of these `companies` alone.

    `page` is the URL of the list, `listed` its query.
    """

    listed: queries.StrictFilter
    changes: QuerySet[Change]
    title: str
    page: str
    material: str = "true"
    companies: Listed | None = None


def companies(request: HttpRequest) -> ListChanges:
    """Changes of the companies on a list."""
    query = queries.CompanyFilter.of(request)
    changed, listed = list_changes.of_companies(query)
    title = _("PactWatch: changes to the companies of a list")
    return ListChanges(query, changed, title, reverse("companies"), companies=listed)


def absent(request: HttpRequest) -> ListChanges:
    query = queries.AbsenceFilter.of(request)
    changed, listed = list_changes.of_absences(query)
    title = _("PactWatch: changes to companies that are not on the list")
    return ListChanges(query, changed, title, reverse("absent"), companies=listed)


def left(request: HttpRequest) -> ListChanges:
    query = queries.FormerFilter.of(request)
    changed, listed = list_changes.of_former(query)
    title = _("PactWatch: who left")
    return ListChanges(query, changed, title, reverse("left"), companies=listed)


def reports(request: HttpRequest) -> ListChanges:
    query = queries.ReportFilter.of(request)
    changed, listed = list_changes.of_reports(query)
    title = _("PactWatch: progress reports")
    return ListChanges(query, changed, title, reverse("reports"), companies=listed)


def commitments(request: HttpRequest) -> ListChanges:
    query = queries.CommitmentFilter.of(request)
    changed = list_changes.of_commitments(query)
    title = _("PactWatch: commitments and pledges")
    return ListChanges(query, changed, title, reverse("commitments"), material="all")


def commitment(request: HttpRequest, code: str) -> ListChanges:
    query = queries.CommitmentQuery.of(request)
    found = query.commitment(code)
    changed = list_changes.of_these_commitments(Commitment.objects.filter(pk=found.pk))
    title = _("PactWatch: pledges to “%(commitment)s”") % {"commitment": found.title}
    return ListChanges(query, changed, title, reverse("commitment", args=[code]), material="all")


def matrix(request: HttpRequest) -> ListChanges:
    """Statuses toward any pact of the companies in the matrix."""
    query = MatrixFilter.of(request)
    changed, listed = list_changes.of_matrix(query)
    title = _("PactWatch: who signed what")
    return ListChanges(query, changed, title, reverse("matrix"), companies=listed)


def happened(request: HttpRequest) -> ListChanges:
    query = queries.EventFilter.of(request)
    changed = list_changes.of_events(query)
    title = _("PactWatch: what happened")
    return ListChanges(query, changed, title, reverse("changes"), material="all")


def all_releases(request: HttpRequest, form: str) -> HttpResponse:
    """The feed of releases; not cached, because a release is written without an edit."""
    queries.refuse_parameters(request.GET)
    found = releases()
    page = reverse("releases")
    feed = Feed(
        id=tag(page),
        title=_("PactWatch: releases of the data"),
        language=get_language() or "en",
        page=settings.SITE_URL + page,
        url=settings.SITE_URL + request.get_full_path(),
        next="",
        updated=found[0].made_at if found else NEVER,
        entries=[_release(one) for one in found],
    )
    response = written(feed, form)
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _release(one: Release) -> FeedEntry:
    changed = sum(
        sum((Counter(some) for some in one.about["changes"].values()), Counter()).values()
    )
    rows = sum(one.about["rows"].values())
    said = ngettext("%(rows)d row.", "%(rows)d rows.", rows) % {"rows": rows}
    if one.about["previous"]:
        difference = ngettext(
            "%(number)d row differs from the release before.",
            "%(number)d rows differ from the release before.",
            changed,
        )
        said = f"{said} {difference % {'number': changed}}"
    return FeedEntry(
        id=tag(f"release/{one.name}"),
        title=_("Release %(name)s of the register") % {"name": one.name},
        text=said,
        url=settings.SITE_URL + reverse("release", args=[one.name]),
        recorded_at=one.made_at,
        tag="release",
        label=_("Release"),
    )
