"""Citations say that an editor verified them, and not which: the history knows that, for editors.

Older entries of the public chain keep the name; the replay reads it as the column holds it now.
"""

from pathlib import Path

from django.conf import settings
from django.db import migrations, models

VERIFIERS = [
    ("editor", "an editor"),
    ("verify_sources", "the program that looks at cited pages"),
]


def name_nobody(apps, schema_editor):
    for name in ("Citation", "HistoricalCitation"):
        rows = apps.get_model("companies", name)._base_manager.using(schema_editor.connection.alias)
        rows.exclude(verified_by__in=["", "verify_sources"]).update(verified_by="editor")
    # Copies of the register as it was recorded have the names too; they are made again.
    for copy in Path(settings.RECORDED_DIR).glob("*.sqlite3"):
        copy.unlink(missing_ok=True)


def verified_by():
    return models.CharField(
        blank=True, choices=VERIFIERS, max_length=100, verbose_name="verified by"
    )


class Migration(migrations.Migration):
    dependencies = [("companies", "0028_clearer_labels")]
    operations = [
        migrations.RunPython(name_nobody, migrations.RunPython.noop),
        migrations.AlterField("citation", "verified_by", verified_by()),
        migrations.AlterField("historicalcitation", "verified_by", verified_by()),
        migrations.AlterField(
            "correction",
            "email",
            models.EmailField(
                blank=True,
                help_text="Never public; deleted some time after the answer.",
                max_length=254,
                verbose_name="e-mail",
            ),
        ),
    ]
