"""Who may see followers and what is told to them, and two more kinds of alerts."""

from django.contrib.auth.management import create_permissions
from django.db import migrations, models


# As with corrections: addresses of readers are for as few as can do without.
GROUPS = {"Reviewers": ("view_subscription", "view_delivery", "change_subscription")}


def allow(apps, schema_editor):
    database = schema_editor.connection.alias
    # Django makes permissions after all migrations; it passes over an app without models module.
    app = apps.get_app_config("companies")
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    ours = permissions.filter(content_type__app_label="companies")
    # What the models no longer declare was made for a database between the two migrations.
    ours.filter(codename__in=("add_subscription", "delete_subscription")).delete()
    for name, codenames in GROUPS.items():
        group, _new = apps.get_model("auth", "Group").objects.using(database).get_or_create(
            name=name
        )
        group.permissions.add(*ours.filter(codename__in=codenames))


def disallow(apps, schema_editor):
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    codenames = {name for names in GROUPS.values() for name in names}
    for one in permissions.filter(content_type__app_label="companies", codename__in=codenames):
        one.group_set.clear()


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0050_outbox'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='subscription',
            options={'default_permissions': ('view', 'change'), 'ordering': ['-made_at', '-pk'], 'verbose_name': 'subscription', 'verbose_name_plural': 'subscriptions'},
        ),
        migrations.AlterField(
            model_name='toldalert',
            name='kind',
            field=models.CharField(choices=[('list', 'list not read'), ('backup', 'no backup'), ('quote', 'quote gone'), ('correction', 'correction waiting'), ('proposal', 'proposals waiting'), ('delivery', 'deliveries waiting'), ('follower', 'follower not reached')], max_length=10, verbose_name='kind'),
        ),
        migrations.RunPython(allow, disallow),
    ]
