import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0037_name_keys'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='companyidentifier',
            index=models.Index(django.db.models.functions.text.Lower('value'), name='identifier_by_value'),
        ),
    ]
