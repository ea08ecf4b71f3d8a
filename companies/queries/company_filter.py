"""The filter set of companies for pages, API and files."""

import datetime
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from typing import Any

import django_filters
from django import forms
from django.core.paginator import Page
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import (
    Commitment,
    Company,
    CompanyRow,
    Pact,
    Pledge,
    Region,
    ReportState,
    Sector,
    Signing,
)

from .clocks import RECORDED_AS_OF, Clock
from .finding.cached_results import LONGEST, CachedKeys, CachedResults
from .finding.facets import COMMITMENT, IMPLEMENTATION, PROPERTIES
from .lookup import Search
from .parameters import (
    UNKNOWN,
    BadParameter,
    BadQuery,
    Dated,
    Instant,
    KnownCompanies,
    KnownCompaniesField,
    PactChoice,
    RegisterFilter,
    StatusDays,
    commitment_codes,
    companies_named,
    country_choices,
    refuse_foreign,
)
from .querysets import (
    changed_since,
    countries_in_order,
    listing,
)
from .read_query import CodeList
from .roster.orders import ByKeys, ByName, InGroups, Order, Ordered, keys_after
from .roster.roster import EvidenceLevel, Roster
from .roster.rosters import last_changes, roster_of
from .roster.rows import ListRow, list_rows, of_company
from .roster.table_state import cached_shared

NOT = "__not"  # at the end of a parameter that leaves out what it names
# Parameters that choose no companies of a roster, but which roster, or how the companies are shown.
OF_SHOWING = frozenset(
    (
        *("pact", "as_of", "recorded_as_of", "page", "page_size", "sort", "view", "compare", "to"),
        *("fields", "include", "facets", "cursor", "sep"),
    )
)


class NamedCompaniesField(KnownCompaniesField):
    """Public ids as primary keys of the companies that have or had them; others are refused.

    As the request reads them, or else as they are today: a past day may lack a company.
    """

    default_error_messages = {
        "unknown": _("No company has the public id “%(slug)s”."),
        "too_many": _("At most %(number)d companies can be named."),
    }

    def companies(self, slugs: list[str]) -> Any:
        wanted, keys = {*slugs}, set[int]()
        for companies in (Company.objects.all(), Company.objects.using("default")):
            moved = companies.filter(redirects__old_slug__in=wanted).order_by()
            found = dict(moved.values_list("redirects__old_slug", "pk"))
            named = companies.filter(slug__in=wanted).order_by()
            found |= dict(named.values_list("slug", "pk"))
            wanted, keys = wanted - {*found}, keys | {*found.values()}
            if not wanted:
                return keys
        facts = {"slug": min(wanted)[:100]}
        raise forms.ValidationError(self.error_messages["unknown"], "unknown", facts)


class NamedCompanies(django_filters.MultipleChoiceFilter):
    field_class = NamedCompaniesField


def other_than(chosen: Any) -> Any:
    """A filter that excludes what `chosen` would select."""
    found = deepcopy(chosen)
    found.label = format_lazy(_("Excluding: {what}"), what=chosen.label)
    found.extra["help_text"] = _(
        "Leaves out companies with any of these values. Companies of which no source says "
        "anything stay, unless you name unknown too."
    )
    return found


class ProfileFilter(Dated, RegisterFilter):
    """Filters by profile: name, headquarters, sector, size and role."""

    q = django_filters.CharFilter(
        method="unfiltered",
        label=_("company name"),
        max_length=200,
        help_text=_(
            "Every word must appear in one of the company’s names; case and accents do not "
            "matter. A legal form at the end, such as S.A., is ignored if no company has it."
        ),
    )
    country = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Country"),
        choices=country_choices,
        help_text=_("ISO 3166-1 code of the headquarters, or unknown."),
    )
    region = django_filters.MultipleChoiceFilter(
        method="unfiltered", label=_("Headquarters"), choices=Region.choices
    )
    sector = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Sector"),
        choices=lambda: (
            [(s.code, s.label) for s in Sector.objects.all()] + [(UNKNOWN, _("unknown"))]
        ),
    )
    size = django_filters.MultipleChoiceFilter(
        method="unfiltered", label=_("Size"), choices=Company.Size.choices
    )
    role = django_filters.MultipleChoiceFilter(
        method="unfiltered", label=_("Role under the AI Act"), choices=Company.Role.choices
    )
    country__not = other_than(country)
    region__not = other_than(region)
    sector__not = other_than(sector)
    size__not = other_than(size)
    role__not = other_than(role)

    class Meta:
        model = Company
        fields: list[str] = []


