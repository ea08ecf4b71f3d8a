"""Edits, and processes that send them to followers, each a process that can be killed.

`python -m tests.killed_senders` forks for each line of its standard input, since importing Django
takes 1 s. The process prints its id and does what the line says: `prepare PORT`, `edit SEED
NUMBER`, `deliver PORT` (until killed), `later` (the time of all leases and waits is over) or
`expect`, which prints what each follower must be sent and may be sent, by the path of its URL. A
line that is a process's id is answered with its exit status, once it has ended.
"""

import json
import os
import random
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")
django.setup()

from django.db.models import Q  # noqa: E402
from django.utils import timezone  # noqa: E402

from companies.api.webhook_messages import content_of  # noqa: E402
from companies.models import Change, Company, Delivery, Subscription, packed  # noqa: E402
from companies.queries.following.followed_list import FollowedList  # noqa: E402
from companies.register.following.new_deliveries import last_change, make_deliveries  # noqa: E402
from companies.register.following.sending import deliver  # noqa: E402
from companies.register.following.subscribing import new_secret  # noqa: E402
from companies.register.following.webhooks import webhooks  # noqa: E402
from companies.register.history import save, unit_of_work  # noqa: E402
from tests.builders import a_company, a_pact, a_subscription  # noqa: E402
from tests.consumers import HOST, reaching  # noqa: E402

COMPANIES = 8
COUNTRIES = ("FR", "DE", "IT")
# The path of each follower, and what it follows. Company 0 stays in France, company 1 in Spain.
FOLLOWS = {
    "good": "",
    "flaky": "",
    "slow": "company=company-2",
    "down": "",
    "french": "country=FR",
    "two": "company=company-3&company=company-4",
}
CHOICES: dict[str, list[str]] = {
    "size": ["micro", "sme", "large"],
    "role": ["provider", "deployer", "both"],
    "country": [*COUNTRIES],
}


def prepare(port: str) -> None:
    a_pact()
    for number in range(COMPANIES):
        country = {0: "FR", 1: "ES"}.get(number) or COUNTRIES[number % 3]
        a_company(f"Company {number}", country=country)
    for path, query in FOLLOWS.items():
        members = FollowedList.of_query(query).members() if query else ()
        a_subscription(
            query=query,
            members=packed(members) if query else b"",
            position=last_change(),
            address=f"https://{HOST}:{port}/{path}",
            host=f"{path}.example",  # so that each has a place of its own among those sent at once
            secret=new_secret(),
        )


def edit(seed: str, number: str) -> None:
    """Edits through the register's rules: one change each, or several in one act."""
    chance = random.Random(int(seed))
    for _act in range(int(number)):
        with unit_of_work():
            for which in chance.sample(range(COMPANIES), chance.choice([1, 1, 1, 3])):
                company = Company.objects.get(slug=f"company-{which}")
                fields = ["size", "role", "description"] + ["country"] * (which > 1)
                field = chance.choice(fields)
                values = CHOICES.get(field) or [f"Words {chance.random()}"]
                new = [one for one in values if one != getattr(company, field)]
                setattr(company, field, chance.choice(new))
                save(company, "found")
        time.sleep(chance.random() * 0.05)


def send_on(port: str) -> None:
    channels = {"webhook": webhooks(content_of, reaching(int(port)))}
    while True:
        deliver(channels, make_deliveries)
        time.sleep(0.05)


def later() -> None:
    """Let all leases and waits be over; print how much waits."""
    make_deliveries()
    past = timezone.now() - timezone.timedelta(seconds=1)
    waiting = Delivery.objects.waiting()
    waiting.update(next_attempt_at=past)
    waiting.filter(claimed_until__isnull=False).update(claimed_until=past)
    print(waiting.count())


def expect() -> None:
    told = Change.objects.filter(has_line=True, material=True).exclude(company_slug="")
    found: dict[str, Any] = {}
    for path, query in FOLLOWS.items():
        subscription = Subscription.objects.get(host=f"{path}.example")
        must = may = told.filter(number__gt=first_number())
        named = [part.partition("=")[2] for part in query.split("&") if "company" in part]
        if named:
            must = may = must.filter(company_slug__in=named)
        elif query:
            must, may = (
                must.filter(company_slug="company-0"),
                must.exclude(company_slug="company-1"),
            )
        found[path] = {
            "secret": subscription.secret,
            "must": sorted(must.values_list("number", flat=True)),
            "may": sorted(may.values_list("number", flat=True)),
            "state": subscription.state,
        }
    print(json.dumps(found))


def first_number() -> int:
    """The last change before the first edit: those of what was prepared are additions."""
    added = Change.objects.filter(Q(table="companies"), cause__isnull=False).order_by("number")
    return max(one.number for one in added if one.action == Change.Action.ADDED)


PROGRAMS = {
    "prepare": prepare,
    "edit": edit,
    "deliver": send_on,
    "later": later,
    "expect": expect,
}


def fork_for_each_line() -> None:
    for line in sys.stdin:
        what, *values = line.split()
        if what.isdigit():
            _child, status = os.waitpid(int(what), 0)
            print("ended", os.waitstatus_to_exitcode(status), flush=True)
        elif not os.fork():
            print(os.getpid(), flush=True)
            PROGRAMS[what](*values)
            sys.stdout.flush()
            os._exit(0)  # to take all of Django down again takes as long as to import it


if __name__ == "__main__":
    fork_for_each_line()
