"""URLs: pages in English at / and in other languages at /fr/ etc.; the API has no prefix."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from pactwatch.startup import LaterURLs

handler400 = "companies.pages.errors.bad_request"
handler403 = "companies.pages.errors.forbidden"
handler404 = "companies.pages.errors.not_found"
handler429 = "accounts.bounds.too_many"  # allauth asks for it
handler500 = "companies.pages.errors.server_error"

# Pages before files: looking through those took a tenth of the time of a record.
urlpatterns = [
    path("api/v1/", include("companies.api.urls")),
    *i18n_patterns(
        path("", include("companies.pages.urls")),
        path("admin/", include("accounts.urls")),
        LaterURLs("admin/", "companies.admin", "admin"),
        prefix_default_language=False,
    ),
    path("", include("companies.pages.well_known.unprefixed_urls")),
    path("", include("companies.pages.open_data.file_urls")),
]
