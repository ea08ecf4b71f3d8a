"""Create sources with unique public ids."""

from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from companies.models import Source

LONGEST_SLUG = 90  # which leaves room for a number


def new_source(**given: Any) -> Source:
    """An unsaved source, retrieved today, with a public id from its title."""
    source = Source(retrieved_on=timezone.localdate(), **given)
    source.slug = free_source_slug(slugify(source.title) or "source")
    return source


def free_source_slug(base: str) -> str:
    """A free public id: `base`, with a number if it is taken."""
    slug = base = base[:LONGEST_SLUG].strip("-")
    number = 1
    while Source.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
