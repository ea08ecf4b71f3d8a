"""Who follows, as reviewers see it: without secrets, and with two buttons."""

import pytest

from companies.models import Delivery, Subscription

from .builders import a_delivery, a_subscription
from .editors import a_reviewer, an_editor, text

pytestmark = [pytest.mark.django_db]

LIST = "/admin/companies/subscription/"


def act(client, name, *chosen):
    sent = {"action": name, "_selected_action": [one.pk for one in chosen]}
    return client.post(LIST, sent, follow=True)


def test_a_reviewer_sees_the_subscriptions_without_their_secrets():
    follower = a_subscription(query="country=FR", secret="whsec_c2VjcmV0")
    a_delivery(follower, company_slug="acme").save()
    client = a_reviewer()

    pages = [LIST, f"{LIST}{follower.pk}/change/", "/admin/companies/delivery/"]
    said = [text(client.get(page)) for page in pages]
    assert all(follower.host in one for one in said[:2])
    assert "country=FR" in said[1]
    assert "acme" in said[2]
    delivery = Delivery.objects.get()
    pages.append(f"/admin/companies/delivery/{delivery.pk}/change/")
    for page in pages:
        content = client.get(page).content.decode()
        assert "whsec_c2VjcmV0" not in content
        assert follower.token_hash not in content


def test_the_owner_sees_that_a_reviewer_paused_or_ended_the_subscription():
    one, other, ended = a_subscription(), a_subscription(), a_subscription(state="ended")
    client = a_reviewer()

    assert "1 subscription is now: paused." in text(act(client, "pause", one, ended))
    assert "1 subscription is now: ended." in text(act(client, "end", other, ended))

    rows = Subscription.objects.order_by("pk").values_list("state", "state_reason")
    assert list(rows) == [("paused", "operator"), ("ended", "operator"), ("ended", "")]


def test_an_editor_cannot_see_subscriptions():
    assert an_editor().get(LIST).status_code == 403
