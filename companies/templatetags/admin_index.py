"""Template tags of the admin: models by task, watched lists, saved filters."""

import re
from typing import Any

from django import template
from django.db.models import OuterRef, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from companies.models import ImportRun, OfficialList, SavedFilter

register = template.Library()

# The tables by what an editor does with them; those of the last are opened a few times a year.
TASKS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Companies"), ("Company", "Signing", "Pledge", "ProgressReport", "Retraction")),
    (_("Evidence"), ("Source", "Citation", "QuoteCheck", "Opinion")),
    (_("To decide"), ("Proposal", "ImportRun", "Correction", "RefusedMatch")),
    (_("What happened"), ("Milestone", "Change")),
    (_("Followers"), ("Subscription", "Delivery")),
    (_("Settings"), ()),
)


@register.filter
def by_task(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The models grouped under task headings, settings and accounts last."""
    named = {name for _task, names in TASKS for name in names}
    grouped = []
    for app in sorted(apps, key=lambda one: one["app_label"] != "companies"):
        if app["app_label"] != "companies":
            grouped.append(app)
            continue
        models = {one["object_name"]: one for one in app["models"]}
        settings = [name for name in models if name not in named]
        for task, names in TASKS:
            shown = [models[name] for name in names or settings if name in models]
            grouped += [{**app, "name": task, "models": shown}] if shown else []
    return grouped


@register.filter
def without_empty_headings(table: SafeString) -> str:
    """Replace empty table headings by empty cells."""
    return re.sub(r"<th([^>]*)></th>", r"<td\1></td>", table)


@register.simple_tag
def saved_filters(user: Any, table: str) -> list[SavedFilter]:
    """The saved filters of a user for an admin list."""
    return list(SavedFilter.objects.filter(owner=user, table=table))


@register.simple_tag
def last_attempts() -> list[tuple[OfficialList, ImportRun | None]]:
    """Each watched list with the newest attempt to read it, None before the first."""
    newest = ImportRun.objects.of_lists().filter(pact=OuterRef("pact"))
    newest = newest.order_by("-retrieved_at", "-pk")
    watched = list(
        OfficialList.objects.filter(watched=True)
        .select_related("pact")
        .annotate(last_run=Subquery(newest.values("pk")[:1]))
    )
    runs = ImportRun.objects.without_bytes().in_bulk([one.last_run for one in watched])
    return [(one, runs.get(one.last_run)) for one in watched]