class CompanyFilter(ProfileFilter, StatusDays):
    """Companies with their status toward one pact, on one day."""

    SORTS = tuple(
        sign + name
        for name in ("name", "since", "country", "changed", "known")
        for sign in ("", "-")
    )
    DEFAULT_SORT = "name"

    pact = PactChoice(
        method="unfiltered",
        help_text=_("The pact for status and since. Default: eu-ai-pact."),
    )
    status = django_filters.MultipleChoiceFilter(
        method="unfiltered", label=_("Status"), choices=Signing.Status.choices
    )
    commitment = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Commitment"),
        choices=lambda: [(code, code) for code in commitment_codes()],
        help_text=_("Code of a commitment of the pact; finds signatories that pledged it."),
    )
    implementation = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Implementation"),
        choices=Pledge.Implementation.choices,
        help_text=_(
            "What is known about implementation of the given commitments, or of any if none is "
            "given."
        ),
    )
    implementation_evidence = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Evidence of implementation"),
        choices=EvidenceLevel.choices,
        help_text=_(
            "Signatories with evidence of implementation for none, some or all of the pact’s "
            "core commitments."
        ),
    )
    report = django_filters.MultipleChoiceFilter(
        method="unfiltered",
        label=_("Progress report"),
        choices=ReportState.choices,
        help_text=_("The state of a signatory’s progress report."),
    )
    company, company__not = companies_named(NamedCompanies, method="unfiltered")
    status__not = other_than(status)
    report__not = other_than(report)
    implementation_evidence__not = other_than(implementation_evidence)
    changed_since = Instant(
        method="unfiltered",
        label=_("changed since"),
        help_text=_(
            "A date or an RFC 3339 time; finds companies with a change recorded since then."
        ),
    )
    sort = CodeList(
        method="unfiltered",
        label=_("Sort"),
        choices=[(key, key) for key in SORTS],
        help_text=_(
            "Default: name. known puts companies without a status last; a minus sign reverses "
            "the order. Several, with commas between them: by the first, then by the next."
        ),
    )

    class Meta:
        model = Company
        fields: list[str] = []

    @cached_property
    def chosen_pact(self) -> Pact:
        self.refuse_faults()
        return self.pact_or_default(self.form.cleaned_data.get("pact"))

    @cached_property
    def commitments(self) -> list[Commitment]:
        """The commitments of the selected pact, in order."""
        return commitments_of(self.chosen_pact, self.clock)

    @property
    def core(self) -> list[Commitment]:
        return [one for one in self.commitments if one.kind == Commitment.Kind.CORE]

    # The result

    @cached_property
    def results(self) -> CachedResults:
        return CachedResults(self.clock)

    @cached_property
    def roster(self) -> Roster:
        """The roster that the filters select from."""
        return roster_of(self.chosen_pact, self.clock)

    @cached_property
    def search(self) -> Search:
        return Search(self.form.cleaned_data["q"], self.roster)

    @property
    def keys(self) -> CachedKeys:
        """The primary keys of the matching companies, in order."""
        self.refuse_faults()
        return CachedKeys(self.results, self.key(), self.sorts, self._in_order)

    def _in_order(self) -> Ordered:
        orders = [order for sort in self.sorts for order in self._orders(sort)]
        return Ordered(self.roster, self.found(), orders)

    def key(self, *, without: str = "") -> tuple[int, str] | None:
        """A key of what `found` gives for a roster; None of a long query, which is not cached."""
        given = self._conditions
        text = repr([one for one in given if one[0] != without])
        return (self.chosen_pact.pk, text) if len(text) <= LONGEST else None

    @cached_property
    def _conditions(self) -> list[tuple[str, Any]]:
        """The parameters that choose companies, with their values."""
        values = self.form.cleaned_data | {COMMITMENT: self.codes}
        return [(name, one) for name, one in values.items() if one and name not in OF_SHOWING]

    def keys_after(self, key: int, number: int) -> list[int]:
        """The next primary keys after `key` of the matching companies: a stable order."""
        return keys_after(self.roster, self.found(), key, number)

    def page_of_keys(self) -> Page[int]:
        return self.page_of(self.keys)

    def page_of_rows(self) -> Page[Any]:
        page: Page[Any] = self.page_of_keys()
        keys = list(page.object_list)
        page.object_list = self.rows_of(keys)
        if {"changed", "-changed"}.intersection(self.sorts):
            instants = dict(self._last_changes(keys))
            page.object_list = [
                row._replace(changed_at=instants.get(row.pk)) for row in page.object_list
            ]
        return page

    def _last_changes(self, keys: Sequence[int]) -> Any:
        """Last change times by primary key, read for these only: for all it takes long."""
        if self.roster.stored:
            return CompanyRow.objects.filter(pk__in=keys).values_list("pk", "changed_at")
        return last_changes(pk__in=keys)

    def rows_of(self, keys: Sequence[int]) -> list[ListRow]:
        """The list rows of these primary keys, in this order."""
        if self.roster.stored:
            return list_rows(keys, self.chosen_pact)
        companies = Company.objects.with_status(self.chosen_pact, self.day).filter(pk__in=keys)
        shown = listing(companies.order_by(), self.chosen_pact, self.day)
        found = {company.pk: of_company(company) for company in shown}
        return [found[key] for key in keys if key in found]

    def found(self, *, without: str = "") -> int:
        """The bitmap of companies that match every parameter, or all but `without`.

        Commitment and implementation count as one parameter here.
        """
        chosen = self._by_words_and_changes
        for name in PROPERTIES:
            if name != without and (values := self.form.cleaned_data[name]):
                chosen &= self.roster.having(name, values)
            if values := self.form.cleaned_data[f"{name}{NOT}"]:
                chosen &= ~self.roster.having(name, values)
        if without != COMMITMENT and (self.codes or self.levels):
            chosen &= self.pledging(self.codes, self.levels)
        return chosen

    @cached_property
    def _by_words_and_changes(self) -> int:
        roster, values = self.roster, self.form.cleaned_data
        chosen = self._of_companies(values["company"], values["company__not"])
        if values["since__gte"] or values["since__lte"]:
            chosen &= self._since(values["since__gte"], values["since__lte"])
        if self.search.found is not None:
            chosen &= self.search.found
        if instant := values["changed_since"]:
            self._refuse_recorded("changed_since")
            chosen &= roster.places_of(changed_since(instant))
        return chosen

    def _of_companies(self, named: Collection[int], left_out: Collection[int]) -> int:
        chosen = self.roster.places_of(named) if named else self.roster.all
        return chosen & ~self.roster.places_of(left_out) if left_out else chosen

    def _since(self, first: datetime.date | None, last: datetime.date | None) -> int:
        """The bitmap of companies whose status began from `first` to `last`; one may be open."""
        days = self.roster.orders["since"]
        found = days.at_least(first.toordinal()) if first else days.known
        return found & ~days.at_least(last.toordinal() + 1) if last else found

    @cached_property
    def codes(self) -> list[str]:
        """The selected commitments."""
        codes: list[str] = self.form.cleaned_data[COMMITMENT]
        refuse_foreign(codes, self.chosen_pact)
        return codes

    @property
    def levels(self) -> list[str]:
        """The selected levels of implementation."""
        levels: list[str] = self.form.cleaned_data[IMPLEMENTATION]
        return levels

    def pledging(self, codes: Sequence[str], levels: Sequence[str]) -> int:
        """The bitmap of signatories with such a pledge; empty `codes` or `levels` allow any."""
        every = [one.code for one in self.commitments]
        chosen = levels or Pledge.Implementation.values
        return self.roster.signed & self.roster.pledging(codes or every, chosen)

    @property
    def sorts(self) -> list[str]:
        """The sort parameters, most significant first."""
        return self.form.cleaned_data["sort"] or [self.DEFAULT_SORT]

    def _orders(self, sort: str) -> Iterator[Order]:
        """A sort parameter as roster orders; companies without a value come last."""
        falling, roster = sort.startswith("-"), self.roster
        match sort.removeprefix("-"):
            case "name":
                yield ByName(falling)
            case "known":
                unknown = roster.having("status", [UNKNOWN])
                groups = (roster.all & ~unknown, unknown)
                yield InGroups(groups[::-1] if falling else groups)
            case "country":
                countries = [*countries_in_order(falling=falling), UNKNOWN]
                yield InGroups([roster.having("country", [country]) for country in countries])
            case name:
                if name == "changed":
                    self._refuse_recorded("sort")
                keys = roster.orders[name]
                yield InGroups((keys.known, keys.unknown))
                yield ByKeys(keys, falling)

    def _refuse_recorded(self, name: str) -> None:
        if self.clock.recorded_as_of:
            reason = gettext(
                "This parameter covers changes up to today. Do not combine it with %(name)s."
            )
            raise BadQuery([BadParameter(name, reason % {"name": RECORDED_AS_OF}, [])])


