"""Fill an empty database with an invented register of any size."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from benchmarks.fill import fill


class Command(BaseCommand):
    help = "Fill an empty database with an invented register."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("companies", type=int)

    def handle(self, *args: Any, companies: int, **options: Any) -> None:
        fill(companies)
