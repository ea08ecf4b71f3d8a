"""Cited pages are looked at, and what was seen stands beside each quote."""

import datetime
import hashlib
import os
import re
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from companies.importers.download import Download, DownloadFailed, download
from companies.models import Change, Citation, QuoteCheck, RegisterVersion, Signing
from companies.register.history import save, unit_of_work
from companies.register.verifying.polite_fetching import PoliteFetcher
from companies.register.verifying.stored_pages import one_run, store, stored
from companies.register.verifying.verification import CannotVerify, Verification, VerifyRequest

from .builders import a_citation, a_company, a_signing, a_source
from .editors import a_reviewer, a_user, an_editor

pytestmark = pytest.mark.django_db

QUOTE = "We will not be signing it."
PAGE = f"<html><body><p>“{QUOTE}”</p></body></html>"
REWORDED = (
    f"<html><body>{'<p>They say that they are still thinking about it.</p>' * 10}</body></html>"
)
URL = "https://cited.example/article"
COPY = "https://web.archive.org/web/20240925101500/https://cited.example/article"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KEPT_PAGES_DIR = tmp_path / "pages"
    return settings.KEPT_PAGES_DIR


def a_page(content: str | bytes, url: str = URL, content_type: str = "text/html") -> Download:
    content = content if isinstance(content, bytes) else content.encode()
    sha256 = hashlib.sha256(content).hexdigest()
    return Download(url, content, sha256, "", "", False, content_type)


def a_failure(code: str = "status", status: int = 0) -> DownloadFailed:
    return DownloadFailed("", code, f"It failed: {code} {status}.", status=status)


class Web:
    """What answers at each address: a page, or an error; other addresses are not there."""

    def __init__(self, pages):
        self.pages, self.asked = pages, []

    def __call__(self, url):
        self.asked.append(url)
        found = self.pages.get(url, a_failure(status=404))
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Download) else a_page(found, url)


def run(pages, *, seconds=60.0, sleep=lambda seconds: None, **request):
    """Every page that is due, looked at; the fetcher asks `pages` and does not wait."""
    web = Web(pages) if isinstance(pages, dict) else pages
    fetcher = PoliteFetcher(web, sleep=sleep)
    verification = Verification(VerifyRequest(**request), fetcher=fetcher, seconds=seconds)
    return list(verification), verification


def a_cited(quote=QUOTE, url=URL, **fields):
    """A citation of a page with a quote."""
    source = a_source(url=url, **fields)
    return a_citation(source=source, quote=quote, signing=a_signing(status="not_signed"))


def checked(citation, pages, **request):
    run(pages, older_than=0, **request)
    return QuoteCheck.objects.get(citation=citation)


def long_ago(days=40):
    """Move all checks into the past, as if nothing was looked at since."""
    ago = datetime.timedelta(days=days)
    for check in QuoteCheck.objects.all():
        found_on = check.found_on and check.found_on - ago
        QuoteCheck.objects.filter(pk=check.pk).update(
            checked_at=check.checked_at - ago, since=check.since - ago, found_on=found_on
        )


# What a look at a page says


def test_a_quote_that_is_on_its_page_is_found_on_that_day():
    citation, today = a_cited(), timezone.localdate()

    check = checked(citation, {URL: PAGE})

    assert (check.result, check.found_on, check.checked_on) == ("found", today, today)
    assert check.sha256 == hashlib.sha256(PAGE.encode()).hexdigest()
    assert stored(check.sha256) == PAGE.encode()


def test_a_page_that_never_had_the_quote_is_not_called_changed():
    assert checked(a_cited(), {URL: REWORDED}).result == "not_found"


def test_a_page_that_lost_a_quote_has_changed_and_says_when_it_was_last_found():
    citation = a_cited()
    checked(citation, {URL: PAGE})
    long_ago()

    check = checked(citation, {URL: REWORDED})

    assert check.result == "changed"
    assert check.found_on == timezone.localdate() - datetime.timedelta(days=40)


def test_a_second_run_at_the_same_time_does_nothing_and_says_so():
    citation = a_cited()

    with one_run(), pytest.raises(CommandError, match="Another run is looking at the pages"):
        call_command("verify_sources")

    assert checked(citation, {URL: PAGE}).result == "found"


def test_a_name_quoted_as_struck_out_has_changed_once_it_is_no_longer_struck_out():
    citation = a_cited("Acme [struck out] … withdrawn")
    struck = {URL: f"{REWORDED}<li><del>Acme</del> (withdrawn)</li>"}

    assert checked(citation, struck).result == "found"

    check = checked(citation, {URL: f"{REWORDED}<li>Acme <s>Bolt</s> withdrawn</li>"})

    assert (check.result, check.reason) == ("changed", "")


