"""The public key of what a change is about; changes recorded before have none."""

from importlib import import_module

from django.db import migrations, models

append_only = import_module("companies.migrations.0004_append_only")


class Migration(migrations.Migration):
    dependencies = [("companies", "0013_receipts_outlive_records")]
    operations = [
        # SQLite copies the table for a new column, and the copy has no triggers.
        migrations.RunPython(append_only.remove_triggers, append_only.add_triggers),
        migrations.AddField(
            model_name="change",
            name="subject",
            field=models.CharField(
                blank=True,
                help_text=(
                    "The code of a commitment, the period of a report or the public id of a source."
                ),
                max_length=100,
                verbose_name="subject",
            ),
        ),
        migrations.RunPython(append_only.add_triggers, append_only.remove_triggers),
    ]
