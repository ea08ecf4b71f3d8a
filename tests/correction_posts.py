"""What a browser sends with the form for corrections."""

from django.core import signing
from django.utils import timezone

from companies.pages.corrections.correction_form import SALT

MINUTE_AGO = 60


def token(*, seconds_ago: int = MINUTE_AGO, number: str = "1") -> str:
    began = int(timezone.now().timestamp()) - seconds_ago
    return signing.dumps([began, number], salt=SALT)


def letter(**fields: str) -> dict[str, str]:
    """What a browser sends for a message without a fault."""
    sent = {
        "company": "Acme",
        "kind": "error",
        "message": "It is in France.",
        "evidence_url": "",
        "email": "",
        "homepage": "",
        "opened": token(),
    }
    return sent | fields
