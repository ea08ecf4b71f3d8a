"""URLs of the register's files, which have no language."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from pactwatch.outages.costly_requests import costly

from . import catalog, data_page, releases_page


def data_path(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> URLPattern:
    """The URL pattern of a data file, which takes no parameters."""
    answer = require_safe(data_page.without_parameters(view))
    return path(route, answer, name=name)


urlpatterns = [
    data_path(".well-known/pactwatch-keys.json", releases_page.keys, name="signing-keys"),
    data_path("data/catalog.ttl", costly(catalog.turtle), name="catalog-ttl"),
    data_path("data/catalog.jsonld", costly(catalog.jsonld), name="catalog-jsonld"),
    data_path("data/chain-head.json", releases_page.head, name="chain-head"),
    data_path("data/releases/index.json", releases_page.index, name="releases-index"),
    data_path("data/releases/<slug:name>/<path:file>", releases_page.file, name="release-file"),
    data_path("data/<str:name>", costly(data_page.data_file), name="data-file"),
]
