"""Drops tracking and cache-busting parameters from URLs.

A shared link must not be a dead one. Views, the cache key, redirects and links never see these
parameters; the API refuses them like any unknown one.
"""

from collections.abc import Callable
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse

from .problems import API_PREFIX

# Docs name the kinds; this is the one list. No parameter of the site has one of these names.
TRACKING = frozenset(
    (
        *("fbclid", "fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "mibextid"),
        *("igsh", "igshid", "sfnsn", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "srsltid"),
        *("_ga", "_gl", "gs_l", "msclkid", "ocid", "icid", "twclid", "li_fat_id", "ttclid"),
        *("rdt_cid", "epik", "sccid", "yclid", "ysclid", "_openstat", "irclickid", "cjevent"),
        *("vero_id", "mkt_tok", "mkwid", "pcrid", "trk", "s_cid", "s_kwcid", "sc_cid", "spm"),
        *("ref", "ref_", "ref_src", "ref_url", "referer", "referrer", "si", "smid", "smtyp"),
        *("cmpid", "cmp", "ncid", "xtor", "zanpid", "_kx", "dm_i", "ef_id", "soc_src"),
        *("soc_trk", "sfmc_id", "bbeml", "nr_email_referer", "rb_clickid", "wickedid"),
        *("guccounter", "guce_referrer", "guce_referrer_sig", "__twitter_impression"),
        *("_branch_match_id", "_bta_c", "_bta_tid", "usqp", "amp", "share", "shared"),
    )
)
# Families of names: utm_source, mc_cid, hsCtaTracking, at_campaign and so on.
FAMILIES: tuple[str, ...] = (
    *("utm_", "mc_", "hsa_", "_hs", "__hs", "hscta", "gad_", "itm_", "stm_", "pk_", "mtm_"),
    *("piwik_", "matomo_", "oly_", "ml_sub", "elqtrack", "trk_", "at_", "wt.", "wt_"),
)
# Makes a picture's URL new for programs that would cache the old picture.
FRESHENERS = frozenset({"_", "cachebuster", "cb", "nocache", "rand", "t", "ts", "v"})
_PICTURES = (".svg", ".png", "/badge.json")
_OTHERS = (API_PREFIX, "/admin/", "/fr/admin/")


class DropTracking:
    """Middleware that removes such parameters from the query before anything reads it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        request.META["QUERY_STRING"] = wanted_query(request.path_info, query)
        return self.get_response(request)


def wanted_query(path: str, query: str) -> str:
    """The query string of a URL as views see it."""
    if not query or path.startswith(_OTHERS):
        return query
    return without_tracking(query, picture=path.endswith(_PICTURES))


def without_tracking(query: str, *, picture: bool = False) -> str:
    """The query string without tracking parameters, otherwise unchanged."""
    parts = query.split("&")
    return "&".join(part for part in parts if not _is_foreign(part, picture=picture))


def _is_foreign(part: str, *, picture: bool) -> bool:
    # "amp;" is left of a URL that was escaped for HTML and then copied.
    name = unquote_plus(part.partition("=")[0]).strip().lower().removeprefix("amp;")
    return name in TRACKING or name.startswith(FAMILIES) or (picture and name in FRESHENERS)
