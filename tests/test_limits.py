"""How often a reader may ask for what costs much, and that no address is kept for it."""

import pytest
from django.core.cache import cache
from django.test import RequestFactory

from pactwatch.limits import is_over_limit


def asked(times: int, **request: str) -> list[bool]:
    asking = RequestFactory().get("/", **request)
    return [is_over_limit(asking, what="lists", most=2, seconds=3600) for _ in range(times)]


def test_the_third_request_of_two_is_over_the_limit():
    assert asked(3, REMOTE_ADDR="192.0.2.1") == [False, False, True]


def test_another_reader_has_a_count_of_their_own():
    asked(3, REMOTE_ADDR="192.0.2.1")

    assert asked(1, REMOTE_ADDR="192.0.2.2") == [False]


def test_all_addresses_of_one_ipv6_network_are_one_reader():
    asked(2, REMOTE_ADDR="2001:db8::1")

    assert asked(1, REMOTE_ADDR="2001:db8::ffff") == [True]
    assert asked(1, REMOTE_ADDR="2001:db8:1::1") == [False]


def test_behind_a_proxy_the_address_is_the_one_the_proxy_added(settings):
    settings.BEHIND_PROXY = True
    asked(2, HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.1")

    assert asked(1, HTTP_X_FORWARDED_FOR="198.51.100.1, 192.0.2.1") == [True]
    assert asked(1, HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.2") == [False]


@pytest.mark.parametrize("said", ["", "unknown", "192.0.2.1:80"])
def test_where_a_proxy_does_not_say_who_asks_nobody_is_shut_out(settings, said):
    settings.BEHIND_PROXY = True

    assert asked(3, HTTP_X_FORWARDED_FOR=said) == [False, False, False]


def test_no_address_stands_in_the_cache():
    asked(1, REMOTE_ADDR="192.0.2.1")

    assert cache._cache
    assert "192.0.2.1" not in str(cache._cache)
