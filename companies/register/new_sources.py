"""A source that is new to the register."""

from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from companies.models import Source

LONGEST_SLUG = 90  # which leaves room for a number


def new_source(**given: Any) -> Source:
    """An unsaved source that was read today, with a public id made of its title."""
    source = Source(retrieved_on=timezone.localdate(), **given)
    source.slug = free_source_slug(slugify(source.title) or "source")
    return source


def free_source_slug(base: str) -> str:
    """`base` as a public id, with a number where another source has it."""
    slug = base = base[:LONGEST_SLUG].strip("-")
    number = 1
    while Source.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
