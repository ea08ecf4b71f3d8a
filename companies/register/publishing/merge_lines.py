"""What the public is told when two records become one, or are parted again."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from companies.models import Change, Citation, Company, CompanyName, CompanyRedirect
from companies.register.units import Act, Step, Values

from .lines import Line, Named

TARGETS = ("signing_id", "pledge_id", "report_id", "company_id")


def merged_in(act: Act) -> dict[int, Values]:
    """Companies that another took up in this act, or gave back, by number."""
    redirects = act.of(CompanyRedirect)
    began = {step.values["old_slug"] for step in redirects if step.is_new}
    ended = {step.values["old_slug"] for step in redirects if step.is_gone}
    return {
        step.pk: step.values
        for step in act.of(Company)
        if (step.is_gone and step.values["slug"] in began)
        or (step.is_new and step.values["slug"] in ended)
    }


def redirect(step: Step, act: Act, named: Named) -> Iterator[Line]:
    """A merge, or its undoing; a public id that only changed is told with its company."""
    slug = step.values["old_slug"]
    other = next((row for row in merged_in(act).values() if row["slug"] == slug), None)
    if other is None:
        return
    what = (
        _("merged with %(name)s, whose record was %(slug)s")
        if step.is_new
        else _("no longer merged with %(name)s, whose record is %(slug)s again")
    )
    yield Line(
        Change.Kind.PROFILE,
        what % {"name": other["name"], "slug": slug},
        company=named.company(step.values["company_id"]),
        field="merged",
        old="" if step.is_new else slug,
        new=slug if step.is_new else "",
        cause=act.cause or Change.Cause.CORRECTION,
    )


def only_moved(step: Step, merged: Mapping[int, Values]) -> bool:
    """Whether the row only passed from one company to the other, which the merge itself tells."""
    if step.model is Company:
        return step.pk in merged or _is_subsidiary(step, merged)
    if step.model is Citation and step.changed(*TARGETS):
        return True
    if step.model is CompanyName:
        names = {company["name"] for company in merged.values()}
        if (step.is_new or step.is_gone) and step.values["name"] in names:
            return True
    return step.model is not CompanyRedirect and _holds(step, "company_id", merged)


def _is_subsidiary(step: Step, merged: Mapping[int, Values]) -> bool:
    changed = [name for name in step.values if step.changed(name)]
    return changed == ["parent_id"] and _holds(step, "parent_id", merged)


def _holds(step: Step, name: str, merged: Mapping[int, Values]) -> bool:
    return any(values.get(name) in merged for values in (step.old or {}, step.new or {}))
