"""The public lines on periods of signing status."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from companies.models import DEFAULT_PACT, Change, PartialDate, Precision, Signing

from .lines import Line, Related, in_words, period_key

if TYPE_CHECKING:
    from companies.register.history import RowChange, UnitOfWork, Values

Kind, Cause = Change.Kind, Change.Cause


def signing(row: "RowChange", unit: "UnitOfWork", related: Related) -> Iterator[Line]:
    if row.is_new:
        lines: Iterable[Line] = [_began(row, related)]
    elif row.is_deleted:
        lines = [_taken_back(row.values)]
    else:
        lines = _changed(row, related)
    company_id, pact_id = row.values["company_id"], row.values["pact_id"]
    for line in lines:
        yield replace(
            line,
            what=line.what + _of_pact(pact_id, related),
            company=related.company(company_id),
            pact=related.pact(pact_id),
        )


def _began(row: "RowChange", related: Related) -> Line:
    values = row.values
    since = PartialDate(values["since"], values["since_precision"])
    what = _first_day(values["since_basis"], since, on_list=row.pk in related.on_official_lists)
    return Line(
        Kind.STATUS,
        what % {"status": _status(values["status"]), "date": in_words(since)},
        field="status",
        new=values["status"],
        happened=since,
        cause=Cause.WORLD,
    )


def _taken_back(values: "Values") -> Line:
    since = PartialDate(values["since"], values["since_precision"])
    what = _("the entry “%(status)s” since %(date)s was taken back") % {
        "status": _status(values["status"]),
        "date": in_words(since),
    }
    return Line(Kind.STATUS, what, field="status", old=values["status"], cause=Cause.CORRECTION)


def _changed(row: "RowChange", related: Related) -> Iterator[Line]:
    old, new = row.old or {}, row.new or {}
    if row.changed("status"):
        yield _status_corrected(old, new)
    if row.changed("since", "since_precision"):
        yield _first_day_corrected(old, new)
    if row.changed("until", "until_precision") and not _followed(row, related):
        yield _end_changed(old, new)
    if row.changed("asked", "asked_on"):
        yield _asked(old, new)
    if row.changed("company_id", "pact_id"):
        return  # a merge moves periods; it has a line of its own, by its redirect
    if row.changed("since_basis", "reason_en", "reason_fr"):
        what = _("ground of the status reworded")
        yield Line(Kind.STATUS, what, field="reason", cause=Cause.CORRECTION, material=False)


def _status_corrected(old: "Values", new: "Values") -> Line:
    what = _("status corrected: %(new)s, not %(old)s") % {
        "new": _status(new["status"]),
        "old": _status(old["status"]),
    }
    return Line(
        Kind.STATUS,
        what,
        field="status",
        old=old["status"],
        new=new["status"],
        cause=Cause.CORRECTION,
    )


def _first_day_corrected(old: "Values", new: "Values") -> Line:
    before = PartialDate(old["since"], old["since_precision"])
    after = PartialDate(new["since"], new["since_precision"])
    what = _("“%(status)s” since %(new)s, not %(old)s") % {
        "status": _status(new["status"]),
        "new": in_words(after),
        "old": in_words(before),
    }
    return Line(
        Kind.STATUS,
        what,
        field="since",
        old=str(before),
        new=str(after),
        cause=Cause.CORRECTION,
    )


def _end_changed(old: "Values", new: "Values") -> Line:
    before = PartialDate(old["until"], old["until_precision"]) if old["until"] else None
    after = PartialDate(new["until"], new["until_precision"]) if new["until"] else None
    what = _("“%(status)s” until %(date)s") if after else _("“%(status)s” holds again")
    return Line(
        Kind.STATUS,
        what % {"status": _status(new["status"]), "date": in_words(after) if after else ""},
        field="until",
        old=str(before or ""),
        new=str(after or ""),
        happened=after,
        cause=Cause.WORLD if after and not before else Cause.CORRECTION,
    )


def _asked(old: "Values", new: "Values") -> Line:
    day = PartialDate(new["asked_on"]) if new["asked_on"] else None
    what = {
        "": _("the entry of our question was taken back"),
        "no_answer": _("asked by us on %(date)s, no answer"),
        "considering": _("answered on %(date)s that it is considering"),
    }[new["asked"]]
    return Line(
        Kind.STATUS,
        what % {"date": in_words(day) if day else ""},
        field="asked",
        old=old["asked"],
        new=new["asked"],
        happened=day,
        cause=Cause.WORLD if new["asked"] else Cause.CORRECTION,
    )


def _followed(row: "RowChange", related: Related) -> bool:
    """Whether this period ends where another one begins that the same unit adds or removes."""
    old, new = row.old or {}, row.new or {}
    added, removed = related.beginnings[True], related.beginnings[False]
    return period_key(new, new["until"]) in added or period_key(new, old["until"]) in removed


def _status(status: str) -> str:
    return {
        "signed": pgettext("in a sentence", "signed"),
        "withdrawn": pgettext("in a sentence", "withdrew"),
        "removed": pgettext("in a sentence", "no longer listed"),
        "declined": pgettext("in a sentence", "declined in public"),
        "interested": pgettext("in a sentence", "in the network only"),
        "not_signed": pgettext("in a sentence", "not on the list"),
        "unknown": pgettext("in a sentence", "status not known"),
    }[status]


def _first_day(basis: str, since: PartialDate, *, on_list: bool) -> str:
    """How the first day is known; French needs other words before a month than before a day."""
    precise = since.precision == Precision.DAY
    if basis == Signing.SinceBasis.STATED:
        return (
            pgettext("a day", "%(status)s on %(date)s")
            if precise
            else pgettext("a month", "%(status)s in %(date)s")
        )
    if basis == Signing.SinceBasis.OBSERVED:
        return (
            pgettext("a day", "%(status)s, as seen on %(date)s")
            if precise
            else pgettext("a month", "%(status)s, as seen in %(date)s")
        )
    if on_list:
        return (
            pgettext("a day", "%(status)s, first seen on the list of %(date)s")
            if precise
            else pgettext("a month", "%(status)s, first seen on a list of %(date)s")
        )
    return (
        pgettext("a day", "%(status)s, first named on %(date)s")
        if precise
        else pgettext("a month", "%(status)s, first named in %(date)s")
    )


def _of_pact(pk: int, related: Related) -> str:
    pact = related.pacts.get(pk)
    return f" ({pact.name})" if pact and pact.slug != DEFAULT_PACT else ""
