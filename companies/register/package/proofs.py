"""Whether the rows of a package say more than its sources, asked once all of them are read."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from django.db.models import Model

from companies.models import faults
from companies.names.letters import fold


class Rows(Protocol):
    """The rows that a load would leave in the register, and those of them that it would write."""

    changed: Mapping[str, Sequence[Any]]

    def present(self, name: str) -> Iterator[Any]: ...

    def written(self, name: str) -> Sequence[Any]: ...


def names_of_others(rows: Rows) -> Iterator[tuple[Model, str]]:
    """Other names that are a name of another company too: a name leads to one company."""
    owners = defaultdict[str, set[str]](set)
    for company in rows.present("companies"):
        for name in filter(None, (company.name, company.legal_name)):
            owners[fold(name)].add(company.slug)
    for other in rows.present("company_names"):
        owners[fold(other.name)].add(other.company.slug)
    for other in rows.written("company_names"):
        if others := sorted(owners[fold(other.name)] - {other.company.slug}):
            what = f"name {other.name!r} is a name of {', '.join(others)} too"
            yield other, f"{what}, expected a name of one company"


def too_strong(rows: Rows) -> Iterator[tuple[Model, str]]:
    """Statuses that say more than their citations, where the load writes one of them.

    What the register has from before these rules is left alone, and counted for editors.
    """
    citations = defaultdict[Any, list[Any]](list)
    for citation in rows.present("citations"):
        citations[_identity(citation.signing)].append(citation)
    names = defaultdict[str, list[str]](list)
    for other in rows.present("company_names"):
        names[other.company.slug].append(other.name)
    sources = {source.slug for source in rows.changed["sources"]}
    written = {_identity(row) for row in rows.written("signings")}
    written |= {_identity(citation.signing) for citation in rows.written("citations")}
    for signing in rows.present("signings"):
        cited, company = citations[_identity(signing)], signing.company
        if _identity(signing) in written or sources & {one.source.slug for one in cited}:
            known = [company.name, company.legal_name, *names[company.slug]]
            for error in faults(signing, cited, known):
                yield signing, " ".join(error.messages)


def _identity(row: Model | None) -> Any:
    """What tells two rows apart: a stored one may have been read twice, a new one only once."""
    return None if row is None else row.pk or -id(row)
