"""Follows a source to all that rests or rested on it."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from companies.models import Company, Source
from companies.queries import KnownRows, sentence, trace


class Command(BaseCommand):
    help = "Lists all that a source supports, is named by or was recorded with, now and before."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="public id of the source")
        parser.add_argument("--company", help="public id: only the citations of this company")

    def handle(self, **options: Any) -> None:
        source = Source.objects.filter(slug=options["source"]).first()
        if source is None:
            raise CommandError(f"The register has no source {options['source']!r}.")
        company = Company.objects.filter(slug=options["company"]).first()
        if options["company"] and company is None:
            raise CommandError(f"The register has no company {options['company']!r}.")
        found = trace(source, company)
        self.stdout.write(f"{source.title} ({source.url})")
        self.section("Supports", (f"{row} [{_others(count)}]" for row, count in found.facts))
        self.section("Named by", (f"{row._meta.verbose_name}: {row}" for row in found.rows))
        known = KnownRows(found.changes)
        self.section(
            "Recorded with it",
            (
                f"{change.number} {timezone.localdate(change.recorded_at)} "
                f"{change.company_slug or change.pact_slug}: {sentence(change, known)}"
                for change in found.changes
            ),
        )
        self.section("Records touched", found.companies)

    def section(self, title: str, lines: Iterable[str]) -> None:
        shown = list(lines)
        self.stdout.write(f"\n{title}: {len(shown) or 'nothing'}")
        self.stdout.writelines([f"  {line}\n" for line in shown])


def _others(count: int) -> str:
    return "no other source" if not count else f"{count} other source{'s' if count > 1 else ''}"
