"""The watch: fetch official lists, check, compare and propose.

Nothing here changes the register: a reading yields proposals, and people decide.
"""

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial as partially
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.download import Download, DownloadFailed, DownloadRefused
from companies.importers.official_page import ListedName, OfficialPage, UnreadableList, parse
from companies.models import (
    ImportRun,
    ImportRunQuerySet,
    ListHeading,
    OfficialList,
    Pact,
    Proposal,
    Signing,
)
from companies.names.letters import fold
from companies.queries.readings import day_of_newest_list, due_lists
from companies.register.approval.superseding import supersede
from companies.register.history import lock_register, new_version

from .broken_names import settled
from .differences import differences, earlier_sightings, matches_of
from .list_day import DayOfList, day_of
from .reading import Reading
from .sanity import objections
from .whole_list import Document, Fetch, ListInFile, WholeList, allowed_download, fetch_first

if TYPE_CHECKING:
    from companies.names.matcher import Match

LONGEST_NAME = 200
# So many signatories do not leave at one end of the alphabet by chance.
FEWEST_IN_ORDER, MOST_OUTSIDE = 10, 5
LARGEST_PAGE = 20 * 1024 * 1024  # bytes


class RefusedList(Exception):
    """The list is refused; the message says why."""


class CannotWatch(Exception):
    """The request names no list, or a file that cannot be read."""


@dataclass(frozen=True)
class ReadingRequest:
    """The options of the command: every list that is due, or one pact's."""

    pact: str | None = None
    file: Path | None = None
    url: str | None = None
    date: datetime.date | None = None
    received_from: str = ""
    partial: bool = False
    accept: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Page:
    """A downloaded or saved page: bytes, URL and date.

    `seen_on` is the day on which it was fetched; for a file the operator's date, if any.
    """

    content: bytes
    url: str
    seen_on: datetime.date | None
    file_name: str = ""
    received_from: str = ""
    etag: str = ""
    last_modified: str = ""
    fetched_from: str = ""  # after redirects

    @property
    def is_file(self) -> bool:
        return bool(self.file_name)


def readings(request: ReadingRequest) -> Iterator[Reading]:
    """Yield the reading of each list of the request. Raises CannotWatch for an impossible one."""
    how: dict[str, Any] = {
        "partial": request.partial,
        "accept": request.accept,
        "dry_run": request.dry_run,
    }
    if request.pact is None:
        if request.file or request.url or request.date or request.received_from:
            raise CannotWatch(_("Use --pact to say whose list this is."))
        for watched in list(due_lists(timezone.now())):
            yield read_online(watched.pact, watched.url, **how)
        return
    pact = _pact(request.pact)
    url = request.url or _url(pact)
    if request.file:
        page = _saved_page(request.file, url, request.date, request.received_from)
        yield read(pact, page, **how)
    elif request.date or request.received_from:
        raise CannotWatch(
            _("Use --date and --from only with --file: a page online is read as it is today.")
        )
    else:
        yield read_online(pact, url, **how)


def _pact(slug: str) -> Pact:
    pact = Pact.objects.filter(slug=slug).first()
    if pact is None:
        known = ", ".join(Pact.objects.values_list("slug", flat=True))
        raise CannotWatch(
            _("There is no pact “%(slug)s”; expected one of: %(known)s.")
            % {"slug": slug, "known": known}
        )
    return pact


def _url(pact: Pact) -> str:
    watched = OfficialList.objects.filter(pact=pact).first()
    return watched.url if watched else pact.url


def _saved_page(path: Path, url: str, day: datetime.date | None, received_from: str) -> Page:
    if day and day > timezone.localdate():
        raise CannotWatch(_("--date %(day)s is in the future.") % {"day": day})
    try:
        if path.stat().st_size > LARGEST_PAGE:
            raise CannotWatch(_("%(path)s is larger than 20 MB.") % {"path": path})
        content = path.read_bytes()
    except OSError as error:
        raise CannotWatch(f"{path}: {error.strerror}.") from error
    return Page(content, url, day, file_name=path.name[:200], received_from=received_from[:200])


def read_online(
    pact: Pact,
    url: str,
    *,
    partial: bool = False,
    dry_run: bool = False,
    accept: bool = False,
    fetch: Fetch | None = None,
) -> Reading:
    """Fetch and read all pages of the list at `url`; a failed fetch is a failed run."""
    fetch = fetch or allowed_download()
    last = last_reached(pact, url, partial=partial)
    today = timezone.localdate()
    try:
        fetched = fetch_first(url, last, fetch)
        if fetched.not_modified and last:
            return _store(Reading(_unchanged(pact, last, fetched)), dry_run=dry_run)
        page = Page(
            fetched.content,
            url,
            today,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            fetched_from=fetched.url,
        )
        how: dict[str, Any] = {"partial": partial, "dry_run": dry_run, "accept": accept}
        return read(pact, page, fetch=fetch, **how)
    except (DownloadRefused, DownloadFailed) as error:
        run = _run(pact, Page(b"", url, today), DayOfList(today), partial=partial)
        run.state, run.refusal = ImportRun.State.FAILED, str(error)
        return _store(Reading(run), dry_run=dry_run)


