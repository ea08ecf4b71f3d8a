"""The review of an import run: its proposals by kind, to apply or reject."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.audit_log import exported
from companies.models import ImportRun, Proposal, Signing
from companies.register.approval import notices
from companies.register.review import deciding as rules
from companies.register.review.cautions import removals_seen_later
from companies.register.review.reading import left_without
from companies.register.review.uploads import remarks_on

from .base import REVIEWS, Screens, screens_of
from .form_errors import summary_of
from .reviewing.decision_form import ReviewForm, RowChoices, countries, sector_choices
from .reviewing.proposal_kinds import RANK, TITLES, Line, OpenProposals, guess_of, in_order
from .reviewing.typed_rows import TypedRows

# Of a new company ten fields are sent, and a form may have 2,500.
PER_PAGE = 200
ONE_GO = 1000  # proposals in one transaction; more are decided in batches that show their progress
EVERY = 50  # proposals a line of progress

Action, State = Proposal.Action, Proposal.State


@screens_of(ImportRun)
class ReviewScreens(Screens):
    """Views: the queue of runs, the review of one, and its original file."""

    routes = {
        "queue": "queue/",
        "review": "<int:run_id>/review/",
        "bytes": "<int:run_id>/bytes/",
    }

    def queue(self, request: HttpRequest) -> HttpResponse:
        self.check_may_view(request)
        waiting = Proposal.objects.filter(state=State.PROPOSED).order_by()
        if (kind := request.GET.get("kind")) in TITLES:
            waiting = waiting.filter(action=kind)
        counts: dict[int, list[tuple[str, int]]] = {}
        by_kind = waiting.values_list("run", "action").annotate(Count("pk")).order_by(RANK)
        for run_id, action, number in by_kind:
            counts.setdefault(run_id, []).append((str(TITLES[action]), number))
        seen_later = removals_seen_later(waiting)
        runs = ImportRun.objects.without_bytes().select_related("pact", "started_by")
        context = {
            "title": _("Proposals to review"),
            "notices": notices_waiting() if request.user.has_perm(REVIEWS) else [],
            "sends_mail": bool(settings.EMAIL_URL),
            "kind": kind if kind in TITLES else "",
            "runs": [
                (run, counts[run.pk], seen_later.get(run.pk, 0))
                for run in runs.filter(pk__in=counts)
            ],
        }
        return self.render(request, "queue", context)

    def review(self, request: HttpRequest, run_id: int) -> Any:
        self.check_may_view(request)
        runs = ImportRun.objects.without_bytes().select_related("pact", "started_by", "source")
        run = get_object_or_404(runs, pk=run_id)
        if request.method == "POST":
            return self.decide(request, run)
        return self.show_review(request, run, TypedRows())

    def check_may_view(self, request: HttpRequest) -> None:
        if not request.user.has_perm("companies.view_proposal"):
            raise PermissionDenied

    def show_review(
        self, request: HttpRequest, run: ImportRun, typed: TypedRows, form: ReviewForm | None = None
    ) -> HttpResponse:
        shown = request.GET.get("state", State.PROPOSED)
        if shown not in State.values:
            raise Http404(_t("Unknown state of a proposal."))
        may_decide = shown == State.PROPOSED and request.user.has_perm(REVIEWS)
        waiting = OpenProposals(run)
        proposals = self.shown_of(request, run, shown, typed)
        page = Paginator(proposals, PER_PAGE).get_page(request.GET.get("p"))
        counts = dict(proposals.order_by().values_list("action").annotate(Count("pk")))
        choices = RowChoices(page.object_list)
        lines = [
            Line(
                proposal,
                typed.form_of(proposal, choices),
                is_selected=typed.is_selected(proposal, waiting),
                caution=waiting.cautions.get(proposal.pk, ""),
                fault=typed.faults.get(proposal.pk, ""),
            )
            for proposal in page.object_list
        ]
        states = run.proposals.order_by().values_list("state").annotate(Count("pk"))
        context = {
            "title": _("Review of %(run)s") % {"run": run},
            "run": run,
            "left": left_of(run),
            "groups": waiting.grouped(lines, counts, typed.kinds),
            "kinds": waiting.kinds() if shown == State.PROPOSED else [],
            "kind": request.GET.get("kind", ""),
            "page": page,
            "state": shown,
            "states": [(state, State(state).label, number) for state, number in states],
            "may_decide": may_decide,
            "sectors": choices.sectors,
            "sector_options": format_html_join(
                "", '<option value="{}">{}</option>', choices.sectors
            ),
            "typed_before": bool(typed.sent),
            "countries": countries() if may_decide else [],
            "remarks": [*run.remarks.splitlines(), *remarks_on(run)],
        }
        form = form or ReviewForm(None, choices.sectors)
        if form.errors:
            in_rows = (error for line in lines for error in line.errors)
            context["summary"] = [*summary_of(form), *in_rows]
        return self.render(request, "review", context, form)

    def shown_of(self, request: HttpRequest, run: ImportRun, state: str, typed: TypedRows) -> Any:
        """The proposals in this state, and those just marked stale."""
        proposals = run.proposals.filter(Q(state=state) | Q(pk__in=typed.faults))
        if (kind := request.GET.get("kind")) in TITLES:
            proposals = proposals.filter(action=kind)
        related = ("company__sector", "decided_by", "approved_by")
        return in_order(proposals).select_related(*related)

    def decide(self, request: HttpRequest, run: ImportRun) -> Any:
        """Validate every row, then decide on all of them together."""
        if not request.user.has_perm(REVIEWS):
            raise PermissionDenied
        typed, waiting = TypedRows(request.POST.copy()), OpenProposals(run)
        if request.POST.keys() & {"fill", "take", "edit"}:
            return self.fill_in(request, run, typed, waiting)
        form = ReviewForm(typed.data, sector_choices())
        chosen = typed.chosen(waiting)
        if not chosen:
            form.add_error(None, _("Select at least one proposal."))
        if not form.is_valid():
            return self.show_review(request, run, typed, form)
        if request.POST.get("reject"):
            return self.reject(request, run, chosen, form.cleaned_data["reason"])
        return self.apply(request, run, typed, form, chosen)

    def fill_in(
        self, request: HttpRequest, run: ImportRun, typed: TypedRows, waiting: OpenProposals
    ) -> HttpResponse:
        """Copy a shared or guessed value into rows, or expand one; nothing is decided."""
        form = ReviewForm(typed.data, sector_choices())
        if edited := request.POST.get("edit"):
            for one in waiting.rows:
                if str(one.pk) == edited:
                    typed.unfold(one)
        elif take := request.POST.get("take"):
            for one in waiting.rows:
                wanted = str(one.pk) == take
                wanted |= take == "all" and typed.is_selected(one, waiting)
                if wanted and (guess := guess_of(one)):
                    typed.fill_in([one], {"country": guess.country})
        elif form.is_valid():
            selected = [one for one in waiting.rows if typed.is_selected(one, waiting)]
            typed.fill_in(selected, form.for_all())
            typed.forget_typed_once()
        return self.show_review(request, run, typed, form)

    def apply(
        self,
        request: HttpRequest,
        run: ImportRun,
        typed: TypedRows,
        form: ReviewForm,
        chosen: Sequence[Proposal],
    ) -> Any:
        typed.fill_in(chosen, form.for_all())
        reason, choices = form.cleaned_data["reason"], RowChoices(chosen)
        decisions, faulty = {}, 0
        for one in chosen:
            row = typed.form_of(one, choices)
            if not row.is_bound:  # on another page
                values = form.for_all() if one.action == Action.NEW_COMPANY else {}
                decisions[one.pk] = rules.Decision(reason=reason, values=values)
            elif row.is_valid():
                decisions[one.pk] = rules.Decision(reason, row.chosen_company(), row.typed_values())
            else:
                faulty += 1
        if faulty:
            form.add_error(None, _("Nothing was applied: please correct the marked rows."))
            return self.show_review(request, run, typed, form)
        if len(decisions) > ONE_GO:
            tallies = rules.apply_all(decisions, by=request.user)  # type: ignore[arg-type]  # the admin is for users
            return self.streamed(request, run, tallies, total=len(decisions), applying=True)
        tally = rules.apply_together(decisions, by=request.user)  # type: ignore[arg-type]  # the admin is for users
        if (
            not tally.done
            and not tally.waiting
            and any(blocks_others(fault) for _pk, fault in tally.faults)
        ):
            typed.faults = {pk: words(fault) for pk, fault in tally.faults}
            form.add_error(
                None,
                _("Nothing was applied. The marked rows are no longer selected: apply the rest."),
            )
            return self.show_review(request, run, typed, form)
        report(request, run, tally, chosen, applying=True)
        return self.after(request, run, typed, chosen)

    def after(
        self, request: HttpRequest, run: ImportRun, typed: TypedRows, decided: Sequence[Proposal]
    ) -> HttpResponse:
        """Show the remaining proposals; values typed in other rows are kept."""
        ids = {one.pk for one in decided}
        rest = [one for one in OpenProposals(run).rows if one.pk not in ids]
        choices = RowChoices(rest)
        if any(typed.form_of(one, choices).is_typed() for one in rest):
            typed.data.setlist("selected", [])
            typed.data.setlist("kind", [])
            typed.forget_typed_once()
            return self.show_review(request, run, TypedRows(typed.data))
        return redirect("admin:companies_importrun_review", run.pk)

    def reject(
        self, request: HttpRequest, run: ImportRun, chosen: Sequence[Proposal], reason: str
    ) -> Any:
        ids = [one.pk for one in chosen]
        tallies = rules.reject_all(ids, reason=reason, by=request.user)  # type: ignore[arg-type]  # the admin is for users
        if len(ids) > ONE_GO:
            return self.streamed(request, run, tallies, total=len(ids), applying=False)
        report(request, run, list(tallies)[-1], chosen, applying=False)
        return self.after(request, run, TypedRows(request.POST.copy()), chosen)

    def streamed(self, *args: Any, **how: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(self.progress(*args, **how))

    def progress(
        self,
        request: HttpRequest,
        run: ImportRun,
        tallies: Iterable[rules.Decided],
        *,
        total: int,
        applying: bool,
    ) -> Iterator[str]:
        """Stream the page while proposals are decided; a reader who leaves undoes nothing."""
        context = self.context(request) | {
            "run": run,
            "title": _t("Deciding %(total)s proposals") % {"total": total},
        }
        page = render_to_string("admin/companies/importrun/progress.html", context, request)
        head, tail = page.split("<!-- progress -->")
        yield head
        tally = rules.Decided()
        for latest in tallies:
            tally = latest
            if tally.tried % EVERY == 0 or tally.tried == total:
                step = {"number": tally.tried, "total": total}
                yield render_to_string("admin/companies/importrun/_step.html", step)
        yield render_to_string(
            "admin/companies/importrun/_result.html",
            outcome(run, tally, applying=applying),
        )
        yield tail

    def bytes(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Download the original file, never as a page: no browser may run it."""
        self.check_may_view(request)
        run = get_object_or_404(ImportRun, pk=run_id)
        exported(f"bytes of import run {run.pk}")
        return HttpResponse(
            run.bytes_of_page(request.GET["page"]) if "page" in request.GET else run.content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="run-{run.pk}.bin"'},
        )


