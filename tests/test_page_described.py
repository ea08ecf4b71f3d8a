"""An address that an editor pastes: fetched once, within bounds, and described for the form."""

import datetime
import threading
from functools import partial

import pytest

from companies.importers.download import Download, DownloadFailed, DownloadRefused, download
from companies.importers.page_details import original_of, read_archived_copy
from companies.models import Company
from companies.register.verifying import describing
from companies.register.verifying.describing import PageNotRead, describe

URL = "https://news.example/2024/meta"
PAGE = (
    b"<html lang=en><title>Meta snubs the Pact</title>"
    b"<meta property=og:site_name content='Example News'>"
    b"<meta property=article:published_time content=2024-09-25>"
)
COPY = "https://web.archive.org/web/20240926000000/https://news.example/2024/meta"
AVAILABLE = (
    b'{"url": "news.example/2024/meta", "archived_snapshots": {"closest": {"status": "200",'
    b'"available": true, "timestamp": "20240926000000", "url":'
    b'"http://web.archive.org/web/20240926000000/https://news.example/2024/meta"}}}'
)


def answering(content: bytes, asked: list[str] | None = None):
    def fetch(url: str) -> Download:
        if asked is not None:
            asked.append(url)
        return Download(url, content, "0" * 64, "", "", False, "text/html")

    return fetch


def failing(code: str, status: int = 0):
    def fetch(url: str) -> Download:
        raise DownloadFailed(url, code, "in English", status=status)

    return fetch


nothing_kept = answering(b'{"archived_snapshots": {}}')


def test_a_page_is_described_with_its_newest_archived_copy():
    asked: list[str] = []

    found = describe(f" {URL} ", fetch=answering(PAGE), archive=answering(AVAILABLE, asked))

    assert found.of_source == {
        "url": URL,
        "title": "Meta snubs the Pact",
        "publisher": "Example News",
        "kind": "press",
        "published_on": datetime.date(2024, 9, 25),
        "archived_url": COPY,
    }
    assert found.language == "en"
    assert asked == [
        "https://archive.org/wayback/available?url=https%3A%2F%2Fnews.example%2F2024%2Fmeta"
    ]


@pytest.mark.parametrize("archive", [nothing_kept, failing("timeout"), answering(b"<html>")])
def test_without_an_answer_from_the_archive_no_copy_is_filled_in(archive):
    found = describe(URL, fetch=answering(PAGE), archive=archive)

    assert found.title == "Meta snubs the Pact"
    assert "archived_url" not in found.of_source


def test_an_archived_copy_is_described_as_its_original_page():
    asked: list[str] = []

    found = describe(COPY, fetch=answering(PAGE, asked), archive=failing("timeout"))

    assert (found.url, found.archived_url, asked) == (URL, COPY, [COPY])


@pytest.mark.parametrize(
    ("url", "original"),
    [
        (COPY, URL),
        ("https://web.archive.org/web/2024im_/http:/acme.example/a", "http://acme.example/a"),
        ("https://web.archive.org/save/https://acme.example", ""),
        (URL, ""),
    ],
)
def test_the_url_of_an_archived_copy_gives_its_original(url, original):
    assert original_of(url) == original


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"archived_snapshots": 1}', AVAILABLE.replace(b"web.arch", b"evil.")]
)
def test_an_archive_response_without_a_copy_gives_no_url(content):
    assert read_archived_copy(content) == ""


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://digital-strategy.ec.europa.eu/en/ai-pact", "official_document"),
        ("https://noteuropa.eu/", "press"),
        ("https://newsroom.acme.example/pact", "company"),
        ("https://www.acme.example/pact", "company"),
        ("https://notacme.example/pact", "press"),
    ],
)
def test_the_kind_of_a_source_is_guessed_from_its_host(url, kind):
    acme = Company(website="https://www.acme.example/about")

    assert describe(url, company=acme, fetch=answering(PAGE), archive=nothing_kept).kind == kind


def test_a_future_date_is_not_a_publication_date():
    page = PAGE.replace(b"2024-09-25", b"2999-01-01")

    assert describe(URL, fetch=answering(page), archive=nothing_kept).published_on is None


def test_a_page_without_a_publisher_has_its_host():
    page = answering(b"<title>A</title><body>x")

    found = describe("https://www.acme.example/", fetch=page, archive=nothing_kept)

    assert found.publisher == "acme.example"


@pytest.mark.parametrize(
    ("fetch", "said"),
    [
        (failing("status", 404), "The page does not exist (status 404)."),
        (failing("status", 403), "The server did not give the page (status 403)."),
        (failing("timeout"), "The server took too long to answer."),
        (failing("certificate"), "The server’s certificate is not valid."),
        (failing("network"), "The server could not be reached."),
        (failing("size"), "The page is too large to be read."),
        (failing("empty"), "The page is empty."),
        (failing("redirects"), "The address leads on too often."),
        (answering(b"%PDF-1.7"), "This is not a web page: its title and date cannot be read."),
    ],
)
def test_a_page_that_could_not_be_fetched_is_explained_in_a_sentence(fetch, said):
    with pytest.raises(PageNotRead, match="^" + said.replace("(", r"\(").replace(")", r"\)")):
        describe(URL, fetch=fetch, archive=nothing_kept)


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "gopher://acme.example", "https://a:b@acme.example", "nonsense"),
        *("https://acme.example:22/", "https://[::1", "", "javascript:alert(1)"),
    ],
)
def test_only_http_and_https_urls_are_fetched(url):
    with pytest.raises(PageNotRead, match=r"begins with https://|public web server"):
        describe(url)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fd00::1"])
def test_a_url_in_a_private_network_is_never_fetched(address):
    guarded = partial(describing.fetch_page, resolve=lambda host, port: [address])

    with pytest.raises(PageNotRead, match="does not lead to a public web server"):
        describe("https://metadata.example/", fetch=guarded)


def test_pages_are_fetched_by_the_guarded_download_with_time_and_size_limits():
    for fetch, seconds in ((describing.fetch_page, 8), (describing.fetch_archive, 4)):
        given = fetch.keywords
        assert fetch.func is download
        assert given["seconds"] == seconds
        assert given["attempts"] == 1
        assert given["max_bytes"] <= 5_000_000
    assert describing.fetch_archive.keywords["hosts"] == {"archive.org"}


def test_at_most_two_pages_are_fetched_at_once():
    may_end, begun = threading.Event(), threading.Semaphore(0)

    def waits(url: str) -> Download:
        begun.release()
        may_end.wait(10)
        return answering(PAGE)(url)

    threads = [
        threading.Thread(target=describe, args=[URL], kwargs={"fetch": waits, "archive": waits})
        for _number in range(2)
    ]
    for thread in threads:
        thread.start()
    for _thread in threads:
        begun.acquire(timeout=10)
    try:
        with pytest.raises(PageNotRead, match="Other pages are being read"):
            describe(URL, fetch=answering(PAGE), archive=nothing_kept)
    finally:
        may_end.set()
        for thread in threads:
            thread.join()

    assert describe(URL, fetch=answering(PAGE), archive=nothing_kept).title


def test_a_failed_fetch_frees_its_slot():
    for _time in range(5):
        with pytest.raises(PageNotRead):
            describe(URL, fetch=failing("network"))

    refused = DownloadRefused(URL, "address", "in English")
    assert describing._why(refused) == "This address does not lead to a public web server."
