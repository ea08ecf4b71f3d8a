"""URLs that programs read and that have no language."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path

from . import files
from .sitemaps import SITEMAPS

urlpatterns = [
    path("robots.txt", files.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("llms.txt", files.llms, name="llms"),
    path(".well-known/security.txt", files.security, name="security-txt"),
    path("favicon.ico", files.favicon, name="favicon"),
    path("healthz", files.ready, name="healthz"),
    path("healthz/live", files.live, name="healthz-live"),
    path("healthz/ready", files.ready, name="healthz-ready"),
]
