"""Sitemaps: every page in every language, with alternates and modification dates.

robots.txt names an index of sitemap files, each within the size limit.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem, sitemap, x_robots_tag
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate

from companies import queries
from companies.models import Commitment, Company, Pact, Pledge, RegisterVersion, Signing

XML = "application/xml; charset=utf-8"
EXAMPLE_SLUG, EXAMPLE_DAY = "the-public-id-of-a-company", datetime.date(2000, 1, 2)
_ENTRY = re.compile("<url>(.*?)</url>", re.DOTALL)
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
    limit = 25_000  # URLs in a file, which is then 14 MB

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
    """The record of each company.

    Django's template writes one entry per language, of which only public id and day differ:
    with 25,000 it takes 2 s.
    """

    def _items(self) -> "Addresses":
        # The database would count them all, and pass all those before a file.
        return Addresses(queries.number_of_companies(), self._companies, _codes())

    def get_urls(self, page: int | str = 1, site: Any = None, protocol: Any = None) -> list[Any]:
        """The entries as one text, for `sitemap_entries.xml`."""
        items = self.paginator.page(page).object_list
        instants = {company.pk: self.lastmod(company) for company, _code in items}
        days = {one: f"<lastmod>{localdate(one)}</lastmod>" for one in instants.values() if one}
        if len(days) and None not in instants.values():
            self.latest_lastmod = max(days)
        entries, found = self._entries(), []
        for company, code in items:
            before, after = entries[code]
            slug, instant = company.slug, instants[company.pk]
            day = days[instant] if instant else ""
            found.append(f"{slug.join(before)}{day}{slug.join(after)}")
        return [mark_safe("".join(found))]  # noqa: S308  # nosec B308, B703  # a slug is letters

    def _entries(self) -> dict[str, tuple[list[str], list[str]]]:
        """The parts of an entry before and after the day, cut where the public id stands."""
        urls = ExampleSitemap().get_urls()
        text = render_to_string("sitemap.xml", {"urlset": urls})
        entries = [f"<url>{one}</url>" for one in _ENTRY.findall(text)]
        halves = (one.split(f"<lastmod>{EXAMPLE_DAY}</lastmod>") for one in entries)
        return {
            code: (before.split(EXAMPLE_SLUG), after.split(EXAMPLE_SLUG))
            for code, (before, after) in zip(_codes(), halves, strict=True)
        }

    def _companies(self, first: int, end: int) -> "Sequence[SlugOfCompany]":
        """A slice of companies, each with its last modification."""
        keys = queries.keys_of_companies(first, end)
        if not keys:
            return []
        first_pk, last_pk = keys[0], keys[-1]
        rows = Company.objects.filter(pk__gte=first_pk, pk__lte=last_pk).order_by("pk")
        companies = list(map(SlugOfCompany._make, rows.values_list("pk", "slug")))
        newest: dict[int, datetime.datetime] = {}
        for model, company in ((Company, "id"), (Signing, "company_id"), (Pledge, "company_id")):
            those = {f"{company}__gte": first_pk, f"{company}__lte": last_pk}
            rows = model.history.filter(**those).order_by()
            for pk, changed_at in rows.values_list(company).annotate(at=Max("history_date")):
                newest[pk] = max(changed_at, newest.get(pk, changed_at))
        self._changed_at = newest
        return companies

    def lastmod(self, item: "SlugOfCompany") -> datetime.datetime | None:
        return self._changed_at.get(item.pk)


class SlugOfCompany(NamedTuple):
    """The primary key and the public id of a company."""

    pk: int
    slug: str


class ExampleSitemap(SiteSitemap):
    """One record, whose public id and day stand for others."""

    def _items(self) -> list[tuple[Company, str]]:
        return [(Company(slug=EXAMPLE_SLUG), code) for code in _codes()]

    def lastmod(self, item: Company) -> datetime.date:
        return EXAMPLE_DAY


def _codes() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


class Addresses:
    """A lazy sequence of companies in each language, of which one file's slice is read."""

    def __init__(
        self,
        companies: int,
        read: Callable[[int, int], Sequence[SlugOfCompany]],
        languages: Sequence[str],
    ) -> None:
        self.companies, self.read, self.languages = companies, read, languages

    def __len__(self) -> int:
        return self.companies * len(self.languages)

    def __getitem__(self, part: slice) -> list[tuple[SlugOfCompany, str]]:
        each = len(self.languages)
        first, end = part.start // each, -(-part.stop // each)
        found = [(one, code) for one in self.read(first, end) for code in self.languages]
        return found[part.start - first * each : part.stop - first * each]


SITEMAPS = {"pages": PageSitemap, "companies": CompanySitemap}


def file(request: HttpRequest, section: str) -> HttpResponse:
    template = "sitemap_entries.xml" if section == "companies" else "sitemap.xml"
    return sitemap(request, {**SITEMAPS}, section, template, XML)


@x_robots_tag
def index(request: HttpRequest) -> HttpResponse:
    """The sitemap index at SITE_URL, which Django's own view does not support."""
    files = []
    for section, of_section in SITEMAPS.items():
        first = settings.SITE_URL + reverse("sitemap-file", args=[section])
        pages = of_section().paginator.num_pages
        files += [first, *(f"{first}?p={page}" for page in range(2, pages + 1))]
    context = {"sitemaps": [SitemapIndexItem(file) for file in files]}
    return render(request, "sitemap_index.xml", context, content_type=XML)
