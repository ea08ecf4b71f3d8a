"""The languages of the site, and one page's URL in each of them."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import translate_url


@dataclass(frozen=True)
class Translation:
    """The same page in one of the site's languages, under the name that language gives itself."""

    code: str
    name: str
    path: str

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.path


def translations(path: str, query: str = "") -> list[Translation]:
    """The page at `path` in every language of the site."""
    return [
        Translation(code, name, translate_url(path, code) + query)
        for code, name in settings.LANGUAGES
    ]
