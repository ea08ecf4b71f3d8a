"""The group Viewers: they see what editors see, and change nothing."""

from django.contrib.auth.management import create_permissions
from django.db import migrations


def add_viewers(apps, schema_editor):
    database = schema_editor.connection.alias
    # Django makes permissions after all migrations; it passes over an app without models module.
    app = apps.get_app_config("companies")
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    seen = apps.get_model("auth", "Permission").objects.using(database).filter(
        content_type__app_label="companies", codename__startswith="view_", group__name="Editors"
    )
    viewers, _new = apps.get_model("auth", "Group").objects.using(database).get_or_create(
        name="Viewers"
    )
    viewers.permissions.set(seen)


def remove_viewers(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name="Viewers").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0046_saved_filters"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(add_viewers, remove_viewers)]
