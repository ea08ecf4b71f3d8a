"""Official lists as they are read: fetched, checked, compared with the register, and proposed.

Nothing here changes what the register says: a reading yields proposals, and people decide.
"""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.importers.download import Download, DownloadFailed, DownloadRefused, download
from companies.importers.official_page import ListedName, OfficialPage, UnreadableList, parse
from companies.models import (
    ImportRun,
    ImportRunQuerySet,
    ListHeading,
    OfficialList,
    Pact,
    Proposal,
)
from companies.queries.readings import day_of_newest_list
from companies.register.history import lock_register, new_version

from .broken_names import settled
from .differences import differences, earlier_sightings
from .list_day import DayOfList, day_of
from .sanity import objections

LONGEST_NAME = 200
LARGEST_PAGE = 20 * 1024 * 1024  # bytes


class RefusedList(Exception):
    """What was read is not used; the message says why."""


class CannotWatch(Exception):
    """A request that names no list, or a file that cannot be read."""


@dataclass
class Reading:
    """One run and what it proposes; neither is stored after a dry run."""

    run: ImportRun
    proposals: list[Proposal] = field(default_factory=list)
    is_older_copy: bool = False

    @property
    def is_usable(self) -> bool:
        return self.run.state in (ImportRun.State.READ, ImportRun.State.UNCHANGED)

    @property
    def next_step(self) -> str:
        """Where the proposals are reviewed; empty where none were stored."""
        if not (self.run.pk and self.proposals):
            return ""
        review = reverse("admin:companies_importrun_review", args=[self.run.pk])
        return f"Next: review them at {settings.SITE_URL}{review}"

    def by_kind(self) -> Iterator[str]:
        """How many proposals of each kind: 93 new company, 3 no longer on the list."""
        counts = Counter(proposal.action for proposal in self.proposals)
        return (f"{number} {Proposal.Action(action).label}" for action, number in counts.items())

    def __str__(self) -> str:
        """A table for the operator: one line a proposal."""
        run = self.run
        what = f"{run.pact}: {run.get_state_display()}"
        if run.state != ImportRun.State.READ:
            return "\n".join([f"{what}. {run.refusal}".rstrip(), *self._remarks()])
        lines = [f"{what}, {run.names_count} names, {len(self.proposals)} proposals"]
        lines += [f"  {', '.join(self.by_kind())}"] if self.proposals else []
        for proposal in self.proposals:
            about = str(proposal.subject)
            as_listed = proposal.new_name if proposal.new_name != about else ""
            suggested = ", ".join(f"{s['name']} ({s['score']})" for s in proposal.suggestions[:3])
            said = in_words_of_page(proposal.new)
            parts = [as_listed, suggested and f"perhaps {suggested}", said]
            notes = "; ".join(filter(None, parts))
            lines.append(f"  {proposal.get_action_display():<22} {about:<40} {notes}".rstrip())
        for entry in self.left_without_proposal:
            said = in_words_of_page(entry | {"left_as": entry["left"]})
            lines.append(f"  {'named, not listed':<22} {entry['name']:<40} {said}".rstrip())
        lines += [f"The list is of {run.seen_on}.", *self._remarks()]
        return "\n".join([*lines, *filter(None, [self.next_step])])

    def _remarks(self) -> list[str]:
        run = self.run
        dated = f"The page says {run.page_date} ({run.get_page_date_basis_display()})."
        return [*([dated] if run.page_date else []), *run.remarks.splitlines()]

    @property
    def left_without_proposal(self) -> list[dict[str, str]]:
        """Names that the page says left, of companies that are no signatories here."""
        return left_without(self.run, self.proposals)


def left_without(run: ImportRun, proposals: Iterable[Proposal]) -> list[dict[str, str]]:
    proposed = {one.new_name for one in proposals if "left_as" in one.new}
    return [entry for entry in run.left if entry["name"] not in proposed]


