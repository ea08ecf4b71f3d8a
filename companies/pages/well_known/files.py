"""Files for programs: robots.txt, llms.txt, security.txt, the icon, and health checks."""

import datetime
import logging
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from companies import queries
from companies.models import DEFAULT_PACT
from companies.register.history import current_version
from pactwatch.outages import reopen_replaced_file, takes_writes

logger = logging.getLogger(__name__)

TEXT = "text/plain; charset=utf-8"
OPENSEARCH = "application/opensearchdescription+xml; charset=utf-8"


def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        *(f"Disallow: /{code}/admin/" for code, _name in settings.LANGUAGES[1:]),
        "",
        f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type=TEXT)


def llms(request: HttpRequest) -> HttpResponse:
    pact, clock = queries.pact_or_none(DEFAULT_PACT), queries.Clock()
    context = {"pact": pact, "signatories": queries.signatories(pact, clock) if pact else 0}
    return render(request, "companies/well_known/llms.txt", context, content_type=TEXT)


def opensearch(request: HttpRequest) -> HttpResponse:
    """OpenSearch description for browsers."""
    return render(request, "companies/well_known/opensearch.xml", content_type=OPENSEARCH)


def security(request: HttpRequest) -> HttpResponse:
    """security.txt of RFC 9116; a 404 without a contact."""
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
    """Readiness check, with the last attempts at the watched lists.

    A list that could not be read is no failure: the site works all the same.
    """
    try:
        reopen_replaced_file()
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            return _not_ready(f"migrations not applied: {missing}")
        version, lists = current_version(), _lists()
        details = {"database": connection.vendor, "takes_writes": takes_writes()}
    except Error:
        # The database's message may name hosts and users, so it is only logged.
        logger.exception("The database does not answer")
        return _not_ready("the database does not answer")
    details |= {"version": version, "lists": lists}
    return JsonResponse({"status": "ok", "release": settings.VERSION} | details)


def _lists() -> list[dict[str, Any]]:
    """The state of each watched list, without the reason of a failure, which may name hosts."""
    states = queries.last_states()
    due = {watched.pact_id for watched in queries.due_lists(timezone.now())}
    lists = queries.lists_read(queries.full_lists(queries.Clock()))
    return [
        {
            "pact": one.pact.slug,
            "last_read_at": one.newest.read_at if one.newest else None,
            "last_state": states.get(one.pact.pk, "never"),
            "names": one.newest.names if one.newest else None,
            "due": one.pact.pk in due,
        }
        for one in lists
    ]


def _not_ready(reason: str) -> HttpResponse:
    return JsonResponse({"status": "unavailable", "reason": reason}, status=503)
