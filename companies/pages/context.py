"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language

OTHER_LANGUAGE = {"en": "fr", "fr": "en"}


def site(request: HttpRequest) -> dict[str, Any]:
    language = get_language() or "en"
    path = request.path
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return {
        "site_url": settings.SITE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "addresses": {code: settings.SITE_URL + translate_url(path, code) for code in ("en", "fr")},
        "canonical": settings.SITE_URL + path,
        "other_language": OTHER_LANGUAGE.get(language, "en"),
        "other_address": translate_url(path, OTHER_LANGUAGE.get(language, "en")) + query,
    }
