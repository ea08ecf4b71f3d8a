"""A change as one text, for feeds and mails."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from companies.models import Change


def in_sentences(change: Change, line: str) -> str:
    """What changed, when, and why; `line` says what."""
    # A retraction ends with the editor's own sentence.
    said = [line if line.endswith((".", "!", "?", "…")) else f"{line}."]
    return " ".join([*said, *circumstances(change)])


def circumstances(change: Change) -> list[str]:
    """Date, cause and author role of a change, each as a sentence."""
    said = []
    if change.happened:
        day = change.happened.in_words(get_language() or "en")
        said.append(_("Happened: %(day)s.") % {"day": day})
    said.append(_("Reason: %(cause)s.") % {"cause": change.get_cause_display()})
    said.append(_("Recorded by %(role)s.") % {"role": change.get_by_role_display()})
    return said
