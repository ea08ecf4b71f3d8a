"""System checks: catalogues of translations are compiled, and a public site names its contacts."""

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
}


def check_contacts(**kwargs: Any) -> list[CheckMessage]:
    return [
        Warning(f"{name} is not set. {meaning}", hint="See docs/deploy.md.", id="pactwatch.W001")
        for name, meaning in CONTACTS.items()
        if not getattr(settings, name)
    ]


def check_catalogues(**kwargs: Any) -> list[CheckMessage]:
    """Find catalogues that are not compiled, or not from their source as it is.

    Without a compiled catalogue its language's pages are in English.
    """
    sources = [path for folder in settings.LOCALE_PATHS for path in Path(folder).glob("*/*/*.po")]
    return [error for source in sorted(sources) for error in faults(source)]


def faults(source: Path) -> list[CheckMessage]:
    """What is wrong with the compiled form of one catalogue.

    Texts are compared and not times, which a git checkout sets as it likes: 0.15 s a language.
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
    """The translations that a compiled catalogue holds; None where it is damaged."""
    from babel.messages.mofile import read_mo

    try:
        catalogue = read_mo(BytesIO(compiled))
    except (OSError, ValueError, struct.error):
        return None
    return {repr((text.context, text.id, text.string)) for text in catalogue if text.id}
