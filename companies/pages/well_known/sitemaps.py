"""The sitemap: every page in every language, each naming the others, and when it last changed."""

import datetime
from collections.abc import Iterable
from functools import cached_property

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max
from django.urls import reverse

from companies.models import Commitment, Company, Pact, Pledge, RegisterVersion, Signing

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
    "about",
    "privacy",
)


class SiteSitemap(Sitemap):  # type: ignore[type-arg]  # generic in the stubs alone
    """Pages in every language, at SITE_URL whatever host was asked."""

    i18n = True
    alternates = True

    def get_protocol(self, protocol: str | None = None) -> str:
        return settings.SITE_URL.partition("://")[0]

    def get_domain(self, site: object = None) -> str:
        return settings.SITE_URL.partition("://")[2]


class PageSitemap(SiteSitemap):
    """The pages about the whole register, its pacts and their commitments."""

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

    def items(self) -> Iterable[Company]:
        return Company.objects.order_by("pk").only("slug")

    def lastmod(self, item: Company) -> datetime.datetime | None:
        return self._changed_at.get(item.pk)

    @cached_property
    def _changed_at(self) -> dict[int, datetime.datetime]:
        """For each company, when its profile, a status or a pledge last changed."""
        newest: dict[int, datetime.datetime] = {}
        for model, company in ((Company, "id"), (Signing, "company_id"), (Pledge, "company_id")):
            rows = model.history.order_by().values_list(company).annotate(at=Max("history_date"))
            for pk, changed_at in rows:
                newest[pk] = max(changed_at, newest.get(pk, changed_at))
        return newest


SITEMAPS = {"pages": PageSitemap, "companies": CompanySitemap}
