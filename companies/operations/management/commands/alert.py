"""Mail alerts to the operator."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import override

from companies.register.operator_alerts import NotSent, current, lines, news, send


class Command(BaseCommand):
    help = (
        "Mails ALERT_EMAILS each new alert once: a list that is not read, a missing backup, open "
        "corrections and proposals, lost quotes; and which alerts are over. Without EMAIL_URL or "
        "ALERT_EMAILS it prints all of them."
    )

    def handle(self, **options: Any) -> None:
        with override(settings.ALERT_LANGUAGE):
            self._send()

    def _send(self) -> None:
        alerts = current(timezone.now())
        if not settings.EMAIL_URL or not settings.ALERT_EMAILS:
            self.stdout.write("\n".join(one.said for one in alerts) or "Nothing needs anybody.")
            return
        new, over = news(alerts)
        if not new and not over:
            self.stdout.write(f"Nothing new ({len(alerts)} mailed before).")
            return
        try:
            send(new, over)
        except NotSent as error:
            text = "\n".join(lines(new, over))
            raise CommandError(f"No mail was sent ({error}); it is tried again.\n{text}") from error
        self.stdout.write(f"Mailed {len(new)} new, {len(over)} over.")
