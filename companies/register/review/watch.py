"""Official lists as they are read: fetched, checked, compared with the register, and proposed.

Nothing here changes what the register says: a reading yields proposals, and people decide.
"""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial as partially
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.urls import reverse
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
from companies.register.history import lock_register, new_version

from .differences import differences
from .whole_list import Document, Fetch, ListInFile, WholeList, allowed_download, fetch_first

# A list that lost or gained more than this since the last reading is rather a broken page.
SHORTEST, LONGEST = 0.8, 1.5
LONGEST_NAME = 200
# So many signatories do not leave at one end of the alphabet by chance.
FEWEST_IN_ORDER, MOST_OUTSIDE = 10, 5
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
            return f"{what}. {run.refusal}".rstrip()
        lines = [f"{what}, {run.names_count} names, {len(self.proposals)} proposals"]
        lines += [f"  {', '.join(self.by_kind())}"] if self.proposals else []
        lines += [f"  {line}" for line in extent_lines(run)]
        for proposal in self.proposals:
            about = str(proposal.subject)
            as_listed = proposal.new_name if proposal.new_name != about else ""
            suggested = ", ".join(f"{s['name']} ({s['score']})" for s in proposal.suggestions[:3])
            notes = "; ".join(filter(None, [as_listed, suggested and f"perhaps {suggested}"]))
            lines.append(f"  {proposal.get_action_display():<22} {about:<40} {notes}".rstrip())
        return "\n".join([*lines, *filter(None, [self.next_step])])


@dataclass(frozen=True)
class ReadingRequest:
    """The options of the command: every list that is due, or one pact's."""

    pact: str | None = None
    file: Path | None = None
    url: str | None = None
    date: datetime.date | None = None
    partial: bool = False
    any_length: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Page:
    """A downloaded or saved page: its bytes, URL and day."""

    content: bytes
    url: str
    seen_on: datetime.date
    file_name: str = ""
    etag: str = ""
    last_modified: str = ""
    fetched_from: str = ""  # after redirects


def readings(request: ReadingRequest) -> Iterator[Reading]:
    """Yield the reading of each list of the request. Raises CannotWatch for an impossible one."""
    how: dict[str, Any] = {
        "partial": request.partial,
        "any_length": request.any_length,
        "dry_run": request.dry_run,
    }
    if request.pact is None:
        if request.file or request.url or request.date:
            raise CannotWatch(_("Say with --pact whose list this is."))
        for watched in list(due_lists(timezone.now())):
            yield read_online(watched.pact, watched.url, **how)
        return
    pact = _pact(request.pact)
    url = request.url or _url(pact)
    if request.file:
        yield read(pact, _saved_page(request.file, url, request.date), **how)
    elif request.date:
        raise CannotWatch(_("--date belongs to --file: a page on line is read as it is today."))
    else:
        yield read_online(pact, url, **how)


def extent_lines(run: ImportRun) -> list[str]:
    """What an operator is told of the length of the list and of its pages."""
    lines = []
    if run.documents:
        numbers = " + ".join(str(page["names"]) for page in run.documents)
        lines.append(
            _("%(pages)s pages were read: %(numbers)s names.")
            % {"pages": len(run.documents), "numbers": numbers}
        )
    if run.stated and run.stated not in run.part_because:
        lines.append(
            _("The page says “%(words)s”; %(number)s names were read.")
            % {"words": run.stated, "number": run.names_count}
        )
    if run.part_because:
        lines.append(_("A part of the list, so no removals: %s") % run.part_because)
    return lines


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


def _saved_page(path: Path, url: str, day: datetime.date | None) -> Page:
    today = timezone.localdate()
    if day and day > today:
        raise CannotWatch(_("--date %(day)s has not come yet.") % {"day": day})
    try:
        if path.stat().st_size > LARGEST_PAGE:
            raise CannotWatch(_("%(path)s is larger than 20 MB.") % {"path": path})
        content = path.read_bytes()
    except OSError as error:
        raise CannotWatch(f"{path}: {error.strerror}.") from error
    return Page(content, url, day or today, file_name=path.name[:200])


