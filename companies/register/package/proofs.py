"""Check that no row of a package says more than its sources."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from django.db.models import Model

from companies.models import faults
from companies.names.letters import fold


class Rows(Protocol):
    """The rows after a load, and those that it writes."""

    @property
    def changed(self) -> Mapping[str, Sequence[Any]]: ...

    def present(self, name: str) -> Iterator[Any]: ...

    def written(self, name: str) -> Sequence[Any]: ...


def names_of_others(rows: Rows) -> Iterator[tuple[Model, str]]:
    """Other names that also belong to another company."""
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
    """Statuses written by the load that say more than their citations.

    Older rows are left alone, and counted for editors.
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
    """The identity of a row, shared by two instances of the same stored row."""
    return None if row is None else row.pk or -id(row)
