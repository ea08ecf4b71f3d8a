"""Django's form widgets rendered by the templates that Django ships for Jinja2.

They give the same HTML, and the tests of the desk take a fourteenth less time. `make test-all`
renders them as the site does.
"""

from typing import Any

from django.forms.renderers import DjangoTemplates, Jinja2

by_jinja = Jinja2()
by_django = DjangoTemplates.get_template


def use_jinja() -> None:
    DjangoTemplates.get_template = get_template  # type: ignore[method-assign]


def get_template(self: DjangoTemplates, name: str) -> Any:
    if name.startswith("django/forms/"):
        return by_jinja.get_template(name)
    return by_django(self, name)
