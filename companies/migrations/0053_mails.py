"""What a mail about several changes tells, and why one ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0051_followers_seen")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="matches",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Of a message about several: the place of each name on a kept list, "
                "from 0, and the company’s public id.",
                verbose_name="new matches",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="refusals",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="How often a mail server refused it for good.",
                verbose_name="refusals",
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="state_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("owner", "by its owner"),
                    ("operator", "by an editor"),
                    ("failed", "no message could be delivered for 24 hours"),
                    ("gone", "the address answered that it is gone"),
                    ("refused", "its mail server refused our messages"),
                    ("unconfirmed", "not confirmed within 24 hours"),
                    ("query", "its filters are no longer valid"),
                ],
                max_length=12,
                verbose_name="reason",
            ),
        ),
    ]
