"""The desk, the admin's index: open tasks, missing data, and links to the screens."""

import datetime
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from companies.admin.base import REVIEWS
from companies.admin.reviewing.proposal_kinds import TITLES
from companies.models import Citation, Company, Pact, RegisterVersion, Signing, Source
from companies.queries.desk import decisions, gaps

LAST_EDITS = 6
LONG = datetime.timedelta(days=7)  # an open proposal or correction is late after that


@dataclass(frozen=True)
class Task:
    """One line of the desk: a number out of a total, with the URL of the rows."""

    number: int | None  # None: too many rows to count while somebody waits
    label: Any
    url: str
    total: int | None = None
    note: str = ""
    age: str = ""
    is_late: bool = False
    action: Any = ""

    @property
    def share(self) -> str:
        """The filled share of the bar in percent, formatted for SVG."""
        part = (self.number or 0) / self.total if self.total else 0
        return f"{max(100 * part, 1.5 if self.number else 0):.1f}"


@dataclass(frozen=True)
class Desk:
    """The context of the desk's template."""

    proposal_tasks: Sequence[Task]
    draft_tasks: Sequence[Task]
    correction_tasks: Sequence[Task]
    may_decide: bool
    groups: Sequence[tuple[Any, Sequence[Task]]]
    edits: Sequence[LogEntry]

    @property
    def decisions(self) -> list[Task]:
        return [*self.proposal_tasks, *self.draft_tasks, *self.correction_tasks]

    @property
    def proposals(self) -> int:
        return sum(task.number or 0 for task in self.proposal_tasks)

    @property
    def corrections(self) -> int:
        return sum(task.number or 0 for task in self.correction_tasks)

    @property
    def waiting(self) -> int:
        return self.proposals + self.corrections


def show_desk(request: HttpRequest) -> HttpResponse:
    """The index of the admin, with the desk on it."""
    return admin.site.index(request, {"desk": desk_of(request)})


def desk_of(request: HttpRequest) -> Desk:
    user, now = request.user, timezone.now()
    may_answer = user.has_perm("companies.change_correction")
    may_see = {
        model for model in gaps.COUNTED if user.has_perm(f"companies.view_{model._meta.model_name}")
    }
    return Desk(
        proposals_to_decide(now) if user.has_perm("companies.view_proposal") else [],
        drafts_to_see_to(now, may_answer) if user.has_perm("companies.view_correction") else [],
        corrections_to_answer(now, may_answer)
        if user.has_perm("companies.view_correction")
        else [],
        may_decide=user.has_perm(REVIEWS),
        groups=list(to_complete(may_see)),
        edits=last_edits() if may_see else [],
    )


def last_edits() -> list[LogEntry]:
    edits = LogEntry.objects.filter(content_type__app_label="companies")
    newest = edits.order_by("-action_time", "-pk").select_related("content_type", "user")
    return list(newest[:LAST_EDITS])


# What waits for a decision


def proposals_to_decide(now: datetime.datetime) -> list[Task]:
    """A task for every kind of proposal, empty ones included, in review order. Two queries."""
    waiting = decisions.open_proposals()
    pacts = Pact.objects.in_bulk({pk for kind in waiting.values() for pk in kind.pacts})
    tasks = []
    for action, title in TITLES.items():
        kind = waiting.get(action)
        if kind is None:
            tasks.append(Task(0, title, ""))
            continue
        tasks.append(
            Task(
                kind.number,
                title,
                review_url(action, kind.runs),
                note=", ".join(sorted(pacts[pk].name for pk in kind.pacts)),
                age=read_ago(now, kind.read_at),
                is_late=bool(kind.read_at and now - kind.read_at >= LONG),
                action=_("Review"),
            )
        )
    return tasks


def review_url(action: str, runs: Sequence[int]) -> str:
    """The URL of the review of one run; with several runs, that of the queue."""
    if len(runs) == 1:
        return reverse("admin:companies_importrun_review", args=runs) + f"?kind={action}"
    return reverse("admin:companies_importrun_queue") + f"?kind={action}"


