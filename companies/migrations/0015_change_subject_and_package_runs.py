"""What a change is about, by public key; and proposals made from the register's own package."""

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
        migrations.AddField(
            model_name="proposal",
            name="rows",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="What the register’s own package changed, row by row.",
                verbose_name="rows",
            ),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("official_list", "official list"),
                    ("spreadsheet", "spreadsheet of an editor"),
                    ("package", "the register’s own package"),
                ],
                default="official_list",
                max_length=15,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="proposal",
            name="action",
            field=models.CharField(
                choices=[
                    ("new_company", "new company"),
                    ("new_signing", "new signing"),
                    ("back_on_list", "back on the list"),
                    ("no_longer_listed", "no longer on the list"),
                    ("spelled_differently", "spelled differently"),
                    ("match_unsure", "unsure match"),
                    ("change", "change of the record"),
                    ("conflict", "changed here too"),
                ],
                max_length=20,
                verbose_name="action",
            ),
        ),
    ]
