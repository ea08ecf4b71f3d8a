"""The comparison of two to six companies: which properties are equal, and which differ."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from companies import queries
from companies.models import (
    Commitment,
    Company,
    Pact,
    PartialDate,
    Pledge,
    ReportClock,
    Signing,
)


def compare(request: HttpRequest) -> HttpResponse:
    query = queries.CompareQuery.of(request)
    compared, sought = query.compared, sought_companies(query)
    lists = queries.full_lists(query.clock)
    lists.mark(one for company in compared.companies for one in company.signings.all())
    if sought.company and not compared.is_full and sought.company not in compared.companies:
        return HttpResponseRedirect(with_company(request, sought.company.slug))
    columns = [column(request, company, query) for company in compared.companies]
    rows = properties(columns, query)
    context = {
        "pact": query.chosen_pact,
        "pacts": Pact.objects.with_list_read(),
        "columns": columns,
        "names": ", ".join(column.company.name for column in columns),
        "rows": [row for row in rows if not (query.only_differences and row.same)],
        "same": sum(row.same for row in rows),
        "total": len(rows),
        "only_differences": query.only_differences,
        "most": queries.MOST_COMPARED,
        "notices": list(notices(compared, sought)),
        "sought": sought.name,
        "suggestions": [(one, with_company(request, one.slug)) for one in sought.suggestions],
    }
    status = 400 if compared.unknown else 200
    return render(request, "companies/comparing/compare.html", context, status=status)


# A company to add, by its name


@dataclass(frozen=True)
class NameLookup:
    """The company that a typed name means, or several to choose from, or none."""

    name: str = ""
    company: Company | None = None
    suggestions: list[Company] = field(default_factory=list)


def sought_companies(query: queries.CompareQuery) -> NameLookup:
    """Look up the name to add, otherwise the first unknown public id."""
    name = query.name_to_add or " ".join(query.compared.unknown[:1]).replace("-", " ")
    if not name:
        return NameLookup()
    match = queries.look_up(name)
    companies = queries.matched_companies(match)
    if match.company_id and companies and query.name_to_add:
        return NameLookup(name, company=companies[0])
    return NameLookup(name, suggestions=companies)


def with_company(request: HttpRequest, slug: str) -> str:
    """The query string of this comparison with one more company."""
    query = _query(request)
    query.appendlist("company", slug)
    return f"?{query.urlencode()}"


def _query(request: HttpRequest) -> QueryDict:
    query = request.GET.copy()
    query.pop("add", None)
    return query


def notices(compared: queries.Compared, sought: NameLookup) -> Iterable[str]:
    """Messages about names and ids that could not be used."""
    most = {"most": queries.MOST_COMPARED}
    for name in compared.unknown:
        yield _("We have no company with the public id “%(name)s”.") % {"name": name}
    if sought.name and not compared.unknown and not (sought.company or sought.suggestions):
        yield _("We have no company called “%(name)s”, and none with a similar name.") % {
            "name": sought.name
        }
    repeated = [*compared.repeated]
    if sought.company in compared.companies:
        repeated.append(sought.company)
    elif sought.company:
        yield _("%(name)s was not added: you can compare at most %(most)s companies.") % (
            most | {"name": sought.company.name}
        )
    for company in repeated:
        yield _("%(name)s is already in this comparison.") % {"name": company.name}
    if compared.left_out:
        names = ", ".join(company.name for company in compared.left_out)
        yield _("You can compare at most %(most)s companies. Left out: %(names)s.") % (
            most | {"names": names}
        )


# The properties of each company


@dataclass(frozen=True)
class Column:
    """One company of the comparison."""

    company: Company
    current: Signing | None
    clock: ReportClock | None
    pledges: dict[int, Pledge]
    others: list[Signing]
    without: str  # the query string of the comparison without it


@dataclass(frozen=True)
class PropertyValue:
    """The value of a property for one company; equal values are no difference."""

    value: str
    detail: str = ""
    language: str = ""  # of the detail, where it is quoted
    status: str = ""
    level: str = ""
    url: str = ""
    known: bool = True
    others: tuple[tuple[str, str, str], ...] = ()

    @property
    def compared(self) -> tuple[object, ...]:
        return self.value, self.detail, self.others


@dataclass(frozen=True)
class Property:
    """One row of the comparison: a property and its value for each company."""

    label: str
    said: list[tuple[Column, PropertyValue]]
    kind: str = ""
    url: str = ""

    @property
    def same(self) -> bool:
        return len({said.compared for _column, said in self.said}) == 1


def column(request: HttpRequest, company: Company, query: queries.CompareQuery) -> Column:
    pact, day = query.chosen_pact, query.day
    in_force = [signing for signing in company.signings.all() if signing.is_in_force(day)]
    current = next((signing for signing in in_force if signing.pact_id == pact.pk), None)
    others = _query(request)
    slugs = [one.slug for one in query.compared.companies if one != company]
    others.setlist("company", slugs)
    return Column(
        company,
        current,
        ReportClock.of(current, company.reports.all(), day) if current else None,
        {pledge.commitment_id: pledge for pledge in company.pledges.all()},
        sorted(
            (signing for signing in in_force if signing.pact_id != pact.pk),
            key=lambda signing: signing.pact.position,
        ),
        f"?{others.urlencode()}",
    )


def properties(columns: Sequence[Column], query: queries.CompareQuery) -> list[Property]:
    """All properties in order; empty without companies."""
    if not columns:
        return []
    plain: list[tuple[str, Callable[[Column], PropertyValue]]] = [
        (_("Status"), _status),
        (_("Date"), _since),
        (_("Reason"), _reason),
        (_("Headquarters"), lambda one: _fact(one.company.country_name)),
        (_("Sector"), lambda one: _fact(one.company.sector and one.company.sector.label)),
        (_("Size"), lambda one: _choice(one.company.size, one.company.get_size_display())),
        (_("Role (AI Act)"), lambda one: _choice(one.company.role, one.company.get_role_display())),
        (_("Source of these details"), lambda one: _fact(one.company.get_profile_basis_display())),
    ]
    rows = [Property(label, [(one, say(one)) for one in columns]) for label, say in plain]
    for commitment in queries.commitments().filter(pact=query.chosen_pact):
        said = [(one, _pledge(one, commitment)) for one in columns]
        kind = str(commitment.get_kind_display())
        rows.append(Property(commitment.title, said, kind, commitment.get_absolute_url()))
    last: list[tuple[str, Callable[[Column], PropertyValue]]] = [
        (_("Progress report"), _report),
        (_("Other pacts"), _others),
        (_("Evidence"), _sources),
    ]
    return rows + [Property(label, [(one, say(one)) for one in columns]) for label, say in last]


def _fact(value: Any) -> PropertyValue:
    return PropertyValue(str(value)) if value else PropertyValue(_("unknown"), known=False)


def _choice(value: str, label: Any) -> PropertyValue:
    return PropertyValue(str(label), known=value != "unknown")


def _day(day: PartialDate) -> str:
    return day.in_words(get_language() or "en")


def _status(one: Column) -> PropertyValue:
    status = Signing.Status(one.current.status if one.current else Signing.Status.UNKNOWN)
    return PropertyValue(str(status.label), status=status.value)


def _since(one: Column) -> PropertyValue:
    if one.current is None:
        return PropertyValue(_("unknown"), known=False)
    if one.current.lists_without:
        last = {"day": _day(one.current.lists_without.last)}
        return PropertyValue(
            _("list of %(day)s") % last, str(one.current.get_since_basis_display())
        )
    return PropertyValue(
        _day(one.current.started), detail=str(one.current.get_since_basis_display())
    )


def _reason(one: Column) -> PropertyValue:
    if one.current is None or not one.current.reason:
        return PropertyValue(_("none"), known=False)
    return PropertyValue("", detail=one.current.reason, language=one.current.reason_language)


def _pledge(one: Column, commitment: Commitment) -> PropertyValue:
    pledge = one.pledges.get(commitment.pk)
    if pledge is None:
        return PropertyValue(_("no pledge known"), known=False)
    return PropertyValue(
        str(pledge.get_implementation_display()),
        detail=". ".join(_grounds(one, pledge)),
        level=pledge.implementation,
    )


def _grounds(one: Column, pledge: Pledge) -> Iterable[str]:
    """The basis of a pledge, and who reported its implementation."""
    stated = pledge.basis == Pledge.Basis.STATED
    yield _("Pledged, as a source states") if stated else _("Pledged by signing")
    if pledge.implementation_basis:
        account = str(pledge.get_implementation_basis_display())
        day = f" ({_day(PartialDate(pledge.as_of))})" if pledge.as_of else ""
        yield account[:1].upper() + account[1:] + day
    if one.current is None or one.current.status != Signing.Status.SIGNED:
        yield _("Made while it was a signatory")


def _report(one: Column) -> PropertyValue:
    if one.current is None or one.current.status != Signing.Status.SIGNED:
        return PropertyValue(_("signature unknown"), known=False)
    if one.clock is None:
        return PropertyValue(_("this pact does not invite reports"), known=False)
    detail = ""
    if one.clock.due_on:
        detail = _("Invited by %(day)s") % {"day": _day(PartialDate(one.clock.due_on))}
    return PropertyValue(str(one.clock.state.label), detail=detail)


def _others(one: Column) -> PropertyValue:
    if not one.others:
        return PropertyValue(_("none known"), known=False)
    return PropertyValue(
        "",
        others=tuple(
            (other.pact.name, other.status, str(other.get_status_display())) for other in one.others
        ),
    )


def _sources(one: Column) -> PropertyValue:
    citations = one.current.citations.all() if one.current else []
    number = len({citation.source_id for citation in citations})
    if not number:
        return PropertyValue(_("no source"), known=False)
    return PropertyValue(
        ngettext("%(number)s source", "%(number)s sources", number) % {"number": number},
        url=one.company.get_absolute_url(),
    )
