"""Django's makemessages without fuzzy matching: an untranslated text stays empty."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.commands import makemessages


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
    # What a module calls gettext when `_` is its gettext_lazy.
    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_t"]

    def handle(self, *args: Any, **options: Any) -> None:
        """Without --locale, update all languages except the source language."""
        languages = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        options["locale"] = options["locale"] or languages
        super().handle(*args, **options)

    def write_po_file(self, potfile: str, locale: str) -> None:
        """Write the catalogue without POT-Creation-Date, which would differ in every branch."""
        super().write_po_file(potfile, locale)
        catalogue = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        noise = r'^"(POT-Creation-Date|Report-Msgid-Bugs-To):.*\n'
        catalogue.write_text(re.sub(noise, "", catalogue.read_text(), flags=re.MULTILINE))