def read(
    pact: Pact,
    page: Page,
    *,
    partial: bool = False,
    dry_run: bool = False,
    accept: bool = False,
    by: AbstractBaseUser | None = None,
    fetch: Fetch | None = None,
) -> Reading:
    """Read the names of `page` and propose differences; an implausible page is refused.

    `partial` says that the list is only a part, so that an absence means nothing; `accept` that
    somebody looked at the page and found the list right despite objections, which the run
    records; a dry run stores nothing. Where the list continues, the further pages are read with
    `fetch`; without it, the list is partial. Raises DownloadFailed for a further page that
    cannot be fetched.
    """
    last = last_reached(pact, page.url, partial=partial)
    day = day_of(page, pact, last, dry_run=dry_run)
    run = _run(pact, page, day, partial=partial)
    run.started_by_id = by.pk if by else None
    may_read_on = fetch is not None and last is not None and last.part_because
    # A file is compared again: the register may know more signatories by now.
    may_differ = page.is_file or may_read_on
    if last and last.sha256 == run.sha256 and not may_differ:
        return _store(Reading(_as_before(run, last)), dry_run=dry_run)
    try:
        found = _whole_list(run, page, fetch)
        listed = settled(found.names)
        is_same = last and (last.sha256, last.partial) == (run.sha256, run.partial)
        if last and is_same and not page.is_file:
            return _store(Reading(_as_before(run, last)), dry_run=dry_run)
        if not accept:
            _mark_cut_off(run, listed)
        matches = matches_of(listed, found.left)
        _check(run, day, matches[: len(listed)], accept=accept)
    except RefusedList as refused:
        run.state, run.refusal = ImportRun.State.REFUSED, str(refused)
        return _store(Reading(run), dry_run=dry_run)
    run.names_count = len(listed)
    run.listed = [{"name": one.name, "note": one.note} for one in listed]
    run.listed += [
        {"name": one.name, "note": one.remark, "left": one.how.value} for one in found.left
    ]
    if _is_older_copy(run):
        _remark(run, _("Older copy: only earlier first mentions are proposed."))
        reading = Reading(run, earlier_sightings(run, listed, matches), is_older_copy=True)
        return _store(reading, dry_run=dry_run)
    proposals = differences(run, listed, found.left, matches)
    return _store(Reading(run, proposals), dry_run=dry_run)


def _check(run: ImportRun, day: DayOfList, matches: Sequence["Match"], *, accept: bool) -> None:
    """Refuse an undated list, or an implausible one unless accepted."""
    if day.fault:
        raise RefusedList(day.fault)
    found = objections(run, matches)
    if found and not accept:
        _remark(run, _("Check the page. If the list is right, read it with --accept."))
        raise RefusedList(" ".join(found))
    for one in found:
        run.accepted = True
        _remark(run, _("Accepted: %(reason)s") % {"reason": one})


def _is_older_copy(run: ImportRun) -> bool:
    """Whether a later full list is known."""
    if run.seen_on >= timezone.localdate():
        return False
    newest = day_of_newest_list(run.pact)
    return newest is not None and run.seen_on < newest


def _remark(run: ImportRun, said: str) -> None:
    run.remarks = "\n".join(filter(None, [run.remarks, said]))


_UNCHANGED = ImportRun.State.UNCHANGED


def _run(pact: Pact, page: Page, day: DayOfList, *, partial: bool) -> ImportRun:
    return ImportRun(
        pact=pact,
        source_url=page.url,
        file_name=page.file_name,
        received_from=page.received_from,
        retrieved_at=timezone.now(),
        seen_on=day.seen_on,
        page_date=day.page_date,
        page_date_basis=day.basis,
        remarks="\n".join(day.remarks),
        sha256=hashlib.sha256(page.content).hexdigest() if page.content else "",
        content=page.content,
        etag=page.etag,
        last_modified=page.last_modified,
        partial=partial,
    )


def _as_before(run: ImportRun, last: ImportRun) -> ImportRun:
    """A run with unchanged content, whose bytes are stored with `last`."""
    run.state, run.content = _UNCHANGED, b""
    for field_name in _AS_BEFORE:
        setattr(run, field_name, getattr(last, field_name))
    return run


_AS_BEFORE = (
    *("sha256", "names_count", "listed", "documents"),
    *("partial", "part_because", "stated"),
)


def _unchanged(pact: Pact, last: ImportRun, fetched: Download) -> ImportRun:
    today = timezone.localdate()
    day = DayOfList(today, last.page_date, last.page_date_basis)
    page = Page(b"", last.source_url, today)
    run = _as_before(_run(pact, page, day, partial=last.partial), last)
    run.etag = fetched.etag or last.etag
    run.last_modified = fetched.last_modified or last.last_modified
    return run


