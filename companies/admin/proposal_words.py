"""A proposal in words: what was seen, and the register's values beside the new ones."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.countries import country_name
from companies.models import Company, Proposal, Sector, Signing

Action = Proposal.Action


@dataclass(frozen=True)
class Side:
    """One value: what it is called, as the register has it, and as it would be."""

    label: str
    old: str
    new: str


def sentence(proposal: Proposal) -> str:
    told = {
        Action.NEW_COMPANY: _("The list names “%(name)s”, which is no company of the register."),
        Action.NEW_SIGNING: _("The list names %(company)s, which is no signatory here."),
        Action.BACK_ON_LIST: _("The list names %(company)s again."),
        Action.NO_LONGER_LISTED: _(
            "The list does not name %(company)s any more. That is what was seen; why, it does not "
            "say."
        ),
        Action.SPELLED_DIFFERENTLY: _("The list writes “%(name)s” for %(company)s."),
        Action.MATCH_UNSURE: _("The list names “%(name)s”, which may be one of these companies."),
        Action.CHANGE: _("The spreadsheet states other values for %(company)s."),
    }[Action(proposal.action)]
    return told % {"name": proposal.new_name, "company": proposal.company}


def sides(proposal: Proposal) -> list[Side]:
    """Old and new values, in the order of the new ones."""
    names = [*proposal.new, *(name for name in proposal.old if name not in proposal.new)]
    return [
        Side(
            label=label_of(name),
            old=shown(name, proposal.old.get(name, "")),
            new=shown(name, proposal.new.get(name, "")),
        )
        for name in names
    ]


def label_of(name: str) -> str:
    labels = {"name": _("name"), "note": _("remark on the list"), "quote": _("quote")}
    if name in labels:
        return labels[name]
    model: Any = Signing if name in ("status", "since", "since_basis") else Company
    return str(model._meta.get_field(name).verbose_name)


def shown(name: str, value: str) -> str:
    if not value:
        return "–"
    choices: dict[str, Any] = {
        "status": Signing.Status,
        "since_basis": Signing.SinceBasis,
        "size": Company.Size,
        "role": Company.Role,
        "profile_basis": Company.ProfileBasis,
    }
    if name in choices and value in choices[name].values:
        return str(choices[name](value).label)
    if name == "country":
        return country_name(value, get_language() or "en")
    if name == "sector":
        sector = Sector.objects.filter(code=value).first()
        return sector.label if sector else value
    return value
