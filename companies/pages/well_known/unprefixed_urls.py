"""URLs that programs read and that have no language."""

from collections.abc import Callable

from django.contrib.sitemaps.views import sitemap
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from companies.pages.errors import register_page
from companies.pages.open_data import catalog, data_page, releases_page
from companies.pages.open_data.data_page import without_parameters
from pactwatch.outages.turns import costly

from . import files, sitemaps, suggestions

SITEMAP = {"sitemaps": sitemaps.SITEMAPS, "content_type": sitemaps.XML}


def data_path(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> URLPattern:
    """The URL of a file of the register, which takes no parameters."""
    answer = require_safe(without_parameters(view))
    return path(route, answer, name=name)


urlpatterns = [
    path("robots.txt", require_safe(files.robots), name="robots"),
    path("sitemap.xml", require_safe(sitemaps.index), name="sitemap"),
    path("sitemap-<slug:section>.xml", require_safe(costly(sitemap)), SITEMAP, name="sitemap-file"),
    path("opensearch.xml", require_safe(files.opensearch), name="opensearch"),
    path("llms.txt", require_safe(files.llms), name="llms"),
    path(".well-known/security.txt", require_safe(files.security), name="security-txt"),
    path("names.json", require_safe(register_page(suggestions.names)), name="names"),
    data_path(".well-known/pactwatch-keys.json", releases_page.keys, name="signing-keys"),
    data_path("data/catalog.ttl", costly(catalog.turtle), name="catalog-ttl"),
    data_path("data/catalog.jsonld", costly(catalog.jsonld), name="catalog-jsonld"),
    data_path("data/chain-head.json", releases_page.head, name="chain-head"),
    data_path("data/releases/index.json", releases_page.index, name="releases-index"),
    data_path("data/releases/<slug:name>/<path:file>", releases_page.file, name="release-file"),
    data_path("data/<str:name>", costly(data_page.data_file), name="data-file"),
    path("favicon.ico", require_safe(files.favicon), name="favicon"),
    path("healthz", require_safe(files.ready), name="healthz"),
    path("healthz/live", require_safe(files.live), name="healthz-live"),
    path("healthz/ready", require_safe(files.ready), name="healthz-ready"),
]
