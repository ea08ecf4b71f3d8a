from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0039_identifiers_by_value'),
    ]

    operations = [
        migrations.AddField(
            model_name='readtable',
            name='records',
            field=models.PositiveBigIntegerField(null=True),
        ),
    ]