def in_words_of_page(values: Mapping[str, str]) -> str:
    """How a page shows that a company left, for an operator; "" for other values."""
    if "left_as" not in values:
        return ""
    said = f"“{values['note']}”" if values.get("note") else ""
    also = "also listed without a remark" if values.get("also_listed") else ""
    shown = ImportRun.LeftAs(values["left_as"]).label
    return ", ".join(filter(None, [str(shown), said, also]))


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
    """A downloaded or saved page: its bytes, URL and day.

    `seen_on` is the day on which it was fetched; of a file the day that the operator says, if any.
    """

    content: bytes
    url: str
    seen_on: datetime.date | None
    file_name: str = ""
    received_from: str = ""
    etag: str = ""
    last_modified: str = ""

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
            raise CannotWatch(_("Say with --pact whose list this is."))
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
            _("--date belongs to --file, as --from: a page on line is read as it is today.")
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
        raise CannotWatch(_("--date %(day)s has not come yet.") % {"day": day})
    try:
        if path.stat().st_size > LARGEST_PAGE:
            raise CannotWatch(_("%(path)s is larger than 20 MB.") % {"path": path})
        content = path.read_bytes()
    except OSError as error:
        raise CannotWatch(f"{path}: {error.strerror}.") from error
    return Page(content, url, day, file_name=path.name[:200], received_from=received_from[:200])


def due_lists(now: datetime.datetime) -> Iterator[OfficialList]:
    """Watched lists read longer ago than they allow; one that could not be fetched is due again.

    A page that someone saved, or a part of one, does not stand for the list.
    """
    for watched in OfficialList.objects.filter(watched=True).select_related("pact"):
        whole = _runs(watched.pact).filter(file_name="", partial=False)
        answered = whole.exclude(state=ImportRun.State.FAILED)
        last = answered.values_list("retrieved_at", flat=True).first()
        if last is None or last <= now - datetime.timedelta(hours=watched.every_hours):
            yield watched


def read_online(
    pact: Pact, url: str, *, partial: bool = False, dry_run: bool = False, accept: bool = False
) -> Reading:
    """Fetch the page at `url` and read it; a page that cannot be fetched is a failed run."""
    last = last_reached(pact, url, partial=partial)
    today = timezone.localdate()
    try:
        fetched = download(
            url,
            hosts=settings.WATCH_HOSTS,
            user_agent=settings.WATCH_USER_AGENT,
            etag=last.etag if last else "",
            last_modified=last.last_modified if last else "",
        )
    except (DownloadRefused, DownloadFailed) as error:
        run = _run(pact, Page(b"", url, today), DayOfList(today), partial=partial)
        run.state, run.refusal = ImportRun.State.FAILED, str(error)
        return _kept(Reading(run), dry_run=dry_run)
    if fetched.not_modified and last:
        return _kept(Reading(_unchanged(pact, last, fetched)), dry_run=dry_run)
    page = Page(fetched.content, url, today, etag=fetched.etag, last_modified=fetched.last_modified)
    return read(pact, page, partial=partial, dry_run=dry_run, accept=accept)


def read(
    pact: Pact,
    page: Page,
    *,
    partial: bool = False,
    dry_run: bool = False,
    accept: bool = False,
    by: AbstractBaseUser | None = None,
) -> Reading:
    """Read the names of `page` and propose what differs; a page that makes no sense is refused.

    `partial` says that the list is only a part, so that an absence means nothing; `accept` that
    somebody looked at the page and found the list right whatever the checks say, which the run
    keeps; a dry run stores nothing.
    """
    last = last_reached(pact, page.url, partial=partial)
    day = day_of(page, pact, last, dry_run=dry_run)
    run = _run(pact, page, day, partial=partial)
    run.started_by_id = by.pk if by else None
    # A file is compared again: the register may know more signatories by now.
    if last and last.sha256 == run.sha256 and not page.is_file:
        run.state, run.names_count, run.listed = _UNCHANGED, last.names_count, last.listed
        run.content = b""
        return _kept(Reading(run), dry_run=dry_run)
    try:
        found = _parse(pact, page.content, run.seen_on)
        listed = settled(found.names)
        _check(run, day, listed, accept=accept)
    except RefusedList as refused:
        run.state, run.refusal = ImportRun.State.REFUSED, str(refused)
        return _kept(Reading(run), dry_run=dry_run)
    run.names_count = len(listed)
    run.listed = [{"name": one.name, "note": one.note} for one in listed]
    run.listed += [
        {"name": one.name, "note": one.remark, "left": one.how.value} for one in found.left
    ]
    if _is_older_copy(run):
        _remark(run, _("An older copy: only what it shows before we first saw it is proposed."))
        reading = Reading(run, earlier_sightings(run, listed), is_older_copy=True)
        return _kept(reading, dry_run=dry_run)
    return _kept(Reading(run, differences(run, listed, found.left)), dry_run=dry_run)


