"""Pages of releases: all, each, and their files."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies import queries
from companies.register.open_data.deltas import KINDS
from companies.register.open_data.file_formats import media_type
from companies.register.open_data.released import ABOUT, RECEIPT, SUMS, Release, releases
from companies.register.open_data.signatures import chain_head, public_keys, receipt_of
from companies.register.package.dumping import PACKAGE

CITATIONS = ("citation.txt", "citation.bib", "CITATION.cff", "LICENSE.txt")
WHOLE = {
    "pactwatch.zip": gettext_lazy("all tables as CSV"),
    "pactwatch.jsonl": gettext_lazy("all tables as JSON Lines"),
    "pactwatch.sqlite3": gettext_lazy("all tables as an SQLite database"),
}
A_YEAR = 31_536_000  # seconds: a file of a release never changes


def all_releases(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    context = {"releases": releases(), "keys": public_keys()}
    return _fresh(render(request, "companies/open_data/releases.html", context))


def release(request: HttpRequest, name: str) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    found = _release(name)
    files = {one["name"]: one for one in found.files}
    tables = [name for name in files if name.endswith(".csv")]
    whole = {**WHOLE, PACKAGE: _("what each column holds")}
    changed = sum((Counter(one) for one in found.about["changes"].values()), Counter())
    context = {
        "one": found,
        "rows": sum(found.about["rows"].values()),
        "citations": [name for name in CITATIONS if name in files],
        "changed": {kind: changed[kind] for kind in KINDS},
        "whole": [(files[name], title) for name, title in whole.items() if name in files],
        "proof": [
            (SUMS, _("SHA-256 of every file, for sha256sum --check")),
            (RECEIPT, _("the same, signed") if found.is_signed else _("the same, not signed")),
            (ABOUT, _("dates, counts and files, for programs")),
        ],
        "tables": [(files[name], files.get(f"{name[:-4]}.parquet")) for name in tables],
    }
    return _fresh(render(request, "companies/open_data/release.html", context))


def index(request: HttpRequest) -> HttpResponse:
    """All release.json contents, newest first."""
    found = [dict(one.about) for one in releases()]
    answer: dict[str, Any] = {"keys": public_keys(), "releases": found}
    return _fresh(JsonResponse(answer, json_dumps_params={"ensure_ascii": False}))


def file(request: HttpRequest, name: str, file: str) -> HttpResponseBase:
    path = _release(name).path_of(file)
    if path is None:
        raise Http404
    response = FileResponse(path.open("rb"), content_type=media_type(file))
    response.headers["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    response.headers["X-Accel-Expires"] = str(A_YEAR)  # of nginx, which removes it
    return response


def head(request: HttpRequest) -> HttpResponse:
    """The signed hash of the newest change."""
    statement = {"kind": "chain-head", "register": settings.SITE_URL} | chain_head()
    return HttpResponse(receipt_of(statement), content_type="application/json")


def keys(request: HttpRequest) -> HttpResponse:
    """The public signing keys, the current one first."""
    found = [{"algorithm": "Ed25519", "key": key} for key in public_keys()]
    signs_now = bool(settings.SIGNING_KEY)
    return JsonResponse({"register": settings.SITE_URL, "signs_now": signs_now, "keys": found})


def _release(name: str) -> Release:
    found = next((one for one in releases() if one.name == name), None)
    if found is None:
        raise Http404
    return found


def _fresh(response: HttpResponse) -> HttpResponse:
    """Forbid caching: a release is written without an edit of the register."""
    patch_cache_control(response, private=True, no_cache=True)
    return response
