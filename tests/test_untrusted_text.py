"""What a stranger sends is a text, whatever it looks like, and does only what its form is for."""

from html import escape
from urllib.parse import unquote

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import override_settings

from companies.models import Correction
from tests.builders import a_citation, a_company, a_signing
from tests.correction_posts import letter

pytestmark = pytest.mark.django_db
# A template, formats of both kinds, a shell, a script, LaTeX, a path and a spreadsheet's formula.
AS_TEXT = "{{7|add:7}}{% load x %} {0.__class__} %s %(name)d $(id) `id` ${7*7} \\input{x} ../x =1+1"


@pytest.mark.parametrize(
    "address",
    [
        *("/companies/acme/", "/companies/", "/verify/?company=acme", "/companies/acme/history/"),
        *("/companies/acme/badge.svg", "/companies/acme/cite.txt", "/api/v1/companies/acme/"),
        *("/companies/download.json", "/companies/download.csv"),
    ],
)
def test_a_name_that_looks_like_code_is_shown_literally(client, address):
    a_citation(signing=a_signing(a_company(AS_TEXT, slug="acme")))

    response = client.get(address)

    shown = b"".join(response) if response.streaming else response.content
    assert response.status_code == 200
    for piece in ("{{7|add:7}}{% load x %}", "{0.__class__} %s %(name)d", "$(id) `id` ${7*7}"):
        assert piece.encode() in shown


@pytest.mark.parametrize("once", ["%2541cme", "%252fx", "%2500", "%253Cb%253E", "%26amp;x"])
def test_a_url_is_decoded_only_once(client, once):
    """What is still escaped after that is a text, and no letter, slash, NUL or tag."""
    a_signing(a_company("Acme"))

    assert f'value="{escape(unquote(once))}"' in client.get(f"/companies/?q={once}").text
    assert client.get(f"/companies/{once}/").status_code == 404


def test_a_correction_ignores_fields_that_its_form_does_not_have(client):
    stolen = {"state": "accepted", "reply": "Yes.", "receipt": "PW-7K3M-Q9XD", "id": "7"}
    stolen |= {"closed_by": "1", "closed_at": "2020-01-01", "published": "1", "company_id": "1"}

    assert client.post("/corrections/new/", letter(**stolen)).status_code == 303

    correction = Correction.objects.get()
    assert correction.state == Correction.State.RECEIVED
    assert (correction.reply, correction.closed_at, correction.closed_by) == ("", None, None)
    assert correction.receipt != stolen["receipt"]


@pytest.mark.parametrize("query", ["?q=a%0d%0aset%201", "?q=%20 x", f"?q={'x' * 5000}", "?q=é%00"])
def test_cache_keys_contain_no_user_input(client, query):
    client.get(f"/companies/{query}")
    client.post("/check/", {"names": "Acme\r\nset x"})

    assert cache._cache or "%00" in query
    for key in cache._cache:
        assert key.isascii()
        assert key.isprintable()
        assert " " not in key
        assert len(key) < 250


def test_tokens_signed_with_a_fallback_key_stay_valid_until_it_is_removed(settings):
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another" * 10
    with override_settings(SECRET_KEY=former):
        token = signing.dumps(1, salt="x")

    with pytest.raises(signing.BadSignature):
        signing.loads(token, salt="x")
    settings.SECRET_KEY_FALLBACKS = [former]
    assert signing.loads(token, salt="x") == 1


@pytest.mark.parametrize("spoilt", ["x", "", ":::", "\0"])
def test_an_altered_signed_token_is_refused(spoilt):
    token = signing.dumps([1, "a"], salt="x")
    content, _, signature = token.partition(":")

    for forged in (token + spoilt, f"{content}:{spoilt}", f"{spoilt}{token}", content):
        if forged != token:
            with pytest.raises(signing.BadSignature):
                signing.loads(forged, salt="x")
    assert len(signature.rpartition(":")[2]) == 43  # SHA-256 in base64
