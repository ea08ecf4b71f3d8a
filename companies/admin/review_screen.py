"""The review of one import run: each proposal in words, to apply or to reject, one or many."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.countries import country_name
from companies.models import (
    Citation,
    Company,
    ImportRun,
    PartialDate,
    Proposal,
    Sector,
    Signing,
)
from companies.names.matcher import Resemblance
from companies.register.package.tables import BY_NAME
from companies.register.review import deciding as rules
from companies.register.review.uploads import EVIDENCE

from .base import Screens, screens_of

PER_PAGE = 50
AT_ONCE = 20  # decided before the answer; more of them show their progress
EVERY = 50  # proposals a line of progress

Action, State = Proposal.Action, Proposal.State
NEW, OTHER = "new", "other"


class DecisionForm(forms.Form):
    """What a reviewer may change before applying one proposal."""

    match = forms.ChoiceField(
        label=_("Which company is this?"), required=False, widget=forms.RadioSelect
    )
    other = forms.SlugField(
        label=_("Public id of another company"),
        required=False,
        max_length=100,
        help_text=_("As in the address of its record, such as telefonica."),
    )
    name = forms.CharField(
        label=_("Name of the record"),
        required=False,
        max_length=200,
        help_text=_("The name as listed is kept as another name of the company."),
    )
    since = forms.CharField(
        label=_("Since"),
        required=False,
        max_length=10,
        help_text=_("2024-10-09, 2024-10 or 2024."),
    )
    reason_en = forms.CharField(
        label=_("Reason in English"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )
    reason_fr = forms.CharField(
        label=_("Reason in French"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
    )

    def __init__(self, data: Any, proposal: Proposal) -> None:
        super().__init__(data, prefix=f"p{proposal.pk}", auto_id="id_%s")
        self.proposal = proposal
        self.fields["name"].initial = proposal.new.get("name", "")
        self.fields["since"].initial = proposal.new.get("since", "")
        for name in self.unused():
            del self.fields[name]
        if "match" in self.fields:
            self.fields["match"].choices = self.matches()  # type: ignore[attr-defined]

    def unused(self) -> set[str]:
        if self.proposal.rows:
            return set(self.fields)
        action = self.proposal.action
        names = set()
        if action != Action.MATCH_UNSURE:
            names |= {"match", "other"}
        if action not in (Action.MATCH_UNSURE, Action.NEW_COMPANY):
            names.add("name")
        if action in (Action.SPELLED_DIFFERENTLY, Action.SEEN_EARLIER, Action.CHANGE):
            names |= {"since", "reason_en", "reason_fr"}
        return names

    def matches(self) -> list[tuple[str, str]]:
        suggested = [(str(one["company"]), _suggested(one)) for one in self.proposal.suggestions]
        return [
            *suggested,
            (OTHER, _t("Another company of the register, named below")),
            (NEW, _t("None of these: a company that is not on the register yet")),
        ]

    def clean_since(self) -> str:
        text: str = self.cleaned_data["since"]
        try:
            return text and str(PartialDate.parse(text))
        except ValueError:
            raise ValidationError(
                _("Please write a date as 2024-10-09, a month as 2024-10 or a year as 2024.")
            ) from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "match" in self.fields and not self.errors and not cleaned.get("match"):
            self.add_error("match", _("Please choose a company, or that it is none of these."))
        if cleaned.get("match") == OTHER and not self.errors and self.other_company() is None:
            self.add_error("other", _("No company of the register has this public id."))
        return cleaned

    def other_company(self) -> Company | None:
        return Company.objects.filter(slug=self.cleaned_data.get("other")).first()

    def decision(self, reason: str) -> rules.Decision:
        values = dict(self.cleaned_data)
        match = values.pop("match", NEW)
        other = values.pop("other", "") and self.other_company()
        if match not in (NEW, OTHER):
            other = Company.objects.filter(pk=match).first()
        company = None if match == NEW else other
        return rules.Decision(reason=reason, company=company or None, values=values)


def _suggested(suggestion: dict[str, Any]) -> str:
    return _t("%(name)s, %(score)s of 100: %(why)s") % {
        "name": suggestion["name"],
        "score": suggestion["score"],
        "why": Resemblance(suggestion["resemblance"]).label,
    }


class ReviewForm(forms.Form):
    """Which proposals are decided, and why."""

    reason = forms.CharField(
        label=_("Why"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Kept with the decision. A rejection needs it."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.data.get("reject") and not cleaned.get("reason"):
            self.add_error(
                "reason", _("Please say why: the same difference is not proposed again.")
            )
        return cleaned


@dataclass(frozen=True)
class Side:
    """One value: what it is called, as the register has it, and as it would be."""

    label: str
    old: str
    new: str


def sentence(proposal: Proposal) -> str:
    if proposal.rows:
        return _sentence_of_package(proposal)
    sentences = {
        Action.NEW_COMPANY: _t("The list names “%(name)s”, which is no company of the register."),
        Action.NEW_SIGNING: _t("The list names %(company)s, which is no signatory here."),
        Action.BACK_ON_LIST: _t("The list names %(company)s again."),
        Action.NO_LONGER_LISTED: _t(
            "The list does not name %(company)s any more. That is what was seen; why, it does not "
            "say."
        ),
        Action.SPELLED_DIFFERENTLY: _t("The list writes “%(name)s” for %(company)s."),
        Action.MATCH_UNSURE: _t("The list names “%(name)s”, which may be one of these companies."),
        Action.SEEN_EARLIER: _t(
            "A list of an earlier day names %(company)s already: it was on the list of that day."
        ),
        Action.CHANGE: _t("The spreadsheet states other values for %(company)s."),
    }[Action(proposal.action)]
    return sentences % {"name": proposal.new_name, "company": proposal.company}


def _sentence_of_package(proposal: Proposal) -> str:
    told = {
        Action.NEW_COMPANY: _t("The register’s own package has a new company: %(subject)s."),
        Action.CHANGE: _t("The register’s own package states something else of %(subject)s."),
        Action.CONFLICT: _t(
            "The register’s own package changed %(subject)s, and so did an editor. Applying this "
            "puts the package’s values in place of the editor’s."
        ),
    }[Action(proposal.action)]
    return told % {"subject": proposal.subject}


def sides(proposal: Proposal) -> list[Side]:
    """Old and new values, in the order of the new ones."""
    if proposal.rows:
        return [side for row in proposal.rows for side in sides_of_row(row)]
    names = [*proposal.new, *(name for name in proposal.old if name not in proposal.new)]
    return [
        Side(
            label=label_of(name),
            old=shown(name, proposal.old.get(name, "")),
            new=shown(name, proposal.new.get(name, "")),
        )
        for name in names
    ]


def sides_of_row(row: dict[str, Any]) -> Iterator[Side]:
    """The values of a row of the package, and what it stated before an editor changed one."""
    model = BY_NAME[row["table"]].model
    fields = {field.name: field for field in model._meta.concrete_fields}
    key = " ".join(filter(None, row["key"]))
    for name in row["new"] or row["old"]:
        old, new, before = ((row[side] or {}).get(name, "") for side in ("old", "new", "before"))
        words = fields[name].verbose_name if name in fields else name
        label = f"{model._meta.verbose_name} {key}, {words}"
        if row["old"] and before not in (old, ""):
            label += " " + _t("(the package until now: %(value)s)") % {"value": before}
        if old or new:
            yield Side(label, shown(name, old), shown(name, new))


def label_of(name: str) -> str:
    labels = {"name": _t("name"), "note": _t("remark on the list")}
    if name in labels:
        return labels[name]
    of_status = dict.fromkeys(("status", "since", "since_basis"), Signing)
    models: dict[str, Any] = of_status | dict.fromkeys(EVIDENCE, Citation)
    return str(models.get(name, Company)._meta.get_field(name).verbose_name)


def shown(name: str, value: str) -> str:
    if not value:
        return "–"
    choices: dict[str, Any] = {
        "status": Signing.Status,
        "since_basis": Signing.SinceBasis,
        "own_words": Citation.OwnWords,
        "size": Company.Size,
        "role": Company.Role,
        "profile_basis": Company.ProfileBasis,
    }
    if name in choices and value in choices[name].values:
        return str(choices[name](value).label)
    if name == "country":
        return country_name(value, get_language() or "en")
    if name == "sector":
        sector = Sector.objects.filter(code=value).first()
        return sector.label if sector else value
    return value


@dataclass
class Card:
    """One proposal as the page shows it."""

    proposal: Proposal
    form: DecisionForm
    selected: bool

    @cached_property
    def sentence(self) -> str:
        return sentence(self.proposal)

    @cached_property
    def sides(self) -> list[Side]:
        return sides(self.proposal)

    @property
    def has_old(self) -> bool:
        return bool(self.proposal.old) or any(row["old"] for row in self.proposal.rows)


@screens_of(ImportRun)
class ReviewScreens(Screens):
    """The queue of runs, the review of one, and the file it was read from."""

    routes = {
        "queue": "queue/",
        "review": "<int:run_id>/review/",
        "bytes": "<int:run_id>/bytes/",
    }

    def queue(self, request: HttpRequest) -> HttpResponse:
        self.check_may_view(request)
        waiting = Proposal.objects.filter(state=State.PROPOSED).order_by()
        counts: dict[int, list[tuple[str, int]]] = {}
        for run_id, action, number in waiting.values_list("run", "action").annotate(Count("pk")):
            counts.setdefault(run_id, []).append((str(Action(action).label), number))
        runs = ImportRun.objects.without_bytes().select_related("pact", "started_by")
        context = {
            "title": _("Proposals to review"),
            "runs": [(run, counts[run.pk]) for run in runs.filter(pk__in=counts)],
        }
        return self.render(request, "queue", context)

    def review(self, request: HttpRequest, run_id: int) -> Any:
        self.check_may_view(request)
        runs = ImportRun.objects.without_bytes().select_related("pact", "started_by", "source")
        run = get_object_or_404(runs, pk=run_id)
        if request.method == "POST":
            return self.decide(request, run)
        return self.show_review(request, run, ReviewForm(), None)

    def check_may_view(self, request: HttpRequest) -> None:
        if not request.user.has_perm("companies.view_proposal"):
            raise PermissionDenied

    def show_review(
        self, request: HttpRequest, run: ImportRun, form: ReviewForm, bound: Any
    ) -> HttpResponse:
        shown = request.GET.get("state", State.PROPOSED)
        if shown not in State.values:
            raise Http404(_t("There is no such state of a proposal."))
        proposals = proposals_of(run).filter(state=shown)
        page = Paginator(proposals, PER_PAGE).get_page(request.GET.get("p"))
        chosen = set(bound.getlist("selected")) if bound else set()
        cards = []
        for proposal in page.object_list:
            selected = str(proposal.pk) in chosen
            one = DecisionForm(bound if selected else None, proposal)
            cards.append(Card(proposal, one, selected))
        states = run.proposals.order_by().values_list("state").annotate(Count("pk"))
        context = {
            "title": _("Review of %(run)s") % {"run": run},
            "run": run,
            "cards": cards,
            "page": page,
            "state": shown,
            "states": [(state, State(state).label, number) for state, number in states],
            "may_decide": shown == State.PROPOSED
            and request.user.has_perm("companies.change_proposal"),
        }
        return self.render(request, "review", context, form)

    def decide(self, request: HttpRequest, run: ImportRun) -> Any:
        """Validate every form first, then decide on each proposal."""
        if not request.user.has_perm("companies.change_proposal"):
            raise PermissionDenied
        form = ReviewForm(request.POST)
        chosen = list(self.chosen(request, run))
        if not chosen:
            form.add_error(None, _("Please choose at least one proposal."))
        applying = not request.POST.get("reject")
        decisions = {}
        if applying and not request.POST.get("all"):
            forms_ = {one.pk: DecisionForm(request.POST, one) for one in chosen}
            faulty = [one for one in forms_.values() if not one.is_valid()]
            if faulty:
                form.add_error(None, _("Nothing was decided yet: please mend what is marked."))
            elif form.is_valid():
                reason = form.cleaned_data["reason"]
                decisions = {pk: one.decision(reason) for pk, one in forms_.items()}
        if not form.is_valid():
            return self.show_review(request, run, form, request.POST)
        reason = form.cleaned_data["reason"]

        ids = [proposal.pk for proposal in chosen]
        if applying:
            default = rules.Decision(reason=reason)
            chosen_decisions = {pk: decisions.get(pk, default) for pk in ids}
            tallies = rules.apply_all(chosen_decisions, by=request.user)  # type: ignore[arg-type]
        else:
            tallies = rules.reject_all(ids, reason=reason, by=request.user)  # type: ignore[arg-type]
        if len(chosen) > AT_ONCE:
            return StreamingHttpResponse(
                self.progress(request, run, tallies, total=len(chosen), applying=applying)
            )
        tally = list(tallies)[-1]
        report(request, tally, applying=applying)
        return redirect("admin:companies_importrun_review", run.pk)

    def chosen(self, request: HttpRequest, run: ImportRun) -> "QuerySet[Proposal]":
        waiting = run.proposals.filter(state=State.PROPOSED).select_related("company")
        if request.POST.get("all"):
            # An unsure match needs a choice, and a conflict somebody who looks at it.
            alone = [] if request.POST.get("reject") else [Action.MATCH_UNSURE, Action.CONFLICT]
            return waiting.exclude(action__in=alone).order_by("pk")
        ids = [
            text for text in request.POST.getlist("selected") if text.isascii() and text.isdigit()
        ]
        return run.proposals.filter(pk__in=[i for i in map(int, ids) if i < 2**63]).order_by("pk")

    def progress(
        self,
        request: HttpRequest,
        run: ImportRun,
        tallies: Iterable[rules.Decided],
        *,
        total: int,
        applying: bool,
    ) -> Iterator[str]:
        """The page, streamed while proposals are decided; a reader who leaves undoes nothing."""
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
            {"done": tally.done, "faults": reasons(tally), "applying": applying, "run": run},
        )
        yield tail

    def bytes(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The file as it came, never as a page: whatever it holds, no browser runs it."""
        self.check_may_view(request)
        run = get_object_or_404(ImportRun, pk=run_id)
        return HttpResponse(
            run.content,
            content_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="run-{run.pk}.bin"'},
        )


def proposals_of(run: ImportRun) -> "QuerySet[Proposal]":
    return run.proposals.select_related("company__sector", "decided_by").order_by("pk")


def report(request: HttpRequest, tally: rules.Decided, *, applying: bool) -> None:
    if tally.done:
        done = _t("Applied: %(number)s.") if applying else _t("Rejected: %(number)s.")
        messages.success(request, done % {"number": tally.done})
    for fault in reasons(tally):
        messages.error(request, fault)


def reasons(tally: rules.Decided) -> list[str]:
    """Each proposal that was not decided, and why."""
    subjects = {
        proposal.pk: proposal.subject
        for proposal in Proposal.objects.select_related("company").filter(
            pk__in=[proposal_id for proposal_id, _fault in tally.faults]
        )
    }
    return [
        _t("%(subject)s: not decided. %(fault)s")
        % {
            "subject": subjects.get(proposal_id, proposal_id),
            "fault": " ".join(fault.messages) if isinstance(fault, ValidationError) else fault,
        }
        for proposal_id, fault in tally.faults
    ]