def outcome(run: ImportRun, tally: rules.Decided, *, applying: bool) -> dict[str, Any]:
    """The context of the result: how many were decided, why others were not, what is public now."""
    today = timezone.localdate()
    known = Signing.objects.on(today).signed().filter(pact=run.pact).count()
    return {
        "run": run,
        "done": tally.done,
        "waiting": len(tally.waiting),
        "applying": applying,
        "faults": reasons(tally),
        "known": run.pact.known(known),
    }


def report(
    request: HttpRequest,
    run: ImportRun,
    tally: rules.Decided,
    chosen: Sequence[Proposal],
    *,
    applying: bool,
) -> None:
    if tally.done or tally.waiting:
        not_taken = {pk for pk, _fault in tally.faults} | set(tally.waiting)
        actions = Counter(one.action for one in chosen if one.pk not in not_taken)
        context = outcome(run, tally, applying=applying)
        context["kinds"] = [(TITLES[one], actions[one]) for one in TITLES if actions[one]]
        messages.success(request, render_to_string("admin/companies/importrun/_done.html", context))
    for fault in reasons(tally):
        messages.error(request, fault)


def blocks_others(fault: Exception) -> bool:
    """Whether a fault blocks the other rows; a proposal decided before does not."""
    return not isinstance(fault, rules.AlreadyDecided)


def words(fault: Exception) -> str:
    return " ".join(fault.messages) if isinstance(fault, ValidationError) else str(fault)


def reasons(tally: rules.Decided) -> list[str]:
    """Each proposal that was not decided, and why."""
    ids = [proposal_id for proposal_id, _fault in tally.faults]
    proposals = Proposal.objects.select_related("company").in_bulk(ids)
    return [
        _t("%(subject)s: not decided. %(fault)s")
        % {"subject": proposals[pk].subject if pk in proposals else pk, "fault": words(fault)}
        for pk, fault in tally.faults
    ]


def left_of(run: ImportRun) -> list[tuple[str, str]]:
    """Names that the page says left, of companies that are no signatories, and how it says so."""
    return [
        (one["name"], one["note"] or str(ImportRun.LeftAs(one["left"]).label))
        for one in left_without(run, run.proposals.all())
    ]


def notices_waiting() -> list[tuple[Any, Any]]:
    """Unsent notices to companies, each with its status in words."""
    return [(one, Signing.Status(one.status).label) for one in notices.waiting()]
