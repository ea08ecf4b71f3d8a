"""An editor's spreadsheet as an import run with proposals."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.spreadsheet import (
    MAX_BYTES,
    BadDate,
    BadSpreadsheet,
    Kind,
    SheetRow,
    SpreadsheetFault,
    headings_of,
    iso_date,
    read,
    template,
)
from companies.importers.spreadsheet.file_names import fits
from companies.models import (
    Citation,
    Company,
    CompanyName,
    ImportRun,
    Pact,
    PartialDate,
    Proposal,
    Sector,
    Signing,
    Source,
    faults,
    refuse_names_of_others,
)
from companies.names.letters import fold
from companies.names.visible import clean_name, clean_text
from companies.queries.lookup import look_up_all
from companies.register.approval import notices
from companies.register.approval.superseding import carry_over
from companies.register.history import lock_register

from .differences import difference_of, suggested, without_rejected
from .record_values import EVIDENCE, FIELDS, as_values, cite, values_now

if TYPE_CHECKING:
    from companies.names.matcher import Match

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "BadSpreadsheet",
    "Kind",
    "empty_spreadsheet",
    "fits",
    "propose_spreadsheet",
    "remarks_on",
]

Action, Status = Proposal.Action, Signing.Status

# Each column with the headers it goes by, in any case and with or without accents.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "company": headings_of("company", "supplier", "name"),
    **{
        column: headings_of(column)
        for column in (
            *("legal_name", "country", "sector", "size", "role", "website", "description", "pact"),
            *("status", "since", "since_basis", "quote", "own_words", "about_on"),
        )
    },
}
DATES = ("since", "about_on")
OPTIONAL = tuple(column for column in COLUMNS if column != "company")
EXAMPLE = {
    "company": "Telefónica",
    "country": "ES",
    "sector": "telecom",
    "size": "large",
    "status": "signed",
    "since": "2024-10-09",
    "since_basis": Signing.SinceBasis.FIRST_SEEN.value,
    "quote": "Telefónica",
}
# What a row says of its status beside the status itself.


def empty_spreadsheet(kind: Kind) -> bytes:
    """An empty spreadsheet with headings and one example."""
    return template(COLUMNS, kind, example=EXAMPLE)


def propose_spreadsheet(
    pact: Pact, content: bytes, *, file_name: str, source: Source, by: AbstractBaseUser
) -> ImportRun:
    """Store the spreadsheet as a run with proposals. Raises BadSpreadsheet with all faults."""
    sheet = read(content, columns=COLUMNS, optional=OPTIONAL, gettext=_)
    rows = [_cleaned(row) for row in sheet.rows]
    wrong = [fault for row in rows for fault in _faults(row, pact)]
    if wrong:
        raise BadSpreadsheet(wrong, sheet.remarks)
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
    found = list(_proposals(run, rows))
    if wrong := list(_too_strong(source, found)):
        raise BadSpreadsheet(wrong, sheet.remarks)
    proposals = without_rejected(run, (proposal for _row, proposal in found))
    run.proposals_count = len(proposals)
    with transaction.atomic():
        lock_register()
        run.save()
        before = Proposal.objects.filter(run__kind=run.kind, run__pact=pact, run__source=source)
        carry_over(before.filter(state=Proposal.State.PROPOSED), proposals)
        Proposal.objects.bulk_create(proposals, batch_size=500)
        notices.of_proposals(proposals)
    return run


def remarks_on(run: ImportRun) -> tuple[str, ...]:
    """Remarks on how a spreadsheet was read, in the active language.

    It is parsed again, since no sentence is stored.
    """
    if run.kind != ImportRun.Kind.SPREADSHEET or not run.content:
        return ()
    try:
        return read(bytes(run.content), columns=COLUMNS, optional=OPTIONAL, gettext=_).remarks
    except BadSpreadsheet:  # of a spreadsheet that an older version read
        return ()


def _cleaned(row: SheetRow) -> SheetRow:
    """The row with values as they would be stored, for comparison."""
    values = {
        column: clean_name(text) if column in ("company", "legal_name") else clean_text(text)
        for column, text in row.values.items()
    }
    for column in DATES:
        with suppress(BadDate):  # which is reported as a fault
            values |= {column: iso_date(values[column])} if values.get(column) else {}
    if values.get("status") == Status.UNKNOWN:  # no period: nothing is stated
        values |= {"status": "", "since": "", "since_basis": ""}
    return SheetRow(row.line, values)


def _faults(row: SheetRow, pact: Pact) -> Iterator[SpreadsheetFault]:
    """Faults of a row that could never be saved, found before proposing."""
    values = row.values
    for column, text in values.items():
        if (text or column == "company") and (reason := _reason(column, text, pact)):
            yield SpreadsheetFault(row.line, column, reason)
    if bool(values.get("status")) != bool(values.get("since")):
        reason = _("Give a status and its first day, or neither.")
        yield SpreadsheetFault(row.line, "status", reason)


def _reason(column: str, text: str, pact: Pact) -> str:
    choices = {
        "status": Status.values,
        "since_basis": Signing.SinceBasis.values,
        "own_words": Citation.OwnWords.values,
    }
    if column in choices:
        return "" if text in choices[column] else _expected(text, choices[column])
    if column in DATES:
        return _date_fault(text, pact)
    if column == "pact":
        return "" if text == pact.slug else _expected(text, [pact.slug])
    if column == "sector":
        codes = list(Sector.objects.values_list("code", flat=True))
        return "" if text in codes else _expected(text, codes)
    if column == "quote":
        return "" if len(text) <= 1000 else _("At most 1,000 characters.")
    if column == "company" and not text:
        return _("A name needs a letter or a digit.")
    field = Company._meta.get_field("name" if column == "company" else column)
    try:
        field.clean(text, None)  # type: ignore[union-attr]  # the types are wider
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
        day = PartialDate.parse(iso_date(text))
    except BadDate as bad:
        return bad.said(_)
    if day.date > timezone.localdate():
        return _("A status cannot begin in the future.")
    try:
        Signing(pact=pact, since=day.date, since_precision=day.precision).refuse_impossible_days()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _proposals(run: ImportRun, rows: list[SheetRow]) -> Iterator[tuple[SheetRow, Proposal]]:
    matches = look_up_all(row.values["company"] for row in rows)
    companies = Company.objects.select_related("sector").in_bulk()
    periods = {
        period.company_id: period
        for period in Signing.objects.filter(pact=run.pact, until__isnull=True)
    }
    for row, match in zip(rows, matches, strict=True):
        if match.company_id is None:
            yield row, _unmatched(run, row, match)
            continue
        company = companies[match.company_id]
        proposed = [*_profile(run, row, company), *_status(run, row, company, periods)]
        yield from ((row, proposal) for proposal in proposed)


def _too_strong(
    source: Source, proposed: list[tuple[SheetRow, Proposal]]
) -> Iterator[SpreadsheetFault]:
    """Faults of statuses that say more than the source, and of names of other companies."""
    companies = {proposal.company_id for _row, proposal in proposed} - {None}
    names = defaultdict[int | None, list[str]](list)
    others = CompanyName.objects.filter(company__in=companies)
    for pk, name in others.values_list("company", "name"):
        names[pk].append(name)
    for row, proposal in proposed:
        if reason := _taken_name(proposal):
            yield SpreadsheetFault(row.line, "legal_name", reason)
        for reason in _unproven(source, proposal, names[proposal.company_id]):
            yield SpreadsheetFault(row.line, "status", reason)


def _taken_name(proposal: Proposal) -> str:
    """Why the proposed legal name is not possible; "" if it is."""
    company = Company(pk=proposal.company_id, legal_name=proposal.new.get("legal_name", ""))
    try:
        refuse_names_of_others(company, company, ["legal_name"])
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _unproven(source: Source, proposal: Proposal, names: list[str]) -> list[str]:
    """Why the proposed status says more than its source and quote."""
    new, company = proposal.new, proposal.company
    if "status" not in new:
        return []
    since = PartialDate.parse(new["since"])
    period = Signing(
        status=new["status"],
        since=since.date,
        since_precision=since.precision,
        since_basis=new["since_basis"],
    )
    citation = cite(period, source, new.get("quote", ""), new)
    known = [company.name, company.legal_name] if company else []
    found = faults(period, [citation], [proposal.new_name, *known, *names])
    return [" ".join(error.messages) for error in found]


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
    run: ImportRun, row: SheetRow, company: Company, periods: Mapping[int, Signing]
) -> Iterator[Proposal]:
    new, period = _stated_status(row), periods.get(company.pk)
    if not new or (period and period.status == new["status"]):
        return
    action = Action.CHANGE
    if new["status"] == Status.SIGNED:
        left = period is not None and period.status in Signing.LEFT
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
    """The profile in the row, with its source; empty cells state nothing."""
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
        # Without a word on it, the weakest: the day on which the source shows it.
        "since_basis": row.values.get("since_basis") or Signing.SinceBasis.FIRST_SEEN.value,
    }
    return stated | {name: row.values[name] for name in EVIDENCE if row.values.get(name)}
