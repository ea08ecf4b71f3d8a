"""Parse Accept, Accept-Encoding and If-None-Match; each distinct value once."""

import re
from functools import lru_cache

from django.http.request import MediaType
from django.utils.http import parse_etags

LONGEST = 300  # characters of a header that is worth remembering
_REFUSED = re.compile(r"\s*q=0(\.0*)?\s*")


def matches(accepted: MediaType, offered: str) -> bool:
    """Whether an entry of Accept matches a media type, ignoring its parameters."""
    main_type, _, sub_type = offered.partition("/")
    return accepted.main_type in ("*", main_type) and accepted.sub_type in ("*", sub_type)


def can_be_read(accept: str) -> bool:
    """Whether the Accept header is well-formed; Django would parse it for each request."""
    return (_media_types if len(accept) < LONGEST else _media_types.__wrapped__)(accept) is not None


@lru_cache(maxsize=256)
def accepts(accept: str, media_type: str) -> bool:
    # One that cannot be read is refused by pactwatch/guards.py.
    return any(matches(entry, media_type) for entry in _media_types(accept) or ())


@lru_cache(maxsize=256)
def _media_types(accept: str) -> list[MediaType] | None:
    try:
        found = [MediaType(entry) for entry in accept.split(",") if entry.strip()]
        return [entry for entry in found if entry.quality != 0]
    except ValueError:
        return None


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    for offer in accept_encoding.lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() == "gzip":
            return not _REFUSED.fullmatch(weight)
    return False


def has_already(if_none_match: str, etag: str) -> bool:
    """Whether If-None-Match has this ETag; a proxy may have made it weak."""
    if if_none_match == etag:
        return True
    tags = parse_etags(if_none_match)
    return "*" in tags or etag in [tag.removeprefix("W/") for tag in tags]
