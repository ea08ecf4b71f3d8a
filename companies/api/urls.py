"""URLs of the REST API, below /api/v1/."""

from django.urls import URLPattern
from django.urls import path as django_path

from pactwatch.startup import LaterView

app_name = "api"


def path(route: str, view: str, *, name: str) -> URLPattern:
    return django_path(route, LaterView(f"companies.api.{view}"), name=name)


urlpatterns = [
    path("", "views.ApiRoot", name="index"),
    path("companies/", "views.CompanyList", name="companies"),
    path("companies/<slug:slug>/", "views.CompanyDetail", name="company"),
    path(
        "companies/<slug:slug>/history/",
        "change_views.CompanyHistory",
        name="company-history",
    ),
    path("pacts/", "views.PactList", name="pacts"),
    path("pacts/<slug:slug>/", "views.PactDetail", name="pact"),
    path("commitments/", "views.CommitmentList", name="commitments"),
    path("commitments/<slug:pact>/<slug:code>/", "views.CommitmentDetail", name="commitment"),
    path("signings/", "views.SigningList", name="signings"),
    path(
        "signings/<slug:company>/<slug:pact>/<slug:since>/",
        "views.SigningDetail",
        name="signing",
    ),
    path("pledges/", "views.PledgeList", name="pledges"),
    path(
        "pledges/<slug:company>/<slug:pact>/<slug:code>/",
        "views.PledgeDetail",
        name="pledge",
    ),
    path("sources/", "views.SourceList", name="sources"),
    path("sources/<slug:slug>/", "views.SourceDetail", name="source"),
    path("milestones/", "views.MilestoneList", name="milestones"),
    path("milestones/<slug:date>/<slug:title>/", "views.MilestoneDetail", name="milestone"),
    path("changes/", "change_views.ChangeList", name="changes"),
    path("match/", "matching.match_views.MatchNames", name="match"),
    path("reconcile/", "matching.reconcile_views.Service", name="reconcile"),
    path("reconcile/match", "matching.reconcile_views.MatchBatch", name="reconcile-match"),
    path("reconcile/extend", "matching.reconcile_views.Extend", name="reconcile-extend"),
    path(
        "reconcile/extend/propose",
        "matching.reconcile_views.ProposedProperties",
        name="reconcile-properties",
    ),
    path(
        "reconcile/suggest/entity",
        "matching.reconcile_views.SuggestCompany",
        name="reconcile-suggest-entity",
    ),
    path(
        "reconcile/suggest/property",
        "matching.reconcile_views.SuggestProperty",
        name="reconcile-suggest-property",
    ),
    path(
        "reconcile/suggest/type",
        "matching.reconcile_views.SuggestType",
        name="reconcile-suggest-type",
    ),
    path("reconcile/preview", "matching.reconcile_views.Preview", name="reconcile-preview"),
    path("statistics/", "views.StatisticsView", name="statistics"),
    path("coverage/", "views.CoverageView", name="coverage"),
    path("schema/", "docs.Schema", name="schema"),
    path("docs/", "docs.docs", name="docs"),
]
