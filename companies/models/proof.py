"""Rules of proof: no status says more than its quotes, no date more than its sources.

Forms, uploads, the review and the check of a package all call this. Missing quotes or source dates
are no faults: editors see them counted.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from companies.names.letters import fold
from companies.names.quotes import names_one_of, states_date

from .dates import PartialDate

if TYPE_CHECKING:
    from .evidence import Citation
    from .signing import Signing, SigningQuerySet

# A refusal or a leaving is the company's own: nobody else can say it for it.
OWN_WORDS = {"declined": "will_not_sign", "withdrawn": "has_left"}
_NEEDED = {
    "will_not_sign": _(
        "“Declined” needs a quote in which the company or its spokesperson says that it does not "
        "sign, marked as its own words. Without one, use “not on the list” and give the reason."
    ),
    "has_left": _(
        "“Withdrawn” needs a quote in which the company or its spokesperson says that it left, "
        "marked as its own words. Without one, use “no longer listed” and give the reason."
    ),
}


@dataclass(frozen=True)
class _Proof:
    """A status with its citations, and the names of its company."""

    signing: "Signing"
    citations: "Sequence[Citation]"
    names: Collection[str]

    @property
    def decisive(self) -> "Sequence[Citation]":
        """The citations that prove the status: only those in own words, if it needs them."""
        needed = OWN_WORDS.get(self.signing.status)
        return [one for one in self.citations if not needed or one.own_words == needed]

    @property
    def lists(self) -> "list[Citation]":
        return [one for one in self.citations if one.source.is_official_list]


Rule = Callable[[_Proof], Iterator[ValidationError]]


def faults(
    signing: "Signing", citations: "Iterable[Citation]", names: Iterable[str]
) -> list[ValidationError]:
    """Each way in which the status says more than its citations, in a sentence for editors.

    `names` are all names of the company. The rows need not be stored.
    """
    shown = list(citations)
    return [*faults_of_quotes(signing, shown, names), *faults_of_days(signing, shown)]


def faults_of_quotes(
    signing: "Signing", citations: "Sequence[Citation]", names: Iterable[str]
) -> list[ValidationError]:
    """The `faults` that depend on the words of the quotes."""
    return _faults(_Proof(signing, citations, [name for name in names if name]), _OF_QUOTES)


def faults_of_days(signing: "Signing", citations: "Sequence[Citation]") -> list[ValidationError]:
    """The `faults` that depend on dates and kinds alone, and so are equal for many periods."""
    return _faults(_Proof(signing, citations, ()), _OF_DAYS)


def _faults(proof: _Proof, rules: "Sequence[Rule]") -> list[ValidationError]:
    signing = proof.signing
    if signing.status not in signing.Status.values or not isinstance(signing.since, datetime.date):
        return []
    return [fault for rule in rules for fault in rule(proof)]


def stronger_than_quote(signings: "SigningQuerySet") -> dict[int, list[ValidationError]]:
    """Faults of stored periods, by primary key."""
    rows = signings.select_related("company")
    rows = rows.prefetch_related("citations__source", "company__names")
    found = {}
    for signing in rows.iterator(chunk_size=2000):
        if wrong := faults(signing, signing.citations.all(), signing.company.all_names):
            found[signing.pk] = wrong
    return found


def without_quote(citations: "QuerySet[Citation]") -> "QuerySet[Citation]":
    """Citations without the quote they need; an absence from a list needs none."""
    absent = Q(source__kind="official_list", signing__status__in=("not_signed", "removed"))
    return citations.filter(quote="").exclude(absent)


def _own_words(proof: _Proof) -> Iterator[ValidationError]:
    needed = OWN_WORDS.get(proof.signing.status)
    if needed and not any(fold(one.quote) for one in proof.decisive):
        yield ValidationError(_NEEDED[needed], code="own_words")
    for one in proof.lists:
        if one.own_words:
            yield ValidationError(
                _("“%(source)s” is an official list, not the company’s own words."),
                params={"source": one.source},
                code="own_words",
            )


def _stated_date(proof: _Proof) -> Iterator[ValidationError]:
    signing = proof.signing
    if signing.since_basis != "stated" or signing.status == "unknown":
        return
    if not any(_states_since(signing, one) for one in proof.citations):
        yield ValidationError(
            _(
                "“Date stated by a source” needs a quote with the date in it: %(since)s. Without "
                "one, use “first list or report that we know”."
            ),
            params={"since": signing.started},
            code="stated",
        )


def _states_since(signing: "Signing", citation: "Citation") -> bool:
    written = citation.source.speaks_on
    year = written.year if written and citation.source.published_on else None
    return states_date(citation.quote, signing.since, signing.since_precision, written_in=year)


def _listed_name(proof: _Proof) -> Iterator[ValidationError]:
    if proof.signing.status not in ("signed", "interested"):
        return
    for one in proof.lists:
        if one.quote and not names_one_of(one.quote, proof.names):
            yield ValidationError(
                _(
                    "The quote of “%(source)s” does not name the company. Quote the line of the "
                    "list that names it, and add that spelling to its names."
                ),
                params={"source": one.source},
                code="not_named",
            )


def _later_than_source(proof: _Proof) -> Iterator[ValidationError]:
    """Refuse a date after the publication of the document."""
    for one in proof.citations:
        spoke = one.source.speaks_on
        if spoke is None:
            continue
        if one.about_on and one.about_on > spoke:
            yield ValidationError(
                _("“%(source)s” is dated %(day)s, so it cannot be about a later date, %(about)s."),
                params={"source": one.source, "day": spoke, "about": one.proves},
                code="later",
            )
        if spoke < proof.signing.since and proof.signing.since_basis != "first_seen":
            yield ValidationError(
                _(
                    "“%(source)s” is dated %(day)s, so it cannot prove what began later, on "
                    "%(since)s."
                ),
                params={"source": one.source, "day": spoke, "since": proof.signing.started},
                code="later",
            )


def _first_seen(proof: _Proof) -> Iterator[ValidationError]:
    """Refuse `first_seen` unless it is the earliest date that a citation proves."""
    signing = proof.signing
    if signing.since_basis != "first_seen" or signing.status == "unknown":
        return
    proven = _proven(proof.decisive)
    earlier = [(day, one) for day, one in proven if _is_before(day, signing.started)]
    for day, one in earlier[:1]:
        yield ValidationError(
            _(
                "“%(source)s” already shows it on %(day)s, so it was not first seen later, on "
                "%(since)s."
            ),
            params={"source": one.source, "day": day, "since": signing.started},
            code="seen_earlier",
        )
    if proven and not earlier and not _has_day(proven, signing.started):
        yield ValidationError(
            _("No source shows it on %(since)s: the earliest, “%(source)s”, is dated %(day)s."),
            params={"source": proven[0][1].source, "day": proven[0][0], "since": signing.started},
            code="not_seen",
        )


def _observed(proof: _Proof) -> Iterator[ValidationError]:
    """Refuse `observed` unless a list of that date is cited."""
    signing = proof.signing
    if signing.since_basis != "observed" or not proof.citations:
        return
    proven = _proven(proof.lists)
    if (proven or not proof.lists) and not _has_day(proven, signing.started):
        yield ValidationError(
            _("“Our check of the list” needs an official list of that date, %(since)s."),
            params={"since": signing.started},
            code="no_list",
        )


def _proven(citations: "Iterable[Citation]") -> "list[tuple[PartialDate, Citation]]":
    """The dates that citations prove, earliest first."""
    days = [(day, one) for one in citations if (day := one.proves)]
    return sorted(days, key=lambda pair: pair[0])


def _is_before(day: PartialDate, other: PartialDate) -> bool:
    """Whether `day` is entirely before `other`, counting a whole month or year."""
    length = min(len(str(day)), len(str(other)))
    return str(day)[:length] < str(other)[:length]


def _has_day(proven: "Iterable[tuple[PartialDate, Citation]]", since: PartialDate) -> bool:
    """Whether one of the proven dates is `since`, or within its month or year."""
    return any(str(day).startswith(str(since)) for day, _citation in proven)


_OF_QUOTES: Sequence[Rule] = (_own_words, _stated_date, _listed_name)
_OF_DAYS: Sequence[Rule] = (_later_than_source, _first_seen, _observed)
