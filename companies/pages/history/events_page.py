"""The page of events by their date in the world, grouped by month."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from babel.dates import format_date
from babel.lists import format_list
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from companies import queries
from companies.models import DEFAULT_PACT, Pact, PartialDate, Precision, Signing
from companies.pages.links import Chip, QuickFilter, chip, query_string

EXAMPLE = "a-company"  # a public id, in whose place others are put
LINK = '<a class="who" href="{}{of_pact}"><bdi>{}</bdi></a>'
REST = '<a href="{}">{}</a>'
YEARS = 4  # quick filters for as many years, this one included
Status = Signing.Status


@dataclass(frozen=True)
class ShownEvent:
    """An event with its sentence; companies not named are behind a link."""

    event: queries.WorldEvent
    says: SafeString

    @property
    def day(self) -> int | None:
        """The day of the month; None if only month or year is known."""
        when = self.event.when
        return when.date.day if when.precision == Precision.DAY else None

    @property
    def status(self) -> str:
        """The new status, if the event is one."""
        return self.event.kind if self.event.kind in Status.values else ""


@dataclass(frozen=True)
class Month:
    """The events of a month, or those of a year without a known month."""

    heading: str
    code: str
    events: list[ShownEvent]


def happened(request: HttpRequest) -> HttpResponse:
    query = queries.EventFilter.of(request)
    events, before = query.page()
    today = timezone.localdate()
    this_month = ranges(today)["month"][0]
    quick, in_month = quick_filters(query, today)
    pact = query.chosen["pact"]
    context = {
        "months": months(shown(event) for event in events),
        "before": before,
        "quick": quick,
        "in_month": in_month,
        "month": PartialDate(this_month, Precision.MONTH),
        "newest": query.newest(),
        "kinds": kinds(query),
        "chips": chips(query, quick),
        "pacts": list(Pact.objects.all()),
        "chosen_pact": pact,
        "since": query.data.get("since", ""),
        "until": query.data.get("until", ""),
        "url": reverse("changes"),
    }
    return render(request, "companies/history/happened.html", context)


# Filters


def ranges(today: datetime.date) -> dict[str, tuple[datetime.date, datetime.date]]:
    """The first and last day of this week, this month and the newest years."""
    monday = today - datetime.timedelta(days=today.weekday())
    following = (today.replace(day=1) + datetime.timedelta(days=31)).replace(day=1)
    found = {
        "week": (monday, monday + datetime.timedelta(days=6)),
        "month": (today.replace(day=1), following - datetime.timedelta(days=1)),
    }
    for year in range(today.year, today.year - YEARS, -1):
        found[f"y{year}"] = (datetime.date(year, 1, 1), datetime.date(year, 12, 31))
    return found


def quick_filters(
    query: queries.EventFilter, today: datetime.date
) -> tuple[list[QuickFilter], int]:
    """Links to each range with its count, and the count of this month."""
    days = ranges(today)
    numbers = query.counts({"all": (None, None), **days})
    names = {"week": _("This week"), "month": _("This month")}
    given = (query.chosen["since"], query.chosen["until"])
    found = [
        QuickFilter(
            names.get(name, name[1:]), numbers[name], _link(query, *both), chosen=given == both
        )
        for name, both in days.items()
    ]
    everything = QuickFilter(_("All"), numbers["all"], _link(query), chosen=given == (None, None))
    return [*found, everything], numbers["month"]


def _link(query: queries.EventFilter, *days: datetime.date) -> str:
    """The URL with the other filters and these days."""
    rest = query.data.copy()
    for name in ("since", "until", "before"):
        rest.pop(name, None)
    for name, day in zip(("since", "until"), days, strict=False):
        rest[name] = day.isoformat()
    return query_string(rest) or reverse("changes")


def kinds(query: queries.EventFilter) -> list[tuple[str, str, int, bool]]:
    """The kinds of events as (value, label, count, whether selected)."""
    numbers, chosen = query.kinds(), query.chosen["event"]
    return [
        (value, str(label), numbers[value], value in chosen)
        for value, label in queries.EVENT_KINDS
        if numbers[value] or value in chosen
    ]


def chips(query: queries.EventFilter, quick: Iterable[QuickFilter]) -> list[Chip]:
    """Chips of the active filters, without days that a quick filter covers."""
    labels = {value: str(label) for value, label in queries.EVENT_KINDS}
    days = {
        "since": _("since %(day)s") % {"day": queries.day_in_words(query.data.get("since", ""))},
        "until": _("until %(day)s") % {"day": queries.day_in_words(query.data.get("until", ""))},
    }
    if query.chosen["pact"]:
        labels[query.chosen["pact"].slug] = query.chosen["pact"].name
    names = ["pact", "event"] if any(one.chosen for one in quick) else ["pact", "event", *days]
    return [
        chip(days.get(name) or labels.get(value, value), query.data, name, value)
        for name in names
        for value in query.data.getlist(name)
    ]


# Words


def months(events: Iterable[ShownEvent]) -> list[Month]:
    return [
        Month(heading(when), str(when), list(same))
        for when, same in groupby(events, key=lambda shown: month_of(shown.event.when))
    ]


def month_of(when: PartialDate) -> PartialDate:
    if when.precision == Precision.YEAR:
        return when
    return PartialDate(when.date.replace(day=1), Precision.MONTH)


def heading(when: PartialDate) -> str:
    """August 2026, « Août 2026 »; for a year, a note that the month is not known."""
    if when.precision == Precision.YEAR:
        return _("%(year)s, day unknown") % {"year": when.date.year}
    name = format_date(when.date, "LLLL y", locale=get_language() or "en")
    return name[:1].upper() + name[1:]


def shown(event: queries.WorldEvent) -> ShownEvent:
    return ShownEvent(event, sentence_of(event))


def sentence_of(event: queries.WorldEvent) -> SafeString:
    """The sentence of an event, as certain as its basis; a milestone has its own title."""
    if event.milestone:
        return SafeString("")
    return format_html(words_for(event), who=who(event))


def words_for(event: queries.WorldEvent) -> str:
    """The sentence of a status or a report, with `{who}` for its companies."""
    number = event.number
    if event.kind == Status.SIGNED and event.basis != Signing.SinceBasis.STATED:
        return ngettext(
            "{who} is first named as a signatory", "{who} are first named as signatories", number
        )
    return {
        Status.SIGNED: ngettext("{who} signed", "{who} have signed", number),
        Status.REMOVED: ngettext(
            "{who} is no longer on the list, which gives no reason",
            "{who} are no longer on the list, which gives no reason",
            number,
        ),
        Status.WITHDRAWN: ngettext(
            "{who} says that it has left", "{who} say that they have left", number
        ),
        Status.DECLINED: ngettext(
            "{who} said publicly that it would not sign",
            "{who} said publicly that they would not sign",
            number,
        ),
        Status.INTERESTED: ngettext(
            "{who} is in the network, without having signed",
            "{who} are in the network, without having signed",
            number,
        ),
        queries.REPORT: ngettext(
            "{who} published a progress report", "{who} published progress reports", number
        ),
    }[event.kind]


def who(event: queries.WorldEvent) -> SafeString:
    """Links to the named companies, and one link to the others."""
    # Some events name hundreds: to resolve each URL and to format each link by itself would take
    # two thirds of their time.
    url, of_pact = reverse("company", args=[EXAMPLE]), _of(event)
    links = [LINK] * len(event.companies)
    words = [text for slug, name in event.companies for text in (url.replace(EXAMPLE, slug), name)]
    others = event.number - len(event.companies)
    if others:
        text = ngettext("%(number)s other", "%(number)s others", others) % {"number": others}
        links.append(REST)
        words += [all_of(event), text]
    locale = get_language() or "en"
    pattern = format_list(links, locale="en_GB" if locale == "en" else locale)
    return format_html(pattern, *words, of_pact=of_pact)


def _of(event: queries.WorldEvent) -> str:
    """The query string of a record for the event's pact."""
    pact = event.pact
    return f"?pact={pact.slug}" if pact and pact.slug != DEFAULT_PACT else ""


def all_of(event: queries.WorldEvent) -> str:
    """The URL of the events page that names all companies of this event."""
    pact = event.pact.slug if event.pact else ""
    days = f"since={event.when.date}&until={event.until}"
    return f"{reverse('changes')}?pact={pact}&event={event.kind}&{days}"
