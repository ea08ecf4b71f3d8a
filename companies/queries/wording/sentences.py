"""The line of each change, table by table."""

import enum
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from companies.models import (
    DEFAULT_PACT,
    Change,
    CompanyIdentifier,
    Opinion,
    PartialDate,
    Pledge,
    Precision,
    PublishedShare,
    Signing,
)

from .values import MODELS, day_in_words, field_changes, said

if TYPE_CHECKING:
    from .known_rows import KnownRows

ADDED, DELETED = Change.Action.ADDED, Change.Action.DELETED
QUOTED = 120  # characters; of a longer text, a line says only that it was reworded


def sentence(change: Change, known: "KnownRows") -> str:
    """The sentence of a change in the active language, without the company's name."""
    if change.action is None:
        return _the_beginning(change)
    phrases = list(PHRASES.get(change.table, _of_a_whole_row)(change, known))
    if not phrases:  # columns that the register has no more
        phrases = [_("%(field)s reworded") % {"field": ", ".join(change.fields)}]
    return pgettext("between two parts of a line", "; ").join(phrases)


def of(subject: str, phrase: str) -> str:
    """A phrase prefixed by its subject, with the spacing of the active language."""
    return _("%(subject)s: %(phrase)s") % {"subject": subject, "phrase": phrase}


def _headed(subject: str, phrases: list[str]) -> Iterator[str]:
    """The phrases, the first one prefixed by their common subject."""
    yield from (of(subject, phrase) for phrase in phrases[:1])
    yield from phrases[1:]


def _the_beginning(change: Change) -> str:
    day = day_in_words(timezone.localdate(change.recorded_at).isoformat())
    return _(
        "history restarted on %(day)s with the whole register of that day (%(number)s rows)"
    ) % {"day": day, "number": number_format(int(change.about.get("rows", 0)), use_l10n=True)}


# Companies and what belongs to them


def _company(change: Change, known: "KnownRows") -> Iterator[str]:
    match change.action:
        case Change.Action.ADDED:
            yield _("added to the register")
        case Change.Action.DELETED:
            yield _("removed from the register")
        case _:
            yield from _fields(change, known)


def _name(change: Change, known: "KnownRows") -> Iterator[str]:
    what = _("other name corrected: %(name)s")
    if change.action == ADDED:
        what = _("other name added: %(name)s")
    elif change.action == DELETED:
        what = _("other name removed: %(name)s")
    yield what % {"name": change.key["name"]}


def _identifier(change: Change, known: "KnownRows") -> Iterator[str]:
    schemes = dict(CompanyIdentifier.Scheme.choices)
    scheme = schemes.get(change.key["scheme"], change.key["scheme"])
    what = _("%(scheme)s: %(value)s")
    if change.action == DELETED:
        what = _("%(scheme)s removed: %(value)s")
    yield what % {"scheme": scheme, "value": change.key["value"]}


def _redirect(change: Change, known: "KnownRows") -> Iterator[str]:
    if not change.about:  # a public id that only changed
        yield from _of_a_whole_row(change, known)
        return
    what = (
        _("merged with %(name)s, whose record was %(slug)s")
        if change.action == ADDED
        else _("no longer merged with %(name)s, whose record is %(slug)s again")
    )
    yield what % {"name": change.about["name"], "slug": change.key["old_slug"]}


# The signing status


def _signing(change: Change, known: "KnownRows") -> Iterator[str]:
    word = _period
    if change.action in (ADDED, DELETED):
        word = _began if change.action == ADDED else _taken_back
    sentences = word(change, known)
    yield from sentences[:-1]
    yield from (last + _of_pact(change, known) for last in sentences[-1:])


def _began(change: Change, known: "KnownRows") -> list[str]:
    since, status = change.new("since"), change.new("status")
    source = known.sources.get(change.subject)
    if status in Signing.ABSENCES:
        seen = FirstSeen.MISSING
    elif source and source.is_official_list and str(source.speaks_on or since).startswith(since):
        seen = FirstSeen.ON_LIST
    else:
        seen = FirstSeen.NAMED
    what = _first_day(change.new("since_basis"), PartialDate.parse(since), seen)
    return [what % {"status": _status(status), "date": day_in_words(since)}]


def _taken_back(change: Change, known: "KnownRows") -> list[str]:
    what = _("entry withdrawn: “%(status)s” since %(date)s")
    day = day_in_words(change.old("since"))
    return [what % {"status": _status(change.old("status")), "date": day}]


