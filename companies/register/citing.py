"""Add evidence: one source, with a citation for each fact it supports."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from companies.models import (
    Citation,
    Company,
    PartialDate,
    Pledge,
    ProgressReport,
    Signing,
    Source,
)

from .history import save, unit_of_work
from .statuses import refuse_stronger_than_quote

Fact = Company | Signing | Pledge | ProgressReport
# The column of a citation for each kind of fact.
TARGETS: dict[type[Fact], str] = {
    Company: "company",
    Signing: "signing",
    Pledge: "pledge",
    ProgressReport: "report",
}


def cite(
    source: Source,
    facts: Sequence[Fact],
    *,
    change_reason: str,
    quote: str = "",
    language: str = "",
    translation_en: str = "",
    translation_fr: str = "",
    own_words: str = "",
    about_on: PartialDate | None = None,
) -> list[Citation]:
    """Cite `source` for each of these facts, saving it first if it is new.

    Own words of the company apply to statuses only. Raises ValidationError.
    """
    with unit_of_work() as unit:
        if source.pk is None:
            save(source, change_reason)
        refuse_cited_before(source, facts, quote)
        citations = []
        for fact in facts:
            citation = Citation(
                source=source,
                quote=quote,
                language=language if quote else "",
                translation_en=translation_en,
                translation_fr=translation_fr,
                own_words=own_words if isinstance(fact, Signing) else "",
            )
            setattr(citation, TARGETS[type(fact)], fact)
            if about_on:
                citation.about_on, citation.about_on_precision = about_on.date, about_on.precision
            save(citation, change_reason)
            citations.append(citation)
        refuse_stronger_than_quote(unit)
        return citations


def refuse_cited_before(source: Source, facts: Iterable[Fact], quote: str) -> None:
    """Raise ValidationError if one of the facts has the same citation already."""
    for fact in facts:
        if fact.citations.filter(source=source, quote=quote).exists():
            raise ValidationError(
                _("“%(source)s” is already cited for this: %(fact)s."),
                params={"source": source, "fact": fact},
                code="cited",
            )
