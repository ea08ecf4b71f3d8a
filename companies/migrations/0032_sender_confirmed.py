"""The day on which a link, mailed to the company's own domain, confirmed who sent a statement."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0031_plainer_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "correction",
            "sender_confirmed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="sender confirmed at"),
        ),
        migrations.AddConstraint(
            "correction",
            models.CheckConstraint(
                condition=Q(sender_confirmed_at=None) | Q(kind="statement"),
                name="correction_confirmed_is_statement",
                violation_error_message="Only the sender of a statement can be confirmed.",
            ),
        ),
    ]
