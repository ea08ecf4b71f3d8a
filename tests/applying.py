"""A process of its own that applies proposals, for the test that kills it.

`prepare` makes a run with many proposals, `apply` applies them and says how far it is, `check`
counts what the register holds. Each prints one line, or one a batch.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pactwatch.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402

from companies.models import Change, Citation, Company, Proposal, Signing  # noqa: E402
from companies.register.review.deciding import Decision, apply_all  # noqa: E402
from tests.lists import a_reading  # noqa: E402

MANY = 200


def prepare() -> None:
    User.objects.create_user("clara")
    a_reading([f"Maker {number}" for number in range(MANY)])


def apply() -> None:
    decisions = {proposal.pk: Decision() for proposal in Proposal.objects.order_by("pk")}
    for tally in apply_all(decisions, by=User.objects.get()):
        print(tally.done, flush=True)


def check() -> None:
    applied = Proposal.objects.filter(state="applied")
    counts = [applied.count()]
    counts += [model.objects.count() for model in (Company, Signing, Citation)]
    counts += [Company.history.count(), Signing.history.count(), Citation.history.count()]
    counts.append(Change.objects.filter(kind="status").count())
    open_ones = Proposal.objects.filter(state="proposed")
    taken = Company.objects.filter(name__in=open_ones.values("new_name"))
    print(*counts, open_ones.count(), taken.count())


if __name__ == "__main__":
    {"prepare": prepare, "apply": apply, "check": check}[sys.argv[1]]()
