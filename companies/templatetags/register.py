"""Template filters and tags for the register's values."""

import datetime
import json
import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from babel.numbers import format_percent
from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext

from companies.models import Citation, Pact, PartialDate, Signing, is_web_url
from pactwatch.page_fragments import FRAGMENTS, content_of

register = template.Library()

IN_MENU = ("companies", "absent", "commitments", "reports", "statistics", "changes", "check")
_NO_BREAK = "\u00a0"
_NARROW_NO_BREAK = "\u202f"
# Characters that could end a script element or begin a character reference, escaped in JSON-LD.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.filter
def when(value: Any) -> str:
    """A date as precise as its source, on one line: 9 October 2024, October 2024, 2024."""
    if not value:
        return ""
    partial = value if isinstance(value, PartialDate) else PartialDate(value)
    return partial.in_words(get_language() or "en")


@register.filter
def in_few_words(day: PartialDate) -> str:
    """A date with an abbreviated month: Oct 2024."""
    return day.in_few_words(get_language() or "en")


@register.filter
def days(lists: Any) -> str:
    """The dates of lists without a company: 9 October 2024 and 28 November 2026."""
    return str(lists.in_words(get_language() or "en"))


@register.filter
def day(instant: datetime.datetime) -> datetime.date:
    """The day of an instant in the register's time zone."""
    return timezone.localdate(instant)


@register.filter
def since(company: Any) -> str:
    """The start date of the status annotated on a company."""
    return when(PartialDate(company.since, company.since_precision)) if company.since else ""


@register.filter
def since_word(precision: str) -> str:
    """The word before a start date: depuis le 9 octobre 2024, depuis 2024."""
    return pgettext("a day", "Since") if precision == "day" else pgettext("a month", "Since")


@register.filter
def typeset(text: str) -> str:
    """An editor's text with French no-break spaces, which few people type."""
    if get_language() != "fr":
        return text
    narrow = re.sub(r" (?=[;?!])|(?<=\d) (?=\d{3}\b)", _NARROW_NO_BREAK, text)
    return re.sub("(?<=«) | (?=[»:%])", _NO_BREAK, narrow)


@register.filter
def machine_date(value: Any) -> str:
    """A date for the `datetime` attribute of a `time` element."""
    return str(value if isinstance(value, PartialDate) else PartialDate(value)) if value else ""


@register.simple_tag(takes_context=True)
def words_of_picture(context: dict[str, Any]) -> str:
    """The alternative text of the page's share image."""
    return str(context["share_image"].words(context))


@register.filter
def known_of(number: int, pact: Pact) -> str:
    """The number of known signatories of `pact` with the announced total."""
    return pact.known(number)


@register.filter
def total_beyond(pact: Pact, number: int) -> int | None:
    """The announced total of `pact`, unless more signatories are known."""
    return pact.total_beyond(number)


@register.filter
def inner_quotes(quote: str) -> str:
    """A quote with its inner quotation marks single, for use inside others."""
    if get_language() == "fr":
        return quote
    return re.sub(r'"([^"]*)"', "‘\\1’", quote).translate({ord("“"): "‘", ord("”"): "’"})


@register.filter
def status_label(status: str | None) -> str:
    """The label of a status; None is unknown."""
    return str(Signing.Status(status or Signing.Status.UNKNOWN).label)


@register.filter
def item(mapping: dict[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.filter
def web_link(url: str) -> str:
    """The URL if it is http or https, else ""."""
    return url if is_web_url(url) else ""


@register.filter
def host(url: str) -> str:
    return url.split("//", 1)[-1].split("/", 1)[0].removeprefix("www.")


@register.filter
def percent(part: int, whole: int) -> str:
    """A share in whole percent, as the reader's language writes it."""
    share = round(100 * part / whole) if whole else 0
    return format_percent(share / 100, locale=get_language() or "en")


@register.filter
def then(url: str, clock: Any) -> str:
    """A URL with the page's clock as its query."""
    return f"{url}?{clock.query}" if clock.is_past else url


# What surrounds every page, rendered once in each language: it took 3 to 5 ms of each.


@register.inclusion_tag("companies/_list_feeds.html", takes_context=True)
def list_feeds(context: dict[str, Any], name: str, *args: str) -> dict[str, str]:
    """The feeds of a page's list, for its head."""
    return _feeds_of(context, name, args)


@register.inclusion_tag("companies/_list_follow.html", takes_context=True)
def list_follow(
    context: dict[str, Any], name: str, *args: str, companies: str | None = None
) -> dict[str, Any]:
    """The feed and follow links of a page's list; `companies` is the query to follow, if any.

    As of a past day there are only feeds.
    """
    followed = None if context.get("is_past") else companies
    return {
        **_feeds_of(context, name, args),
        "followed": followed,
        "sends_mail": bool(settings.EMAIL_URL),
    }


def _feeds_of(context: dict[str, Any], name: str, args: tuple[str, ...]) -> dict[str, str]:
    forms = {form: reverse(f"{name}-feed-{form}", args=args) for form in ("atom", "json")}
    return forms | {"query": context["list_query"], "site_url": settings.SITE_URL}


@register.simple_tag
def main_menu(path: str) -> SafeString:
    """The main menu for the page at `path`."""
    current = frozenset(view for view in IN_MENU if reverse(view) in path)
    return _framing("_menu.html", get_language() or "en", current)


@register.simple_tag
def page_footer() -> SafeString:
    return _framing("_footer.html", get_language() or "en")


@lru_cache(64)
def _framing(template: str, language: str, current: frozenset[str] = frozenset()) -> SafeString:
    """A part of what surrounds a page, in the active language, which must be `language`."""
    context = {"current": current, "release": settings.VERSION}
    return render_to_string(f"companies/{template}", context)


@register.simple_tag(takes_context=True)
def part(context: Any, name: str, key: Hashable) -> SafeString:
    """Include a template that many pages render alike, from the cache by all that it shows.

    None as a key caches nothing.
    """
    cache_key = (name, get_language(), key)
    cached = None if key is None else FRAGMENTS.get(cache_key)
    if cached is None:
        with context.push():
            html: SafeString = context.template.engine.get_template(name).render(context)
        if key is not None:
            FRAGMENTS.add(cache_key, html.encode())
        return html
    return mark_safe(cached.decode())  # noqa: S308  # nosec B308, B703  # by a template


@register.filter
def shown_of(citation: Citation) -> Hashable:
    """All that a template can show of a citation besides its quote and translations."""
    check = citation.check_of_page
    return (
        content_of(citation.source),
        *(citation.own_words, citation.about_on, citation.about_on_precision),
        *(citation.confidence, citation.verified_on, citation.verified_by),
        check and (check.result, check.checked_on, check.found_on, check.in_copy, check.copy_of),
    )


@register.simple_tag
def json_ld(data: dict[str, Any]) -> SafeString:
    """A JSON-LD script element; its text cannot close the element."""
    body = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    block = mark_safe(body)  # noqa: S308  # nosec B308, B703  # no text ends the block
    return format_html('<script type="application/ld+json">{}</script>', block)