def _check(run: ImportRun, day: DayOfList, listed: Sequence[ListedName], *, accept: bool) -> None:
    """Refuse a list of an unknown day, or one that cannot be that of the pact unless accepted."""
    if day.fault:
        raise RefusedList(day.fault)
    found = objections(run, listed)
    if found and not accept:
        _remark(run, _("Look at the page: if the list is right, read it with --accept."))
        raise RefusedList(" ".join(found))
    for one in found:
        run.accepted = True
        _remark(run, _("Accepted: %(reason)s") % {"reason": one})


def _is_older_copy(run: ImportRun) -> bool:
    """Whether a full list of a later day is known, cited or read."""
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


def _unchanged(pact: Pact, last: ImportRun, fetched: Download) -> ImportRun:
    today = timezone.localdate()
    day = DayOfList(today, last.page_date, last.page_date_basis)
    run = _run(pact, Page(b"", last.source_url, today), day, partial=last.partial)
    run.state, run.sha256, run.names_count = _UNCHANGED, last.sha256, last.names_count
    run.listed = last.listed
    run.etag = fetched.etag or last.etag
    run.last_modified = fetched.last_modified or last.last_modified
    return run


def _runs(pact: Pact) -> ImportRunQuerySet:
    return ImportRun.objects.of_lists().filter(pact=pact)


def last_reached(pact: Pact, url: str, *, partial: bool) -> ImportRun | None:
    """The newest run that fetched the list at `url`; of a part of it nobody knows the whole."""
    reached = _runs(pact).that_reached().filter(source_url=url, file_name="", partial=partial)
    return reached.defer("content").first()


def _parse(pact: Pact, content: bytes, day: datetime.date) -> OfficialPage:
    headings = ListHeading.objects.filter(pact=pact)
    texts = [h.text for h in headings if h.kind == ListHeading.Kind.HEADING]
    anchors = [h.text for h in headings if h.kind == ListHeading.Kind.ANCHOR]
    try:
        read = parse(content, headings=texts, anchors=anchors, day=day)
    except UnreadableList as error:
        raise RefusedList(str(error)) from error
    for one in read.names:
        if len(one.name) > LONGEST_NAME:
            raise RefusedList(
                _("Name %(position)s has %(length)s characters, more than a name has: %(name)s…")
                % {"position": one.position, "length": len(one.name), "name": one.name[:60]}
            )
    return read


def _kept(reading: Reading, *, dry_run: bool) -> Reading:
    """Store the run with its proposals, which replace the open ones of the same list."""
    run, proposals = reading.run, reading.proposals
    run.proposals_count = len(proposals)
    if dry_run:
        return reading
    with transaction.atomic():
        lock_register()
        run.save()
        if run.state == ImportRun.State.READ:
            _superseded_by(reading).update(state=Proposal.State.SUPERSEDED)
            Proposal.objects.bulk_create(proposals, batch_size=500)
        # Pages say when each list was last read.
        new_version()
    return reading


def _superseded_by(reading: Reading) -> QuerySet[Proposal]:
    """The open proposals that a reading replaces; a part or an older copy only the same ones.

    An old page read later does not replace what a newer one proposes, and what an earlier list
    shows stays true whatever a later one says.
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