def test_a_page_that_lost_a_quote_verified_by_a_person_has_changed():
    citation = a_cited()
    Citation.objects.update(verified_on="2026-01-02", verified_by="Ann")

    for _time in range(2):
        assert checked(citation, {URL: REWORDED}).result == "changed"


ELSEWHERE = a_page(PAGE, "https://cited.example/")


@pytest.mark.parametrize(
    ("answer", "result", "reason"),
    [
        (a_failure(status=404), "gone", "status"),
        (a_failure(status=410), "gone", "status"),
        (a_failure(status=500), "not_reachable", "status"),
        (a_failure(status=503), "not_reachable", "status"),
        (a_failure(status=429), "not_reachable", "status"),
        (a_failure(status=400), "not_reachable", "status"),
        (a_failure(status=403), "not_read", "status"),
        (a_failure(status=451), "not_read", "status"),
        (a_failure("timeout"), "not_reachable", "no_answer"),
        (a_failure("network"), "not_reachable", "no_connection"),
        (a_failure("certificate"), "not_reachable", "certificate"),
        (a_failure("encoding"), "not_read", "encoding"),
        (a_failure("redirect"), "not_read", "redirects"),
        (a_page(b"%PDF-1.7"), "not_read", "pdf"),
        (a_page(b"\x89PNG\r\n\x1a\n"), "not_read", "not_text"),
        ("<html><script src=a.js></script><p>App</p></html>", "not_read", "hardly_any_text"),
        ("<html><title>Page not found</title></html>", "not_read", "error_page"),
        ("<html><p>We use cookies: accept?</p></html>", "not_read", "asks_first"),
        (ELSEWHERE, "not_read", "front_page"),
        (a_page(PAGE, "https://cited.example/fr/"), "not_read", "front_page"),
        (f"<html><del>{QUOTE}</del>{REWORDED}</html>", "not_found", "hidden"),
    ],
)  # fmt: skip
def test_an_uncertain_result_is_recorded_as_the_weakest_one(answer, result, reason):
    check = checked(a_cited(), {URL: answer})

    assert (check.result, check.reason) == (result, reason)
    assert not check.citation.verified_on


def test_a_name_on_an_error_page_is_not_the_quote():
    page = "<html><title>Page not found</title><p>Our partners: Acme</p></html>"

    assert checked(a_cited("Acme"), {URL: page}).result == "not_read"


def test_a_host_that_no_longer_resolves_is_gone_after_two_months():
    def no_host():
        failure = a_failure("network")
        failure.__cause__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return failure

    citation = a_cited()
    assert checked(citation, {URL: no_host()}).result == "not_reachable"
    long_ago(59)
    assert checked(citation, {URL: no_host()}).result == "not_reachable"
    long_ago(1)
    assert checked(citation, {URL: no_host()}).result == "gone"
    assert checked(citation, {URL: no_host()}).result == "gone"


def test_an_inconclusive_check_keeps_the_day_the_quote_was_found():
    citation = a_cited()
    checked(citation, {URL: PAGE})
    long_ago()

    check = checked(citation, {URL: a_failure("timeout")})

    assert (check.result, bool(check.found_on)) == ("not_reachable", True)


def test_a_page_cited_without_a_quote_can_only_be_reachable():
    citation = a_cited(quote="")

    assert checked(citation, {URL: PAGE}).result == "reachable"
    assert checked(citation, {URL: a_failure(status=404)}).result == "gone"
    assert not Citation.objects.get().verified_on


@pytest.mark.parametrize("page", [a_failure(status=410), REWORDED])
def test_the_archived_copy_is_tried_where_the_page_does_not_have_the_quote(page):
    check = checked(a_cited(archived_url=COPY), {URL: page, COPY: PAGE})

    assert (check.in_copy, check.copy_of) == (True, datetime.date(2024, 9, 25))
    assert check.result in QuoteCheck.LOST or check.result == "gone"
    assert not Citation.objects.get().verified_on


def test_an_archived_copy_is_left_alone_where_the_page_has_the_quote():
    a_cited(archived_url=COPY)
    web = Web({URL: PAGE, COPY: PAGE})

    run(web)

    assert COPY not in web.asked


def test_an_archived_copy_without_the_quote_is_not_said_to_have_it():
    assert not checked(a_cited(archived_url=COPY), {COPY: REWORDED}).in_copy


