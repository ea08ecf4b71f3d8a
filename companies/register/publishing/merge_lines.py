"""The public lines on a merge of two companies and on its undoing."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from companies.models import Change, Citation, Company, CompanyName, CompanyRedirect

from .lines import Line, Related

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork, Values

TARGETS = ("signing_id", "pledge_id", "report_id", "company_id")


def merged_in(unit: "UnitOfWork") -> dict[int, "Values"]:
    """The companies that this unit merges into another or restores, by primary key."""
    redirects = unit.of(CompanyRedirect)
    began = {row.values["old_slug"] for row in redirects if row.is_new}
    ended = {row.values["old_slug"] for row in redirects if row.is_deleted}
    return {
        row.pk: row.values
        for row in unit.of(Company)
        if (row.is_deleted and row.values["slug"] in began)
        or (row.is_new and row.values["slug"] in ended)
    }


def redirect(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    """The line on a merge or its undoing; a slug that only changed has the line of its company."""
    slug = row.values["old_slug"]
    other = next((row for row in merged_in(unit).values() if row["slug"] == slug), None)
    if other is None:
        return
    what = (
        _("merged with %(name)s, whose record was %(slug)s")
        if row.is_new
        else _("no longer merged with %(name)s, whose record is %(slug)s again")
    )
    yield Line(
        Change.Kind.PROFILE,
        what % {"name": other["name"], "slug": slug},
        company=related.company(row.values["company_id"]),
        field="merged",
        old="" if row.is_new else slug,
        new=slug if row.is_new else "",
        cause=unit.cause or Change.Cause.CORRECTION,
    )


def only_moved(row: "RowChange", merged: Mapping[int, "Values"]) -> bool:
    """Whether the row only moved from one company to the other, as the line on the merge says."""
    if row.model is Company:
        return row.pk in merged or _is_subsidiary(row, merged)
    if row.model is Citation and row.changed(*TARGETS):
        return True
    if row.model is CompanyName:
        names = {company["name"] for company in merged.values()}
        if (row.is_new or row.is_deleted) and row.values["name"] in names:
            return True
    return row.model is not CompanyRedirect and _holds(row, "company_id", merged)


def _is_subsidiary(row: "RowChange", merged: Mapping[int, "Values"]) -> bool:
    changed = [name for name in row.values if row.changed(name)]
    return changed == ["parent_id"] and _holds(row, "parent_id", merged)


def _holds(row: "RowChange", name: str, merged: Mapping[int, "Values"]) -> bool:
    return any(values.get(name) in merged for values in (row.old or {}, row.new or {}))
