"""The read table names the surest source of each status, so that files need no look at all."""

import django.db.models.deletion
from django.db import migrations, models


def pointer(to):
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name='+',
        to=to,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0037_name_keys'),
    ]

    operations = [
        migrations.AddField('statusrow', 'first_source', pointer('companies.source')),
        # The column is the same.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField('statusrow', 'signing_id'),
                migrations.AddField('statusrow', 'signing', pointer('companies.signing')),
            ],
        ),
    ]
