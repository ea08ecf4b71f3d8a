"""URLs of the REST API, below /api/v1/."""

from django.urls import path

from . import change_views, docs, views

app_name = "api"
urlpatterns = [
    path("", views.ApiRoot.as_view(), name="index"),
    path("companies/", views.CompanyList.as_view(), name="companies"),
    path("companies/<slug:slug>/", views.CompanyDetail.as_view(), name="company"),
    path(
        "companies/<slug:slug>/history/",
        change_views.CompanyHistory.as_view(),
        name="company-history",
    ),
    path("pacts/", views.PactList.as_view(), name="pacts"),
    path("pacts/<slug:slug>/", views.PactDetail.as_view(), name="pact"),
    path("commitments/", views.CommitmentList.as_view(), name="commitments"),
    path(
        "commitments/<slug:pact>/<slug:code>/", views.CommitmentDetail.as_view(), name="commitment"
    ),
    path("signings/", views.SigningList.as_view(), name="signings"),
    path(
        "signings/<slug:company>/<slug:pact>/<slug:since>/",
        views.SigningDetail.as_view(),
        name="signing",
    ),
    path("pledges/", views.PledgeList.as_view(), name="pledges"),
    path(
        "pledges/<slug:company>/<slug:pact>/<slug:code>/",
        views.PledgeDetail.as_view(),
        name="pledge",
    ),
    path("sources/", views.SourceList.as_view(), name="sources"),
    path("sources/<slug:slug>/", views.SourceDetail.as_view(), name="source"),
    path("milestones/", views.MilestoneList.as_view(), name="milestones"),
    path("milestones/<slug:date>/<slug:title>/", views.MilestoneDetail.as_view(), name="milestone"),
    path("changes/", change_views.ChangeList.as_view(), name="changes"),
    path("statistics/", views.StatisticsView.as_view(), name="statistics"),
    path("coverage/", views.CoverageView.as_view(), name="coverage"),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.docs, name="docs"),
]
