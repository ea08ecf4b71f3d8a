"""The page of companies that have not signed, with what is known of the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from companies import queries
from companies.models import Citation, Confidence, Pact, PartialDate, Signing, Source
from companies.queries import UNKNOWN, Absence, FullList
from companies.queries.wording.counted import looked_for_in_sentences

from .definitions import STATUSES

# What each absence says of a company, and what it does not say.
MEANINGS = {
    Absence.DECLINED: _(
        "It said publicly that it would not sign; its words are quoted. It may still sign later."
    ),
    Absence.CONSIDERING: _(
        "We contacted it, and it replied that it is considering. That is neither a yes nor a no."
    ),
    Absence.NO_ANSWER: _(
        "We contacted it on the date shown and have recorded no reply. Silence is not a refusal."
    ),
    Absence.INTERESTED: _(
        "It is in the pact’s network and has not signed. That does not say whether it will."
    ),
    Absence.NOT_ASKED: _(
        "Not on the list on the date shown. We have not asked why. That is not a refusal: the "
        "company may never have been invited, and may have signed since."
    ),
    Absence.WITHDRAWN: _("It was a signatory and left, according to the company."),
    Absence.REMOVED: STATUSES[Signing.Status.REMOVED],
}

# The statuses of those companies, by which their list is a file.
ABSENT = [s for s in Signing.Status.values if s not in (Signing.Status.SIGNED, UNKNOWN)]


@dataclass(frozen=True)
class AbsenceTotal:
    """The number of companies with one kind of absence, and its meaning."""

    state: str
    label: str
    meaning: str
    number: int
    once_signed: bool


@dataclass(frozen=True)
class AbsenceLine:
    """One company's absence; `lists` are its citations of the list in the heading."""

    signing: Signing
    citations: list[Citation]
    lists: list[Citation] = field(default_factory=list)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known but that the list in the heading lacks the company."""
        stated = self.citations or self.signing.reason or self.signing.asked or len(self.lists) > 1
        earlier = self.signing.lists_without and self.signing.lists_without.earlier.days
        return not (stated or earlier)

    @property
    def ground(self) -> tuple[str, str]:
        """The basis of a bare absence, and its confidence unless high."""
        confidences = (c.confidence for c in self.lists if c.confidence != Confidence.HIGH)
        return (
            str(self.signing.get_since_basis_display()),
            next((str(confidence.label) for confidence in confidences), ""),
        )

    @property
    def is_named(self) -> bool:
        """Whether a source other than such a list says that the company is missing."""
        return any(c.source.kind != Source.Kind.OFFICIAL_LIST for c in self.citations)


@dataclass(frozen=True)
class ListDay:
    """Companies missing from the list of one day: a cited source, or a list we read."""

    when: PartialDate
    source: Source | None
    full_list: FullList | None
    lines: list[AbsenceLine]

    @property
    def explained(self) -> list[AbsenceLine]:
        return [line for line in self.lines if not self._is_bare(line)]

    @property
    def bare(self) -> list[tuple[tuple[str, str], list[AbsenceLine]]]:
        """The bare absences, grouped by basis and confidence."""
        bare = sorted(filter(self._is_bare, self.lines), key=attrgetter("ground"))
        return [(ground, list(lines)) for ground, lines in groupby(bare, key=attrgetter("ground"))]

    def _is_bare(self, line: AbsenceLine) -> bool:
        return line.is_bare and bool(line.lists or self.full_list)


@dataclass(frozen=True)
class AbsenceGroup:
    """Companies of one page with the same state, by the date of the list if it has one."""

    total: AbsenceTotal
    lines: list[AbsenceLine]
    days: list[ListDay]


def absent(request: HttpRequest) -> HttpResponse:
    query = queries.AbsenceFilter.of(request)
    page, lists = query.page_of_rows(), queries.full_lists(query.clock)
    lists.mark(page)
    found, pact = totals(query.counts()), query.chosen_pact
    counts, newest = queries.absence_counts(pact, query.clock), lists.newest(pact)
    said = looked_for_in_sentences(pact, counts.looked_for, newest)
    parameters = {"pact": pact.slug, "status": [*ABSENT], **query.clock.past}
    context = {
        "pact": pact,
        "said": said,
        "pacts": Pact.objects.with_list_read(),
        "page": page,
        "groups": groups(page, found, lists.of(pact.pk)),
        "states": query.form.cleaned_data["state"],
        "totals": found,
        "number": sum(total.number for total in found),
        "numbers": {total.state: total.number for total in found},
        "opinions": pact.opinions.select_related("source"),
        "counts": counts,
        "companies_query": "?" + urlencode(parameters, doseq=True),
    }
    return render(request, "companies/absent/absent.html", context)


def totals(counts: dict[str, int]) -> list[AbsenceTotal]:
    return [
        AbsenceTotal(
            str(s),
            str(s.label),
            str(MEANINGS[s]),
            counts.get(s, 0),
            once_signed=s.value in Signing.LEFT,
        )
        for s in Absence
    ]


def groups(
    rows: Iterable[Signing], found: Iterable[AbsenceTotal], lists: Iterable[FullList]
) -> list[AbsenceGroup]:
    """The rows of a page grouped by their kind of absence."""
    by_state = {total.state: total for total in found}
    by_day = {PartialDate(one.day): one for one in lists}
    return [
        _group(by_state[state], list(alike), by_day)
        for state, alike in groupby(rows, key=lambda signing: signing.absence)  # type: ignore[attr-defined]  # set on each above
    ]


def _group(
    total: AbsenceTotal, signings: list[Signing], lists: Mapping[PartialDate, FullList]
) -> AbsenceGroup:
    if total.state != Absence.NOT_ASKED:
        return AbsenceGroup(total, [AbsenceLine(s, list(s.citations.all())) for s in signings], [])
    newest_first = sorted(signings, key=_last_checked, reverse=True)
    days = groupby(newest_first, key=_last_checked)
    found = [_list_day(when, list(alike), lists.get(when)) for when, alike in days]
    return AbsenceGroup(total, [], found)


def _last_checked(signing: Signing) -> PartialDate:
    return signing.lists_without.last if signing.lists_without else signing.started


def _list_day(when: PartialDate, signings: list[Signing], full_list: FullList | None) -> ListDay:
    """The list of one day, cited once, with the companies missing from it."""
    cited = [citation for signing in signings for citation in signing.citations.all()]
    source = next((c.source for c in cited if _is_list_of(c.source, when)), None)
    lines = [
        AbsenceLine(
            signing,
            [c for c in signing.citations.all() if c.source != source],
            [c for c in signing.citations.all() if c.source == source],
        )
        for signing in signings
    ]
    return ListDay(when, source, full_list, lines)


def _is_list_of(source: Source, when: PartialDate) -> bool:
    return source.kind == Source.Kind.OFFICIAL_LIST and source.published_on == when.date
