"""The languages of the site, and one page's URL in each of them."""

from dataclasses import dataclass

from babel.core import get_global
from django.conf import settings
from django.urls import translate_url

# Unicode's most likely country of each language; the English of the site is British.
_COUNTRIES = {**get_global("likely_subtags"), "en": "en_GB"}


@dataclass(frozen=True)
class Translation:
    """A link to the page in one language of the site, labelled in that language."""

    code: str
    name: str
    path: str

    @property
    def locale(self) -> str:
        """The active locale as Open Graph writes it: en_GB, fr_FR."""
        language, *_script, country = _COUNTRIES.get(self.code, self.code).split("_")
        return f"{language}_{country}"

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.path


def translations(path: str, query: str = "") -> list[Translation]:
    """The URL of the page at `path` in every language of the site."""
    return [
        Translation(code, name, translate_url(path, code) + query)
        for code, name in settings.LANGUAGES
    ]
