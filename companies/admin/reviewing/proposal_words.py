"""A proposal in words: the current and the proposed value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from companies.models import Citation, Company, ImportRun, PartialDate, Proposal, Sector, Signing
from companies.register.approval.entered_values import changed_values, new_rows
from companies.register.package.tables import BY_NAME
from companies.register.review.record_values import EVIDENCE

Action = Proposal.Action


@dataclass(frozen=True)
class Side:
    """One value: its label, current and proposed."""

    label: str
    old: str
    new: str


def was(proposal: Proposal) -> str:
    """The current value on one line; "" if a table shows the values."""
    if "status" in proposal.old:
        return _status(proposal.old)
    if proposal.action == Action.SPELLED_DIFFERENTLY:
        return _t("“%(name)s”") % {"name": proposal.old.get("name", "")}
    return _t("No information") if proposal.company and "status" in proposal.new else ""


def will(proposal: Proposal) -> str:
    """The proposed value on one line; "" if a table shows the values."""
    if proposal.run.kind == ImportRun.Kind.ENTRY:
        return str(proposal.new["reason"])
    if proposal.rows:
        return _sentence_of_package(proposal)
    if proposal.action == Action.SPELLED_DIFFERENTLY:
        return _t("also written “%(name)s”") % {"name": proposal.new_name}
    if proposal.action == Action.SEEN_EARLIER:
        return _status(proposal.old | proposal.new)
    if proposal.action != Action.CHANGE and "status" in proposal.new:
        return " – ".join(filter(None, [_status(proposal.new), how_left(proposal)]))
    return ""


def how_left(proposal: Proposal) -> str:
    """How the page shows that a signatory left, in the page's own words."""
    words = {"company": proposal.company, "note": proposal.new.get("note", "")}
    shown = {
        "struck_out": _t("The name %(company)s is struck out on the list."),
        "hidden": _t("The name %(company)s is in a part of the page that readers do not see."),
    }
    sentences = [shown.get(proposal.new.get("left_as", ""), "")]
    if "left_as" in proposal.new and words["note"]:
        sentences.append(_t("The page says of %(company)s: “%(note)s”."))
    if "also_listed" in proposal.new:
        sentences.append(_t("It also lists the company without this remark. Check the page."))
    return " ".join(sentence % words for sentence in sentences if sentence)


def _status(values: dict[str, Any]) -> str:
    """A status with start date and basis: Signed, first seen 9 October 2024."""
    status, basis = Signing.Status(values["status"]), values.get("since_basis", "")
    day = PartialDate.parse(values["since"]).in_words(get_language() or "en")
    if basis == Signing.SinceBasis.FIRST_SEEN:
        return _t("%(status)s, first seen: %(day)s") % {"status": status.label, "day": day}
    return _t("%(status)s: %(day)s") % {"status": status.label, "day": day}


def _sentence_of_package(proposal: Proposal) -> str:
    sentence = {
        Action.NEW_COMPANY: _t("New company in the register’s data package: %(subject)s."),
        Action.CHANGE: _t("The register’s data package differs for %(subject)s."),
        Action.CONFLICT: _t(
            "Both the register’s data package and an editor changed %(subject)s. Applying this "
            "replaces the editor’s values with the package’s."
        ),
    }[Action(proposal.action)]
    return sentence % {"subject": proposal.subject}


def sides(proposal: Proposal) -> list[Side]:
    """Old and new values, in the order of the new ones."""
    if proposal.rows:
        new = new_rows(proposal.rows) if proposal.run.kind == ImportRun.Kind.ENTRY else {}
        return [side for row in proposal.rows for side in sides_of_row(row, new)]
    names = [*proposal.new, *(name for name in proposal.old if name not in proposal.new)]
    return [
        Side(
            label=label_of(name),
            old=shown(name, proposal.old.get(name, "")),
            new=shown(name, proposal.new.get(name, "")),
        )
        for name in names
    ]


def sides_of_row(row: dict[str, Any], new: Any) -> Iterator[Side]:
    """The values of a row from an editor's entry, or from the package with its earlier values."""
    if "model" in row:
        yield from (
            Side(label, old or "–", new or "–") for label, old, new in changed_values(row, new)
        )
        return
    model = BY_NAME[row["table"]].model
    fields = {field.name: field for field in model._meta.concrete_fields}
    key = " ".join(filter(None, row["key"]))
    for name in row["new"] or row["old"]:
        old, new, before = ((row[side] or {}).get(name, "") for side in ("old", "new", "before"))
        words = fields[name].verbose_name if name in fields else name
        label = f"{model._meta.verbose_name} {key}, {words}"
        if row["old"] and before not in (old, ""):
            label += " " + _t("(previously in the package: %(value)s)") % {"value": before}
        if old or new:
            yield Side(label, shown(name, old), shown(name, new))


def label_of(name: str) -> str:
    labels = {"name": _t("name"), "note": _t("remark on the list")}
    if name in labels:
        return labels[name]
    of_status = dict.fromkeys(("status", "since", "since_basis"), Signing)
    models: dict[str, Any] = of_status | dict.fromkeys(EVIDENCE, Citation)
    return str(models.get(name, Company)._meta.get_field(name).verbose_name)


def shown(name: str, value: str) -> str:
    if not value:
        return "–"
    choices: dict[str, Any] = {
        "status": Signing.Status,
        "since_basis": Signing.SinceBasis,
        "own_words": Citation.OwnWords,
        "size": Company.Size,
        "role": Company.Role,
        "profile_basis": Company.ProfileBasis,
    }
    if name in choices and value in choices[name].values:
        return str(choices[name](value).label)
    if name == "country":
        return Company(country=value).country_name
    if name == "sector":
        sector = Sector.objects.filter(code=value).first()
        return sector.label if sector else value
    return value
