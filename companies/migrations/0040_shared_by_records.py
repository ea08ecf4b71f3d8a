"""When something was last written that may show on the records of many companies.

The column may be null: code of before it writes the table without.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0039_identifiers_by_value'),
    ]

    operations = [
        migrations.AddField(
            model_name='readtable',
            name='shared',
            field=models.PositiveBigIntegerField(null=True),
        ),
    ]
