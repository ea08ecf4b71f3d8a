"""An editor's spreadsheet as a run: compared with the register and proposed like a list."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.spreadsheet import (
    MAX_BYTES,
    BadSpreadsheet,
    Kind,
    SheetRow,
    SpreadsheetFault,
    read,
    template,
)
from companies.models import (
    Company,
    ImportRun,
    Pact,
    PartialDate,
    Proposal,
    Sector,
    Signing,
    Source,
)
from companies.names.letters import fold
from companies.names.visible import clean_name, clean_text
from companies.queries.lookup import look_up_all
from companies.register.history import lock_register

from .differences import LEFT, difference_of, suggested, without_rejected
from .record_values import FIELDS, as_values, values_now

if TYPE_CHECKING:
    from companies.names.matcher import Match

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "BadSpreadsheet",
    "Kind",
    "empty_spreadsheet",
    "propose_spreadsheet",
]

Action, Status = Proposal.Action, Signing.Status

# Each column with the headers it goes by, in any case and with or without accents.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "company": ("company", "name", "entreprise", "nom", "société"),
    "legal_name": ("legal name", "dénomination sociale", "raison sociale"),
    "country": ("country", "pays"),
    "sector": ("sector", "secteur"),
    "size": ("size", "taille"),
    "role": ("role", "rôle"),
    "website": ("website", "site", "site web"),
    "description": ("description",),
    "status": ("status", "statut"),
    "since": ("since", "depuis"),
    "since_basis": ("since basis", "fondement de la date"),
    "quote": ("quote", "citation"),
}
OPTIONAL = tuple(column for column in COLUMNS if column != "company")
EXAMPLE = {
    "company": "Telefónica",
    "country": "ES",
    "sector": "telecom",
    "size": "large",
    "status": "signed",
    "since": "2024-10-09",
    "since_basis": "first_seen",
    "quote": "Telefónica",
}


def empty_spreadsheet(kind: Kind) -> bytes:
    """A template to fill in: the headers and one example."""
    return template(COLUMNS, kind, example=EXAMPLE)


def propose_spreadsheet(
    pact: Pact, content: bytes, *, file_name: str, source: Source, by: AbstractBaseUser
) -> ImportRun:
    """Keep the spreadsheet as a run with its proposals. Raises BadSpreadsheet with every fault."""
    sheet = read(content, columns=COLUMNS, optional=OPTIONAL, gettext=_)
    rows = [_cleaned(row) for row in sheet.rows]
    faults = [fault for row in rows for fault in _faults(row, pact)]
    if faults:
        raise BadSpreadsheet(faults)
    run = ImportRun(
        pact=pact,
        kind=ImportRun.Kind.SPREADSHEET,
        source=source,
        source_url=source.url,
        file_name=file_name[:200],
        retrieved_at=timezone.now(),
        seen_on=timezone.localdate(),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        names_count=len(rows),
        listed=[{"name": row.values["company"], "note": ""} for row in rows],
        partial=True,
        started_by_id=by.pk,
    )
    proposals = without_rejected(run, _proposals(run, rows))
    run.proposals_count = len(proposals)
    with transaction.atomic():
        lock_register()
        run.save()
        Proposal.objects.filter(
            run__kind=run.kind, run__pact=pact, run__source=source, state=Proposal.State.PROPOSED
        ).update(state=Proposal.State.SUPERSEDED)
        Proposal.objects.bulk_create(proposals, batch_size=500)
    return run


def _cleaned(row: SheetRow) -> SheetRow:
    """The row as its values would be stored, so that they are compared with stored ones."""
    values = {
        column: clean_name(text) if column in ("company", "legal_name") else clean_text(text)
        for column, text in row.values.items()
    }
    return SheetRow(row.line, values)


def _faults(row: SheetRow, pact: Pact) -> Iterator[SpreadsheetFault]:
    """The faults of a row that could never be written, found before anything is proposed."""
    values = row.values
    for column, text in values.items():
        if (text or column == "company") and (reason := _reason(column, text, pact)):
            yield SpreadsheetFault(row.line, column, reason)
    if bool(values.get("status")) != bool(values.get("since")):
        reason = _("A status needs its first day, and a day the status that began on it.")
        yield SpreadsheetFault(row.line, "status", reason)


def _reason(column: str, text: str, pact: Pact) -> str:
    choices = {"status": Status.values, "since_basis": Signing.SinceBasis.values}
    if column in choices:
        return "" if text in choices[column] else _expected(text, choices[column])
    if column == "since":
        return _date_fault(text, pact)
    if column == "sector":
        codes = list(Sector.objects.values_list("code", flat=True))
        return "" if text in codes else _expected(text, codes)
    if column == "quote":
        return "" if len(text) <= 1000 else _("At most 1,000 characters, please.")
    if column == "company" and not text:
        return _("A name needs a letter or a digit.")
    field = Company._meta.get_field("name" if column == "company" else column)
    try:
        field.clean(text, None)  # type: ignore[union-attr]
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _expected(text: str, values: list[str]) -> str:
    return _("“%(text)s”, expected one of: %(values)s.") % {
        "text": text[:60],
        "values": ", ".join(values),
    }


def _date_fault(text: str, pact: Pact) -> str:
    try:
        day = PartialDate.parse(text)
    except ValueError:
        return _("“%(text)s” is no date as 2024-10-09, 2024-10 or 2024.") % {"text": text[:60]}
    if day.date > timezone.localdate():
        return _("A status cannot begin in the future.")
    try:
        Signing(pact=pact, since=day.date, since_precision=day.precision).refuse_impossible_days()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _proposals(run: ImportRun, rows: list[SheetRow]) -> Iterator[Proposal]:
    matches = look_up_all(row.values["company"] for row in rows)
    companies = Company.objects.select_related("sector").in_bulk()
    periods = {
        period.company_id: period
        for period in Signing.objects.filter(pact=run.pact, until__isnull=True)
    }
    for row, match in zip(rows, matches, strict=True):
        if match.company_id is None:
            yield _unmatched(run, row, match)
            continue
        company = companies[match.company_id]
        yield from _profile(run, row, company)
        yield from _status(run, row, company, periods.get(company.pk))


def _unmatched(run: ImportRun, row: SheetRow, match: "Match") -> Proposal:
    name = row.values["company"]
    return Proposal(
        run=run,
        action=Action.MATCH_UNSURE if match.suggestions else Action.NEW_COMPANY,
        new_name=name,
        new={"name": name, **_stated_profile(run, row), **_stated_status(row)},
        suggestions=suggested(match),
        difference=difference_of(run, "name", fold(name) or name),
    )


def _profile(run: ImportRun, row: SheetRow, company: Company) -> Iterator[Proposal]:
    stated = _stated_profile(run, row)
    now = values_now(company, stated)
    new = {name: text for name, text in stated.items() if text != now[name]}
    if not any(name in row.values for name in new):
        return
    yield Proposal(
        run=run,
        action=Action.CHANGE,
        company=company,
        old={name: now[name] for name in new},
        new=new,
        difference=difference_of(run, "change", company.slug, new),
    )


def _status(
    run: ImportRun, row: SheetRow, company: Company, period: Signing | None
) -> Iterator[Proposal]:
    new = _stated_status(row)
    if not new or (period and period.status == new["status"]):
        return
    action = Action.CHANGE
    if new["status"] == Status.SIGNED:
        left = period is not None and period.status in LEFT
        action = Action.BACK_ON_LIST if left else Action.NEW_SIGNING
    yield Proposal(
        run=run,
        action=action,
        company=company,
        new_name=row.values["company"],
        old=as_values(period),
        new=new,
        difference=difference_of(run, "status", company.slug, as_values(period), new),
    )


def _stated_profile(run: ImportRun, row: SheetRow) -> dict[str, str]:
    """The profile that the row states, with its source; an empty cell states nothing."""
    stated = {name: row.values[name] for name in FIELDS if row.values.get(name)}
    if not stated:
        return {}
    basis = {"profile_basis": Company.ProfileBasis.SOURCE.value, "profile_url": run.source_url}
    return stated | basis


def _stated_status(row: SheetRow) -> dict[str, str]:
    if not row.values.get("status"):
        return {}
    stated = {
        "status": row.values["status"],
        "since": row.values["since"],
        "since_basis": row.values.get("since_basis") or Signing.SinceBasis.STATED.value,
    }
    return stated | ({"quote": row.values["quote"]} if row.values.get("quote") else {})
