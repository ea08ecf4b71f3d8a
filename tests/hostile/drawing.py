"""Hostile requests, one after the other, as a seed gives them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

from . import values
from .places import Form, Map, Place
from .values import spoilt

# How often a role goes where.
SHARES = {
    "anonymous": {"pages": 6, "api": 3, "admin": 2},
    "editor": {"pages": 2, "api": 1, "admin": 8},
    "administrator": {"pages": 2, "api": 1, "admin": 8},
}
METHODS = ["HEAD", "OPTIONS", "POST", "POST", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"]
METHODS += ["CONNECT", "get", "A B", "\xff"]
Pairs = list[tuple[bytes, bytes]]


@dataclass
class Request:
    kind: str
    path: str  # percent-encoded
    query: str = ""
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str | None = None  # None: the role's own
    content_type: str = ""
    body: bytes = b""
    length: str | None = ""  # "": the body's own; None: no header
    address: str = "127.0.0.1"

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        told = f"{self.method} {self.path}{query}"[:400]
        if self.body:
            told += f" {self.content_type[:60]} {len(self.body)} {self.body[:600]!r}"
        odd = self.headers or self.cookie or self.length != ""
        return f"{told} {self.headers} {self.cookie} {self.length}"[:1_500] if odd else told


class Drawing:
    """A stranger, an editor or an administrator, who sends what no browser would."""

    def __init__(self, seed: object, role: str, the_map: Map, token: str) -> None:
        self.chance, self.role, self.map, self.token = Random(f"{seed}"), role, the_map, token
        self.groups: dict[str, list[Place]] = {"pages": [], "api": [], "admin": []}
        for place in the_map.places.values():
            group = place.kind.partition(" ")[0]
            self.groups.get(group, self.groups["pages"]).append(place)

    def one_in(self, number: int) -> bool:
        return self.chance.randrange(number) == 0

    def place(self) -> Place:
        shares = SHARES[self.role]
        [group] = self.chance.choices([*shares], [*shares.values()])
        place = self.chance.choice(self.groups[group])
        is_logout = place.kind == "admin logout"
        return self.place() if is_logout and not self.one_in(20) else place

    def plain(self, place: Place) -> Request:
        """The request of a browser, by whose answer the place is known."""
        names = {name: (self.map.examples.get(name) or ["1"])[0] for name in place.names}
        path = place.paths[0] if place.paths else place.path_with(names)
        return Request(place.kind, path)

    def hostile(self, place: Place) -> Request:
        address = f"10.0.{self.chance.randrange(256)}.1"  # each client has its limits
        request = Request(place.kind, self.path(place), address=address)
        if place.forms and self.one_in(2):
            self.send_form(request, place)
        elif self.one_in(5):
            request.method = self.chance.choice(METHODS)
            request.content_type, request.body = self.chance.choice(values.BODIES)
        if request.method != "POST" or self.one_in(3):
            request.query = self.query(place)
        self.spoil_headers(request)
        return request

    def path(self, place: Place) -> str:
        if place.paths and not self.one_in(6):
            path = self.chance.choice(place.paths)
        else:
            path = place.path_with({name: self.part(name) for name in place.names})
        if place.in_languages and self.one_in(4):
            path = f"/fr{path}"
        if self.one_in(30):
            path += quote(self.chance.choice(values.VALUES)[:3_000], safe="") + "/"
        return path.rstrip("/") if self.one_in(50) else path

    def part(self, name: str) -> str:
        """A part of a path: of another place, of this one, or nonsense."""
        known = self.map.examples.get(name) or ["1"]
        if self.one_in(6):
            known = self.chance.choice([*self.map.examples.values()])
        if not self.one_in(3):
            return quote(self.chance.choice(known), safe="")
        return quote(spoilt(self.chance, self.chance.choice(known).encode())[:3_000], safe="")

    def query(self, place: Place) -> str:
        known = self.map.parameters if self.one_in(3) or not place.queries else place.queries
        pairs: Pairs = []
        for _each in range(self.chance.choice([0, 1, 1, 1, 2, 3])):
            if self.one_in(5) or not known:
                pairs.append((self.chance.choice(values.NAMES).encode(), self.value(known)))
                continue
            name = self.chance.choice([*known])
            value = self.chance.choice(known[name]).encode()
            pairs.append((name.encode(), value if self.one_in(2) else spoilt(self.chance, value)))
        if pairs and self.one_in(8):
            pairs.append((pairs[0][0], self.value(known)))
        if pairs and self.one_in(40):
            many = range(2_400)  # of the 2,500 that a form may have
            pairs *= 600
            pairs = pairs[:2_400] if self.one_in(2) else [(b"%d" % each, b"") for each in many]
        return encoded(pairs)[:60_000]  # servers take no longer line

    def value(self, known: dict[str, list[str]]) -> bytes:
        if known and self.one_in(3):
            return self.chance.choice(known[self.chance.choice([*known])]).encode()
        return self.chance.choice(values.VALUES)

    def send_form(self, request: Request, place: Place) -> None:
        form = self.chance.choice(place.forms)
        request.method = "POST"
        pairs = [(name.encode(), value.encode()) for name, value in form.fields]
        pairs = [(n, v if n != b"csrfmiddlewaretoken" else self.token.encode()) for n, v in pairs]
        for _each in range(self.chance.choice([0, 1, 1, 2, 3])):
            pairs = self.mutated(pairs, form)
        if form.buttons and not self.one_in(10):
            name, value = self.chance.choice(form.buttons)
            pairs.append((name.encode(), value.encode()))
        files = form.files if form.files and not self.one_in(4) else []
        if files or form.is_multipart != self.one_in(12):
            request.content_type, request.body = self.multipart(pairs, files)
        elif self.one_in(30):
            request.content_type = values.JSON
            request.body = json.dumps(dict(form.fields)).encode(errors="replace")
        else:
            request.content_type, request.body = values.FORM, encoded(pairs).encode()

    def mutated(self, pairs: Pairs, form: Form) -> Pairs:
        pairs = [*pairs]
        if not pairs:
            return [(b"a", self.chance.choice(values.VALUES))]
        place = self.chance.randrange(len(pairs))
        name, value = pairs[place]
        ways: list[Callable[[], Pairs]] = [
            lambda: [(name, spoilt(self.chance, value))],
            lambda: [(name, spoilt(self.chance, value))],
            lambda: [(name, self.chance.choice(values.VALUES))],
            lambda: [(name, self.chance.choice(pairs)[1])],
            lambda: [(name, str(self.chance.randrange(60)).encode())],
            lambda: [(name, self.other_choice(form, name, value))],
            list,
            lambda: [(name, value), (name, self.chance.choice(values.VALUES))],
            lambda: [(renamed(self.chance, name), value)],
            lambda: [(name, value), (self.chance.choice(values.NAMES).encode(), b"1")],
        ]
        pairs[place : place + 1] = self.chance.choice(ways)()
        return pairs

    def other_choice(self, form: Form, name: bytes, value: bytes) -> bytes:
        choices = form.choices.get(name.decode(errors="replace"))
        return self.chance.choice(choices).encode() if choices else value

    def multipart(self, pairs: Pairs, files: list[str]) -> tuple[str, bytes]:
        start = b"--x\r\nContent-Disposition: form-data; "
        lines = [start + b'name="%s"\r\n\r\n%s\r\n' % pair for pair in pairs]
        for name in files:
            file_name, content = (
                self.chance.choice(of) for of in (values.FILE_NAMES, values.FILES)
            )
            kind = self.chance.choice([b"text/csv", b"\xff", b"a/b; charset=utf-7", b""])
            given = (name.encode(), file_name, kind, content)
            lines.append(
                start + b'name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n' % given
            )
        body = b"".join(lines) + b"--x--\r\n"
        if self.one_in(15):
            body = body[: self.chance.randrange(len(body))]
        return values.MULTIPART, body

    def spoil_headers(self, request: Request) -> None:
        if self.one_in(6):
            request.headers |= self.chance.choice(values.HEADERS)
        if self.one_in(20):
            request.cookie = self.chance.choice(values.COOKIES)
        if request.body and self.one_in(20):
            request.length = self.chance.choice(values.LENGTHS)


def renamed(chance: Random, name: bytes) -> bytes:
    """The name of a field, with another number of its row, or spoilt."""
    start, _, field = name.rpartition(b"-")
    if start and chance.randrange(2):
        other = chance.choice([b"0", b"999", b"-1", b"__prefix__", b"\0", b"9" * 30])
        return b"%s-%s-%s" % (start.rpartition(b"-")[0] or start, other, field)
    return chance.choice([name + b"[]", name + b"\0", b"\xff" + name, name.upper(), name[:1]])


def encoded(pairs: Pairs) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
