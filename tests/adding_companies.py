"""A process of its own that goes on adding companies, for tests of backups made meanwhile.

Each edit is a unit of work with two companies; it prints a line once the first is done.
"""

import itertools
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")
django.setup()

from companies.models import Company  # noqa: E402
from companies.register.history import unit_of_work  # noqa: E402


def write(number: int) -> None:
    with unit_of_work():
        Company.objects.create(slug=f"a-{number}", name=f"A {number}")
        Company.objects.create(slug=f"b-{number}", name=f"B {number}")


if __name__ == "__main__":
    for number in itertools.count():
        write(number)
        if number == 0:
            print("writing", flush=True)
