"""One company's status toward one pact and its other pacts, for cards and share images."""

from dataclasses import dataclass

from babel.lists import format_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from companies import queries
from companies.models import Company, Pact, Signing
from companies.pages.definitions import short_name
from companies.queries.wording.status_words import in_one_sentence

Status = Signing.Status
# What a reader may take for a refusal, and is none.
NO_REFUSAL = (Status.NOT_SIGNED, Status.INTERESTED, Status.UNKNOWN)


def no_refusal() -> str:
    return _("Not being listed is not a refusal.")


def voluntary() -> str:
    return _("The pledges are voluntary and not legally binding.")


@dataclass(frozen=True)
class ShownStatus:
    """A status with the texts that must accompany it."""

    company: Company
    pact: Pact
    signing: Signing | None
    others: list[Pact]

    @property
    def status(self) -> str:
        return self.signing.status if self.signing else Status.UNKNOWN.value

    @property
    def has_signed(self) -> bool:
        return self.status == Status.SIGNED

    @property
    def label(self) -> str:
        return str(Status(self.status).label)

    @property
    def sentence(self) -> str:
        return in_one_sentence(self.company, self.pact, self.signing, get_language() or "en")

    @property
    def caution(self) -> str:
        if self.status in NO_REFUSAL:
            return no_refusal()
        return voluntary()

    @property
    def also_signed(self) -> str:
        """A sentence naming the other pacts that it signed; "" without any."""
        if not self.others:
            return ""
        names = [short_name(pact) for pact in self.others]
        return ngettext(
            "Signed %(number)s other pact: %(pacts)s.",
            "Signed %(number)s other pacts: %(pacts)s.",
            len(names),
        ) % {"number": len(names), "pacts": format_list(names, locale=get_language() or "en")}


def shown_status(company: Company, query: queries.PactQuery) -> ShownStatus:
    """The status on the day of the query. Four queries, and those of lists after an edit."""
    pact = query.chosen_pact
    periods = list(queries.signings().filter(company=company).on(query.day))
    queries.full_lists(query.clock).mark(periods)
    signed = [one for one in periods if one.status == Status.SIGNED and one.pact_id != pact.pk]
    others = sorted((one.pact for one in signed), key=lambda other: other.position)
    signing = next((one for one in periods if one.pact_id == pact.pk), None)
    return ShownStatus(company, pact, signing, others)