def due_lists(now: datetime.datetime) -> Iterator[OfficialList]:
    """Watched lists read longer ago than they allow; one that could not be fetched is due again.

    A page that someone saved, or a part of one, does not stand for the list.
    """
    for watched in OfficialList.objects.filter(watched=True).select_related("pact"):
        whole = _runs(watched.pact).asked_as(partial=False).filter(file_name="")
        answered = whole.exclude(state=ImportRun.State.FAILED)
        last = answered.values_list("retrieved_at", flat=True).first()
        if last is None or last <= now - datetime.timedelta(hours=watched.every_hours):
            yield watched


def read_online(
    pact: Pact,
    url: str,
    *,
    partial: bool = False,
    dry_run: bool = False,
    any_length: bool = False,
    fetch: Fetch | None = None,
) -> Reading:
    """Fetch all pages of the list at `url` and read it; what cannot be fetched is a failed run."""
    fetch = fetch or allowed_download()
    last = last_reached(pact, url, partial=partial)
    today = timezone.localdate()
    try:
        fetched = fetch_first(url, last, fetch)
        if fetched.not_modified and last:
            return _kept(Reading(_unchanged(pact, last, fetched)), dry_run=dry_run)
        page = Page(
            fetched.content,
            url,
            today,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
            fetched_from=fetched.url,
        )
        how: dict[str, Any] = {"partial": partial, "dry_run": dry_run, "any_length": any_length}
        return read(pact, page, fetch=fetch, **how)
    except (DownloadRefused, DownloadFailed) as error:
        run = _run(pact, Page(b"", url, today), partial=partial)
        run.state, run.refusal = ImportRun.State.FAILED, str(error)
        return _kept(Reading(run), dry_run=dry_run)


def read(
    pact: Pact,
    page: Page,
    *,
    partial: bool = False,
    dry_run: bool = False,
    any_length: bool = False,
    by: AbstractBaseUser | None = None,
    fetch: Fetch | None = None,
) -> Reading:
    """Read the names of `page` and propose what differs; a page that makes no sense is refused.

    `partial` says that the list is only a part, so that an absence means nothing; `any_length`
    accepts a list much shorter or longer than the last one; a dry run stores nothing. Where the
    list goes on, the further pages are read with `fetch`; without it, the page is a part. Raises
    DownloadFailed for a further page that cannot be fetched.
    """
    run = _run(pact, page, partial=partial)
    run.started_by_id = by.pk if by else None
    last = last_reached(pact, page.url, partial=partial)
    may_read_on = fetch is not None and last is not None and last.part_because
    if last and last.sha256 == run.sha256 and not may_read_on:
        return _kept(Reading(_as_before(run, last)), dry_run=dry_run)
    try:
        listed = _whole_list(run, page, fetch).names
        if last and (last.sha256, last.partial) == (run.sha256, run.partial):
            return _kept(Reading(_as_before(run, last)), dry_run=dry_run)
        if not any_length:
            _mark_cut_off(run, listed)
        if not (partial or any_length):
            _check_length(run, len(listed))
    except RefusedList as refused:
        run.state, run.refusal = ImportRun.State.REFUSED, str(refused)
        return _kept(Reading(run), dry_run=dry_run)
    run.names_count = len(listed)
    run.listed = [{"name": one.name, "note": one.note} for one in listed]
    return _kept(Reading(run, differences(run, listed)), dry_run=dry_run)


_UNCHANGED = ImportRun.State.UNCHANGED


def _run(pact: Pact, page: Page, *, partial: bool) -> ImportRun:
    return ImportRun(
        pact=pact,
        source_url=page.url,
        file_name=page.file_name,
        retrieved_at=timezone.now(),
        seen_on=page.seen_on,
        sha256=hashlib.sha256(page.content).hexdigest() if page.content else "",
        content=page.content,
        etag=page.etag,
        last_modified=page.last_modified,
        partial=partial,
    )


def _as_before(run: ImportRun, last: ImportRun) -> ImportRun:
    """A run that read what `last` read, whose bytes are kept there."""
    run.state, run.content = _UNCHANGED, b""
    for field_name in _AS_BEFORE:
        setattr(run, field_name, getattr(last, field_name))
    return run


_AS_BEFORE = (
    *("sha256", "names_count", "listed", "documents"),
    *("partial", "part_because", "stated"),
)


