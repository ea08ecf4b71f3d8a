"""What no reader would send: values, names, headers, bodies and files, as bytes of a request."""

import json
from random import Random

NUL = b"\0"
NOT_UTF_8 = [b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf0\x28\x8c\x28", b"caf\xe9"]
CONTROLS = [text.encode() for text in ("\u202e", "\u2066a", "\u200b", "\x1b[31m", "\r\nX: y")]
NUMBERS = [b"-1", b"0", b"1e999", b"NaN", b"1.5", b"0x10", "²".encode(), "٣".encode()]
NUMBERS += [str(2**power).encode() for power in (31, 63, 64)] + [b"9" * 30, b"9" * 5_000]
DAYS = [b"0000-00-00", b"0001-01-01", b"9999-12-31", b"99999-01-01", b"2024-02-30", b"2024-13"]
DAYS += [b"2024-W01-1", b"20241009", b"-2024-01-01", b"2024-10-09", b"2024-10", b"2024"]
LONG = [b"a" * 20_000, b"a" * 100_000, "é ".encode() * 2_500, b"\\" * 3_000, b"(" * 3_000]
MARKUP = [b"<script>alert(1)</script>", b"{{7*7}}", b"{% load x %}", b"%s%n%(x)s", b"{0.__class__}"]
MARKUP += [b"' OR 1=1--", b'"', b"%", b"_", b"\\", b"*", b"?", b"[", b"(a+)+$", b"../../etc/passwd"]
MARKUP += [b"javascript:alert(1)", b"//evil.example", b"https://evil.example/", b"http://["]
MARKUP += [b"=cmd|' /C calc'!A0", b"null", b"None", b"undefined", b"[]", b'{"a":1}', b"-", b"--"]
MARKUP += [b"\xf0\x9f\x92\xa9", b" ", b"\t", b"&#0;", b"1,2,3", b"a..b", b"on", b"true"]
VALUES = [b"", NUL, *NOT_UTF_8, *CONTROLS, *NUMBERS, *DAYS, *LONG, *MARKUP]

NAMES = [
    *("page", "page_size", "sort", "q", "pact", "status", "country", "region", "sector", "size"),
    *("role", "on", "company", "commitment", "kind", "audience", "topic", "basis", "format"),
    *("as_of", "recorded_as_of", "view", "implementation_evidence", "report", "changed_since"),
    *("state", "add", "show", "receipt", "since", "until", "material", "names", "message", "list"),
    *("implementation", "script", "lang", "version", "next", "cursor", "field", "code", "token"),
    *("_popup", "_to_field", "_changelist_filters", "_facets", "all", "o", "p", "e", "id__in"),
    *("term", "model_name", "app_label", "field_name", "_selected_action", "action", "index"),
    *(
        "select_across",
        "_save",
        "_saveasnew",
        "_continue",
        "post",
        "csrfmiddlewaretoken",
        "_method",
    ),
    *("\0", "a[]", "a[b][c]", "", "__proto__", "name__regex", "self", "pk", "id", "_", "__"),
]

# Of a header: text, as a server hands it over.
HEADERS = [
    {"accept": "*/garbage"},
    {"accept": "application/json;q=nan, text/html;q=-1, a/b/c;q=;=;;"},
    {"accept": "a/b; charset*=bogus''x"},
    {"accept": ",,,;;;"},
    {"accept": "\xed\xa0\x80"},
    {"accept": "a" * 10_000},
    {"accept": "text/html," * 3_000},
    {"accept-encoding": "gzip;q=junk, *;q=0, \xff"},
    {"accept-encoding": "br;q=1, gzip;q=0." + "0" * 5_000},
    {"accept-language": "x" * 5000},
    {"accept-language": "fr-\xff;q=9"},
    {"accept-language": "fr," * 3_000},
    {"if-none-match": '"unclosed, W/"'},
    {"if-none-match": "*"},
    {"if-none-match": '"a",' * 3_000},
    {"if-match": '"x"'},
    {"if-modified-since": "Sun, 06 Nov 99999 08:49:37 GMT"},
    {"if-modified-since": "Sun, 99 Nov 9999 99:99:99 GMT"},
    {"if-modified-since": "\xff"},
    {"if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT"},
    {"if-range": '"x"', "range": "bytes=0-1"},
    {"range": "bytes=0-1, 9999999999999999999999-"},
    {"range": "bytes=-" + "9" * 5_000},
    {"range": "junk"},
    {"x-http-method-override": "DELETE"},
    {"x-requested-with": "XMLHttpRequest"},
    {"hx-request": "true", "hx-target": "\xff"},
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-for": "'; DROP TABLE"},
    {"x-forwarded-for": "::ffff:1.2.3.4, " * 500},
    {"forwarded": "for=\xff"},
    {"origin": "null"},
    {"origin": "http://["},
    {"sec-fetch-site": "cross-site"},
    {"referer": "http://["},
    {"referer": "http://testserver/\xff"},
    {"user-agent": "\xff" * 3_000},
    {"user-agent": ""},
    {"authorization": "Basic !!!"},
    {"authorization": "Token \xff"},
    {"host": "evil.example"},
    {"host": "testserver:99999999"},
    {"host": "testserver@evil.example"},
    {"host": "[::1"},
    {"host": "\xff"},
    {"host": ""},
]
COOKIES = [
    "sessionid=\xff; csrftoken=" + "x" * 9_000 + "; messages=[[; django_language=%00",
    "sessionid=" + "a" * 32,
    "sessionid=../../x; sessionid=",
    "sessionid=\\000",
    "django_language=" + "a" * 600,
    "django_language=fr\\000",
    'messages=W1tdXQ:1:x; a="',
    "csrftoken=" + "\\377" * 16,
    ";;;=;=",
    "a" * 20_000,
]
# A Content-Length that the body does not have; None is none at all.
LENGTHS = ["0", "1", "100000000", "-1", "junk", "", " 5", "1e3", "\xb2", "9" * 30, None]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
MULTIPART = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n--x--\r\n'
BODIES = [
    ("", b""),
    (FORM, b"a=%ff&b=%00&username=%00&csrfmiddlewaretoken=%ff"),
    (FORM, b"a&&==&=b&%zz=%u1234;c=d"),
    (FORM, b"a=1&" * 3_000),
    (FORM, b"names=" + b"Acme%0A" * 1_999),
    (FORM, b"names=Acme%00&choice-0=%00&keep=1"),
    (f"{FORM}; charset=utf-7", b"+AGE-=+"),
    (f"{FORM}; charset=utf-16", b"\xff\xfea\0=\0"),
    (JSON, b"[" * 20_000),
    (JSON, b'{"a":' * 5_000),
    (JSON, b'"\\u0000\\ud800"'),
    (JSON, json.dumps({"names": "Acme", "q": None, "page": [1e308]}).encode()),
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=\xff", b"x"),
    (f"multipart/form-data; boundary={'x' * 300}", b"--x\r\n\r\n"),
    ("multipart/form-data; boundary=", b"--\r\n"),
    (MULTIPART, b"--x\r\nContent-Disposition: form-data; name*=a''b\r\n\r\n"),
    (MULTIPART, b"--x\r\nContent-Disposition: form-data; name*=utf-8''%00\r\n\r\nb\r\n--x--\r\n"),
    (MULTIPART, b"--x\r\nContent-Transfer-Encoding: base64\r\n" + PART[5:] % (b"a", b"", b"!")),
    (MULTIPART, b"--x\r\nContent-Transfer-Encoding: \xff\r\n" + PART[5:] % (b"a", b"", b"b")),
    (MULTIPART, b"--x\r\n" + b"A: b\r\n" * 3_000 + b"\r\n\r\n--x--"),
    (MULTIPART, b"--x\r\n" * 3_000),
    (MULTIPART, PART % (b"a\0", b"", b"\0")),
    (MULTIPART, PART % (b"file", b'; filename="\0.csv"', b"Acme\0")),
    (MULTIPART, PART % (b"file", b"; filename*=utf-8''%00%ff", b"Acme")),
    (MULTIPART, PART % (b"file", b'; filename="a"; filename*=x', b"Acme")),
    (MULTIPART, PART[:-4] % (b"file", b'; filename="a.csv"', b"Acme")),
    (f"{MULTIPART}; charset=idna", PART % (b"a", b"", b"b")),
    ("text/plain;;;=;", b"\0"),
    ("a/b; charset*=bogus''x", b"a=b"),
    ("\xff", b"\xff"),
    ("application/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
]
FILES = [
    b"",
    b"\0" * 100,
    b"\xff\xfe" * 50,
    b"name,country\r\nAcme,FR\r\n",
    b"name\nAcme\0\n\xff\n",
    b"a" * 100_000,
    b'"' * 10_001,
    b";" * 20_000,
    b"PK\x03\x04" + b"\0" * 200,
    b"PK\x05\x06" + b"\0" * 18,
    b"%PDF-1.7\n%\xff\n1 0 obj\n<<>>\nendobj\ntrailer\n<< /Root 1 0 R /Size -1 >>\n%%EOF",
    b"<html><h2>Signatories of the pledges</h2><ul><li>Acme</li></ul></html>",
    b"<ul>" * 3_000,
    b"\x1f\x8b\x08\0" + b"\xff" * 50,
]
FILE_NAMES = [b"a.csv", b"a.xlsx", b"a.pdf", b"a.html", b"a\0.csv", b"../../a.csv", b"a" * 5_000]
FILE_NAMES += [b"\xff.csv", b"", b".", b"a.csv\\", "\u202evsc.a".encode(), b'a".csv', b"CON"]


def spoilt(chance: Random, value: bytes) -> bytes:
    """A value that was meant, with something in it that was not; or another in its place."""
    way = chance.randrange(8)
    place = chance.randint(0, len(value))
    if way == 0:
        return value[:place] + chance.choice([NUL, *NOT_UTF_8, *CONTROLS]) + value[place:]
    if way == 1:
        return value[:place] + chance.choice(MARKUP) + value[place:]
    if way == 2:
        return value[:place]
    if way == 3 and len(value) < 100:
        return chance.choice([value.upper(), value * 2, value + b" ", value * 500])
    return chance.choice(VALUES)
