"""URLs that programs read and that have no language."""

from django.urls import path
from django.views.decorators.http import require_safe

from companies.pages.errors import register_page
from pactwatch.outages.costly_requests import costly

from . import files, metrics, sitemaps, suggestions

urlpatterns = [
    path("robots.txt", require_safe(files.robots), name="robots"),
    path("sitemap.xml", require_safe(sitemaps.index), name="sitemap"),
    path("sitemap-<slug:section>.xml", require_safe(costly(sitemaps.file)), name="sitemap-file"),
    path("opensearch.xml", require_safe(files.opensearch), name="opensearch"),
    path("llms.txt", require_safe(files.llms), name="llms"),
    path(".well-known/security.txt", require_safe(files.security), name="security-txt"),
    path("names.json", require_safe(register_page(suggestions.names)), name="names"),
    path("favicon.ico", require_safe(files.favicon), name="favicon"),
    path("metrics", require_safe(metrics.metrics), name="metrics"),
    path("healthz", require_safe(files.ready), name="healthz"),
    path("healthz/live", require_safe(files.live), name="healthz-live"),
    path("healthz/ready", require_safe(files.ready), name="healthz-ready"),
]