# Which pages, and how often


def test_a_page_with_several_citations_is_fetched_once():
    citation = a_cited()
    for quote in ("", "We will not", "nowhere"):
        a_citation(source=citation.source, quote=quote, company=a_company())
    a_citation(source=a_source(url=URL, sha256="a" * 64), quote="be signing", company=a_company())
    web = Web({URL: PAGE})

    run(web)

    assert web.asked == ["https://cited.example/robots.txt", URL]
    results = QuoteCheck.objects.order_by("citation").values_list("result", flat=True)
    assert list(results) == ["found", "reachable", "found", "not_found", "found"]


def test_a_page_is_fetched_again_after_a_month():
    a_cited()
    run({URL: PAGE})

    assert run({URL: PAGE})[0] == []
    long_ago(29)
    assert run({URL: PAGE})[0] == []
    long_ago(1)
    assert len(run({URL: PAGE})[0]) == 1


def test_an_unreachable_page_is_fetched_again_the_next_day():
    a_cited()
    run({URL: a_failure("timeout")})

    assert run({URL: PAGE})[0] == []
    long_ago(1)
    assert len(run({URL: PAGE})[0]) == 1


def test_a_page_unreachable_for_a_week_is_fetched_again_after_a_month():
    a_cited()
    run({URL: a_failure("timeout")})
    long_ago(7)
    run({URL: a_failure("timeout")})
    long_ago(1)

    assert run({URL: PAGE})[0] == []


def test_nothing_is_recorded_when_no_host_answers():
    hosts = [f"https://{host}.example/" for host in "abcde"]
    for url in hosts:
        a_cited(url=url)
    silence = {}
    for url in hosts:
        silence |= {url: a_failure("timeout"), f"{url}robots.txt": a_failure("network")}

    looked, verification = run(silence)

    assert (looked, len(verification.left), verification.is_offline) == ([], 5, True)
    assert not QuoteCheck.objects.exists()
    looked, verification = run(silence | {f"{hosts[4]}robots.txt": "", hosts[4]: PAGE})
    assert (len(looked), verification.is_offline) == (5, False)


@pytest.mark.parametrize("change", [{"quote": "We will"}, {"source": None}])
def test_a_check_is_valid_only_for_the_quote_and_url_that_were_checked(change):
    citation = a_cited()
    run({URL: PAGE})
    other = {"source": a_source(url="https://other.example/")} if "source" in change else change
    for name, value in other.items():
        setattr(citation, name, value)
    save(citation, "another proof")

    assert Citation.objects.get().check_of_page is None
    assert len(run({})[0]) == 1


def test_pages_are_checked_longest_waiting_first_up_to_the_limit():
    old = a_cited(url="https://one.example/a")
    run({}, limit=1)
    a_cited(url="https://two.example/b")
    long_ago()

    first, verification = run({}, limit=1)

    assert [page.page.url for page in first] == ["https://two.example/b"]
    assert verification.left == set()
    assert [page.page.url for page in run({}, limit=1)[0]] == [old.source.url]


@pytest.mark.parametrize("named", ["slug", "pk", "url"])
def test_a_single_source_can_be_checked_before_it_is_due(named):
    source = a_cited().source
    a_cited(url="https://other.example/")
    run({URL: PAGE})

    looked, _run = run({URL: PAGE}, source=str(getattr(source, named)))

    assert [page.page.url for page in looked] == [URL]


@pytest.mark.parametrize(
    "request_", [{"source": "none"}, {"limit": 0}, {"limit": -1}, {"older_than": -1}]
)
def test_an_impossible_request_is_refused(request_):
    with pytest.raises(CannotVerify):
        Verification(VerifyRequest(**request_))


def test_a_run_stops_when_its_time_is_over():
    a_cited()

    looked, verification = run({URL: PAGE}, seconds=-1)

    assert (looked, verification.left) == ([], {URL})


def test_a_dry_run_writes_nothing(folder):
    a_cited()

    (looked,), _run = run({URL: PAGE}, dry_run=True)

    assert str(looked).startswith("1 found")
    assert not QuoteCheck.objects.exists()
    assert not Citation.objects.get().verified_on
    assert not folder.exists()


def test_results_before_an_interrupted_run_are_kept():
    for host in "abc":
        a_cited(url=f"https://{host}.example/")
    pages = {f"https://{host}.example/": PAGE for host in "ab"}
    fetcher = PoliteFetcher(Web(pages), sleep=lambda seconds: None)

    next(iter(Verification(VerifyRequest(), fetcher=fetcher)))

    assert QuoteCheck.objects.count() == 1
    assert len(run(pages)[0]) == 2


