"""Check the cited pages that are due, and record the result for each quote.

Nothing that the register states changes. When an unverified quote is found, `verified_on` of its
citation is set, as a change without a public line; a person's verification stays.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from companies.importers.download import download
from companies.models import Change, Citation, QuoteCheck, Source
from companies.register.history import save_changed, unit_of_work

from .page_check import NETWORK, PageOutcome, PageSeen, PageToCheck, Reason, look
from .polite_fetching import ByHost, Fetch, PoliteFetcher
from .stored_pages import one_run, store

Result = QuoteCheck.Result
DAYS = 30  # between two checks of a page
DAYS_ASKED_AGAIN = 7  # so long each day, where a page was not reached
MANY = 5  # hosts, none of which answers: then the fault is on this side
LONGEST_AGO = 36_500
GONE_FOR_GOOD = 60  # days for which a host must have had no IP address
LARGEST_PAGE = 10_000_000  # bytes
SECONDS = 15.0  # for one page
RUN_SECONDS = 45 * 60.0
WHY = "quote looked for on its page"

fetch_guarded: Fetch = partial(
    download,
    hosts=None,
    http_port=80,
    user_agent=settings.VERIFY_USER_AGENT,
    attempts=1,
    seconds=SECONDS,
    max_bytes=LARGEST_PAGE,
)


class CannotVerify(Exception):
    """The request names an unknown source or an invalid number, or another run is active."""


@dataclass(frozen=True)
class VerifyRequest:
    """The options of the command: every page that is due, or that of one source."""

    source: str | None = None
    limit: int | None = None
    older_than: int = DAYS
    dry_run: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.older_than <= LONGEST_AGO:
            raise CannotVerify(f"--older-than takes 0 to {LONGEST_AGO} days.")
        if self.limit is not None and self.limit < 1:
            raise CannotVerify("--limit takes a number of pages from 1 on.")


@dataclass(frozen=True)
class PageChecked:
    """A checked page, with the check of each of its citations."""

    page: PageSeen
    checks: list[QuoteCheck]

    def __str__(self) -> str:
        """One line for the operator: how many quotes have which result, and why."""
        counts = Counter(Result(check.result).value for check in self.checks)
        counted = ", ".join(f"{number} {result}" for result, number in counts.items())
        copied = sum(check.in_copy for check in self.checks)
        in_copy = f"{copied} in the archived copy" if copied else ""
        reasons = {str(Reason(check.reason).label) for check in self.checks if check.reason}
        notes = "; ".join(filter(None, [in_copy, self.page.message or ", ".join(sorted(reasons))]))
        return f"{counted:<36} {self.page.url}" + (f"\n{'':<36} {notes}" if notes else "")


def summary(checked: Sequence[PageChecked], left: int) -> str:
    """The result of a run, in one or two lines."""
    counts = Counter(check.result for page in checked for check in page.checks)
    results = ", ".join(f"{number} {result}" for result, number in sorted(counts.items()))
    looked = [f"{len(checked)} pages: {results}."] if checked else []
    rest = [f"{left} pages are left for the next run."] if left else []
    return "\n".join(looked + rest) or "No page is due."


class Verification:
    """One run; `left` are the pages not checked, left for the next one."""

    def __init__(
        self,
        request: VerifyRequest,
        *,
        fetcher: PoliteFetcher | None = None,
        seconds: float = RUN_SECONDS,
    ) -> None:
        self.request, self.seconds, self.has_answer = request, seconds, False
        self.fetcher = fetcher or PoliteFetcher(fetch_guarded)
        self.pages = self._due()
        self.left = set(self.pages)

    def _due(self) -> dict[str, list[Citation]]:
        """The due citations by URL of their page, longest unchecked first."""
        by_url = defaultdict(list)
        for citation in _citations().filter(source__in=_sources(self.request.source)):
            by_url[citation.source.url].append(citation)
        due = [url for url, cited in by_url.items() if any(map(self._is_due, cited))]
        oldest = sorted(due, key=lambda url: min(_checked_at(one) for one in by_url[url]))
        return {url: by_url[url] for url in oldest[: self.request.limit]}

    def _is_due(self, citation: Citation) -> bool:
        check = citation.check_of_page
        if check is None or self.request.source:
            return True
        days = self.request.older_than
        missed = (check.checked_on - check.since).days
        if check.result == Result.NOT_REACHABLE and missed < DAYS_ASKED_AGAIN:
            days = min(days, 1)
        return check.checked_on <= timezone.localdate() - datetime.timedelta(days=days)

    def __iter__(self) -> Iterator[PageChecked]:
        """Check each page and record results once the fault is known not to be ours.

        If none of many hosts responds, nothing is recorded. Raises CannotVerify while
        another run is active.
        """
        with nullcontext(True) if self.request.dry_run else one_run() as is_alone:
            if not is_alone:
                raise CannotVerify("Another run is looking at the pages. Nothing was done.")
            yield from self._run()

    def _run(self) -> Iterator[PageChecked]:
        unreached: list[PageOutcome] = []
        for looked in ByHost(self.pages, self._look, seconds=self.seconds):
            unreached.append(looked)
            if not self.has_answer and looked.page.is_unreached:
                continue
            self.has_answer = True
            yield from self._noted(unreached)
            unreached = []
        if not self.is_offline:
            yield from self._noted(unreached)

    @property
    def is_offline(self) -> bool:
        hosts = {urlsplit(url).netloc for url in self.pages}
        return not self.has_answer and len(hosts) >= MANY

    def _noted(self, looked: Iterable[PageOutcome]) -> Iterator[PageChecked]:
        for one in looked:
            self.left.discard(one.wanted.url)
            yield self._checked(one)

    def _look(self, url: str) -> PageOutcome | None:
        copies = defaultdict(set)
        for citation in self.pages[url]:
            if citation.quote and citation.source.archived_url:
                copies[citation.source.archived_url].add(citation.quote)
        quotes = frozenset(citation.quote for citation in self.pages[url])
        of_copies = {copy: frozenset(found) for copy, found in copies.items()}
        return look(PageToCheck(url, quotes, of_copies), self.fetcher)

    def _checked(self, looked: PageOutcome) -> PageChecked:
        """Judge each citation of the page and, except in a dry run, save the checks."""
        if self.request.dry_run:
            return self._judged(looked, self.pages[looked.wanted.url])
        for seen in (looked.page, *looked.copies.values()):
            if seen.content:
                store(seen.content, seen.sha256)
        with unit_of_work(cause=Change.Cause.SOURCE) as unit:
            citations = self._as_they_are(looked.wanted)
            before = {citation.pk: is_verified(citation) for citation in citations}
            checked = self._judged(looked, citations)
            for check in checked.checks:
                check.save()
            self._verify(checked.checks, before)
            unit.records |= _companies_of(citations)  # they show the checks
        return checked

    def _as_they_are(self, wanted: PageToCheck) -> list[Citation]:
        """The citations of the page, except those edited while it was fetched."""
        pks = [citation.pk for citation in self.pages[wanted.url]]
        now = _citations().filter(pk__in=pks, source__url=wanted.url)
        return [citation for citation in now if citation.quote in wanted.quotes]

    def _judged(self, looked: PageOutcome, citations: Iterable[Citation]) -> PageChecked:
        return PageChecked(looked.page, [self._judge(one, looked) for one in citations])

    def _judge(self, citation: Citation, looked: PageOutcome) -> QuoteCheck:
        page, stored = looked.page, getattr(citation, "quote_check", None)
        last = citation.check_of_page
        has_been_found = bool((last and last.found_on) or is_verified(citation))
        result, reason = _result(citation.quote, page, has_been_found=has_been_found)
        check = QuoteCheck(
            pk=stored.pk if stored else None,
            citation=citation,
            url=citation.source.url,
            quote=citation.quote,
            checked_at=timezone.now(),
            result=result,
            reason=reason,
            status=page.status,
            sha256=page.sha256,
        )
        _count_days(check, last)
        copy = looked.copies.get(citation.source.archived_url)
        if copy and citation.quote in copy.found:
            check.in_copy, check.copy_of, check.copy_sha256 = True, copy.of_day, copy.sha256
        return check

    def _verify(self, checks: Iterable[QuoteCheck], before: Mapping[int, bool]) -> None:
        """Set `verified_on` of citations whose unverified quote was found."""
        changed = []
        for check in checks:
            citation, found = check.citation, check.result == Result.FOUND
            is_programs = citation.verified_by == Citation.BY_PROGRAM
            if found and not before[citation.pk]:
                citation.verified_on, citation.verified_by = check.found_on, Citation.BY_PROGRAM
            elif is_programs and not before[citation.pk]:  # the quote was another then
                citation.verified_on, citation.verified_by = None, ""
            else:
                continue
            changed.append(citation)
        if changed:
            save_changed(changed, Citation, WHY)


def is_verified(citation: Citation) -> bool:
    """Whether a person verified it, or the program its current quote."""
    was_of_other = hasattr(citation, "quote_check") and citation.check_of_page is None
    by_program = citation.verified_by == Citation.BY_PROGRAM
    return bool(citation.quote and citation.verified_on and not (by_program and was_of_other))


def _count_days(check: QuoteCheck, last: QuoteCheck | None) -> None:
    """Set since when the result is the same; a host unresolvable for two months is gone."""
    today = check.checked_on
    goes_on = last and (last.result, last.reason) == (check.result, check.reason)
    if check.reason == Reason.NO_HOST:
        goes_on = last and last.reason == Reason.NO_HOST
    check.since = last.since if last and goes_on else today
    if check.reason == Reason.NO_HOST and (today - check.since).days >= GONE_FOR_GOOD:
        check.result = Result.GONE
    before = last.found_on if last else None
    check.found_on = today if check.result == Result.FOUND else before


def _result(quote: str, page: PageSeen, *, has_been_found: bool) -> tuple[str, str]:
    """The weakest result consistent with what was found, and the reason if not the text."""
    if page.is_gone:
        return Result.GONE, page.reason
    if page.status in (401, 403, 451):  # there, but not for programs
        return Result.NOT_READ, page.reason
    if page.reason == Reason.STATUS or page.reason in NETWORK:
        return Result.NOT_REACHABLE, page.reason
    if quote in page.found:
        return Result.FOUND, ""
    if not page.is_there:
        return Result.NOT_READ, page.reason
    if not quote:
        return Result.REACHABLE, ""
    reason = Reason.HIDDEN if quote in page.concealed else ""
    return (Result.CHANGED if has_been_found else Result.NOT_FOUND), reason


def _citations() -> QuerySet[Citation]:
    return Citation.objects.select_related("source", "quote_check").order_by("pk")


def _companies_of(citations: Iterable[Citation]) -> set[int]:
    """The companies whose records show the citations."""
    of = [f"{fact}company_id" for fact in ("", "signing__", "pledge__", "report__")]
    found = Citation.objects.filter(pk__in=[one.pk for one in citations]).order_by()
    return set(found.values_list(Coalesce(*of), flat=True))


def _checked_at(citation: Citation) -> float:
    check = citation.check_of_page
    return check.checked_at.timestamp() if check else 0.0


def _sources(named: str | None) -> QuerySet[Source]:
    """All sources, or the one with this public id, primary key or URL."""
    sources = Source.objects.all()
    if named is None:
        return sources
    found = sources.filter(slug=named) or sources.filter(url=named)
    if not found and named.isdecimal():
        found = sources.filter(pk=named)
    if not found:
        raise CannotVerify(f"The register has no source {named!r}.")
    return sources.filter(url__in=found.values("url"))
