"""Proposals that need attention, which "select all" leaves out."""

from collections.abc import Collection, Iterable

from django.db.models import Count, Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from companies.models import Citation, ImportRun, PartialDate, Proposal, Signing
from companies.names.spelling import Spelling, spell

from .guesses import is_only_a_country

Action = Proposal.Action
_ALIKE = 85  # percent of the letters, from which two names of one list may be one company
_NEIGHBOURS = 5  # names in alphabetical order that each is compared with

# The last day that the source of a citation can speak of.
_SPEAKS_ON = Coalesce("about_on", "source__published_on", "source__retrieved_on")

Cautions = dict[int, str]  # by the primary key of the proposal, a sentence


def cautions(run: ImportRun, proposals: Collection[Proposal]) -> Cautions:
    """The reasons why proposals of `run` are not selected with the others.

    It takes a fixed number of queries.
    """
    found = _later_evidence(run, proposals) | _alike(proposals)
    for proposal in proposals:
        if why := _why_alone(proposal):
            found[proposal.pk] = why
    return found


def _why_alone(proposal: Proposal) -> str:
    note = str(proposal.new.get("note", ""))
    if proposal.action == Action.MATCH_UNSURE:
        return _("Choose the company first.")
    if proposal.action == Action.CONFLICT:
        return _("An editor has changed it too.")
    if proposal.action == Action.NO_LONGER_LISTED and proposal.new_name:
        return _("Named, but not as a signatory.")
    if note and not is_only_a_country(note):
        return _("The list has a remark: “%(note)s”.") % {"note": note}
    if proposal.old.get("status") == Signing.Status.DECLINED:
        return _("It publicly declined earlier.")
    return ""


def _later_evidence(run: ImportRun, proposals: Iterable[Proposal]) -> Cautions:
    """Removals of companies that a later document names."""
    gone = {one.company_id: one for one in proposals if one.action == Action.NO_LONGER_LISTED}
    if not gone:
        return {}
    cited = Citation.objects.filter(signing__pact=run.pact, signing__company__in=gone)
    latest = cited.order_by().values_list("signing__company").annotate(day=Max(_SPEAKS_ON))
    return {
        gone[company_id].pk: _("Seen on %(day)s, after this list.")
        % {"day": PartialDate(day).in_words(get_language() or "en")}
        for company_id, day in latest
        if day and day > run.seen_on
    }


def removals_seen_later(proposals: QuerySet[Proposal]) -> dict[int, int]:
    """How many proposals remove a company that a document later than the list names.

    By the primary key of the run. One query.
    """
    later = Citation.objects.filter(
        signing__pact=OuterRef("run__pact"), signing__company=OuterRef("company")
    ).annotate(day=_SPEAKS_ON)
    gone = proposals.filter(action=Action.NO_LONGER_LISTED)
    seen = gone.filter(Exists(later.filter(day__gt=OuterRef("run__seen_on"))))
    return dict(seen.order_by().values_list("run").annotate(Count("pk")))


def _alike(proposals: Iterable[Proposal]) -> Cautions:
    """New companies with a name similar to another new one."""
    new = [one for one in proposals if one.action == Action.NEW_COMPANY]
    spelled = [(spell(one.new_name), one) for one in new]
    spelled.sort(key=lambda pair: (pair[0].bare_name, pair[1].pk))
    found: Cautions = {}
    for at, (spelling, one) in enumerate(spelled):
        for other_spelling, other in spelled[at + 1 : at + 1 + _NEIGHBOURS]:
            if _resemble(spelling, other_spelling):
                found.setdefault(one.pk, _resembles(other))
                found.setdefault(other.pk, _resembles(one))
    return found


def _resemble(one: Spelling, other: Spelling) -> bool:
    short, long = sorted((one.bare, other.bare), key=len)
    begins = long[: len(short)] == short
    return begins or fuzz.ratio(one.compact, other.compact, score_cutoff=_ALIKE) > 0


def _resembles(other: Proposal) -> str:
    return _("The list also has “%(name)s”.") % {"name": other.new_name}
