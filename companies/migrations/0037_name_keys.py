import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0036_sources_of_companies'),
    ]

    operations = [
        migrations.CreateModel(
            name='NameKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('company', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='name_keys', to='companies.company')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key', 'company'), name='namekey_unique')],
            },
        ),
    ]
