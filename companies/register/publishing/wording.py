"""What the public is told of each row that changed, in the language that is active."""

from collections.abc import Callable, Iterator

from django.db.models import Model

from companies.models import (
    Citation,
    Commitment,
    Company,
    CompanyIdentifier,
    CompanyName,
    CompanyRedirect,
    Milestone,
    Pact,
    Pledge,
    ProgressReport,
    Sector,
    Signing,
    Source,
)
from companies.register.units import Act, Step

from . import evidence_lines as evidence
from . import merge_lines as merges
from . import record_lines as records
from . import status_lines as statuses
from .lines import Line, Named

__all__ = ["Line", "Named", "lines_of"]

# In the order in which an act is told.
TELLERS: dict[type[Model], Callable[[Step, Act, Named], Iterator[Line]]] = {
    Pact: records.pact,
    Commitment: records.commitment,
    Sector: records.sector,
    Source: records.source,
    Milestone: records.milestone,
    CompanyRedirect: merges.redirect,
    Company: records.company,
    CompanyName: records.name,
    CompanyIdentifier: records.identifier,
    Signing: statuses.signing,
    Pledge: evidence.pledge,
    ProgressReport: evidence.report,
    Citation: evidence.citation,
}


def lines_of(act: Act, named: Named) -> Iterator[Line]:
    """Every line of `act` in the active language; the same rows give as many in any language."""
    merged = merges.merged_in(act)
    for model, teller in TELLERS.items():
        for step in act.of(model):
            if not (merged and merges.only_moved(step, merged)):
                yield from teller(step, act, named)