def _period(change: Change, known: "KnownRows") -> list[str]:
    status = _status(change.value("status"))
    sentences: list[str] = []
    if "status" in change.fields:
        what = _("status corrected: %(new)s, not %(old)s")
        sentences.append(what % {"new": status, "old": _status(change.old("status"))})
    if "since" in change.fields:
        days = {name: day_in_words(getattr(change, name)("since")) for name in ("old", "new")}
        sentences.append(_("“%(status)s” since %(new)s, not %(old)s") % {"status": status, **days})
    if "until" in change.fields:
        after = day_in_words(change.new("until"))
        what = _("“%(status)s” until %(date)s") if after else _("“%(status)s” applies again")
        sentences.append(what % {"status": status, "date": after})
    if {"asked", "asked_on"} & {*change.fields}:
        sentences.append(_contacted(change))
    if {"since_basis", "reason_en", "reason_fr"} & {*change.fields}:
        sentences.append(_("reason of the status reworded"))
    moved = {"company", "pact"} & {*change.fields}
    return sentences + [
        said(one.label, one.old, one.new)
        for one in field_changes(change, known)
        if one.name in moved
    ]


def _contacted(change: Change) -> str:
    day = day_in_words(change.value("asked_on"))
    what = {
        "": _("entry withdrawn: our contact with the company"),
        Signing.Asked.NO_ANSWER: _("contacted by us on %(date)s, no reply"),
        Signing.Asked.CONSIDERING: _("replied on %(date)s that it is considering"),
    }
    answer = change.new("asked") if "asked" in change.fields else change.value("asked")
    return what[answer] % {"date": day}


def _status(status: str) -> str:
    return {
        "signed": pgettext("in a sentence", "signed"),
        "withdrawn": pgettext("in a sentence", "withdrew"),
        "removed": pgettext("in a sentence", "no longer listed"),
        "declined": pgettext("in a sentence", "publicly declined"),
        "interested": pgettext("in a sentence", "in the network, not a signatory"),
        "not_signed": pgettext("in a sentence", "not on the list"),
        "unknown": pgettext("in a sentence", "status unknown"),
    }.get(status, status)


class FirstSeen(enum.Enum):
    """How a company was first seen: on a list, named elsewhere, or missing from a list."""

    ON_LIST = enum.auto()  # of that very day
    NAMED = enum.auto()
    MISSING = enum.auto()


def _first_day(basis: str, since: PartialDate, seen: FirstSeen) -> str:
    """How the start date is known; French needs other words for a month than for a day."""
    precise = since.precision == Precision.DAY
    if basis == Signing.SinceBasis.STATED:
        return (
            pgettext("a day", "%(status)s on %(date)s")
            if precise
            else pgettext("a month", "%(status)s in %(date)s")
        )
    if basis == Signing.SinceBasis.OBSERVED:
        return (
            pgettext("a day", "%(status)s, as seen on %(date)s")
            if precise
            else pgettext("a month", "%(status)s, as seen in %(date)s")
        )
    if seen is FirstSeen.MISSING:
        return (
            pgettext("a day", "%(status)s, first found missing on %(date)s")
            if precise
            else pgettext("a month", "%(status)s, first found missing in %(date)s")
        )
    if seen is FirstSeen.ON_LIST:
        return (
            pgettext("a day", "%(status)s, first seen on the list of %(date)s")
            if precise
            else pgettext("a month", "%(status)s, first seen on a list of %(date)s")
        )
    return (
        pgettext("a day", "%(status)s, first named on %(date)s")
        if precise
        else pgettext("a month", "%(status)s, first named in %(date)s")
    )


def _retraction(change: Change, known: "KnownRows") -> Iterator[str]:
    words = {
        "status": _status(change.key["status"]),
        "since": day_in_words(change.key["since"]),
        "pact": _of_pact(change, known),
        "begin": day_in_words(change.value("published_from")),
        "end": day_in_words(change.key["retracted_on"]),
        "reason": _translated(change, "reason"),
    }
    match change.action:
        case Change.Action.ADDED if words["begin"] == words["end"]:
            yield (
                _(
                    "retraction: “%(status)s” since %(since)s%(pact)s, which we published on "
                    "%(end)s, was wrong. %(reason)s"
                )
                % words
            )
        case Change.Action.ADDED:
            yield (
                _(
                    "retraction: “%(status)s” since %(since)s%(pact)s, which we published from "
                    "%(begin)s to %(end)s, was wrong. %(reason)s"
                )
                % words
            )
        case Change.Action.DELETED:
            yield _("retraction of “%(status)s” since %(since)s%(pact)s withdrawn") % words
        case _:
            yield from _fields(change, known)


def _of_pact(change: Change, known: "KnownRows") -> str:
    slug = change.pact_slug
    if slug in ("", DEFAULT_PACT):
        return ""
    return f" ({known.pacts[slug].name if slug in known.pacts else slug})"


# Pledges, reports, evidence


