"""The summary above the form of a company, and one for each collapsed section."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from companies.admin.company_form import citations_of
from companies.admin.history_screens import last_version
from companies.models import Company, Sector, Signing

MOST_NAMED = 3  # things in the heading of a section


@dataclass(frozen=True)
class RecordSummary:
    """A company at a glance: its status toward each pact, its names, its last edit."""

    periods: Sequence[Signing]
    names: Sequence[Any]
    identifiers: Sequence[Any]
    last: Any  # the newest version of the company or of one of its rows


def summary_of_record(company: Company) -> RecordSummary:
    periods = company.signings.filter(until__isnull=True).select_related("pact")
    cited = periods.prefetch_related("citations__source").order_by("pact__position")
    return RecordSummary(
        list(cited),
        list(company.names.all()),
        list(company.identifiers.all()),
        last_version(company),
    )


def headings(company: Company) -> dict[str, str]:
    """The summary of each section, by the model of its rows or the name of its first field."""
    signings = company.signings.select_related("pact")
    sources = citations_of(company).order_by().values_list("source__title", flat=True)
    cited = list(dict.fromkeys(sources))
    pledges = company.pledges.select_related("commitment")
    named = [company.name, company.legal_name, company.website]
    # A former version may point to a sector that is gone.
    sector = Sector.objects.filter(pk=company.sector_id or 0).first()
    profile = [
        company.country_name or _t("no country"),
        str(sector) if sector else _t("no sector"),
        company.get_size_display(),
        company.get_role_display(),
    ]
    return {
        "name": _summary(_("Name and website"), [one for one in named if one]),
        "country": _summary(_("Profile"), profile, most=4),
        "Signing": _summary(
            _("Statuses"), [f"{one.get_status_display()}, {one.pact}" for one in signings]
        ),
        "Citation": _summary(_("Evidence"), cited),
        "Pledge": _summary(_("Pledges"), [one.commitment.title for one in pledges]),
        "CompanyName": _summary(_("Other names"), [one.name for one in company.names.all()]),
        "CompanyIdentifier": _summary(
            _("Identifiers"), [str(one) for one in company.identifiers.all()]
        ),
        "ProgressReport": _summary(
            _("Progress reports"),
            [f"{one.pact}, {one.period}" for one in company.reports.select_related("pact")],
        ),
    }


def _summary(title: Any, things: Sequence[str], *, most: int = MOST_NAMED) -> str:
    """“Other names: Saidot Oy, Saidot Ltd and 2 more”; “Other names: none”."""
    if not things:
        return _t("%(section)s: none") % {"section": title}
    shown, more = things[:most], len(things) - most
    summary = _t("%(section)s: %(things)s") % {"section": title, "things": " · ".join(shown)}
    return (
        summary if more <= 0 else _t("%(told)s and %(more)d more") % {"told": summary, "more": more}
    )
