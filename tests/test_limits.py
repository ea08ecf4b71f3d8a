"""Limits on expensive requests, counted without storing IP addresses."""

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from pactwatch.limits import is_over_limit


def over_limit(times: int, **meta: str) -> list[bool]:
    request = RequestFactory().get("/", **meta)
    return [is_over_limit(request, what="lists", most=2, seconds=3600) for _ in range(times)]


def test_the_third_request_is_over_a_limit_of_two():
    assert over_limit(3, REMOTE_ADDR="192.0.2.1") == [False, False, True]


def test_each_client_is_counted_separately():
    over_limit(3, REMOTE_ADDR="192.0.2.1")

    assert over_limit(1, REMOTE_ADDR="192.0.2.2") == [False]


def test_an_ipv6_network_is_one_client():
    over_limit(2, REMOTE_ADDR="2001:db8::1")

    assert over_limit(1, REMOTE_ADDR="2001:db8::ffff") == [True]
    assert over_limit(1, REMOTE_ADDR="2001:db8:1::1") == [False]


def test_behind_a_proxy_the_client_is_the_address_that_the_proxy_added(settings):
    settings.BEHIND_PROXY = True
    over_limit(2, HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.1")

    assert over_limit(1, HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.1") == [True]
    assert over_limit(1, HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.2") == [False]


@pytest.mark.parametrize("said", ["", "unknown", "192.0.2.1:80"])
def test_clients_that_a_proxy_does_not_name_are_not_limited(settings, said):
    settings.BEHIND_PROXY = True

    assert over_limit(3, HTTP_X_FORWARDED_FOR=said) == [False, False, False]


def test_ip_addresses_are_not_stored_in_the_cache():
    over_limit(1, REMOTE_ADDR="192.0.2.1")

    assert cache._cache
    assert "192.0.2.1" not in str(cache._cache)
