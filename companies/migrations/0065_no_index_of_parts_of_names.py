"""The index of every three letters of names, which nothing reads any more."""

from importlib import import_module

from django.db import migrations

before = import_module("companies.migrations.0035_read_table")


def index_names(apps, schema_editor):
    before.index_names(apps, schema_editor)
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            if "companies_nameindex" in connection.introspection.table_names(cursor):
                cursor.execute(
                    "INSERT INTO companies_nameindex (rowid, names) "
                    "SELECT company_id, names FROM companies_companyrow"
                )


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0064_names_of_the_read_table'),
    ]

    operations = [migrations.RunPython(before.drop_index, index_names)]
