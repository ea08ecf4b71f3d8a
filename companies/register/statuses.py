"""Change, undo and take back statuses."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import (
    Citation,
    Company,
    Pact,
    PartialDate,
    Precision,
    Signing,
    Source,
    faults,
    stronger_than_quote,
)

from .history import RowChange, UnitOfWork, delete, save, unit_of_work
from .stored_rows import Values


@unit_of_work()
def change_status(
    *,
    company: Company,
    pact: Pact,
    status: str,
    since: PartialDate,
    since_basis: str,
    source: Source,
    quote: str = "",
    language: str = "",
    translation_en: str = "",
    translation_fr: str = "",
    own_words: str = "",
    about_on: PartialDate | None = None,
    reason_en: str = "",
    reason_fr: str = "",
    change_reason: str,
    seen: Signing | None = None,
) -> Signing:
    """End the open period, if any, and start the next on the same day, with its source.

    `seen` is the open period that the editor saw (None: none); if another is open by now,
    nothing is written. A new source is saved, too. Raises ValidationError.
    """
    present = _open_period(company, pact)
    if (present and present.pk) != (seen and seen.pk):
        raise ValidationError(
            _("Someone else has just changed the status of %(company)s. It is now: %(status)s."),
            params={
                "company": company,
                "status": present.get_status_display() if present else _("no open period"),
            },
            code="stale",
        )
    signing = next_period(
        company=company,
        pact=pact,
        present=present,
        status=status,
        since=since,
        since_basis=since_basis,
        reason_en=reason_en,
        reason_fr=reason_fr,
    )
    citation = Citation(
        signing=signing,
        source=source,
        quote=quote,
        language=language,
        translation_en=translation_en,
        translation_fr=translation_fr,
        own_words=own_words,
    )
    if about_on:
        citation.about_on, citation.about_on_precision = about_on.date, about_on.precision
    if wrong := faults(signing, [citation], company.all_names):
        raise ValidationError(wrong)
    if present:
        save(present, change_reason)
    save(signing, change_reason)
    if source.pk is None:
        save(source, change_reason)
    citation.signing, citation.source = signing, source  # which have their primary keys now
    save(citation, change_reason)
    return signing


def next_period(
    *,
    company: Company,
    pact: Pact,
    present: Signing | None,
    status: str,
    since: PartialDate,
    since_basis: str,
    reason_en: str = "",
    reason_fr: str = "",
) -> Signing:
    """An unsaved period, with the current one ended where it starts. Raises ValidationError."""
    if since.date > timezone.localdate():
        raise ValidationError({"since": _("A status cannot begin in the future.")})
    if present:
        _check_succession(present, status, since)
        present.until, present.until_precision = since.date, since.precision
    period = Signing(
        company=company,
        pact=pact,
        status=status,
        since=since.date,
        since_precision=since.precision,
        since_basis=since_basis,
        reason_en=reason_en,
        reason_fr=reason_fr,
    )
    period.refuse_impossible_days()
    return period


@unit_of_work()
def undo_status_change(signing: Signing, *, change_reason: str) -> Signing | None:
    """Delete the newest period and reopen the one before it; the history keeps both.

    Returns the period that is open now. Raises ValidationError when `signing` is not the open
    one.
    """
    company, pact = signing.company, signing.pact
    present = _open_period(company, pact)
    if present is None or present.pk != signing.pk:
        raise ValidationError(_("Only the current status can be undone."), code="stale")
    return take_back(present, change_reason)


def take_back(period: Signing, change_reason: str) -> Signing | None:
    """Delete a period with its citations; if it was open, reopen the one before.

    Returns the reopened period.
    """
    company, pact = period.company, period.pact
    earlier = Signing.objects.filter(company=company, pact=pact, until=period.since).first()
    previous = earlier if period.until is None else None
    for citation in period.citations.all():
        delete(citation, change_reason)
    delete(period, change_reason)
    if previous:
        previous.until, previous.until_precision = None, Precision.DAY
        save(previous, change_reason)
    return previous


# What a period claims, and what its evidence shows: not its end, its reason or our question to it,
# which an editor may still mend where the claim is older than these rules.
_SHOWN: Mapping[type[Model], tuple[str, ...]] = {
    Signing: ("status", "since", "since_precision", "since_basis"),
    Citation: (
        *("signing_id", "source_id", "quote", "own_words"),
        *("about_on", "about_on_precision"),
    ),
    Source: ("kind", "published_on", "retrieved_on"),
}


def refuse_stronger_than_quote(unit: UnitOfWork) -> None:
    """Raise ValidationError if a status or evidence written by `unit` says too much."""
    touched = {row.pk for row in _changed(unit, Signing)}
    for row in _changed(unit, Citation):
        touched |= {values["signing_id"] for values in (row.old, row.new) if values}
    sources = {row.pk for row in _changed(unit, Source)}
    if not (touched or sources):
        return
    written = Q(pk__in=touched - {None}) | Q(citations__source__in=sources)
    if wrong := stronger_than_quote(Signing.objects.filter(written).distinct()):
        raise ValidationError([error for errors in wrong.values() for error in errors])


def _changed(unit: UnitOfWork, model: type[Model]) -> list[RowChange]:
    """The rows of `model` whose fields relevant to a proof changed."""

    def shown(values: Values | None) -> list[Any]:
        return [values[name] for name in _SHOWN[model]] if values else []

    return [row for row in unit.of(model) if shown(row.old) != shown(row.new)]


def _open_period(company: Company, pact: Pact) -> Signing | None:
    """The open period, with the company's row locked until the transaction ends."""
    Company.objects.select_for_update(of=("self",)).get(pk=company.pk)
    return Signing.objects.filter(company=company, pact=pact, until__isnull=True).first()


def _check_succession(present: Signing, status: str, since: PartialDate) -> None:
    if status == present.status:
        raise ValidationError({"status": _("The company already has this status.")})
    if since.date <= present.since:
        raise ValidationError(
            {
                "since": _("The current status began on %(since)s; the next one must begin later.")
                % {"since": present.started}
            }
        )
