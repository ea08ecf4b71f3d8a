"""The size of each page as transferred, with everything it loads."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from selectolax.lexbor import LexborHTMLParser

LIMIT = 60_000  # bytes
COMPRESSED = (".woff2", ".png")
PARTS = "link[rel=stylesheet], link[rel=preload], link[rel=icon], script[src], img[src]"


@pytest.mark.django_db
def test_each_page_with_all_it_loads_is_at_most_60_kb(client):
    call_command("load_register")
    paths = ["/", "/companies/", "/companies/telefonica/", "/statistics/", "/absent/", "/reports/"]
    paths += ["/matrix/", "/matrix/?show=all", "/changes/", "/changes/?view=recorded", "/left/"]
    paths += ["/pacts/", "/pacts/eu-ai-pact/", "/commitments/", "/commitments/ai-literacy/"]
    paths += ["/compare/?company=google&company=sap", "/check/", "/verify/?company=sap", "/embed/"]
    paths += ["/corrections/", "/corrections/new/", "/method/", "/about/", "/privacy/", "/data/"]

    weights = {
        f"{language}{path}": weight(client, f"{language}{path}")
        for path in paths
        for language in ("", "/fr")
    }

    assert {path: size for path, size in weights.items() if size > LIMIT} == {}


def weight(client, path):
    page = client.get(path)
    addresses = {
        part.attributes.get("href") or part.attributes["src"]
        for part in LexborHTMLParser(page.content.decode()).css(PARTS)
    }
    return len(gzip.compress(page.content, 6)) + sum(
        weight_of_part(client, address) for address in addresses
    )


def weight_of_part(client, address):
    name = re.sub("^/static/", "", address)
    drawn = name == address  # a badge
    content = client.get(address).content if drawn else Path(finders.find(name)).read_bytes()
    return len(content if name.endswith(COMPRESSED) else gzip.compress(content, 6))