def drafts_to_see_to(now: datetime.datetime, may_answer: bool) -> list[Task]:
    """Drafts for a reviewer to send, or returned drafts for an editor. One query.

    Their corrections are counted by `corrections_to_answer`, too.
    """
    code = decisions.WITH_REVIEWER if may_answer else decisions.SENT_BACK
    number, since = decisions.drafted_answers(code)
    return [
        Task(
            number,
            _("Drafted answers to send") if may_answer else _("Drafted answers sent back"),
            reverse("admin:companies_correction_changelist") + f"?draft={code}",
            age=oldest(now, since),
            is_late=bool(since and now - since >= LONG),
            action=_("Answer") if may_answer else _("Draft"),
        )
    ]


def corrections_to_answer(now: datetime.datetime, may_answer: bool) -> list[Task]:
    """Open corrections of readers by age, and open company statements. One query."""
    found = decisions.open_corrections(now)
    url = reverse("admin:companies_correction_changelist")
    tasks: list[Task] = []
    for age in decisions.AGES:
        number = found.by_age[age.code]
        label = _t("Corrections, %(age)s") % {"age": age.label}
        tasks.append(
            Task(
                number,
                label,
                f"{url}?age={age.code}",
                age=oldest(now, found.oldest) if number and not any(t.age for t in tasks) else "",
                is_late=age.is_late,
                action=_("Answer") if may_answer else _("Draft"),
            )
        )
    statements = Task(
        found.statements,
        _("Company statements"),
        f"{url}?age=waiting&kind__exact=statement",
        age=oldest(now, found.oldest_statement),
        is_late=bool(found.oldest_statement and now - found.oldest_statement >= LONG),
        action=_("Answer") if may_answer else _("Draft"),
    )
    return [*tasks, statements]


def read_ago(now: datetime.datetime, at: datetime.datetime | None) -> str:
    days = days_between(now, at)
    if not days:
        return _t("read today")
    return ngettext("read %(days)d day ago", "read %(days)d days ago", days) % {"days": days}


def oldest(now: datetime.datetime, at: datetime.datetime | None) -> str:
    if at is None:
        return ""
    days = days_between(now, at)
    if not days:
        return _t("oldest: today")
    return ngettext("oldest: %(days)d day", "oldest: %(days)d days", days) % {"days": days}


def days_between(now: datetime.datetime, at: datetime.datetime | None) -> int:
    return (timezone.localdate(now) - timezone.localdate(at)).days if at else 0


# What lacks something

GROUPS: tuple[tuple[Any, type[Model]], ...] = (
    (_("Statuses"), Signing),
    (_("Companies"), Company),
    (_("Citations"), Citation),
    (_("Sources"), Source),
)


def to_complete(models: Collection[type[Model]]) -> Iterator[tuple[Any, list[Task]]]:
    """The gaps of each model that the user may view; counted once per version and day."""
    today = timezone.localdate()
    version = RegisterVersion.objects.values_list("number", flat=True).first()
    for heading, model in GROUPS:
        if model not in models:
            continue
        key = f"gaps-{model._meta.model_name}-{version}-{today}"
        found: Any = cache.get_or_set(key, partial(gaps.counts, model, today))
        url = reverse(f"admin:companies_{model._meta.model_name}_changelist")
        tasks = [
            Task(found.gaps[code], gap.label, f"{url}?{gap.parameter}={code}", total=found.total)
            for code, gap in gaps.gaps_of(model).items()
        ]
        if model is Signing:
            strong: Any = cache.get_or_set(f"too-strong-{version}", gaps.too_strong)
            label = _("Stronger than its quote")
            tasks.insert(0, Task(strong, label, f"{url}?proof=too-weak", total=found.total))
        yield heading, tasks
