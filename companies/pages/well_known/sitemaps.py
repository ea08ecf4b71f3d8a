"""Sitemaps: every page in every language, with alternates and modification dates.

robots.txt names an index of sitemap files, each within the size limit.
"""

import datetime
from collections.abc import Callable, Sequence

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem, x_robots_tag
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property

from companies.models import Commitment, Company, Pact, Pledge, RegisterVersion, Signing

XML = "application/xml; charset=utf-8"
PAGES = (
    "home",
    "companies",
    "absent",
    "left",
    "compare",
    "matrix",
    "check",
    "commitments",
    "pacts",
    "changes",
    "reports",
    "statistics",
    "verify",
    "corrections",
    "correction-new",
    "method",
    "data",
    "releases",
    "about",
    "privacy",
)


class SiteSitemap(Sitemap):  # type: ignore[type-arg]  # generic in the stubs alone
    """A sitemap in every language, at SITE_URL whatever the Host header."""

    i18n = True
    alternates = True
    limit = 25_000  # addresses in a file, which is then 14 MB

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.SITE_URL.partition("://")[0]

    def get_domain(self, site: object = None) -> str:
        return settings.SITE_URL.partition("://")[2]


class PageSitemap(SiteSitemap):
    """The sitemap of pages other than records."""

    def items(self) -> list[Pact | Commitment | str]:
        return [*PAGES, *Pact.objects.all(), *Commitment.objects.select_related("pact")]

    def location(self, item: Pact | Commitment | str) -> str:
        return reverse(item) if isinstance(item, str) else item.get_absolute_url()

    def lastmod(self, item: Pact | Commitment | str) -> datetime.datetime | None:
        return self._register_changed_at

    @cached_property
    def _register_changed_at(self) -> datetime.datetime | None:
        version = RegisterVersion.objects.first()
        return version.changed_at if version else None


class CompanySitemap(SiteSitemap):
    """The record of each company."""

    def _items(self) -> "Addresses":
        languages = [code for code, _name in settings.LANGUAGES]
        return Addresses(Company.objects.count(), self._companies, languages)

    def _companies(self, first: int, end: int) -> Sequence[Company]:
        """A slice of companies, each with its last modification."""
        companies = list(Company.objects.order_by("pk").only("slug")[first:end])
        if not companies:
            return []
        first_pk, last_pk = companies[0].pk, companies[-1].pk
        newest: dict[int, datetime.datetime] = {}
        for model, company in ((Company, "id"), (Signing, "company_id"), (Pledge, "company_id")):
            those = {f"{company}__gte": first_pk, f"{company}__lte": last_pk}
            rows = model.history.filter(**those).order_by()
            for pk, changed_at in rows.values_list(company).annotate(at=Max("history_date")):
                newest[pk] = max(changed_at, newest.get(pk, changed_at))
        self._changed_at = newest
        return companies

    def lastmod(self, item: Company) -> datetime.datetime | None:
        return self._changed_at.get(item.pk)


class Addresses:
    """A lazy sequence of companies in each language, of which one file's slice is read."""

    def __init__(
        self,
        companies: int,
        read: Callable[[int, int], Sequence[Company]],
        languages: Sequence[str],
    ) -> None:
        self.companies, self.read, self.languages = companies, read, languages

    def __len__(self) -> int:
        return self.companies * len(self.languages)

    def __getitem__(self, part: slice) -> list[tuple[Company, str]]:
        each = len(self.languages)
        first, end = part.start // each, -(-part.stop // each)
        found = [(one, code) for one in self.read(first, end) for code in self.languages]
        return found[part.start - first * each : part.stop - first * each]


SITEMAPS = {"pages": PageSitemap, "companies": CompanySitemap}


@x_robots_tag
def index(request: HttpRequest) -> HttpResponse:
    """The sitemap index at SITE_URL, which Django's own view does not support."""
    files = []
    for section, sitemap in SITEMAPS.items():
        first = settings.SITE_URL + reverse("sitemap-file", args=[section])
        pages = sitemap().paginator.num_pages
        files += [first, *(f"{first}?p={page}" for page in range(2, pages + 1))]
    context = {"sitemaps": [SitemapIndexItem(file) for file in files]}
    return render(request, "sitemap_index.xml", context, content_type=XML)