def test_a_citation_edited_during_the_check_is_not_judged_by_its_old_quote():
    citation = a_cited()

    fetcher = PoliteFetcher(Web({URL: PAGE}), sleep=lambda seconds: None)
    verification = Verification(VerifyRequest(), fetcher=fetcher)
    looked = verification._look(URL)
    Citation.objects.filter(pk=citation.pk).update(quote="Another quote")
    verification._checked(looked)

    assert not QuoteCheck.objects.exists()


# Politely


def test_requests_to_one_host_are_spaced_and_other_hosts_go_on():
    waited = []
    for path in ("a", "b"):
        a_cited(url=f"https://one.example/{path}")

    run({}, sleep=waited.append)

    assert [round(seconds) for seconds in waited] == [5, 5]  # after robots.txt, and between pages


def test_robots_txt_is_obeyed():
    citation = a_cited()
    web = Web({URL: PAGE, "https://cited.example/robots.txt": "User-agent: *\nDisallow: /art"})

    check = checked(citation, web)

    assert (check.result, check.reason) == ("not_read", "robots")
    assert URL not in web.asked


def test_the_crawl_delay_of_robots_txt_is_obeyed():
    waited = []
    a_cited()
    robots = "User-agent: PactWatch\nCrawl-delay: 20\nUser-agent: *\nDisallow: /"

    run({URL: PAGE, "https://cited.example/robots.txt": robots}, sleep=waited.append)

    assert [round(seconds) for seconds in waited] == [20]


@pytest.mark.parametrize("answer", [a_failure(status=500), a_failure("timeout")])
def test_a_page_is_not_fetched_when_robots_txt_is_unreadable(answer):
    citation = a_cited()
    web = Web({URL: PAGE, "https://cited.example/robots.txt": answer})

    assert checked(citation, web).result == "not_reachable"
    assert URL not in web.asked


def test_a_busy_host_is_skipped_for_the_rest_of_the_run():
    for path in "abc":
        a_cited(url=f"https://one.example/{path}")
    web = Web({f"https://one.example/{path}": a_failure(status=429) for path in "abc"})

    looked, verification = run(web)

    assert (len(looked), len(verification.left), len(web.asked)) == (1, 2, 2)


# What the register says


@pytest.mark.history
def test_a_found_quote_is_verified_once_without_a_line_in_the_public_history():
    citation, today = a_cited(), timezone.localdate()
    before = Change.objects.aggregate(Max("number"))["number__max"]
    run({URL: PAGE})
    long_ago()
    run({URL: PAGE})

    citation.refresh_from_db()
    assert (citation.verified_on, citation.verified_by) == (today, "verify_sources")
    (change,) = Change.objects.filter(number__gt=before)
    assert (change.table, change.has_line, change.by_role) == ("citations", False, "machine")
    out = StringIO()
    call_command("verify_changes", "--replay", stdout=out)
    assert "Replayed, they give the register as it is." in out.getvalue()


@pytest.mark.history
def test_a_check_does_not_replace_verification_by_a_person():
    citation = a_cited()
    citation.verified_on, citation.verified_by = datetime.date(2026, 1, 2), "Ann"
    save(citation, "looked at")

    run({URL: PAGE})

    citation.refresh_from_db()
    assert (citation.verified_on, citation.verified_by) == (datetime.date(2026, 1, 2), "editor")


def test_a_changed_quote_is_not_verified_by_an_earlier_check():
    citation = a_cited()
    run({URL: PAGE})
    citation.refresh_from_db()
    citation.quote = "Something that nobody said"
    save(citation, "another quote")

    run({URL: PAGE})

    citation.refresh_from_db()
    assert (citation.verified_on, citation.verified_by) == (None, "")
    assert citation.check_of_page.result == "not_found"


@pytest.mark.parametrize("answer", [PAGE, REWORDED, a_failure(status=410)])
def test_a_check_never_changes_a_status(answer):
    a_cited()
    before = list(Signing.objects.values())
    version = RegisterVersion.objects.get().number

    run({URL: answer})

    assert list(Signing.objects.values()) == before
    assert RegisterVersion.objects.get().number == version + 1  # kept answers are void


