"""The page of all downloads, and their files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Company, RegisterVersion
from companies.pages.downloads import FILES, cached_name
from companies.pages.errors import bad_query
from companies.register.open_data import public_files
from companies.register.open_data.public_files import DataFile, PublicFiles
from companies.register.package.dumping import LICENCE, resource

from .releases_page import WHOLE

ENDPOINTS = ("companies", "signings", "pledges", "commitments", "pacts", "sources", "statistics")


@dataclass(frozen=True)
class TableFiles:
    """The files of one table, and a description of its columns."""

    csv: DataFile
    others: list[DataFile]

    @property
    def title(self) -> str:
        assert self.csv.table  # noqa: S101  # nosec B101  # each of these files has one
        return capfirst(str(self.csv.table.model._meta.verbose_name_plural))

    @property
    def columns(self) -> list[dict[str, Any]]:
        assert self.csv.table  # noqa: S101  # nosec B101  # each of these files has one
        found: list[dict[str, Any]] = resource(self.csv.table)["schema"]["fields"]
        return found


def data(request: HttpRequest) -> HttpResponse:
    queries.refuse_parameters(request.GET)
    version = RegisterVersion.objects.first()
    files = public_files.public_files()
    context = {
        "companies": Company.objects.count(),
        "today": timezone.localdate(),
        "version": version,
        "licence": LICENCE,
        "endpoints": [(name, reverse(f"api:{name}")) for name in ENDPOINTS],
        "files": files,
        "whole": [{"file": one, "title": WHOLE[one.name]} for one in files.whole],
        "tables": list(_by_table(files)),
        "dataset": dataset(version, files),
        "sources_url": files.files["sources.csv"].url,
    }
    return files.keep_fresh(render(request, "companies/about/data.html", context))


def _by_table(files: PublicFiles) -> Iterator[TableFiles]:
    parquet = {one.table: one for one in files.of_kind("parquet")}
    for one in files.of_kind("csv"):
        yield TableFiles(one, [parquet[one.table]] if parquet else [])


def dataset(version: RegisterVersion | None, files: PublicFiles) -> dict[str, Any]:
    """The register in schema.org's terms."""
    about = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": _("PactWatch: who has signed the EU AI Pact"),
        "description": _(
            "Companies with their status, pledges and progress on the EU AI Pact and other "
            "voluntary instruments, with sources and history."
        ),
        "url": settings.SITE_URL + reverse("data"),
        "license": LICENCE,
        "inLanguage": get_language(),
        "isAccessibleForFree": True,
        "isBasedOn": "https://digital-strategy.ec.europa.eu/en/policies/ai-pact",
        "creator": {"@type": "Organization", "name": "PactWatch", "url": settings.SITE_URL},
        "distribution": [
            *(_download(one) for one in (*files.whole, *files.of_kind("csv"))),
            {
                "@type": "DataDownload",
                "name": "API",
                "encodingFormat": "application/json",
                "contentUrl": settings.SITE_URL + reverse("api:companies"),
            },
        ],
    }
    if version:
        about["version"] = str(version.number)
        about["dateModified"] = timezone.localdate(version.changed_at).isoformat()
    return about


def _download(one: DataFile) -> dict[str, Any]:
    said = {
        "@type": "DataDownload",
        "name": one.name,
        "encodingFormat": one.media_type.partition(";")[0],
        "contentUrl": one.url,
    }
    sums = {"contentSize": f"{one.size} B", "sha256": one.sha256} if one.size is not None else {}
    return said | sums


def without_parameters(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a file view that refuses parameters."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            queries.refuse_parameters(request.GET)
        except queries.BadQuery as error:
            return bad_query(request, error)
        return view(request, *args, **kwargs)

    return answer


def data_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Serve one file: from memory for a small register, else from disk."""
    files = public_files.public_files()
    one = files.files.get(name)
    if one is None:
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Robots-Tag": "noindex",
    }
    if one.content is None:
        made = partial(public_files.write, name)
        file = (
            one.path.open("rb")
            if one.path
            else FILES.opened(cached_name(request), made, lambda path: path.open("rb"))
        )
        return FileResponse(file, content_type=one.media_type, headers=headers)
    return HttpResponse(one.content, content_type=one.media_type, headers=headers)
