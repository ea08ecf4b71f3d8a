"""The number of sources of each company, by which home sorts.

The column may be null, so that SQLite adds it in place: a new table would lose the triggers of the
index of names. The table is written anew after each `migrate`.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0035_read_table'),
    ]

    operations = [
        migrations.AddField(
            model_name='companyrow',
            name='sources',
            field=models.PositiveIntegerField(null=True),
        ),
    ]
