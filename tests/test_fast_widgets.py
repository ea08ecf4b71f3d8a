"""The form widgets of the tests are those of the site."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.forms.renderers import DjangoTemplates

from tests.fast_widgets import by_django, get_template


def html_of(field) -> str:
    """Without what a browser does not see: spaces between tags, and how a quote is escaped."""
    return unescape(re.sub(r"\s*([<>])\s*", r"\1", str(field)))


@pytest.mark.django_db
def test_jinja_renders_each_widget_of_a_screen_as_django_does(rf, admin_user, monkeypatch):
    request = rf.get("/admin/")
    request.user = admin_user
    screens = [one for one in admin.site._registry.values() if one.has_add_permission(request)]
    forms = [one.get_form(request)(data) for one in screens for data in (None, {})]

    monkeypatch.setattr(DjangoTemplates, "get_template", get_template)
    fast = [html_of(field) for form in forms for field in form]
    monkeypatch.setattr(DjangoTemplates, "get_template", by_django)

    assert len(fast) > 100
    assert fast == [html_of(field) for form in forms for field in form]
