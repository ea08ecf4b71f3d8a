"""Opinions on why companies stay away from a pact, for editors to keep as they keep milestones."""

import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

EDITORS = {"add_opinion", "change_opinion", "view_opinion", "view_historicalopinion"}
GROUPS = {"Editors": EDITORS, "Reviewers": EDITORS | {"delete_opinion"}}


def add_permissions(apps, schema_editor):
    database = schema_editor.connection.alias
    # Django makes permissions after all migrations; it passes over an app without models module.
    app = apps.get_app_config("companies")
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, codes in GROUPS.items():
        group, _new = Group.objects.using(database).get_or_create(name=name)
        group.permissions.add(
            *Permission.objects.using(database).filter(
                content_type__app_label="companies", codename__in=codes
            )
        )


def remove_permissions(apps, schema_editor):
    database = schema_editor.connection.alias
    Permission = apps.get_model("auth", "Permission")
    Permission.objects.using(database).filter(
        content_type__app_label="companies", codename__in=GROUPS["Reviewers"]
    ).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0019_kinds_of_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalOpinion',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('says_en', models.CharField(max_length=300, verbose_name='what it says, in English')),
                ('says_fr', models.CharField(max_length=300, verbose_name='what it says, in French')),
                ('quote', models.TextField(help_text='The author’s own words, in their own language.', max_length=1000, verbose_name='quote')),
                ('language', models.CharField(max_length=2, validators=[django.core.validators.RegexValidator('\\A[a-z]{2}\\Z', 'Two letters in lower case, please.')], verbose_name='language of the quote')),
                ('translation_en', models.TextField(blank=True, max_length=1000, verbose_name='our translation into English')),
                ('translation_fr', models.TextField(blank=True, max_length=1000, verbose_name='our translation into French')),
                ('author_en', models.CharField(help_text='Who says so, and when as far as the source tells.', max_length=200, verbose_name='author, in English')),
                ('author_fr', models.CharField(max_length=200, verbose_name='author, in French')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'historical opinion',
                'verbose_name_plural': 'historical opinions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('says_en', models.CharField(max_length=300, verbose_name='what it says, in English')),
                ('says_fr', models.CharField(max_length=300, verbose_name='what it says, in French')),
                ('quote', models.TextField(help_text='The author’s own words, in their own language.', max_length=1000, verbose_name='quote')),
                ('language', models.CharField(max_length=2, validators=[django.core.validators.RegexValidator('\\A[a-z]{2}\\Z', 'Two letters in lower case, please.')], verbose_name='language of the quote')),
                ('translation_en', models.TextField(blank=True, max_length=1000, verbose_name='our translation into English')),
                ('translation_fr', models.TextField(blank=True, max_length=1000, verbose_name='our translation into French')),
                ('author_en', models.CharField(help_text='Who says so, and when as far as the source tells.', max_length=200, verbose_name='author, in English')),
                ('author_fr', models.CharField(max_length=200, verbose_name='author, in French')),
                ('pact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='companies.pact', verbose_name='pact')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='companies.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'opinion',
                'verbose_name_plural': 'opinions',
                'ordering': ['pact', 'position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('pact', 'position'), name='opinion_position_unique', violation_error_message='Another opinion on this pact has this position.')],
            },
        ),
        migrations.RunPython(add_permissions, remove_permissions),
    ]
