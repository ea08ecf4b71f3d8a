"""Writes the register as a data package, byte for byte the same for the same rows."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import models
from django.utils.translation import override

from companies.models import meaning

from .tables import BY_NAME, FACTS, TABLES, Table


def dump() -> Iterator[tuple[str, bytes]]:
    """Each file of the package with its bytes.

    Values are written as they are: this form is for lossless exchange, so nothing is escaped for
    spreadsheets, which would change what is read back.
    """
    yield (
        "datapackage.json",
        (json.dumps(descriptor(), ensure_ascii=False, indent=2) + "\n").encode(),
    )
    for table in TABLES:
        instances = table.stated_rows().iterator(chunk_size=2000)
        yield table.file, csv_of(table, (table.values(instance) for instance in instances))


def csv_of(table: Table, rows: Iterable[Mapping[str, str]]) -> bytes:
    """The file of `table` with these rows, in the order of their keys."""
    ordered = sorted(rows, key=lambda values: (table.key_of(values), tuple(values.values())))
    text = io.StringIO(newline="")
    minimal = csv.DictWriter(text, list(table.columns), lineterminator="\n")
    quoted = csv.DictWriter(text, list(table.columns), lineterminator="\n", quoting=csv.QUOTE_ALL)
    minimal.writeheader()
    for row in ordered:
        # Python 3.11 leaves a lone carriage return unquoted and could not read it back.
        (quoted if any("\r" in value for value in row.values()) else minimal).writerow(row)
    return text.getvalue().encode()


def descriptor() -> dict[str, Any]:
    """datapackage.json: what each file and column holds, in English, by Frictionless Data."""
    with override("en"):
        return _descriptor()


def _descriptor() -> dict[str, Any]:
    return {
        "profile": "tabular-data-package",
        "name": "pactwatch-register",
        "title": "PactWatch: who has signed the EU AI Pact",
        "description": "Companies, pacts, periods of signing status, pledges and their sources.",
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0 International",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "sources": [
            {
                "title": "European Commission, AI Pact (CC BY 4.0)",
                "path": "https://digital-strategy.ec.europa.eu/en/policies/ai-pact",
            }
        ],
        "resources": [_resource(table) for table in TABLES],
    }


def _resource(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(table, column) for column in table.columns]}
    if table.name != "citations":
        schema["primaryKey"] = list(table.key)
    keys = [
        {
            "fields": list(columns),
            "reference": {
                "resource": "" if target == table.name else target,
                "fields": list(BY_NAME[target].key),
            },
        }
        for target, columns in table.references.values()
    ]
    if keys:
        schema["foreignKeys"] = keys
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file,
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(table: Table, column: str) -> dict[str, Any]:
    model_field = table.fields.get(column)
    described: dict[str, Any] = {"name": column, "type": "string"}
    if explained := table.explained.get(column):
        described["description"] = meaning(explained)
    constraints: dict[str, Any] = {}
    if column in table.partial_dates:
        constraints["pattern"] = r"\d{4}(-\d{2}(-\d{2})?)?"
    elif isinstance(model_field, models.DateField):
        described["type"] = "date"
    elif isinstance(model_field, models.IntegerField):
        described["type"] = "integer"
    elif isinstance(model_field, models.BooleanField):
        described["type"] = "boolean"
    elif model_field is not None and model_field.choices:
        constraints["enum"] = [value for value, _label in model_field.flatchoices]
    elif column == "fact":
        described["description"] = "What the citation supports."
        constraints["enum"] = list(FACTS)
    if model_field is not None and not model_field.blank and not model_field.is_relation:
        constraints["required"] = True
    return described | ({"constraints": constraints} if constraints else {})