@pytest.mark.history
def test_a_record_as_of_a_past_day_shows_no_later_check(client):
    company = a_company("Acme")
    a_citation(source=a_source(url=URL), quote=QUOTE, signing=a_signing(company, "not_signed"))
    run({URL: PAGE})
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    with unit_of_work():
        type(company).history.update(history_date="2025-01-01T00:00Z")

    assert "Quote found" in client.get("/companies/acme/").text
    for clock in ("as_of", "recorded_as_of"):
        response = client.get(f"/companies/acme/?{clock}={yesterday}")
        assert response.status_code == 200
        assert "Quote found" not in response.text


@pytest.mark.history
def test_loading_the_package_keeps_the_checks(tmp_path):
    citation = a_cited()
    call_command("dump_register", str(tmp_path), stdout=StringIO())
    run({URL: PAGE})
    out = StringIO()

    call_command("load_register", str(tmp_path), replace=True, stdout=out)

    citation.refresh_from_db()
    assert citation.verified_by == "verify_sources"
    assert citation.check_of_page.result == "found"


# What readers and editors see


def a_record(page):
    company = a_company("Acme")
    a_citation(source=a_source(url=URL, archived_url=COPY), quote=QUOTE, signing=a_signing(company))
    run({URL: PAGE})
    long_ago()
    run({URL: page, COPY: PAGE})
    day = datetime.date(2026, 12, 3)
    moment = datetime.datetime(2026, 12, 3, 12, tzinfo=datetime.UTC)
    QuoteCheck.objects.update(checked_at=moment)
    QuoteCheck.objects.filter(result="found").update(found_on=day)
    QuoteCheck.objects.exclude(result="found").update(found_on=datetime.date(2026, 11, 2))
    return QuoteCheck.objects.get()


@pytest.mark.parametrize(
    ("answer", "english", "french"),
    [
        (PAGE, "Quote found on 3 December 2026.", "Citation retrouvée le 3 décembre 2026."),
        (
            REWORDED,
            "The page has changed since: the quote was last found on 2 November 2026, and not on "
            "3 December 2026. Quote found in the archived copy of 25 September 2024.",
            "La page a changé depuis : citation retrouvée pour la dernière fois le 2 novembre "
            "2026, absente le 3 décembre 2026. Citation retrouvée dans la copie archivée du "
            "25 septembre 2024.",
        ),
        (
            a_failure(status=404),
            "The page was gone on 3 December 2026. The quote was last found on 2 November 2026. "
            "Quote found in the archived copy of 25 September 2024.",
            "La page avait disparu le 3 décembre 2026. Citation retrouvée pour la dernière fois le "
            "2 novembre 2026. Citation retrouvée dans la copie archivée du 25 septembre 2024.",
        ),
        (
            a_failure("timeout"),
            "The page could not be reached on 3 December 2026. The quote was last found on "
            "2 November 2026.",
            "La page était inaccessible le 3 décembre 2026. Citation retrouvée pour la dernière "
            "fois le 2 novembre 2026.",
        ),
    ],
)  # fmt: skip
def test_a_check_is_worded_in_the_readers_language(answer, english, french):
    check = a_record(answer)

    for language, expected in (("en", english), ("fr", french)):
        with override(language):
            told = render_to_string("companies/_check.html", {"check": check})
        assert " ".join(told.replace("\u00a0", " ").split()) == expected


def test_the_api_gives_the_check_of_each_citation(client):
    company = a_company("Acme")
    a_citation(source=a_source(url=URL), quote=QUOTE, signing=a_signing(company))
    (unchecked,) = client.get("/api/v1/companies/acme/").json()["signings"][0]["citations"]
    run({URL: PAGE})
    (citation,) = client.get("/api/v1/companies/acme/").json()["signings"][0]["citations"]

    today = timezone.localdate().isoformat()
    assert unchecked["check"] is None
    assert citation["verified_on"] == today
    assert citation["check"] == {
        "result": "found", "reason": None, "checked_on": today, "since": today, "found_on": today,
        "sha256": hashlib.sha256(PAGE.encode()).hexdigest(), "in_copy": False, "copy_of": None,
    }  # fmt: skip


def test_the_statistics_count_quotes_by_what_was_found(client):
    for number in range(2):
        a_cited(url=f"https://one.example/{number}")
    a_cited(quote="")
    a_citation(source=a_source(), quote="of a profile", company=a_company())

    assert "Quotes on their pages" not in client.get("/statistics/").text
    run({"https://one.example/0": PAGE})

    quotes = client.get("/api/v1/statistics/").json()["quotes"]
    assert {code: number for code, number in quotes.items() if number} == {"found": 1, "gone": 1}
    assert sum(quotes.values()) == 2
    shown = " ".join(client.get("/statistics/").text.split())
    assert "Of the 2 quotes that statuses, pledges and reports rest on, 1 was found" in shown


