"""Recognise rows of a unit of work that only moved between companies in a merge."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from companies.models import Citation, Company, CompanyName, CompanyRedirect

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork
    from companies.register.stored_rows import Values

TARGETS = ("signing_id", "pledge_id", "report_id", "company_id")


def merged_in(unit: "UnitOfWork") -> dict[int, "Values"]:
    """The companies that this unit merges or restores, by primary key."""
    redirects = unit.of(CompanyRedirect)
    began = {row.values["old_slug"] for row in redirects if row.is_new}
    ended = {row.values["old_slug"] for row in redirects if row.is_deleted}
    return {
        row.pk: row.values
        for row in unit.of(Company)
        if (row.is_deleted and row.values["slug"] in began)
        or (row.is_new and row.values["slug"] in ended)
    }


def only_moved(row: "RowChange", merged: Mapping[int, "Values"]) -> bool:
    """Whether the row only moved between the companies, as the line of the merge says."""
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
