"""Parse and build messages of the Entity Reconciliation API 0.2 and 1.0-draft.

Both carry the same in other shapes: https://reconciliation-api.github.io/specs/. OpenRefine speaks
0.2. Plain data, no database.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from companies.countries import country_called
from companies.models import CompanyIdentifier
from companies.names.matcher import LONGEST_NAME
from companies.queries import BadParameter, BadQuery
from companies.queries.candidates.scoring import (
    CANDIDATES,
    MOST_CANDIDATES,
    MOST_NAMES,
    Description,
    Profile,
    host_of,
)

OLD, NEW = "0.2", "1.0-draft"
TYPE = "company"
# What a company can be found by beside its name; a scheme is the name of an identifier's property.
COUNTRY, WEBSITE, ANY_IDENTIFIER = "country", "website", "identifier"
PROPERTIES = (COUNTRY, WEBSITE, ANY_IDENTIFIER, *CompanyIdentifier.Scheme.values)


@dataclass(frozen=True)
class Condition:
    """A condition on a property: any, all or none of the values."""

    property_id: str
    values: tuple[str, ...]
    quantifier: str = "any"
    required: bool = False

    def holds(self, company: Profile) -> bool:
        found = [_has(company, self.property_id, value) for value in self.values]
        return {"any": any(found), "all": all(found), "none": not any(found)}[self.quantifier]


@dataclass(frozen=True)
class EntityQuery:
    """One query of a batch: companies with one of these names or public ids."""

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    limit: int = CANDIDATES
    of_companies: bool = True  # whether the requested type is ours

    @property
    def descriptions(self) -> list[Description]:
        """A description for each name; one without a name if the query has none."""
        known: dict[str, Any] = {}
        numbers: list[tuple[str, str]] = []
        for one in self.conditions:
            if one.quantifier == "none":
                continue
            for value in one.values:
                if one.property_id == COUNTRY:
                    known[COUNTRY] = known.get(COUNTRY) or country_called(value)
                elif one.property_id == WEBSITE:
                    known.setdefault(WEBSITE, value)
                else:
                    numbers.append((_scheme(one.property_id), value))
        names = self.names or (("",) if numbers or known.get(WEBSITE) else ())
        return [Description(name=one, identifiers=tuple(numbers), **known) for one in names]

    def fits(self, company: Profile) -> bool:
        """Whether a company meets all required conditions."""
        decisive = (one for one in self.conditions if one.required or one.quantifier == "none")
        return all(one.holds(company) for one in decisive)


def _scheme(property_id: str) -> str:
    return "" if property_id == ANY_IDENTIFIER else property_id


def _has(company: Profile, property_id: str, value: str) -> bool:
    if property_id == COUNTRY:
        return bool(company.country) and company.country == country_called(value)
    if property_id == WEBSITE:
        return bool(company.host) and company.host == host_of(value)
    return company.has(_scheme(property_id), value)


# Reading a batch


def read_old(batch: Any) -> dict[str, EntityQuery]:
    """Parse a batch of 0.2 into queries by key; raises BadQuery if it breaks the schema."""
    if not isinstance(batch, dict):
        refuse("queries", _("This must be an object."))
    if len(batch) > MOST_NAMES:
        refuse("queries", _too_many())
    return {key: _old_question(key, query) for key, query in batch.items()}


def _old_question(place: str, query: Any) -> EntityQuery:
    known = _members(place, query, {"query", "type", "type_strict", "limit", "properties"})
    conditions = []
    for position, one in enumerate(_list(f"{place}.properties", known.get("properties", []))):
        where = f"{place}.properties[{position}]"
        members = _members(where, one, {"pid", "v"})
        values = _texts(f"{where}.v", members.get("v"))
        conditions.append(Condition(_property(f"{where}.pid", members.get("pid")), values))
    text = known.get("query", "")
    names = _texts(f"{place}.query", text) if text != "" else ()
    if not names and not conditions:
        refuse(place, _("Give a query or properties."))
    types = known.get("type", TYPE)
    return EntityQuery(
        names=names,
        conditions=tuple(conditions),
        limit=_limit(place, known),
        of_companies=TYPE in (types if isinstance(types, list) else [types]),
    )


def read_new(body: Any) -> list[EntityQuery]:
    """Parse a batch of 1.0-draft into queries in order; raises BadQuery if it breaks the schema."""
    batch = _list("queries", _members("body", body, {"queries"}).get("queries"))
    if len(batch) > MOST_NAMES:
        refuse("queries", _too_many())
    return [_new_question(f"queries[{number}]", query) for number, query in enumerate(batch)]


def _new_question(place: str, query: Any) -> EntityQuery:
    known = _members(place, query, {"type", "limit", "lang", "dir", "conditions"})
    by_kind: dict[str, list[Any]] = {"name": [], "id": [], "property": []}
    given = _list(f"{place}.conditions", known.get("conditions"))
    if not given:
        refuse(f"{place}.conditions", _("Give at least one condition."))
    for position, one in enumerate(given):
        where = f"{place}.conditions[{position}]"
        kind, found = _condition(where, one)
        by_kind[kind] += found
    return EntityQuery(
        names=tuple(by_kind["name"]),
        ids=tuple(by_kind["id"]),
        conditions=tuple(by_kind["property"]),
        limit=_limit(place, known),
        of_companies=known.get("type", TYPE) == TYPE,
    )


def _condition(place: str, one: Any) -> tuple[str, Sequence[Any]]:
    names = {"matchType", "propertyId", "propertyValue", "required", "matchQuantifier"}
    known = _members(place, one, names | {"matchQualifier"})
    if known.get("matchQualifier"):
        refuse(f"{place}.matchQualifier", _("This service has no qualifiers."))
    kind = _one_of(f"{place}.matchType", known.get("matchType"), ("name", "id", "property"))
    quantifier = known.get("matchQuantifier", "any")
    quantifier = _one_of(f"{place}.matchQuantifier", quantifier, ("any", "all", "none"))
    values = _texts(f"{place}.propertyValue", known.get("propertyValue"))
    if kind != "property":
        if quantifier == "none":
            refuse(f"{place}.matchQuantifier", _("Only properties can be excluded."))
        return kind, values
    named = _property(f"{place}.propertyId", known.get("propertyId"))
    return kind, [Condition(named, values, quantifier, known.get("required") is True)]


# Reading one value


def refuse(place: str, reason: str, valid: Sequence[str] = ()) -> NoReturn:
    raise BadQuery([BadParameter(place[:200], reason, list(valid))])


def _too_many() -> str:
    return _("At most %(number)d names at once.") % {"number": MOST_NAMES}


def _members(place: str, value: Any, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        refuse(place, _("This must be an object."))
    if unknown := {*value} - names:
        refuse(f"{place}.{min(unknown)}", _("This member does not exist."), sorted(names))
    return value


def _list(place: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        refuse(place, _("This must be a list."))
    return value


def _one_of(place: str, value: Any, valid: Sequence[str]) -> str:
    if value not in valid:
        refuse(place, _("This value does not exist."), valid)
    return str(value)


def _property(place: str, value: Any) -> str:
    name = value if isinstance(value, str) else ""
    return _one_of(place, name, PROPERTIES)


def _limit(place: str, query: Mapping[str, Any]) -> int:
    limit = query.get("limit", CANDIDATES)
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit < 1:
        refuse(f"{place}.limit", _("This must be a number from 1."))
    return min(int(limit), MOST_CANDIDATES)


def _texts(place: str, value: Any) -> tuple[str, ...]:
    """One or several values as strings: numbers as written, entities by id."""
    values = value if isinstance(value, list) else [value]
    found = []
    for one in values:
        text = one.get("id") if isinstance(one, dict) else one
        if isinstance(text, bool) or not isinstance(text, str | int | float):
            refuse(place, _("This must be a text, a number or an object with an id."))
        if len(str(text)) > LONGEST_NAME:
            limit = _("At most %(number)d characters.") % {"number": LONGEST_NAME}
            refuse(place, limit)
        found.append(str(text))
    if not found:
        refuse(place, _("Give at least one value."))
    return tuple(found)


# Writing


def results_old(keys: Sequence[str], found: Iterator[list[Any]]) -> dict[str, Any]:
    return {key: {"result": candidates} for key, candidates in zip(keys, found, strict=True)}


def results_new(found: Iterator[list[Any]]) -> dict[str, Any]:
    return {"results": [{"candidates": candidates} for candidates in found]}


@dataclass(frozen=True)
class Extension:
    """Property values by public id and property; unknown values are left out."""

    properties: list[dict[str, str]]
    values: dict[str, dict[str, Any]] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[str, dict[str, list[dict[str, Any]]]]]:
        for slug, known in self.values.items():
            yield slug, {one["id"]: _value(known.get(one["id"])) for one in self.properties}

    def old(self) -> dict[str, Any]:
        return {"meta": self.properties, "rows": dict(self.rows())}

    def new(self) -> dict[str, Any]:
        rows = [
            {"id": slug, "properties": [{"id": name, "values": v} for name, v in known.items()]}
            for slug, known in self.rows()
        ]
        return {"meta": self.properties, "rows": rows}


def _value(value: Any) -> list[dict[str, Any]]:
    if value in (None, ""):
        return []
    return [{"int": value}] if isinstance(value, int) else [{"str": str(value)}]


def read_extension(body: Any, known: Sequence[str]) -> tuple[list[str], list[str]]:
    """Parse an extension query into public ids and properties; raises BadQuery if invalid."""
    members = _members("extend", body, {"ids", "properties"})
    ids = _list("extend.ids", members.get("ids"))
    if len(ids) > MOST_NAMES:
        refuse("extend.ids", _too_many())
    for one in ids:
        if not isinstance(one, str) or len(one) > LONGEST_NAME:
            refuse("extend.ids", _("This must be a list of public ids."))
    wanted = []
    for position, one in enumerate(_list("extend.properties", members.get("properties"))):
        place = f"extend.properties[{position}]"
        name = _members(place, one, {"id", "settings"}).get("id")
        wanted.append(_one_of(f"{place}.id", name if isinstance(name, str) else "", known))
    return list(dict.fromkeys(ids)), list(dict.fromkeys(wanted))
