"""Public pages; each stands in English at its path and in French under /fr/."""

from django.urls import path

from . import about, companies, pacts

urlpatterns = [
    path("", companies.home, name="home"),
    path("companies/", companies.browse, name="companies"),
    path("companies/<slug:slug>/", companies.record, name="company"),
    path("absent/", pacts.absent, name="absent"),
    path("commitments/", pacts.commitments, name="commitments"),
    path("commitments/<slug:code>/", pacts.commitment, name="commitment"),
    path("pacts/", pacts.pacts, name="pacts"),
    path("pacts/<slug:slug>/", pacts.pact, name="pact"),
    path("statistics/", pacts.statistics_page, name="statistics"),
    path("method/", about.method, name="method"),
    path("data/", about.data, name="data"),
    path("about/", about.about, name="about"),
]
