"""List all facts that a source supports or supported."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from companies.models import Company, Source
from companies.queries import KnownRows, sentence, trace


class Command(BaseCommand):
    help = "Lists every fact that a source supports or supported, and what was recorded with it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="public id of the source")
        parser.add_argument("--company", help="public id of a company: only its citations")

    def handle(self, **options: Any) -> None:
        source = self.row(Source, options["source"])
        found = trace(source, self.row(Company, options["company"]) if options["company"] else None)
        known = KnownRows(found.changes)
        self.stdout.write(f"{source.title} ({source.url})")
        self.section(
            "Supports, with how many other sources",
            (f"{row}: {others}" for row, others in found.facts),
        )
        self.section("Named by", map(str, found.rows))
        lines = (
            f"{change.number} {change.recorded_at:%Y-%m-%d} "
            f"{change.company_slug or change.pact_slug}: {sentence(change, known)}"
            for change in found.changes
        )
        self.section("Recorded with it", lines)
        self.section("Records touched", found.companies)

    def row(self, model: Any, slug: str) -> Any:
        if row := model.objects.filter(slug=slug).first():
            return row
        raise CommandError(f"The register has no {model._meta.verbose_name} {slug!r}.")

    def section(self, title: str, lines: Iterable[str]) -> None:
        shown = list(lines)
        self.stdout.write(f"\n{title}: {len(shown) or 'nothing'}")
        self.stdout.writelines([f"  {line}\n" for line in shown])
