"""Plausibility checks of a list: length, known names, kinds of names.

Each check judges the list as a whole. An operator who looked at the page may accept the list
despite objections.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import ImportRun, Signing
from companies.names.kinds import OtherKind, other_kind
from companies.names.letters import fold
from companies.queries.lookup import look_up_listed

if TYPE_CHECKING:
    from companies.names.matcher import Match

# A list that lost or gained more than this since the last reading is rather a broken page.
SHORTEST, LONGEST = 0.8, 1.5
# The share of the known names below which a list is another one. Of the signatories of the Code of
# Practice its lists of 2025 and 2026 name 69 % at least, a year apart; lists of other pacts name
# 6 % of the signatories of the AI Pact and 32 % of those of the Code.
FEWEST_KNOWN = 2 / 3
# Names that no reading knew as companies: of 185 names of companies in companies/data one reads as
# something else, of 888 spellings in benchmarks/name_pairs.csv eight; of 38 persons 36 do, and of
# 12 benefits 11. Most of the known names vouch for a list that has them.
MOST_OTHERS, MOST_OTHERS_IF_UNKNOWN = 1 / 2, 1 / 3
LIKELY = 75  # of 100, the score from which a suggested company counts as named
FEW = 3  # fewer names, known ones or such ones, are too few to judge by
SHOWN = 3  # names given as examples

KINDS = {
    OtherKind.PLACEHOLDER: gettext_lazy("placeholders"),
    OtherKind.PERSON: gettext_lazy("persons"),
    OtherKind.SENTENCE: gettext_lazy("promises, benefits or other sentences"),
    OtherKind.PAGE_PART: gettext_lazy("menu entries or cookies"),
    OtherKind.PLACE: gettext_lazy("countries or languages"),
    OtherKind.NUMBER: gettext_lazy("numbers, dates or e-mail addresses"),
}


def objections(run: ImportRun, matches: Sequence["Match"]) -> list[str]:
    """Objections to the list of `run`, in words; for a partial list only having no companies."""
    seen = _Seen(run, matches)
    of_whole = [] if run.partial else [*_length(seen)] or [*_known_names(seen)]
    return [*of_whole, *_organisations(seen)]


class _Seen:
    """A list together with the signatories and the reading known before."""

    def __init__(self, run: ImportRun, matches: Sequence["Match"]) -> None:
        self.names = [one.listed for one in matches]
        signed = Signing.objects.signed().filter(pact=run.pact).on(run.seen_on)
        self.signatories = set(signed.values_list("company_id", flat=True))
        earlier = ImportRun.objects.of_lists().read().filter(pact=run.pact, partial=False)
        earlier = earlier.filter(seen_on__lte=run.seen_on).order_by("-seen_on", "-retrieved_at")
        self.last = earlier.defer("content").first()
        entries = self.last.listed if self.last else []
        before = [one["name"] for one in entries if "left" not in one]
        self.keys, self.before = set(map(_key, matches)), set(map(_key, look_up_listed(before)))
        self.unknown = [one.listed for one in matches if not one.company_id]

    @property
    def known(self) -> set[int | str]:
        return self.signatories | self.before

    @property
    def has_known_names(self) -> bool:
        """Whether the list has most known names, or nearly all of the last reading's.

        The latter so that a list which an operator accepted is not refused again the next
        day.
        """
        return bool(self.known) and (
            _share(self.keys, self.known) >= FEWEST_KNOWN
            or (bool(self.before) and _share(self.keys, self.before) >= SHORTEST)
        )


def _key(match: "Match") -> int | str:
    """The identity of a name: its company or likeliest one, else its folded letters.

    A transliterated name that only sounds like a known one does not count.
    """
    folded = fold(match.listed)
    likely = [one.company_id for one in match.suggestions[:1] if one.score >= LIKELY]
    may_mean = likely[0] if likely and folded.isascii() else None
    return match.company_id or may_mean or folded or match.listed


def _share(keys: set[int | str], known: set[int | str]) -> float:
    return len(keys & known) / len(known)


def _length(seen: _Seen) -> Iterator[str]:
    """Object to a list much shorter or longer than the last, or than what is known."""
    length = len(seen.names)
    before = seen.last.names_count if seen.last else len(seen.signatories)
    if length < SHORTEST * before:
        yield _("Only %(length)s names instead of the %(before)s expected: less than 80 %%.") % {
            "length": length,
            "before": before,
        }
    if seen.last and length > LONGEST * before:
        yield _("%(length)s names instead of the %(before)s expected: more than 150 %%.") % {
            "length": length,
            "before": before,
        }


def _known_names(seen: _Seen) -> Iterator[str]:
    """Object to a list without most known names; a first list has none to compare."""
    if len(seen.known) >= FEW and not seen.has_known_names:
        yield _("Of %(known)s known names, %(found)s are among the %(length)s read.") % {
            "known": len(seen.known),
            "found": len(seen.keys & seen.known),
            "length": len(seen.names),
        }


def _organisations(seen: _Seen) -> Iterator[str]:
    """Object to a list of persons, placeholders, sentences and the like."""
    others = [(name, kind) for name in seen.unknown if (kind := other_kind(name))]
    most = MOST_OTHERS if seen.has_known_names else MOST_OTHERS_IF_UNKNOWN
    if len(others) < FEW or len(others) <= most * len(seen.names):
        return
    kinds = dict.fromkeys(str(KINDS[kind]) for _name, kind in others)
    yield _(
        "%(number)s of %(length)s names are not organisations but %(kinds)s: %(examples)s …"
    ) % {
        "number": len(others),
        "length": len(seen.names),
        "kinds": ", ".join(kinds),
        "examples": ", ".join(f"“{name[:60]}”" for name, _kind in others[:SHOWN]),
    }
