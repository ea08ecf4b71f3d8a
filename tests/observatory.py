"""How Mozilla's HTTP Observatory scores a response, as a pure function of what it says.

The rules: https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
Left out is what a response cannot show: a certificate, and the preload list of browsers (5).
"""

import re
from collections.abc import Iterable, Mapping
from http.cookies import Morsel
from typing import Any

BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"}
UNSAFE = {"'unsafe-inline'", "data:"}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
FOR_EXTRA_CREDIT = 90
HALF_A_YEAR = 15_552_000  # seconds


def score(headers: Mapping[str, str], cookies: Iterable[Morsel[Any]], html: str) -> int:
    """100, less the penalties, and only from 90 on with the bonuses."""
    policy = directives(headers.get("Content-Security-Policy", ""))
    found = [
        of_policy(policy),
        of_frames(policy, headers.get("X-Frame-Options", "")),
        of_cookies([*cookies]),
        of_hsts(headers.get("Strict-Transport-Security", "")),
        of_referrer(headers.get("Referrer-Policy", "")),
        of_resource_policy(headers.get("Cross-Origin-Resource-Policy", "")),
        of_scripts(html),
        0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
    ]
    if "Access-Control-Allow-Credentials" in headers:
        found.append(-50)
    without_bonus = 100 + sum(modifier for modifier in found if modifier < 0)
    bonus = sum(modifier for modifier in found if modifier > 0)
    return max(without_bonus + (bonus if without_bonus >= FOR_EXTRA_CREDIT else 0), 0)


def directives(policy: str) -> dict[str, set[str]]:
    parts = [part.split() for part in policy.lower().split(";") if part.strip()]
    return {name: {*sources} for name, *sources in parts}


def of_policy(policy: dict[str, set[str]]) -> int:
    if not policy:
        return -25
    rest = policy.get("default-src", {"*"})
    script, style, plugins = (policy.get(f"{of}-src", rest) for of in ("script", "style", "object"))
    every = set().union(*policy.values())
    if script & (BROAD | UNSAFE) or plugins & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for source in every):
        return -20
    if "'unsafe-eval'" in script | style:
        return -10
    if style & (BROAD | UNSAFE):
        return 0
    return 10 if rest == {"'none'"} else 5


def of_frames(policy: dict[str, set[str]], option: str) -> int:
    if not policy.get("frame-ancestors", {"*"}) & BROAD:
        return 5
    return 0 if option in ("DENY", "SAMEORIGIN") else -20


def of_cookies(cookies: list[Morsel[Any]]) -> int:
    """The worst of them; without any there is nothing to gain."""
    found = [5 if cookie["samesite"] in ("Lax", "Strict") else 0 for cookie in cookies]
    for cookie in cookies:
        is_session = re.search("login|sess", cookie.key.lower())
        if "csrf" in cookie.key.lower() and not cookie["samesite"]:
            found.append(-20)
        if not cookie["secure"]:
            found.append(-40 if is_session else -20)
        if is_session and not cookie["httponly"]:
            found.append(-30)
    return min(found, default=0)


def of_hsts(header: str) -> int:
    age = re.search(r"max-age=(\d+)", header)
    if not age:
        return -20
    return 0 if int(age[1]) >= HALF_A_YEAR else -10


def of_referrer(header: str) -> int:
    if not header:
        return 0
    return 5 if header in PRIVATE else -5


def of_resource_policy(header: str) -> int:
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0, "": 0}.get(header, -5)


def of_scripts(html: str) -> int:
    """Scripts of other hosts cost, unless they are checked; of this host they may be."""
    tags = re.findall(r"<script\b[^>]*\bsrc=[^>]*>", html)
    elsewhere = [tag for tag in tags if re.search(r"""src=["']?(?:https?:)?//""", tag)]
    if any("integrity=" not in tag or "https:" not in tag for tag in elsewhere):
        return -50
    return 5 if any("integrity=" in tag for tag in tags) else 0
