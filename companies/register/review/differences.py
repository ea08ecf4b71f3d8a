"""Compare an official list with the register, and propose each difference."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from companies.models import Company, CompanyName, ImportRun, Proposal, Signing
from companies.names.letters import fold
from companies.queries.lookup import look_up_listed

from .record_values import as_values

if TYPE_CHECKING:
    from companies.importers.official_page import LeftName, ListedName
    from companies.names.matcher import Match

Action, Status = Proposal.Action, Signing.Status
SEEN = Signing.SinceBasis.FIRST_SEEN


def matches_of(listed: Iterable["ListedName"], left: Iterable["LeftName"] = ()) -> list["Match"]:
    """The match of each name on a page: listed ones, then those that left."""
    return list(look_up_listed([*(one.name for one in listed), *(one.name for one in left)]))


def differences(
    run: ImportRun,
    listed: Sequence["ListedName"],
    left: Sequence["LeftName"],
    matches: Sequence["Match"],
) -> list[Proposal]:
    """Unsaved proposals in the order of the list, then those for companies that are not on it.

    `left` are names that the page says are no longer on the list: none is a new signing, and a
    signatory among them is proposed with the page's remark, even from a part of a list.
    """
    compared = _Comparison(run, matches)
    of_left = zip(left, matches[len(listed) :], strict=True)
    gone = {match.company_id: one for one, match in of_left if match.company_id}
    stays = [
        (one, match)
        for one, match in zip(listed, matches[: len(listed)], strict=True)
        if match.company_id not in gone
    ]
    found = [proposal for one, match in stays for proposal in compared.of(one, match)]
    found += compared.said_to_have_left(
        gone, {match.company_id for match in matches[: len(listed)]}
    )
    if not run.partial:
        found += compared.missing({match.company_id for match in matches if match.company_id})
    return without_rejected(run, found)


def earlier_sightings(
    run: ImportRun, listed: Sequence["ListedName"], matches: Sequence["Match"]
) -> list[Proposal]:
    """The proposals of a copy older than the newest list: earlier first sightings.

    It says who was on the list of its day and nothing of the present. So it can move the start
    of a period based on having been first seen, and nothing else. It proposes no removal, and
    no status for a name that is no signatory: only the newest list says whether such a company
    is still listed. Once that is decided, the copy can be read again.
    """
    compared = _Comparison(run, matches)
    found = [
        proposal
        for one, match in zip(listed, matches[: len(listed)], strict=True)
        if match.company_id
        for proposal in compared.earlier(compared.companies[match.company_id], one)
    ]
    return without_rejected(run, found)


def without_rejected(run: ImportRun, found: Iterable[Proposal]) -> list[Proposal]:
    """The proposals without differences that a person rejected before."""
    before = Proposal.objects.filter(
        run__pact=run.pact, run__kind=run.kind, state=Proposal.State.REJECTED
    )
    rejected = set(before.values_list("difference", flat=True))
    return [proposal for proposal in found if proposal.difference not in rejected]


def difference_of(run: ImportRun, *about: Any) -> str:
    """A text identifying a difference, independent of the run."""
    text = json.dumps([run.pact.slug, run.kind, *about], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class _Comparison:
    """The companies that a list names, with their names and periods toward the pact."""

    def __init__(self, run: ImportRun, matches: Iterable["Match"]) -> None:
        self.run = run
        # Only these: all 100,000 signatories of a pact would take 300 MB.
        named = {match.company_id for match in matches if match.company_id}
        periods = Signing.objects.filter(pact=run.pact, company__pk__among_many=named)
        # As it stood on the day of the list: an old page says nothing of what came later.
        self.periods = {one.company_id: one for one in periods.on(run.seen_on)}
        self.first = {one.company_id: one for one in periods.order_by("-since")}
        self.companies = {
            company.pk: company for company in Company.objects.filter(pk__among_many=named)
        }
        # Ignoring case, as names are unique ignoring case.
        self.spellings: dict[int, set[str]] = {
            pk: {company.name.lower(), company.legal_name.lower()}
            for pk, company in self.companies.items()
        }
        names = CompanyName.objects.filter(company__pk__among_many=named).order_by()
        for company_id, name in names.values_list("company_id", "name"):
            self.spellings[company_id].add(name.lower())
        self.seen: set[int] = set()

    def of(self, one: "ListedName", match: "Match") -> Iterable[Proposal]:
        if match.company_id is None:
            yield self._unmatched(one, match)
            return
        if match.company_id in self.seen:  # the list names it twice
            return
        company = self.companies[match.company_id]
        if sighted := list(self.earlier(company, one)):
            yield from sighted
            return
        self.seen.add(match.company_id)
        period = self.periods.get(company.pk)
        if period is None or period.status != Status.SIGNED:
            yield self._signing(company, period, one)
        elif one.name.lower() not in self.spellings[company.pk]:
            yield self._proposal(
                Action.SPELLED_DIFFERENTLY,
                "spelling",
                company.slug,
                one.name,
                company=company,
                new_name=one.name,
                old={"name": company.name},
                new={"name": one.name},
            )

    def earlier(self, company: Company, one: "ListedName") -> Iterable[Proposal]:
        """A proposal that the list names a signatory before its start date."""
        first = self.first.get(company.pk)
        is_first_sight = first and first.status == Status.SIGNED and first.since_basis == SEEN
        if not first or not is_first_sight or first.since <= self.run.seen_on:
            return
        if company.pk in self.seen:
            return
        self.seen.add(company.pk)
        yield self._proposal(
            Action.SEEN_EARLIER,
            *("seen earlier", company.slug, str(first.started), str(self.run.seen_on)),
            company=company,
            new_name=one.name,
            old=as_values(first),
            new={"since": str(self.run.seen_on), "since_basis": SEEN.value}
            | ({"note": one.note} if one.note else {}),
        )

    def said_to_have_left(
        self, gone: dict[int, "LeftName"], listed: set[int | None]
    ) -> Iterator[Proposal]:
        """Proposals for signatories that the page says left, with its remark.

        Hidden names state nothing, so that a partial list proposes nothing for them.
        """
        for company_id, one in gone.items():
            period = self.periods.get(company_id)
            said = one.how != "hidden" or not self.run.partial
            if said and self._is_known_before(period):
                also = one.also_listed or company_id in listed
                yield self._gone(self.companies[company_id], period, one, also_listed=also)

    def missing(self, named: set[int]) -> Iterator[Proposal]:
        """Proposals for signatories missing from the page; not those first seen after its date."""
        known = Signing.objects.filter(pact=self.run.pact, since__lt=self.run.seen_on)
        periods = known.on(self.run.seen_on).signed().order_by()
        keys = [
            pk for pk, company in periods.values_list("pk", "company_id") if company not in named
        ]
        if keys:
            gone = Signing.objects.filter(pk__among_many=keys).select_related("company")
            for period in gone.order_by("company__name_folded", "company_id"):
                yield self._gone(period.company, period)

    def _is_known_before(self, period: Signing | None) -> bool:
        """Whether a company was a signatory before the day of the list."""
        signed = period is not None and period.status == Status.SIGNED
        return signed and period.since < self.run.seen_on  # type: ignore[union-attr]  # never None here

    def _gone(
        self,
        company: Company,
        period: Signing | None,
        one: "LeftName | None" = None,
        *,
        also_listed: bool = False,
    ) -> Proposal:
        remark = as_remark(one, also_listed=also_listed) if one else {}
        return self._proposal(
            Action.NO_LONGER_LISTED,
            "gone",
            company.slug,
            str(period and period.since),
            *([remark] if remark else []),
            company=company,
            new_name=one.name if one else "",
            old=as_values(period),
            new={
                "status": Status.REMOVED.value,
                "since": str(self.run.seen_on),
                "since_basis": Signing.SinceBasis.OBSERVED.value,
                **remark,
            },
        )

    def _unmatched(self, one: "ListedName", match: "Match") -> Proposal:
        suggestions = suggested(match)
        return self._proposal(
            Action.MATCH_UNSURE if suggestions else Action.NEW_COMPANY,
            "name",
            fold(one.name) or one.name,
            new_name=one.name,
            new={"name": one.name, **self._signed(one)},
            suggestions=suggestions,
        )

    def _signing(self, company: Company, period: Signing | None, one: "ListedName") -> Proposal:
        left = period is not None and period.status in Signing.LEFT
        return self._proposal(
            Action.BACK_ON_LIST if left else Action.NEW_SIGNING,
            "signing",
            company.slug,
            as_values(period),
            company=company,
            new_name=one.name,
            old=as_values(period),
            new=self._signed(one),
        )

    def _signed(self, one: "ListedName") -> dict[str, str]:
        values = {
            "status": Status.SIGNED.value,
            "since": str(self.run.seen_on),
            "since_basis": Signing.SinceBasis.FIRST_SEEN.value,
        }
        return values | ({"note": one.note} if one.note else {})

    def _proposal(self, action: str, *about: Any, **values: Any) -> Proposal:
        difference = difference_of(self.run, *about)
        return Proposal(run=self.run, action=action, difference=difference, **values)


def as_remark(one: "LeftName", *, also_listed: bool) -> dict[str, str]:
    """How a page shows that a company left, in the form stored with a proposal."""
    said = {"left_as": one.how.value, "note": one.remark, "quote": one.quote}
    also = {"also_listed": one.name} if also_listed else {}
    return {name: text for name, text in (said | also).items() if text}


def suggested(match: "Match") -> list[dict[str, Any]]:
    """The suggestions of a match in the form stored with a proposal."""
    return [
        {
            "company": one.company_id,
            "name": one.name,
            "score": one.score,
            "resemblance": str(one.resemblance),
        }
        for one in match.suggestions
    ]