@cached_shared
def commitments_of(pact: Pact, clock: Clock) -> list[Commitment]:
    """The commitments of a pact in its order."""
    return list(pact.commitments.all())


class CompanyPage(CompanyFilter):
    """The filter set of the page: table or cards; companies without a status come last."""

    DEFAULT_SORT = "known"
    VIEWS = {"table": _("table"), "cards": _("cards")}

    view = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("view"),
        choices=list(VIEWS.items()),
        empty_label=None,
        help_text=_("Default: table. Narrow screens always show cards."),
    )
    compare = KnownCompanies(
        method="unfiltered",
        label=_("ticked"),
        help_text=_("Public id of a company ticked to compare. Does not filter."),
    )
    to = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("to"),
        choices=[("compare", "compare")],
        empty_label=None,
        help_text=_("compare: go to the comparison of the ticked companies."),
    )


class WholeResult(CompanyFilter):
    """The filter set of files, which contain every matching company."""

    page = None  # type: ignore[assignment]  # how django-filter drops a filter
    page_size = None  # type: ignore[assignment]  # how django-filter drops a filter


class CsvResult(WholeResult):
    """The filter set of the CSV file, whose separator can be chosen."""

    SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}

    sep = django_filters.ChoiceFilter(
        method="unfiltered",
        label=_("separator"),
        choices=[("comma", _("comma")), ("semicolon", _("semicolon")), ("tab", _("tab"))],
        help_text=_("Default: comma; semicolon on the French pages, as Excel expects."),
    )
