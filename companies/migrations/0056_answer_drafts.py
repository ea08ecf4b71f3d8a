"""Drafts of answers to corrections; editors write them, and see corrections for that."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

CODES = ("view_correction", "add_answerdraft")


def let_editors_draft(apps, schema_editor):
    database = schema_editor.connection.alias
    # Django makes permissions after all migrations; it passes over an app without models module.
    app = apps.get_app_config("companies")
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    found = apps.get_model("auth", "Permission").objects.using(database).filter(
        content_type__app_label="companies", codename__in=CODES
    )
    for editors in apps.get_model("auth", "Group").objects.using(database).filter(name="Editors"):
        editors.permissions.add(*found)


def let_no_editor_draft(apps, schema_editor):
    database = schema_editor.connection.alias
    found = apps.get_model("auth", "Permission").objects.using(database).filter(
        content_type__app_label="companies", codename__in=CODES
    )
    for editors in apps.get_model("auth", "Group").objects.using(database).filter(name="Editors"):
        editors.permissions.remove(*found)


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0053_mails'),
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AnswerDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('verdict', models.CharField(choices=[('accepted', 'accept'), ('declined', 'decline')], max_length=10, verbose_name='verdict')),
                ('reply', models.TextField(max_length=4000, verbose_name='reply')),
                ('written_at', models.DateTimeField(verbose_name='written at')),
                ('returned_at', models.DateTimeField(blank=True, null=True, verbose_name='sent back at')),
                ('returned_because', models.TextField(blank=True, max_length=1000, verbose_name='why it was sent back')),
                ('correction', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='draft', to='companies.correction', verbose_name='correction')),
                ('returned_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sent back by')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
            ],
            options={
                'verbose_name': 'draft of an answer',
                'verbose_name_plural': 'drafts of answers',
                'ordering': ['written_at', 'pk'],
                'default_permissions': ('add',),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('returned_at', None), ('returned_because', ''), ('returned_by', None)), models.Q(models.Q(('returned_at__isnull', False), ('returned_by__isnull', False)), models.Q(('returned_because', ''), _negated=True)), _connector='OR'), name='answerdraft_return_has_who_when_and_why', violation_error_message='A draft that was sent back needs who did it, when and why.')],
            },
        ),
        migrations.RunPython(let_editors_draft, let_no_editor_draft),
    ]
