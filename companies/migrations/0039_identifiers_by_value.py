import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0038_first_source_of_a_status'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='companyidentifier',
            index=models.Index(django.db.models.functions.text.Lower('value'), name='identifier_by_value'),
        ),
    ]
