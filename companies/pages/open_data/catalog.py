"""The data catalogue for portals, by DCAT-AP 3.0.1: JSON-LD and Turtle."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy, override

from companies.register.open_data.public_files import DataFile, PublicFiles, public_files
from companies.register.package.dumping import LICENCE

Node = dict[str, Any]
PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
AUTHORITY = "http://publications.europa.eu/resource/authority/"
MEDIA_TYPE = "http://www.iana.org/assignments/media-types/"
# The file types of the EU's vocabulary, by the ending of a name; it has none for SQLite.
FILE_TYPES = {
    "csv": "CSV",
    "json": "JSON",
    "jsonl": "JSON",
    "zip": "ZIP",
    "parquet": "PARQUET",
    "sqlite3": "BIN",
}
THEMES = ("GOVE", "TECH")
LANGUAGES = {"en": "ENG", "fr": "FRA"}
PROVENANCE = gettext_lazy(
    "Official lists of signatories, documents of their issuers, company statements and press "
    "reports. Each statement names its sources."
)
KEYWORDS = (
    gettext_lazy("AI Pact"),
    gettext_lazy("artificial intelligence"),
    gettext_lazy("AI Act"),
    gettext_lazy("voluntary commitments"),
)


def jsonld(request: HttpRequest) -> HttpResponse:
    content = {"@context": PREFIXES, "@graph": catalogue()}
    text = json.dumps(content, ensure_ascii=False, indent=1)
    response = HttpResponse(text + "\n", content_type="application/ld+json")
    return public_files().keep_fresh(response)


def turtle(request: HttpRequest) -> HttpResponse:
    lines = [f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items()]
    text = "\n".join([*lines, "", *(_statement(node) for node in catalogue())])
    response = HttpResponse(text, content_type="text/turtle; charset=utf-8")
    return public_files().keep_fresh(response)


def catalogue() -> list[Node]:
    """The nodes: catalogue, dataset, files, API, and the things they refer to."""
    files = public_files()
    distributed = [one for one in files.files.values() if one.name != "datapackage.json"]
    return [
        _catalog(files),
        _dataset(files, distributed),
        *(_distribution(one, files) for one in distributed),
        _service(),
        *_named(distributed),
    ]


def _catalog(files: PublicFiles) -> Node:
    return {
        "@id": _url("catalog-ttl"),
        "@type": "dcat:Catalog",
        "dct:title": _texts(gettext_lazy("PactWatch: data catalogue")),
        "dct:description": _texts(gettext_lazy("The data of PactWatch, as files and as an API.")),
        "dct:publisher": _iri(settings.SITE_URL + "/#publisher"),
        "dct:license": _iri(LICENCE),
        "dct:language": _languages(),
        "dcat:themeTaxonomy": _iri(f"{AUTHORITY}data-theme"),
        "foaf:homepage": _iri(_url("home")),
        "dcat:dataset": _iri(_dataset_iri()),
        "dcat:service": _iri(_url("api:index")),
        **_modified(files),
    }


def _dataset(files: PublicFiles, distributed: list[DataFile]) -> Node:
    # The two sentences are those of the page.
    title = gettext_lazy("PactWatch: who has signed the EU AI Pact")
    description = gettext_lazy(
        "Companies with their status, pledges and progress on the EU AI Pact and other "
        "voluntary instruments, with sources and history."
    )
    return {
        "@id": _dataset_iri(),
        "@type": "dcat:Dataset",
        "dct:title": _texts(title),
        "dct:description": _texts(description),
        "dct:identifier": _dataset_iri(),
        "dct:publisher": _iri(settings.SITE_URL + "/#publisher"),
        "dcat:contactPoint": _contact(),
        "dcat:theme": [_iri(f"{AUTHORITY}data-theme/{theme}") for theme in THEMES],
        "dcat:keyword": [text for word in KEYWORDS for text in _texts(word)],
        "dct:accrualPeriodicity": _iri(f"{AUTHORITY}frequency/IRREG"),
        "dct:accessRights": _iri(f"{AUTHORITY}access-right/PUBLIC"),
        "dct:language": _languages(),
        "dcat:landingPage": _iri(_url("data")),
        "dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": _texts(PROVENANCE)},
        "dcat:version": str(files.version),
        "dcat:distribution": [_iri(f"{one.url}#distribution") for one in distributed],
        **_modified(files),
    }


def _distribution(one: DataFile, files: PublicFiles) -> Node:
    found = {
        "@id": f"{one.url}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": one.name,
        "dcat:accessURL": _iri(_url("data")),
        "dcat:downloadURL": _iri(one.url),
        "dct:format": _iri(f"{AUTHORITY}file-type/{_file_type(one)}"),
        "dcat:mediaType": _iri(_media_type(one)),
        "dct:license": _iri(LICENCE),
        **_modified(files),
    }
    if one.size is not None:
        found["dcat:byteSize"] = _typed(str(one.size), "nonNegativeInteger")
        found["spdx:checksum"] = {
            "@type": "spdx:Checksum",
            "spdx:algorithm": _iri(f"{PREFIXES['spdx']}checksumAlgorithm_sha256"),
            "spdx:checksumValue": _typed(str(one.sha256), "hexBinary"),
        }
    return found


def _service() -> Node:
    return {
        "@id": _url("api:index"),
        "@type": ["dcat:DataService", "rdfs:Resource"],
        "dct:title": "PactWatch API",
        "dcat:endpointURL": _iri(_url("api:index")),
        "dcat:endpointDescription": _iri(_url("api:schema")),
        "dct:license": _iri(LICENCE),
        "dct:publisher": _iri(settings.SITE_URL + "/#publisher"),
        "dcat:servesDataset": _iri(_dataset_iri()),
    }


def _named(distributed: list[DataFile]) -> Iterator[Node]:
    """Nodes that others refer to, with the class that the profile requires."""
    publisher = settings.OPERATOR or "PactWatch"
    yield {
        "@id": settings.SITE_URL + "/#publisher",
        "@type": "foaf:Agent",
        "foaf:name": publisher,
    }
    yield from (
        {"@id": f"{AUTHORITY}language/{code}", "@type": "dct:LinguisticSystem"}
        for code in LANGUAGES.values()
    )
    yield {"@id": LICENCE, "@type": "dct:LicenseDocument", "dct:title": "CC BY 4.0"}
    yield {"@id": _url("api:schema"), "@type": "rdfs:Resource"}
    yield {"@id": _url("home"), "@type": "foaf:Document"}
    yield {"@id": _url("data"), "@type": "foaf:Document"}
    yield {"@id": f"{AUTHORITY}frequency/IRREG", "@type": "dct:Frequency"}
    yield {"@id": f"{AUTHORITY}access-right/PUBLIC", "@type": "dct:RightsStatement"}
    algorithm = f"{PREFIXES['spdx']}checksumAlgorithm_sha256"
    yield {"@id": algorithm, "@type": "spdx:ChecksumAlgorithm"}
    scheme = {"@id": f"{AUTHORITY}data-theme", "@type": "skos:ConceptScheme"}
    yield scheme | {"dct:title": _english("Data theme")}
    labels = {"GOVE": "Government and public sector", "TECH": "Science and technology"}
    for theme, label in labels.items():
        concept = {"@id": f"{AUTHORITY}data-theme/{theme}", "@type": "skos:Concept"}
        yield concept | {"skos:prefLabel": _english(label)}
    for file_type in sorted({_file_type(one) for one in distributed}):
        yield {"@id": f"{AUTHORITY}file-type/{file_type}", "@type": "dct:MediaTypeOrExtent"}
    for media_type in sorted({_media_type(one) for one in distributed}):
        yield {"@id": media_type, "@type": "dct:MediaType"}


def _contact() -> Node:
    reached = settings.CONTACT_EMAIL
    email = {"vcard:hasEmail": _iri(f"mailto:{reached}")} if reached else {}
    return {
        "@type": "vcard:Kind",
        "vcard:fn": settings.OPERATOR or "PactWatch",
        "vcard:hasURL": _iri(_url("about")),
        **email,
    }


def _modified(files: PublicFiles) -> Node:
    if files.changed_at is None:
        return {}
    return {"dct:modified": _typed(files.changed_at.isoformat(timespec="seconds"), "dateTime")}


def _url(name: str) -> str:
    with override(settings.LANGUAGE_CODE):
        return settings.SITE_URL + reverse(name)


def _dataset_iri() -> str:
    return f"{_url('data')}#dataset"


def _file_type(one: DataFile) -> str:
    return FILE_TYPES[one.name.rpartition(".")[2]]


def _media_type(one: DataFile) -> str:
    return MEDIA_TYPE + one.media_type.partition(";")[0]


# Values


def _iri(iri: str) -> Node:
    return {"@id": iri}


def _typed(text: str, kind: str) -> Node:
    return {"@value": text, "@type": f"xsd:{kind}"}


def _english(text: str) -> Node:
    return {"@value": text, "@language": "en"}


def _languages() -> list[Node]:
    return [_iri(f"{AUTHORITY}language/{code}") for code in LANGUAGES.values()]


def _texts(text: Any) -> list[Node]:
    """A text in each language of the site."""
    found = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append({"@value": str(text), "@language": language})
    return found


# Turtle


def _statement(node: Node) -> str:
    return f"<{_escaped_iri(node['@id'])}>{_properties(node, ' ')} .\n"


def _properties(node: Node, indent: str) -> str:
    kinds = node["@type"]
    parts = [f"{indent}a {kinds if isinstance(kinds, str) else ', '.join(kinds)}"]
    for name, value in node.items():
        if not name.startswith("@"):
            values = value if isinstance(value, list) else [value]
            parts.append(f"{indent} {name} {', '.join(map(_term, values))}")
    return " ;\n".join(parts)


def _term(value: Any) -> str:
    match value:
        case str():
            return _quoted(value)
        case {"@value": text, "@language": language}:
            return f"{_quoted(text)}@{language}"
        case {"@value": text, "@type": kind}:
            return f"{_quoted(text)}^^{kind}"
        case {"@id": iri}:
            return f"<{_escaped_iri(iri)}>"
    return f"[{_properties(value, ' ')} ]"


def _quoted(text: str) -> str:
    # JSON's escapes are among those of Turtle, and so are all of its letters.
    return json.dumps(text, ensure_ascii=False)


def _escaped_iri(iri: str) -> str:
    return re.sub(r"[\x00-\x20<>\"{}|^`\\]", lambda sign: f"%{ord(sign[0]):02X}", iri)
