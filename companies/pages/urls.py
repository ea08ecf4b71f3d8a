"""URLs of the public pages, in English and under /fr/ in French."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.urls import path as django_path
from django.views.decorators.http import require_http_methods

from pactwatch.outages.costly_requests import costly

from . import about, absent, browse, downloads, home, pacts, reports
from .comparing import compare
from .comparing import matrix_page as matrix
from .corrections import corrections_page as corrections
from .embedding import badge, cards, share_image
from .errors import register_page
from .following import email_pages as alerts
from .following import webhook_pages as webhooks
from .history import changes_page as changes
from .history import events_page, feeds, left_page, list_feeds
from .history.feed_forms import FORMS
from .open_data import data_page, releases_page
from .proof import verify
from .record import record_page as record
from .statistics import statistics_page as statistics
from .suppliers import check


def path(
    route: str,
    view: Callable[..., HttpResponseBase],
    kwargs: Mapping[str, Any] | None = None,
    *,
    name: str,
    methods: Sequence[str] = ("GET", "HEAD"),
) -> URLPattern:
    """The URL pattern of a page view, wrapped by `register_page`."""
    page = require_http_methods(methods)(register_page(view))
    return django_path(route, page, kwargs, name=name)  # type: ignore[arg-type]  # a view like any


def feed(
    route: str,
    find: Callable[..., list_feeds.ListChanges],
    *,
    name: str,
) -> list[URLPattern]:
    """The URL patterns of a list's feed, in both formats."""
    return [
        path(
            f"{route}feed.{form}",
            feeds.of_list,
            {"form": form, "find": find},
            name=f"{name}-feed-{form}",
        )
        for form in FORMS
    ]


# What takes more than 0.3 s of processor time for 10,000 companies.
companies_file, matrix_file = costly(downloads.companies), costly(matrix.download)
reports_file, shown_statistics = costly(reports.reports_csv), costly(statistics.statistics)
shown_data = costly(data_page.data)
picture_csv, picture_svg, picture_png = map(
    costly, (statistics.picture_csv, statistics.picture_svg, statistics.picture_png)
)
share_page, share_company, share_commitment = map(
    costly, (share_image.of_page, share_image.of_company, share_image.commitment)
)
FORM = ("GET", "HEAD", "POST")


