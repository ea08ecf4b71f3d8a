"""Deliver what changed to followers, by webhook and mail."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from companies.models import Subscription
from companies.register.following.emails import emails
from companies.register.following.new_deliveries import make_messages
from companies.register.following.sending import EVERY, Channel, deliver
from companies.register.following.webhooks import webhooks


def channels() -> dict[str, Channel]:
    """The delivery channel for each kind of subscription."""
    from companies.api.webhook_messages import content_of  # REST framework, which others need not

    by = Subscription.Channel
    return {by.WEBHOOK: webhooks(content_of), by.EMAIL: emails}


class Command(BaseCommand):
    help = (
        "Tells those who follow the register what changed: makes the messages of the changes since "
        "the last run and sends all that are due. Several may run at once, and one that was killed "
        "loses nothing: its messages are sent again under the same id."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        explained = f"go on until stopped, and look for changes every {EVERY:.0f} seconds"
        parser.add_argument("--loop", action="store_true", help=explained)

    def handle(self, **options: Any) -> None:
        ready = channels()
        while True:
            delivered = deliver(ready, make_messages)
            if delivered or not options["loop"]:
                self.stdout.write(f"{delivered} delivered.")
            if not options["loop"]:
                return
            close_old_connections()
            time.sleep(EVERY)