def _pledge(change: Change, known: "KnownRows") -> Iterator[str]:
    code = change.key["commitment"]
    commitment = known.commitments.get((change.pact_slug, code))
    title = commitment.title if commitment else code
    if change.action in (ADDED, DELETED):
        words = {"title": title, "subject": title, "implementation": _implementation(change)}
        yield _whole_pledge(change) % words
        return
    if "implementation" in change.fields:
        words = {"title": title, "implementation": _implementation(change)}
        yield _("“%(title)s”: %(implementation)s") % words
        yield from _fields(change, known, but={"implementation", "implementation_basis", "as_of"})
    else:
        yield from _headed(title, _fields(change, known))


def _whole_pledge(change: Change) -> str:
    """The sentence of an added or removed pledge; without a basis there is none."""
    basis = change.value("basis")
    if change.action == DELETED:
        return _("pledge removed: “%(title)s”") if basis else _("%(subject)s: removed")
    if change.new("implementation") == Pledge.Implementation.NO_EVIDENCE:
        return _("pledge “%(title)s”") if basis else _("%(subject)s: added")
    if basis == Pledge.Basis.STATED:
        return _("pledge “%(title)s”: %(implementation)s")
    return _("“%(title)s”: %(implementation)s")


def _implementation(change: Change) -> str:
    value = change.new("implementation")
    return str(dict(Pledge.Implementation.choices).get(value, value))


def _report(change: Change, known: "KnownRows") -> Iterator[str]:
    published, submitted = change.new("published_on"), change.new("submitted_on")
    words = {"period": change.key["period"], "date": day_in_words(published or submitted)}
    if change.action == DELETED:
        yield _("progress report %(period)s removed") % words
    elif published:
        yield _("progress report %(period)s published on %(date)s") % words
    elif submitted:
        yield _("progress report %(period)s submitted on %(date)s") % words
    elif change.action == ADDED:
        yield _("progress report %(period)s invited") % words
    else:
        title = _("progress report %(period)s") % words
        yield from _headed(title, _fields(change, known))


def _citation(change: Change, known: "KnownRows") -> Iterator[str]:
    what = _("evidence changed: %(title)s")
    if change.action == ADDED:
        what = _("evidence added: %(title)s")
    elif change.action == DELETED:
        what = _("evidence removed: %(title)s")
    source = known.sources.get(change.key["source"])
    yield what % {"title": source.title if source else change.key["source"]}


# Rows with a sentence of their own


def _of_a_whole_row(change: Change, known: "KnownRows") -> Iterator[str]:
    """Phrases for a row that was added, removed or edited."""
    subject = {"subject": _title(change, known)}
    if change.action == ADDED:
        yield _("%(subject)s: added") % subject
    elif change.action == DELETED:
        yield _("%(subject)s: removed") % subject
    else:
        yield from _headed(subject["subject"], _fields(change, known))


def _title(change: Change, known: "KnownRows") -> str:
    """The title of the row: its current one, else as the change names it."""
    row: object = None
    match change.table:
        case "sectors":
            row = known.sectors.get(change.key["code"])
        case "pacts":
            row = known.pacts.get(change.key["slug"])
        case "commitments":
            row = known.commitments.get((change.pact_slug, change.subject))
        case "milestones":
            row = _translated(change, "title")
        case "opinions":
            row = f"{Opinion._meta.verbose_name}, {_translated(change, 'says')}"
        case "sources":
            row = change.value("title")
        case "published_shares":
            value = change.key["value"]
            label = dict(PublishedShare.Value.choices).get(value, value)
            row = f"{PublishedShare._meta.verbose_name}, {label}"
        case "company_redirects" | "official_lists" | "list_headings":
            name = MODELS[change.table]._meta.verbose_name
            row = f"{name} {list(change.key.values())[-1]}"
    names = (_translated(change, name) for name in ("name", "label", "title"))
    return str(row or next(filter(None, names), "") or " ".join(change.key.values()))


def _translated(change: Change, name: str) -> str:
    own = change.value(f"{name}_{get_language() or 'en'}")
    return own or change.value(f"{name}_en")


def _fields(change: Change, known: "KnownRows", *, but: Collection[str] = frozenset()) -> list[str]:
    """The changed fields, as far as there is room."""
    phrases = []
    for one in field_changes(change, known):
        if one.name in but:
            continue
        if max(len(one.old), len(one.new)) > QUOTED:
            phrases.append(_("%(field)s reworded") % {"field": one.label})
        else:
            phrases.append(said(one.label, one.old, one.new))
    return phrases


PHRASES: dict[str, Callable[[Change, "KnownRows"], Iterator[str]]] = {
    "companies": _company,
    "company_names": _name,
    "company_identifiers": _identifier,
    "company_redirects": _redirect,
    "signings": _signing,
    "retractions": _retraction,
    "pledges": _pledge,
    "progress_reports": _report,
    "citations": _citation,
}
