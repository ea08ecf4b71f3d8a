"""Reasons for and against a match, as sentences in the active language."""

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.countries import country_name
from companies.models import Company
from companies.names.letters import alphabetical
from companies.names.matcher import Basis, Match, Resemblance, Suggestion


def meaning_of(match: Match, company: Company) -> str:
    """A sentence if the text is a former name, a brand or the like; else ""."""
    said = _MEANINGS.get(match.basis) if match.basis else None
    return str(said) % {"name": match.listed, "company": company.name} if said else ""


def reason_of(suggestion: Suggestion, company: Company) -> str:
    """Why a company is only suggested, in a sentence with its country and that of the form."""
    said, form = _REASONS.get(suggestion.resemblance), suggestion.form
    if not said or not form:
        return suggestion.reason
    if suggestion.resemblance == Resemblance.FOREIGN_FORM and len(form.countries) > _FEW_COUNTRIES:
        said = _NOT_OF_ITS_COUNTRY
    language = get_language() or "en"
    countries = sorted((country_name(code, language) for code in form.countries), key=alphabetical)
    return str(said) % {
        "form": form.name,
        "countries": ", ".join(countries),
        "company": company.name,
        "country": company.country_name,
    }


_FEW_COUNTRIES = 6
_MEANINGS = {
    Basis.FORMER: _("“%(name)s” is a former name of %(company)s."),
    Basis.ABBREVIATION: _("“%(name)s” is short for %(company)s."),
    Basis.BRAND: _("“%(name)s” is a brand of %(company)s."),
    Basis.PRODUCT: _("“%(name)s” is a product of %(company)s."),
}
_NOT_OF_ITS_COUNTRY = _(
    "“%(form)s” is not a legal form of the country in which we list %(company)s: %(country)s."
)
_REASONS = {
    Resemblance.FOREIGN_FORM: _(
        "“%(form)s” is a legal form of these countries: %(countries)s. We list %(company)s in "
        "another: %(country)s."
    ),
    Resemblance.OTHER_FORM: _("“%(form)s” is not the legal form under which we list %(company)s."),
    Resemblance.UNKNOWN_FORM: _("We do not know in which countries “%(form)s” is a legal form."),
    Resemblance.NO_COUNTRY: _(
        "We do not know the country of %(company)s, nor whether “%(form)s” is its legal form."
    ),
    Resemblance.OTHER_KIND: _(
        "“%(form)s” is a legal form of associations, partnerships or public bodies, so it may "
        "not be %(company)s."
    ),
}
