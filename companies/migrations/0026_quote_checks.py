import companies.models.fields
import django.db.models.deletion
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

CODE = "view_quotecheck"


def grant(apps, schema_editor):
    """Editors see what the checks found, and the bytes that were read."""
    database = schema_editor.connection.alias
    app = apps.get_app_config("companies")
    # Django makes permissions after all migrations; it passes over an app without models module.
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    seen = apps.get_model("auth", "Permission").objects.using(database).get(
        content_type__app_label="companies", codename=CODE
    )
    for group in apps.get_model("auth", "Group").objects.using(database).filter(
        name__in=["Editors", "Reviewers"]
    ):
        group.permissions.add(seen)


def revoke(apps, schema_editor):
    """Nobody keeps a permission on a table that is gone."""
    apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias).filter(
        content_type__app_label="companies", codename=CODE
    ).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0025_age_of_a_list'),
    ]

    operations = [
        migrations.CreateModel(
            name='QuoteCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', companies.models.fields.WebField(max_length=1000, verbose_name='address')),
                ('quote', models.TextField(blank=True, max_length=1000, verbose_name='quote')),
                ('checked_at', models.DateTimeField(verbose_name='checked at')),
                ('result', models.CharField(choices=[('found', 'quote found'), ('changed', 'page changed: quote found before, not any more'), ('not_found', 'quote not found in the text that could be read'), ('gone', 'page gone'), ('not_reachable', 'page not reachable'), ('not_read', 'page could not be read'), ('reachable', 'page reachable, no quote to look for')], max_length=15, verbose_name='result')),
                ('reason', models.CharField(blank=True, choices=[('status', 'the status of the server’s answer'), ('no_answer', 'no answer in time'), ('no_connection', 'no connection'), ('no_host', 'no address of the host'), ('certificate', 'no valid certificate'), ('address', 'an address that is not fetched from'), ('redirects', 'too many redirects'), ('size', 'a size beyond what is read'), ('empty', 'an empty page'), ('encoding', 'an encoding that was not asked for'), ('robots', 'robots.txt asks programs to stay away'), ('pdf', 'a PDF without readable text'), ('not_text', 'not a text'), ('hardly_any_text', 'hardly any text without scripts'), ('asks_first', 'asks to agree or to sign in first'), ('error_page', 'the page reports an error'), ('front_page', 'leads to the front page'), ('hidden', 'the quote is hidden or struck out')], max_length=15, verbose_name='reason')),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='status of the answer')),
                ('since', models.DateField(help_text='The first of the checks in a row.', verbose_name='result since')),
                ('found_on', models.DateField(blank=True, null=True, verbose_name='quote last found on')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('in_copy', models.BooleanField(default=False, verbose_name='found in the archived copy')),
                ('copy_of', models.DateField(blank=True, null=True, verbose_name='day of the archived copy')),
                ('copy_sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the archived copy')),
                ('citation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='quote_check', to='companies.citation', verbose_name='citation')),
            ],
            options={
                'verbose_name': 'check of a quote',
                'verbose_name_plural': 'checks of quotes',
                'ordering': ['-checked_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('result', 'found'), _negated=True), ('found_on__isnull', False), _connector='OR'), name='quotecheck_found_has_its_day', violation_error_message='A quote that was found was found on a day.')],
            },
        ),
        migrations.RunPython(grant, revoke),
    ]
