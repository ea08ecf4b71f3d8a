"""System checks: compiled translations, contacts of a public site, and server connections."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

COMPILE = "Run: .venv/bin/pybabel compile --directory locale --domain django"


CONTACTS = {
    "CONTACT_EMAIL": "Readers find no address to write to.",
    "SECURITY_CONTACT": "/.well-known/security.txt is missing.",
    "OPERATOR": "Readers do not learn who runs this site.",
    "OPERATOR_ADDRESS": "The legal notice has no address.",
    "PUBLICATION_DIRECTOR": "The legal notice names nobody who answers for what is published.",
    "HOSTING_PROVIDER": "The legal notice names no hosting provider.",
    "FUNDING": "Readers do not learn who pays for this site.",
}


def check_contacts(**kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(f"{name} is not set. {meaning}", hint="See docs/deploy.md.", id="pactwatch.W001")
        for name, meaning in CONTACTS.items()
        if not getattr(settings, name)
    ]


NEAR = ("", "localhost", "127.0.0.1", "::1")  # what no network carries
OF_EXAMPLES = ("password", "pactwatch", "postgres", "admin", "changeme", "…")


def check_links(**kwargs: Any) -> list[CheckMessage]:
    """Warn about unencrypted database or mail connections and about example passwords."""
    database: dict[str, Any] = settings.DATABASES["default"]
    sslmode = database.get("OPTIONS", {}).get("sslmode", "")
    mail = "" if settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL else settings.EMAIL_HOST
    faults = {
        "DATABASE_URL: the certificate of the database is not checked. Add ?sslmode=verify-full.": (
            _is_far(database.get("HOST")) and not sslmode.startswith("verify")
        ),
        "DATABASE_URL: its password stands in an example.": database.get("PASSWORD") in OF_EXAMPLES,
        "EMAIL_URL: mail crosses a network in the clear. Use submission://.": (
            bool(settings.EMAIL_URL) and _is_far(mail)
        ),
    }
    hint = "See docs/deploy.md."
    return [
        Warning(text, hint=hint, id="pactwatch.W002") for text, found in faults.items() if found
    ]


def _is_far(host: str | None) -> bool:
    return (host or "") not in NEAR and not str(host).startswith("/")


def check_catalogues(**kwargs: Any) -> list[CheckMessage]:
    """Find translations that are not compiled, or compiled from another source.

    Without a compiled catalogue the pages of that language are in English.
    """
    sources = [path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/*/*.po")]
    return [error for source in sorted(sources) for error in faults(source)]


def faults(source: Path) -> list[CheckMessage]:
    """What is wrong with one compiled catalogue.

    Texts are compared and not modification times, which a git checkout sets as it likes: 0.15 s
    per language.
    """
    compiled = source.with_suffix(".mo")
    if not compiled.is_file():
        return [Error(f"{compiled} is missing.", hint=COMPILE, id="pactwatch.E001")]
    if texts(compiled.read_bytes()) != texts(compile_catalogue(source)):
        what = f"{compiled} does not hold the texts of {source.name}."
        return [Error(what, hint=COMPILE, id="pactwatch.E002")]
    return []


def compile_catalogue(source: Path) -> bytes:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file))
    return compiled.getvalue()


def texts(compiled: bytes) -> set[str] | None:
    """The translations in a compiled catalogue; None if it is damaged."""
    from babel.messages.mofile import read_mo

    try:
        catalogue = read_mo(BytesIO(compiled))
    except (OSError, ValueError, struct.error):
        return None
    return {repr((text.context, text.id, text.string)) for text in catalogue if text.id}