def test_the_admin_index_counts_citations_by_result_and_links_to_them():
    a_cited(url="https://one.example/0")
    a_cited(url="https://one.example/1")
    run({"https://one.example/0": REWORDED})
    never = a_citation(source=a_source(), quote="of a profile", company=a_company())
    editor = an_editor()

    page = " ".join(editor.get("/admin/").text.split())

    shown = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for told in ("1 Quote not found on its page", "1 Page gone"):
        assert told in shown
    for code, number in {"lost": 1, "gone": 1, "not_seen": 0, "never": 1, "found": 0}.items():
        listed = editor.get(f"/admin/companies/citation/?check={code}")
        assert listed.context["cl"].result_count == number, code
    assert listed.status_code == 200
    assert never.check_of_page is None


def test_only_editors_can_download_an_archived_page(client):
    check = checked(a_cited(), {URL: "<script>alert(1)</script>" + PAGE})
    address = f"/admin/companies/quotecheck/{check.pk}/bytes/page/"

    response = an_editor().get(address)

    assert response.content.startswith(b"<script>")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(address).status_code == 302
    client.force_login(a_user("without rights"))
    assert client.get(address).status_code == 403
    reviewer = a_reviewer()
    for wrong in ("copy", "x"):
        assert reviewer.get(address.replace("page/", f"{wrong}/")).status_code == 404


# The bytes that are kept


def test_the_least_recently_used_archived_page_is_deleted_when_space_runs_out(settings, folder):
    settings.KEPT_PAGES_MB = 1
    names = [f"{number:064x}" for number in range(4)]
    for age, name in enumerate(names[:3]):
        store(b"x" * 400_000, name)
        if stored(name):
            os.utime(folder / name[:2] / name, (1_000_000 + age, 1_000_000 + age))

    store(b"x" * 400_000, names[3])

    assert [bool(stored(name)) for name in names] == [False, False, True, True]
    store(b"x" * 2_000_000, "f" * 64)
    assert stored("f" * 64) is None
    assert stored(names[3])


def test_an_archived_page_name_cannot_escape_its_folder():
    for name in ("", "../../etc/passwd", "..", "/etc/passwd", "a/b"):
        assert stored(name) is None


# The command


def test_the_command_prints_a_line_for_each_page():
    a_cited(url="http://127.0.0.1/private")
    out = StringIO()

    call_command("verify_sources", stdout=out)

    assert out.getvalue().splitlines() == [
        f"{'1 not_read':<36} http://127.0.0.1/private",
        f"{'':<36} 127.0.0.1 is at 127.0.0.1, which is not a public address.",
        "1 pages: 1 not_read.",
    ]


def test_the_command_says_when_nothing_is_due_or_a_source_is_unknown():
    out = StringIO()
    call_command("verify_sources", stdout=out)

    assert out.getvalue() == "No page is due.\n"
    with pytest.raises(CommandError, match="no source 'none'"):
        call_command("verify_sources", source="none")


# Five pages on a server of this machine


class Pages(BaseHTTPRequestHandler):
    """The same, reworded, gone, on to a private address, and 30 MB."""

    def do_GET(self):
        body, status, headers = {
            "/same": (PAGE.encode(), 200, {}),
            "/reworded": (REWORDED.encode(), 200, {}),
            "/gone": (b"gone", 410, {}),
            "/private": (b"", 302, {"Location": "http://10.0.0.1/"}),
            "/large": (b"", 200, {"Content-Length": "30000000"}),
        }.get(self.path, (b"", 404, {}))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@contextmanager
def a_site():
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(5)


def test_five_kinds_of_pages_on_a_real_server_get_their_results():
    expected = {
        "same": "found", "reworded": "not_found", "gone": "gone", "private": "not_read",
        "large": "not_read",
    }  # fmt: skip
    with a_site() as port:
        for name in expected:
            a_cited(url=f"http://site.example:{port}/{name}", slug=name)

        def fetch(url):
            return download(
                url,
                hosts=None,
                http_port=port,
                user_agent="x",
                attempts=1,
                resolve=lambda host, port: ["127.0.0.1" if host == "site.example" else host],
                is_public=lambda address: address == "127.0.0.1",
            )

        run(fetch)

    found = QuoteCheck.objects.values_list("citation__source__slug", "result")
    assert dict(found) == expected
