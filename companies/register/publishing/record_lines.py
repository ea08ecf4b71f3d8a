"""The public lines on companies and their names, and on pacts and sources."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext as _

from companies.models import (
    Change,
    Commitment,
    Company,
    CompanyIdentifier,
    Milestone,
    Pact,
    PublishedShare,
    Sector,
    Source,
)

from .lines import Line, Related, fields_changed

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork

Kind, Cause = Change.Kind, Change.Cause
MATERIAL_OF_COMPANY = ("name", "country", "sector_id", "size", "role", "parent_id")


def company(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    about: dict[str, Any] = {"company": related.company(row.pk)}
    if row.is_new:
        if row.pk not in related.companies_with_new_periods:
            yield Line(Kind.PROFILE, _("added to the register"), **about, material=False)
    elif row.is_deleted:
        cause = unit.cause or Cause.CORRECTION
        yield Line(Kind.PROFILE, _("taken off the register"), **about, cause=cause)
    else:
        yield from fields_changed(
            row, Company, related, Kind.PROFILE, about, material_fields=MATERIAL_OF_COMPANY
        )


def name(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    values = row.values
    company = unit.rows.get((Company, values["company_id"]))
    if company and (company.is_new or company.is_deleted):
        return
    what = _("other name corrected: %(name)s")
    if row.is_new:
        what = _("other name added: %(name)s")
    elif row.is_deleted:
        what = _("other name taken back: %(name)s")
    yield Line(
        Kind.NAME,
        what % {"name": values["name"]},
        company=related.company(values["company_id"]),
        field="name",
        old="" if row.is_new else row.old["name"],  # type: ignore[index]
        new="" if row.is_deleted else values["name"],
        cause=Cause.SOURCE if row.is_new else Cause.CORRECTION,
        material=False,
    )


def identifier(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    values = row.values
    company = unit.rows.get((Company, values["company_id"]))
    if company and (company.is_new or company.is_deleted):
        return
    scheme = CompanyIdentifier.Scheme(values["scheme"]).label
    what = _("%(scheme)s taken back: %(value)s") if row.is_deleted else _("%(scheme)s: %(value)s")
    yield Line(
        Kind.PROFILE,
        what % {"scheme": scheme, "value": values["value"]},
        company=related.company(values["company_id"]),
        field=values["scheme"],
        old="" if row.is_new else row.old["value"],  # type: ignore[index]
        new="" if row.is_deleted else values["value"],
        material=False,
    )


# Pacts and what belongs to no company


def pact(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    about: dict[str, Any] = {"pact": row.values["slug"]}
    name = Pact(**row.values).name
    material = ("opened_on", "closed_on", "report_after_months", "listed_total", "listed_total_on")
    yield from _whole(row, Pact, related, Kind.PACT, about, name, material)


def commitment(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    about: dict[str, Any] = {
        "pact": related.pact(row.values["pact_id"]),
        "subject": row.values["code"],
    }
    title = Commitment(**row.values).title
    material = ("kind", "audience", "text")
    yield from _whole(row, Commitment, related, Kind.PACT, about, title, material)


def milestone(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    title = Milestone(**row.values).title
    about = {"pact": related.pact(row.values["pact_id"])} if row.values["pact_id"] else {}
    material = ("date", "value", "reports_received")
    yield from _whole(row, Milestone, related, Kind.PACT, about, title, material)


def published_share(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    about = {"pact": related.pact(row.values["pact_id"])}
    share = PublishedShare(**row.values)
    title = f"{PublishedShare._meta.verbose_name}, {share.get_value_display()}"
    material = ("value", "percent")
    yield from _whole(row, PublishedShare, related, Kind.PACT, about, title, material)


def sector(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    about = {"subject": row.values["code"]}
    yield from _whole(row, Sector, related, Kind.SOURCE, about, Sector(**row.values).label, ())


def source(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    # A new source has no line: the fact that cites it has one.
    if not row.is_new:
        about = {"subject": row.values["slug"]}
        yield from _whole(row, Source, related, Kind.SOURCE, about, row.values["title"], ())


def _whole(
    row: "RowChange",
    model: type[Model],
    related: Related,
    kind: str,
    about: dict[str, Any],
    title: str,
    material: tuple[str, ...],
) -> Iterator[Line]:
    """A row that stands for itself: added, taken back, or some of its fields changed."""
    if row.is_new:
        what = _("%(subject)s: added") % {"subject": title}
        yield Line(kind, what, **about, material=False)
    elif row.is_deleted:
        what = _("%(subject)s: taken back") % {"subject": title}
        yield Line(kind, what, **about, cause=Cause.CORRECTION, material=bool(material))
    else:
        yield from fields_changed(
            row, model, related, kind, about, prefix=f"{title}: ", material_fields=material
        )
