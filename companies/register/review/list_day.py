"""Determine the date of a list: day of reading, of a copy, or stated by the page."""

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.official_page.age.page_date import DateBasis, PageDate, page_dates
from companies.models import ImportRun, Pact

if TYPE_CHECKING:
    from .watch import Page

ONE_DAY = datetime.timedelta(days=1)  # by how much two clocks of the world may differ
OF_THE_PAGE = (DateBasis.STATED, DateBasis.METADATA)


@dataclass(frozen=True)
class DayOfList:
    """The date of a list, the page's own date and its basis, and remarks.

    With a `fault` the date is unknown: `seen_on` is only the day of reading.
    """

    seen_on: datetime.date
    page_date: datetime.date | None = None
    basis: str = ""
    remarks: tuple[str, ...] = ()
    fault: str = ""


def day_of(page: "Page", pact: Pact, last: ImportRun | None, *, dry_run: bool = False) -> DayOfList:
    """The date of the list on `page`.

    A live page is dated the day on which it is fetched, whatever it says of its last update: it
    lists its names on that day. Only a copy is older: a copy with the timestamp of an archive,
    or of the program that saved it, has that date; a saved file without one has the date of the
    page's last update, even if the operator gives a later one, for nobody can prove that the
    page still looked like this. Without any date on the page the operator's counts.

    An undated file needs the operator's date: only a dry run, which stores nothing, compares it
    as of today. The server's Last-Modified is only shown. A date before the pact opened or in
    the future is not believed. A live page that states an earlier date than at the last
    reading, as an old copy in a cache does, is reported.
    """
    stated = page_dates(page.content, url=page.url, last_modified=page.last_modified)
    believed, remarks = _believed(stated, pact)
    own, basis = (believed.day, believed.basis) if believed else (None, "")
    seen_on = page.seen_on
    fault = ""
    if own and basis == DateBasis.ARCHIVED:
        seen_on = own
        fault = _contradiction(page, own)
    elif page.is_file and own and basis in OF_THE_PAGE:
        seen_on = min(own, page.seen_on or own)
        fault = _contradiction(page, own)
    elif page.seen_on is None and dry_run:
        remarks.append(
            _("The date of this file is unknown, so it was compared as of today. Add --date.")
        )
    elif page.seen_on is None:
        said = _("The file does not give its date. Add --date, such as --date %(today)s.")
        fault = said % {"today": timezone.localdate()}
    elif own and last and last.page_date and own < last.page_date:
        said = _("The page says %(day)s and used to say %(before)s: it may be an older copy.")
        remarks.append(said % {"day": own, "before": last.page_date})
    return DayOfList(seen_on or timezone.localdate(), own, str(basis), tuple(remarks), fault)


def _believed(stated: tuple[PageDate, ...], pact: Pact) -> tuple[PageDate | None, list[str]]:
    """The most reliable plausible date, and why others were rejected."""
    remarks: list[str] = []
    for one in stated:
        if one.day is None:
            said = _("“%(text)s” on the page could be more than one date, so it was not used.")
        elif one.day > timezone.localdate():
            said = _("The page says “%(text)s”, which is in the future, so it was not used.")
        elif one.day < pact.opened_on:
            said = _(
                "The page says “%(text)s”, which is before the pact opened, so it was not used."
            )
        else:
            return one, remarks
        remarks.append(said % {"text": one.text})
    return None, remarks


def _contradiction(page: "Page", own: datetime.date) -> str:
    """The contradiction between the operator's date and the file's own, if any."""
    if not page.is_file or page.seen_on is None or page.seen_on >= own - ONE_DAY:
        return ""
    return _("--date says %(given)s, but the page is dated %(own)s.") % {
        "given": page.seen_on,
        "own": own,
    }