urlpatterns = [
    path("", home.home, name="home"),
    path("companies/", browse.browse, name="companies"),
    path("companies/download.csv", companies_file, {"kind": "csv"}, name="companies-csv"),
    path("companies/download.xlsx", companies_file, {"kind": "xlsx"}, name="companies-xlsx"),
    path("companies/download.json", companies_file, {"kind": "json"}, name="companies-json"),
    path("companies/<slug:slug>/", record.record, name="company"),
    path("companies/<slug:slug>/history/", changes.history, name="company-history"),
    *feed("companies/", list_feeds.companies, name="companies"),
    path("companies/<slug:slug>/feed.atom", feeds.company, {"form": "atom"}, name="company-atom"),
    path("companies/<slug:slug>/feed.json", feeds.company, {"form": "json"}, name="company-json"),
    path("companies/<slug:slug>/cite.txt", record.cite, {"form": "txt"}, name="company-cite-txt"),
    path("companies/<slug:slug>/cite.bib", record.cite, {"form": "bib"}, name="company-cite-bib"),
    path(
        "companies/<slug:slug>/cite.json", record.cite, {"form": "json"}, name="company-cite-json"
    ),
    path("companies/<slug:slug>/badge/", badge.page, name="badge"),
    path("companies/<slug:slug>/badge.svg", badge.svg, name="badge-svg"),
    path("companies/<slug:slug>/badge.json", badge.as_json, name="badge-json"),
    path("companies/<slug:slug>/share.png", share_company, name="share-company"),
    path("embed/", cards.page, name="embed"),
    path("embed/count/", cards.count, name="embed-count"),
    path("embed/chart/", cards.chart, name="embed-chart"),
    path("embed/matrix/", cards.matrix, name="embed-matrix"),
    path("embed/companies/<slug:slug>/", cards.record, name="embed-record"),
    path("embed/companies/<slug:slug>/badge/", cards.badge, name="embed-badge"),
    path("share/<slug:name>.png", share_page, name="share-page"),
    path("verify/", verify.verify, name="verify"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("corrections/new/", corrections.new, name="correction-new", methods=FORM),
    path("corrections/<str:receipt>/", corrections.correction, name="correction"),
    path(
        "corrections/<str:receipt>/confirm/<str:code>/",
        corrections.confirm,
        name="correction-confirm",
        methods=FORM,
    ),
    path(
        "corrections/<str:receipt>/untold/<str:code>/",
        corrections.untold,
        name="correction-untold",
        methods=FORM,
    ),
    path("absent/", absent.absent, name="absent"),
    *feed("absent/", list_feeds.absent, name="absent"),
    path("compare/", compare.compare, name="compare"),
    path("matrix/", matrix.matrix, name="matrix"),
    *feed("matrix/", list_feeds.matrix, name="matrix"),
    path("matrix/download.csv", matrix_file, {"kind": "csv"}, name="matrix-csv"),
    path("matrix/download.xlsx", matrix_file, {"kind": "xlsx"}, name="matrix-xlsx"),
    path("matrix/download.json", matrix_file, {"kind": "json"}, name="matrix-json"),
    path("check/", check.check, name="check", methods=FORM),
    path(
        "check/kept/<str:token>/feed.atom",
        feeds.kept_list,
        {"form": "atom"},
        name="check-kept-atom",
    ),
    path(
        "check/kept/<str:token>/feed.json",
        feeds.kept_list,
        {"form": "json"},
        name="check-kept-json",
    ),
    path(
        "check/kept/<str:token>/alerts",
        alerts.of_kept_list,
        name="check-kept-alerts",
        methods=FORM,
    ),
    path(
        "check/kept/<str:token>/webhook",
        webhooks.of_kept_list,
        name="check-kept-webhook",
        methods=FORM,
    ),
    path("check/kept/<str:token>", check.kept, name="check-kept", methods=FORM),
    path("alerts/", alerts.new, name="alerts", methods=FORM),
    path("alerts/<str:token>/", alerts.manage, name="alert", methods=FORM),
    path("alerts/<str:token>/stop/", alerts.stop, name="alert-stop", methods=FORM),
    path("webhooks/", webhooks.new, name="webhooks", methods=FORM),
    path("webhooks/<str:token>/", webhooks.manage, name="subscription", methods=FORM),
    path("commitments/", pacts.commitments, name="commitments"),
    *feed("commitments/", list_feeds.commitments, name="commitments"),
    *feed("commitments/<slug:code>/", list_feeds.commitment, name="commitment"),
    path("commitments/<slug:code>/", pacts.commitment, name="commitment"),
    path("commitments/<slug:code>/share.png", share_commitment, name="share-commitment"),
    path("pacts/", pacts.pacts, name="pacts"),
    path("pacts/<slug:slug>/", pacts.pact, name="pact"),
    path("changes/", changes.changes, {"happened": events_page.happened}, name="changes"),
    path("changes/feed.atom", feeds.changes, {"form": "atom"}, name="changes-atom"),
    path("changes/feed.json", feeds.changes, {"form": "json"}, name="changes-json"),
    *feed("changes/happened/", list_feeds.happened, name="happened"),
    path("left/", left_page.left, name="left"),
    *feed("left/", list_feeds.left, name="left"),
    path("reports/", reports.reports, name="reports"),
    *feed("reports/", list_feeds.reports, name="reports"),
    path("reports/report-clock.csv", reports_file, name="reports-csv"),
    path("statistics/", shown_statistics, name="statistics"),
    path("statistics/<slug:name>.csv", picture_csv, name="picture-csv"),
    path("statistics/<slug:name>.svg", picture_svg, name="picture-svg"),
    path("statistics/<slug:name>.png", picture_png, name="picture-png"),
    path("method/", about.method, name="method"),
    path("data/", shown_data, name="data"),
    path("data/releases/", releases_page.all_releases, name="releases"),
    path(
        "data/releases/feed.atom",
        list_feeds.all_releases,
        {"form": "atom"},
        name="releases-feed-atom",
    ),
    path(
        "data/releases/feed.json",
        list_feeds.all_releases,
        {"form": "json"},
        name="releases-feed-json",
    ),
    path("data/releases/<slug:name>/", releases_page.release, name="release"),
    path("about/", about.about, name="about"),
    path("privacy/", about.privacy, name="privacy"),
]
