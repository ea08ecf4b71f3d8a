"""Records and statuses as plain text, to compare with spreadsheets and proposals."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from companies.models import Citation, Company, PartialDate, Sector, Signing, Source

FIELDS = (
    "legal_name",
    "country",
    "sector",
    "size",
    "role",
    "website",
    "description",
    "profile_basis",
    "profile_url",
)
EVIDENCE = ("quote", "own_words", "about_on")  # of a proposed status, for its citation
TYPED = ("country", "sector", "role", "website", "profile_url")  # in a row of the review


def values_now(company: Company, names: Iterable[str]) -> dict[str, str]:
    """The fields `names` of the record as text, the sector by its code."""
    return {name: _text(company, name) for name in names}


def _text(company: Company, name: str) -> str:
    if name == "sector":
        return company.sector.code if company.sector else ""
    return str(getattr(company, name))


def set_values(company: Company, values: Mapping[str, str], sectors: Mapping[str, Sector]) -> None:
    """Set fields of a company without saving. Raises ValidationError for an unknown sector."""
    for name, text in values.items():
        if name == "sector":
            company.sector = _sector(text, sectors)
        elif name in FIELDS:
            setattr(company, name, text)


def _sector(code: str, sectors: Mapping[str, Sector]) -> Sector | None:
    if code and code not in sectors:
        raise ValidationError(
            {
                "sector": _("There is no sector “%(code)s”; expected one of: %(codes)s.")
                % {"code": code, "codes": ", ".join(sorted(sectors))}
            }
        )
    return sectors.get(code)


def with_typed(proposed: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """The proposed profile with typed values in place, and its resulting basis.

    What a person typed without a source is general knowledge.
    """
    profile = {name: text for name, text in proposed.items() if name in FIELDS}
    changed = {n: typed[n] for n in TYPED if n in typed and typed[n] != profile.get(n, "")}
    profile |= changed
    if changed.keys() - {"website"}:
        basis = Company.ProfileBasis
        known = any(profile.get(name) for name in ("country", "sector", "role"))
        sourced = basis.SOURCE if changed.get("profile_url") else basis.GENERAL_KNOWLEDGE
        profile["profile_basis"] = sourced if known else basis.UNKNOWN
        profile["profile_url"] = changed.get("profile_url", "")
    return profile


def as_values(period: Signing | None) -> dict[str, str]:
    """A period in the form stored with a proposal; empty without one."""
    if period is None:
        return {}
    return {
        "status": period.status,
        "since": str(period.started),
        "since_basis": period.since_basis,
    }


def cite(signing: Signing, source: Source, quote: str, values: Mapping[str, str]) -> Citation:
    """An unsaved citation for a proposed status, with the quote of the proposal."""
    citation = Citation(signing=signing, source=source, quote=quote)
    citation.own_words = values.get("own_words", "")
    if about := values.get("about_on"):
        day = PartialDate.parse(about)
        citation.about_on, citation.about_on_precision = day.date, day.precision
    return citation


def in_words(values: Mapping[str, Any]) -> str:
    """Values in words for a reviewer."""
    shown = dict(values)
    words = []
    if status := shown.pop("status", ""):
        since = shown.pop("since", "")
        shown.pop("since_basis", "")
        words.append(f"{Signing.Status(status).label} ({since})")
    return ", ".join([*words, *(f"{name}: {value or '–'}" for name, value in shown.items())])
