"""The database itself refuses to alter or delete a change; and who may decide on proposals."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

REFUSAL = "changes are only ever added"

POSTGRESQL = f"""
CREATE FUNCTION companies_change_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER companies_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON companies_change FOR EACH STATEMENT EXECUTE FUNCTION companies_change_is_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER IF EXISTS companies_change_append_only ON companies_change;
DROP FUNCTION IF EXISTS companies_change_is_append_only();
"""
# A migration that makes SQLite copy the table drops these: make them again in it.
SQLITE = [
    f"CREATE TRIGGER companies_change_no_{verb.lower()} BEFORE {verb} ON companies_change "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for verb in ("UPDATE", "DELETE")
]
SQLITE_BACK = [
    f"DROP TRIGGER IF EXISTS companies_change_no_{verb}" for verb in ("update", "delete")
]


def add_triggers(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL] if postgresql else SQLITE:
        schema_editor.execute(statement)


def remove_triggers(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL_BACK] if postgresql else SQLITE_BACK:
        schema_editor.execute(statement)


# What reads an outside list is set up by reviewers, for it decides what the watch can see.
LISTS = ("officiallist", "listheading", "historicalofficiallist", "historicallistheading")
EDITORS = {
    *(f"view_{model}" for model in (*LISTS, "refusedmatch")),
    "add_importrun",  # to send a spreadsheet
}
REVIEWERS = EDITORS | {
    *(f"{verb}_{model}" for verb in ("add", "change", "delete") for model in LISTS[:2]),
    "delete_refusedmatch",
}


def grant(apps, schema_editor):
    database = schema_editor.connection.alias
    app = apps.get_app_config("companies")
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, codes in {"Editors": EDITORS, "Reviewers": REVIEWERS}.items():
        group, _new = Group.objects.using(database).get_or_create(name=name)
        group.permissions.add(
            *Permission.objects.using(database).filter(
                content_type__app_label="companies", codename__in=codes
            )
        )


class Migration(migrations.Migration):
    dependencies = [("companies", "0003_watch")]
    operations = [
        migrations.RunPython(add_triggers, remove_triggers),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
