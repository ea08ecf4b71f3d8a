"""The table that lists read, and an index of every three letters of the names in it.

Without FTS5 in SQLite, or without the right to create pg_trgm in PostgreSQL, there is no index:
searches read all names then, and a system check says so.
"""

import re

import django.db.models.deletion
from django.db import DatabaseError, migrations, models, transaction

SQLITE = """
CREATE VIRTUAL TABLE companies_nameindex USING fts5(names, tokenize='trigram');
CREATE TRIGGER companies_nameindex_insert AFTER INSERT ON companies_companyrow BEGIN
    INSERT INTO companies_nameindex (rowid, names) VALUES (NEW.company_id, NEW.names);
END;
CREATE TRIGGER companies_nameindex_delete AFTER DELETE ON companies_companyrow BEGIN
    DELETE FROM companies_nameindex WHERE rowid = OLD.company_id;
END;
CREATE TRIGGER companies_nameindex_update AFTER UPDATE OF names ON companies_companyrow BEGIN
    UPDATE companies_nameindex SET names = NEW.names WHERE rowid = NEW.company_id;
END;
"""
POSTGRESQL = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX companies_nameindex ON companies_companyrow USING gin (names gin_trgm_ops);
"""


def index_names(apps, schema_editor):
    connection = schema_editor.connection
    sql = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    # The triggers hold semicolons of their own.
    for statement in re.split(r";\n(?=CREATE|$)", sql.strip() + "\n"):
        try:
            with transaction.atomic(connection.alias), connection.cursor() as cursor:
                cursor.execute(statement)
        except DatabaseError:
            return


def drop_index(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute("DROP INDEX IF EXISTS companies_nameindex")
            return
        for when in ("insert", "delete", "update"):
            cursor.execute(f"DROP TRIGGER IF EXISTS companies_nameindex_{when}")
        cursor.execute("DROP TABLE IF EXISTS companies_nameindex")


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0034_plain_labels'),
    ]

    operations = [
        migrations.CreateModel(
            name='CompanyRow',
            fields=[
                ('company', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='row', serialize=False, to='companies.company')),
                ('names', models.TextField()),
                ('changed_at', models.DateTimeField(null=True)),
                ('version', models.PositiveBigIntegerField(db_index=True)),
                ('placed', models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ReadTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveBigIntegerField()),
                ('written', models.PositiveBigIntegerField()),
                ('changes_on', models.DateField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='StatusRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signing_id', models.BigIntegerField(null=True)),
                ('status', models.CharField(max_length=10, null=True)),
                ('since', models.DateField(null=True)),
                ('since_precision', models.CharField(max_length=5, null=True)),
                ('since_basis', models.CharField(max_length=10, null=True)),
                ('pledges', models.TextField(blank=True)),
                ('due_on', models.DateField(null=True)),
                ('submitted_on', models.DateField(null=True)),
                ('published_on', models.DateField(null=True)),
                ('source_count', models.PositiveIntegerField(default=0)),
                ('changes_on', models.DateField(db_index=True, null=True)),
                ('company', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='status_rows', to='companies.company')),
                ('pact', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='status_rows', to='companies.pact')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('company', 'pact'), name='statusrow_unique')],
            },
        ),
        migrations.RunPython(index_names, drop_index),
    ]