def _unchanged(pact: Pact, last: ImportRun, fetched: Download) -> ImportRun:
    page = Page(b"", last.source_url, timezone.localdate())
    run = _as_before(_run(pact, page, partial=last.partial), last)
    run.etag = fetched.etag or last.etag
    run.last_modified = fetched.last_modified or last.last_modified
    return run


def _runs(pact: Pact) -> ImportRunQuerySet:
    return ImportRun.objects.of_lists().filter(pact=pact)


def last_reached(pact: Pact, url: str, *, partial: bool) -> ImportRun | None:
    """The newest run that saw the list at `url`; what was read in part is not known as a whole."""
    reached = _runs(pact).that_reached().asked_as(partial=partial).filter(source_url=url)
    return reached.defer("content").first()


def _whole_list(run: ImportRun, page: Page, fetch: Fetch | None) -> OfficialPage:
    """The whole list, read on where it goes on; the run says what was read."""
    first = Document(
        page.fetched_from or page.url,
        page.content,
        page.etag,
        page.last_modified,
        name=page.file_name,
    )
    try:
        found = WholeList(first, partially(_parse, run.pact), fetch)
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


def _parse(pact: Pact, content: bytes, *, is_csv: bool = False) -> OfficialPage:
    """The list on one page. Raises UnreadableList and RefusedList."""
    headings = ListHeading.objects.filter(pact=pact)
    texts = [h.text for h in headings if h.kind == ListHeading.Kind.HEADING]
    anchors = [h.text for h in headings if h.kind == ListHeading.Kind.ANCHOR]
    page = parse(content, headings=texts, anchors=anchors, is_csv=is_csv)
    for one in page.names:
        if len(one.name) > LONGEST_NAME:
            raise RefusedList(
                _("Name %(position)s has %(length)s characters, more than a name has: %(name)s…")
                % {"position": one.position, "length": len(one.name), "name": one.name[:60]}
            )
    return page


def _mark_cut_off(run: ImportRun, listed: list[ListedName]) -> None:
    """Take a list in alphabetical order that ends early, or begins late, for a part."""
    keys = [fold(one.name) for one in listed]
    ordered = sum(one <= other for one, other in pairwise(keys))
    if run.partial or len(keys) < FEWEST_IN_ORDER or ordered < 0.9 * (len(keys) - 1):
        return
    first, last = min(keys), max(keys)
    periods = Signing.objects.signed().filter(pact=run.pact).on(run.seen_on)
    known = periods.values_list("company__name_folded", flat=True)
    outside = sum(not first <= name <= last for name in known)
    if outside >= MOST_OUTSIDE:
        run.partial = True
        run.part_because = _(
            "The names go from “%(first)s” to “%(last)s”; %(number)s known signatories come before "
            "or after them in the alphabet."
        ) % {"first": listed[0].name, "last": listed[-1].name, "number": outside}


def _check_length(run: ImportRun, length: int) -> None:
    """Refuse a list much shorter or longer than the one before it; at first, than is known."""
    earlier = _runs(run.pact).read().filter(partial=False, seen_on__lte=run.seen_on)
    last = earlier.order_by("-seen_on", "-retrieved_at").defer("content", "listed").first()
    known = Signing.objects.signed().filter(pact=run.pact).on(run.seen_on)
    before = last.names_count if last else known.count()
    if length < SHORTEST * before and not run.partial:
        raise RefusedList(
            _("Only %(length)s names, where %(before)s were expected: less than 80 %%.")
            % {"length": length, "before": before}
        )
    if last and length > LONGEST * before:
        raise RefusedList(
            _("%(length)s names, where %(before)s were expected: more than 150 %%.")
            % {"length": length, "before": before}
        )


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
            # An old page read later does not replace what a newer one proposes.
            open_before = Proposal.objects.filter(
                run__pact=run.pact,
                run__kind=run.kind,
                run__seen_on__lte=run.seen_on,
                state=Proposal.State.PROPOSED,
            )
            if run.partial:
                open_before = open_before.filter(
                    difference__in=[proposal.difference for proposal in proposals]
                )
            open_before.update(state=Proposal.State.SUPERSEDED)
            Proposal.objects.bulk_create(proposals, batch_size=500)
        # Pages say when each list was last read.
        new_version()
    return reading
