"""What programs read: robots, the sitemap, contacts, health."""

import datetime
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from companies.models import Commitment, Company, Pact, Pledge, RegisterVersion, Signing
from companies.queries.readings import last_states, lists_read
from companies.register.history import current_version
from companies.register.review.watch import due_lists

logger = logging.getLogger(__name__)

PAGES = (
    "home",
    "companies",
    "absent",
    "compare",
    "check",
    "commitments",
    "pacts",
    "changes",
    "reports",
    "statistics",
    "verify",
    "corrections",
    "correction-new",
    "method",
    "data",
    "about",
)
TEXT = "text/plain; charset=utf-8"


def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        *(f"Disallow: /{code}/admin/" for code, _name in settings.LANGUAGES[1:]),
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=TEXT)


@dataclass(frozen=True)
class Page:
    """One page of the sitemap: its path by language, and the day it last changed."""

    paths: dict[str, str]
    changed_on: datetime.date | None


def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page in every language, each naming the others, with the day it last changed."""
    version = RegisterVersion.objects.first()
    register_changed_on = timezone.localdate(version.changed_at) if version else None
    rows = [*Pact.objects.all(), *Commitment.objects.select_related("pact")]
    pages = [
        Page(paths, register_changed_on)
        for paths in _in_every_language(
            lambda: [*map(reverse, PAGES), *(row.get_absolute_url() for row in rows)]
        )
    ]
    companies = list(Company.objects.order_by("pk").only("slug"))
    changed_on = _company_days()
    pages += [
        Page(paths, changed_on.get(company.pk))
        for company, paths in zip(
            companies,
            _in_every_language(lambda: [company.get_absolute_url() for company in companies]),
            strict=True,
        )
    ]
    return render(
        request,
        "companies/well_known/sitemap.xml",
        {"pages": pages},
        content_type="application/xml",
    )


def _company_days() -> dict[int, datetime.date]:
    """For each company, the day on which its profile, a status or a pledge last changed."""
    newest: dict[int, datetime.datetime] = {}
    for model, company in ((Company, "id"), (Signing, "company_id"), (Pledge, "company_id")):
        rows = model.history.order_by().values_list(company).annotate(day=Max("history_date"))
        for pk, changed_at in rows:
            newest[pk] = max(changed_at, newest.get(pk, changed_at))
    return {pk: timezone.localdate(changed_at) for pk, changed_at in newest.items()}


def _in_every_language(paths: Callable[[], list[str]]) -> Iterator[dict[str, str]]:
    """Each of the paths as a path by language."""
    codes = [code for code, _name in settings.LANGUAGES]
    columns = []
    for code in codes:
        with override(code):
            columns.append(paths())
    for row in zip(*columns, strict=True):
        yield dict(zip(codes, row, strict=True))


def llms(request: HttpRequest) -> HttpResponse:
    return render(request, "companies/well_known/llms.txt", content_type=TEXT)


def security(request: HttpRequest) -> HttpResponse:
    """RFC 9116; without a contact there is nothing to say."""
    if not settings.SECURITY_CONTACT:
        return HttpResponse("No contact is set on this server.\n", status=404, content_type=TEXT)
    expires = timezone.now().replace(microsecond=0) + datetime.timedelta(days=180)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.SITE_URL}{reverse('security-txt')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=TEXT)


def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(static("favicon.svg"))


def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type=TEXT)


def ready(request: HttpRequest) -> HttpResponse:
    """Whether this server can answer, and what the watch last read.

    A list that could not be read is told; the site can serve all the same.
    """
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return _not_ready(f"migrations not applied: {missing}")
        version, lists = current_version(), _lists()
    except Error:
        # The database's own words may name hosts and users: they are for the log alone.
        logger.exception("The database does not answer")
        return _not_ready("the database does not answer")
    details = {"database": connection.vendor, "version": version, "lists": lists}
    return JsonResponse({"status": "ok"} | details)


def _lists() -> list[dict[str, Any]]:
    """What a monitor may know of each watched list: no reason of a refusal, which names hosts."""
    states = last_states()
    due = {watched.pact_id for watched in due_lists(timezone.now())}
    return [
        {
            "pact": one.pact.slug,
            "last_read_at": one.reading.retrieved_at if one.reading else None,
            "last_state": states.get(one.pact.pk, "never"),
            "names": one.reading.names if one.reading else None,
            "due": one.pact.pk in due,
        }
        for one in lists_read()
    ]


def _not_ready(reason: str) -> HttpResponse:
    return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
