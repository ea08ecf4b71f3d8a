"""The body of a webhook message: a change as the API gives it, without its words.

A message never changes, so that a retry has the same bytes: no words, which may be corrected, and
the company by its public id at that time, which redirects.
"""

import datetime
import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override
from rest_framework import serializers

from companies.api.change_views import ChangeSerializer
from companies.api.serializer_fields import absolute
from companies.models import Change, Delivery
from companies.queries.read_query import cursor_after

Kind = Delivery.Kind
TYPES = {
    Kind.CHANGE: "company.changed",
    Kind.MATCH: "name.matched",
    Kind.TEST: "webhook.test",
}


class MessageCompanySerializer(serializers.Serializer[Any]):
    """The company by its name and public id at that time."""

    slug = serializers.CharField(source="company_slug")
    name = serializers.CharField(source="company_name")
    url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()

    def get_url(self, change: Change) -> str:
        return absolute(reverse("api:company", args=[change.company_slug]))

    def get_page(self, change: Change) -> str:
        return absolute(reverse("company", args=[change.company_slug]))


class MessageChangeSerializer(ChangeSerializer):
    """A change as the API gives it, without words, with the sources recorded together with it."""

    company = MessageCompanySerializer(source="*")  # type: ignore[assignment]  # another field
    url = serializers.SerializerMethodField()
    sources = serializers.SerializerMethodField()

    class Meta(ChangeSerializer.Meta):
        fields = [
            *(name for name in ChangeSerializer.Meta.fields if name != "what"),
            *("url", "sources"),
        ]

    def get_url(self, change: Change) -> str:
        """The API URL of this change, with its words."""
        query = f"?cursor={cursor_after(change.number - 1)}&page_size=1"
        return absolute(reverse("api:changes")) + query

    def get_sources(self, change: Change) -> list[str]:
        """The sources cited for this company in the same unit of work."""
        cited = Change.objects.filter(
            table="citations",
            recorded_at=change.recorded_at,
            company_slug=change.company_slug,
        )
        slugs = {one.key["source"] for one in cited if one.action != Change.Action.DELETED}
        return [absolute(reverse("api:source", args=[slug])) for slug in sorted(slugs)]


def content_of(delivery: Delivery) -> bytes:
    """The body of a message."""
    with override(settings.LANGUAGE_CODE):
        at, data = _facts(delivery)
    message = {"type": TYPES[Kind(delivery.kind)], "timestamp": _instant(at), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def _facts(delivery: Delivery) -> tuple[datetime.datetime, Any]:
    match delivery.kind:
        case Kind.CHANGE:
            change = Change.objects.get(number=delivery.changes[0])
            return change.recorded_at, MessageChangeSerializer(change).data
        case Kind.MATCH:
            return delivery.made_at, _match(delivery)
    return delivery.made_at, {"follows": followed(delivery)}


def _match(delivery: Delivery) -> Any:
    check = delivery.subscription.supplier_check
    named = Change(company_slug=delivery.company_slug)
    company = MessageCompanySerializer(named).data
    del company["name"]
    return {
        "name": check.names[delivery.place or 0] if check else "",
        "place": (delivery.place or 0) + 1,
        "company": company,
        "change": next(iter(delivery.changes), None),
    }


def followed(delivery: Delivery) -> str | None:
    """The URL of the followed list; None for a saved list, whose link is its owner's."""
    if delivery.subscription.supplier_check_id:
        return None
    query = delivery.subscription.query
    return absolute(reverse("companies")) + (f"?{query}" if query else "")


def _instant(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
