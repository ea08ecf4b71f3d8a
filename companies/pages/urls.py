"""Public pages; each stands in English at its path and in French under /fr/."""

from django.urls import path

from . import (
    about,
    absent,
    badge,
    browse,
    changes,
    corrections,
    feeds,
    home,
    pacts,
    record,
    statistics,
    verify,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("companies/", browse.browse, name="companies"),
    path("companies/<slug:slug>/", record.record, name="company"),
    path("companies/<slug:slug>/history/", changes.history, name="company-history"),
    path("companies/<slug:slug>/feed.atom", feeds.company, {"form": "atom"}, name="company-atom"),
    path("companies/<slug:slug>/feed.json", feeds.company, {"form": "json"}, name="company-json"),
    path("companies/<slug:slug>/badge/", badge.page, name="badge"),
    path("companies/<slug:slug>/badge.svg", badge.svg, name="badge-svg"),
    path("companies/<slug:slug>/badge.json", badge.as_json, name="badge-json"),
    path("verify/", verify.verify, name="verify"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("corrections/new/", corrections.new, name="correction-new"),
    path("corrections/<str:receipt>/", corrections.correction, name="correction"),
    path("absent/", absent.absent, name="absent"),
    path("commitments/", pacts.commitments, name="commitments"),
    path("commitments/<slug:code>/", pacts.commitment, name="commitment"),
    path("pacts/", pacts.pacts, name="pacts"),
    path("pacts/<slug:slug>/", pacts.pact, name="pact"),
    path("changes/", changes.changes, name="changes"),
    path("changes/feed.atom", feeds.changes, {"form": "atom"}, name="changes-atom"),
    path("changes/feed.json", feeds.changes, {"form": "json"}, name="changes-json"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("method/", about.method, name="method"),
    path("data/", about.data, name="data"),
    path("about/", about.about, name="about"),
]
