"""Fold œ, æ, ø, ł, đ, ð, þ and ı as their letters too, and sort folded names by code everywhere.

Taken back, the names stay as they are: the fields that are written by the code of before are
folded by it at their next save, and it sorts them by whatever collation it finds.
"""

from django.db import migrations
from django.db.models import Q

LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}


def fold_letters(apps, schema_editor):
    database = schema_editor.connection.alias
    held = Q()
    for letter in LETTERS:
        held |= Q(name_folded__contains=letter)
    for model in folding(apps):
        rows = model._default_manager.using(database)
        for pk, folded in list(rows.filter(held).values_list("pk", "name_folded")):
            plain = folded.translate(str.maketrans(LETTERS))
            row = rows.filter(pk=pk)
            if model.__name__ == "RefusedMatch":  # one is enough for two spellings of a name
                row = row.exclude(company__in=rows.filter(name_folded=plain).values("company"))
            row.update(name_folded=plain)


def sort_by_code(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for model in folding(apps):
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(
            f'ALTER TABLE {table} ALTER COLUMN name_folded TYPE varchar(600) COLLATE "C"'
        )


def folding(apps):
    """The tables with a folded name, those of their history included."""
    return [
        model
        for model in apps.get_app_config("companies").get_models()
        if any(field.name == "name_folded" for field in model._meta.fields)
    ]


class Migration(migrations.Migration):
    dependencies = [("companies", "0010_corrections_workflow")]
    # The rows are written in one transaction and the columns altered in the next: PostgreSQL
    # alters no table with writes under way.
    atomic = False
    operations = [
        migrations.RunPython(fold_letters, migrations.RunPython.noop, atomic=True),
        migrations.RunPython(sort_by_code, migrations.RunPython.noop, atomic=True),
    ]
