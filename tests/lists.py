"""Builders of official lists: pages with names, and readings of them."""

import datetime
from collections.abc import Iterable
from html import escape

from django.contrib.auth.models import Group, User

from companies.models import ImportRun, ListHeading, OfficialList, Pact, Proposal
from companies.register.review.watch import Page, Reading, read

from .builders import a_pact

URL = "https://digital-strategy.ec.europa.eu/en/policies/ai-pact"


def a_list(pact: Pact | None = None, **fields: object) -> OfficialList:
    """A watched list with the heading of the real page."""
    pact = pact or a_pact()
    ListHeading.objects.get_or_create(pact=pact, kind="heading", text="Signatories of the pledges")
    watched, _new = OfficialList.objects.get_or_create(pact=pact, defaults={"url": URL} | fields)
    return watched


def a_page(names: Iterable[str]) -> bytes:
    items = "".join(f"<li>{escape(name)}</li>\n" for name in names)
    return f"""<!DOCTYPE html>
<html lang="en"><head><title>AI Pact | Shaping Europe’s digital future</title></head>
<body><nav><ul><li><a href="#signatories">Signatories of the pledges</a></li></ul></nav>
<main><h1>AI Pact</h1><p>The AI Pact supports companies.</p>
<h2 id="signatories">Signatories of the pledges</h2>
<p>Some signatories may not appear immediately.</p>
<ul>{items}</ul>
<h2>Related content</h2><ul><li>AI Act</li><li>AI Office</li></ul></main>
<footer><ul><li>Contact</li></ul></footer></body></html>
""".encode()


def a_reading(names: Iterable[str], *, on: str = "2026-11-20", **how: object) -> Reading:
    """Read a page with these names, seen on a day."""
    pact = a_list().pact
    page = Page(a_page(names), URL, datetime.date.fromisoformat(on))
    return read(pact, page, **how)


def proposed(reading: Reading) -> list[tuple[str, str]]:
    return [(proposal.action, str(proposal.subject)) for proposal in reading.proposals]


def waiting() -> list[tuple[str, str]]:
    """The open proposals of all runs."""
    open_ones = Proposal.objects.filter(state="proposed").order_by("pk")
    return [(proposal.action, str(proposal.subject)) for proposal in open_ones]


def the_proposal(action: str) -> Proposal:
    return Proposal.objects.get(state="proposed", action=action)


def a_reviewer(name: str = "clara") -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name="Reviewers"))
    return user


def last_run() -> ImportRun:
    return ImportRun.objects.latest("pk")
