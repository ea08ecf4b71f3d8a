"""The groups Editors and Reviewers, with what each may do in the admin."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

# Editors keep records right. What they may delete, the history of the company can restore.
REGISTER = [
    "company", "companyname", "companyidentifier", "companyredirect", "sector", "pact",
    "commitment", "milestone", "signing", "pledge", "progressreport", "source", "citation",
]
DETAILS = ["companyname", "companyidentifier", "pledge", "progressreport", "citation"]
READ = ["change", "importrun", "proposal", *(f"historical{model}" for model in REGISTER)]

EDITORS = {
    *(f"{verb}_{model}" for model in REGISTER for verb in ("add", "change", "view")),
    *(f"delete_{model}" for model in DETAILS),
    *(f"view_{model}" for model in READ),
}
# Reviewers also decide: on proposals, on corrections, and on what leaves the register.
REVIEWERS = EDITORS | {
    *(f"delete_{model}" for model in REGISTER),
    "change_proposal", "view_correction", "change_correction",
}
GROUPS = {"Editors": EDITORS, "Reviewers": REVIEWERS}


def add_groups(apps, schema_editor):
    database = schema_editor.connection.alias
    # Django makes permissions only after all migrations ran; within a fresh `migrate` there are
    # none yet. create_permissions passes over an app that has no models module, as all have here.
    app = apps.get_app_config("companies")
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, codes in GROUPS.items():
        group, _new = Group.objects.using(database).get_or_create(name=name)
        permissions = Permission.objects.using(database).filter(
            content_type__app_label="companies", codename__in=codes
        )
        group.permissions.set(permissions)


def remove_groups(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    Group.objects.using(schema_editor.connection.alias).filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_register"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(add_groups, remove_groups)]
