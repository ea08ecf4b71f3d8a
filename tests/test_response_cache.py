"""The response cache: fresh after every edit, and the same for every client."""

import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test import Client

from companies.models import Company
from tests.builders import a_company, a_pact, a_signing
from tests.kept import forget_answers

pytestmark = [pytest.mark.history, pytest.mark.database]

LIST = "/api/v1/companies/"


@pytest.mark.django_db
def test_a_client_with_the_current_etag_gets_304(client):
    a_signing(a_company("Orange"))
    first = client.get(LIST)

    again = client.get(LIST, headers={"if-none-match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    asked_each_time = (
        "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
    )
    assert first.headers["Cache-Control"] == again.headers["Cache-Control"] == asked_each_time
    assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["W/{}", '"other", {}', "*"])
def test_if_none_match_may_be_weak_a_list_or_any(client, form):
    a_pact()
    etag = client.get(LIST).headers["ETag"]

    assert client.get(LIST, headers={"if-none-match": form.format(etag)}).status_code == 304


@pytest.mark.django_db
def test_an_edit_changes_the_response_and_its_etag(client):
    company = a_company("Orange")
    a_signing(company)
    before = client.get(LIST)

    company.name = "Orange SA"
    company.save()
    after = client.get(LIST, headers={"if-none-match": before.headers["ETag"]})

    assert after.status_code == 200
    assert after.json()["results"][0]["name"] == "Orange SA"
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.django_db
def test_head_has_the_headers_of_get_and_no_body(client):
    a_pact()
    for _cached in (False, True):
        head = client.head(LIST)
        whole = client.get(LIST)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["ETag"] == whole.headers["ETag"]
        assert head.headers["Content-Length"] == str(len(whole.content))
        forget_answers()


@pytest.mark.django_db
def test_a_compressed_response_has_its_own_etag(client):
    a_signing(a_company("Orange"))
    a_signing(a_company("SAP"))
    plain = client.get(LIST)

    packed = client.get(LIST, headers={"accept-encoding": "br, gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    headers = {"accept-encoding": "gzip", "if-none-match": packed.headers["ETag"]}
    assert client.get(LIST, headers=headers).status_code == 304


@pytest.mark.django_db
@pytest.mark.parametrize("refusal", ["gzip;q=0", "gzip; q=0.0", "br", "", "x-gzip-not"])
def test_a_client_that_refuses_gzip_gets_an_uncompressed_response(client, refusal):
    a_signing(a_company("Orange"))
    a_signing(a_company("SAP"))

    assert "Content-Encoding" not in client.get(LIST, headers={"accept-encoding": refusal}).headers


@pytest.mark.django_db
def test_errors_are_not_cached(client):
    a_pact()
    assert client.get(f"{LIST}orange/").status_code == 404
    cache_before = client.get(f"{LIST}?page=2")
    assert "ETag" not in cache_before.headers

    # bulk_create makes no new version of the register, so a cached 404 would stay.
    Company.objects.bulk_create([Company(slug="orange", name="Orange")])

    assert client.get(f"{LIST}orange/").status_code == 200


@pytest.mark.django_db
def test_a_post_neither_fills_nor_reads_the_cache(client):
    a_pact()
    client.get(LIST)

    assert client.post(LIST).status_code == 405
    assert client.get(LIST).status_code == 200


@pytest.mark.django_db
def test_request_headers_of_one_client_do_not_reach_another(client, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    a_pact()
    client.get(
        LIST,
        headers={
            "host": "other.example",
            "accept": "application/json;indent=9",
            "accept-language": "fr",
            "cookie": "django_language=fr",
            "x-forwarded-host": "evil.example",
            "x-http-method-override": "DELETE",
        },
    )

    answer = client.get(f"{LIST}?page_size=1")

    assert b"other.example" not in answer.content
    assert b"evil.example" not in client.get(LIST).content
    assert client.get(LIST).headers["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_the_schema_is_json_or_yaml_by_the_accept_of_each_request(client):
    for _again in range(2):
        assert client.get("/api/v1/schema/").content.startswith(b"openapi: 3.1")
        as_json = client.get("/api/v1/schema/", headers={"accept": "application/json"})
        assert as_json.json()["openapi"].startswith("3.1")


@pytest.mark.django_db
def test_the_content_security_policy_of_a_view_is_cached(client):
    a_pact()
    policies = [
        client.get("/api/v1/docs/").headers["Content-Security-Policy"] for _again in range(2)
    ]

    assert policies[0] == policies[1]
    assert "img-src 'self' data:" in policies[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory, each thread has its own")
def test_concurrent_clients_get_the_same_response_and_the_new_one_after_an_edit():
    company = a_company("Orange")
    a_signing(company)

    def names(_number):
        try:
            return Client().get(LIST).json()["results"][0]["name"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(names, range(10))) == {"Orange"}
        company.name = "Orange SA"
        company.save()
        assert set(pool.map(names, range(10))) == {"Orange SA"}