def _runs(pact: Pact) -> ImportRunQuerySet:
    return ImportRun.objects.of_lists().filter(pact=pact)


def last_reached(pact: Pact, url: str, *, partial: bool) -> ImportRun | None:
    """The newest run that fetched the list at `url`, as a whole or as a part."""
    fetched = _runs(pact).that_reached().filter(source_url=url, file_name="")
    return fetched.requested_as(partial=partial).defer("content").first()


def _whole_list(run: ImportRun, page: Page, fetch: Fetch | None) -> OfficialPage:
    """The whole list with its further pages; the run records what was read."""
    first = Document(
        page.fetched_from or page.url,
        page.content,
        page.etag,
        page.last_modified,
        name=page.file_name,
    )
    try:
        found = WholeList(first, partially(_parse, run.pact, day=run.seen_on), fetch)
        if fetch is not None:
            found.read_on(fetch)
    except (UnreadableList, ListInFile) as error:
        raise RefusedList(str(error)) from error
    run.stated = found.stated
    if not run.partial:
        run.part_because = found.part_because()
        run.partial = bool(run.part_because)
    if len(found.documents) > 1:
        run.content = found.content
        run.sha256 = hashlib.sha256(run.content).hexdigest()
        run.documents = [document.as_row() for document in found.documents]
    return found.joined()


def _parse(pact: Pact, content: bytes, *, day: datetime.date, is_csv: bool = False) -> OfficialPage:
    """Parse one page. Raises UnreadableList and RefusedList."""
    headings = ListHeading.objects.filter(pact=pact)
    texts = [h.text for h in headings if h.kind == ListHeading.Kind.HEADING]
    anchors = [h.text for h in headings if h.kind == ListHeading.Kind.ANCHOR]
    page = parse(content, headings=texts, anchors=anchors, day=day, is_csv=is_csv)
    for one in page.names:
        if len(one.name) > LONGEST_NAME:
            raise RefusedList(
                _("Name %(position)s has %(length)s characters, too many for a name: %(name)s…")
                % {"position": one.position, "length": len(one.name), "name": one.name[:60]}
            )
    return page


def _mark_cut_off(run: ImportRun, listed: list[ListedName]) -> None:
    """Mark an alphabetical list that ends early, or begins late, as partial.

    Only if it has half of the known signatories within its range: else it is another list.
    """
    keys = [fold(one.name) for one in listed]
    ordered = sum(one <= other for one, other in pairwise(keys))
    if run.partial or len(keys) < FEWEST_IN_ORDER or ordered < 0.9 * (len(keys) - 1):
        return
    first, last = min(keys), max(keys)
    periods = Signing.objects.signed().filter(pact=run.pact).on(run.seen_on)
    known = [*periods.values_list("company__name_folded", flat=True)]
    inside = [name for name in known if first <= name <= last]
    found, outside = len({*inside} & {*keys}), len(known) - len(inside)
    if outside >= MOST_OUTSIDE and found and found * 2 >= len(inside):
        run.partial = True
        run.part_because = _(
            "The names go from “%(first)s” to “%(last)s”; %(number)s known signatories come before "
            "or after them in the alphabet."
        ) % {"first": listed[0].name, "last": listed[-1].name, "number": outside}


def _store(reading: Reading, *, dry_run: bool) -> Reading:
    """Store the run and its proposals, which replace the open ones of the same list."""
    run, proposals = reading.run, reading.proposals
    run.proposals_count = len(proposals)
    if dry_run:
        return reading
    with transaction.atomic():
        lock_register()
        if run.state == ImportRun.State.READ:
            reading.proposals = supersede(_superseded_by(reading), proposals)
            reading.approved_before = len(proposals) - len(reading.proposals)
            run.proposals_count = len(reading.proposals)
        run.save()
        if run.state == ImportRun.State.READ:
            Proposal.objects.bulk_create(reading.proposals, batch_size=500)
        # Pages say when each list was last read. A record says it of an absence alone, and its
        # response then depends on the register's version.
        new_version(records=())
    return reading


def _superseded_by(reading: Reading) -> QuerySet[Proposal]:
    """The open proposals that a reading replaces; a partial or older list only the same ones.

    An old page read later does not replace what a newer one proposes, and an earlier list's
    sightings stay true whatever a later one says.
    """
    run, proposals = reading.run, reading.proposals
    before = Proposal.objects.filter(
        run__pact=run.pact,
        run__kind=run.kind,
        run__seen_on__lte=run.seen_on,
        state=Proposal.State.PROPOSED,
    )
    same = Q(difference__in=[proposal.difference for proposal in proposals])
    if run.partial or reading.is_older_copy:
        return before.filter(same)
    return before.filter(same | ~Q(action=Proposal.Action.SEEN_EARLIER))
