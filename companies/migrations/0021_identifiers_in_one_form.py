"""Identifiers are kept in one form, in which each belongs to one company.

A row that says in another form what an older row says goes; what cannot be right stays, in its one
form, and is told. The audit history has each step.
"""

from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Upper
from django.utils import timezone

from companies.names.identifiers import one_form, why_wrong

REASON = "kept in one form"


def rewrite(apps, schema_editor):
    using = schema_editor.connection.alias
    rows = apps.get_model("companies", "CompanyIdentifier").objects.using(using)
    history = apps.get_model("companies", "HistoricalCompanyIdentifier").objects.using(using)
    owners = {}
    changed = []
    for row in rows.select_related("company").order_by("pk"):
        value = one_form(row.scheme, row.value)
        named = f"{row.company.slug}, {row.scheme} {row.value}"
        if owner := owners.get((row.scheme, value)):
            print(f"  removed, because {owner} has it: {named}")
            record(history, row, "-")
            row.delete()
            continue
        owners[row.scheme, value] = row.company.slug
        if fault := why_wrong(row.scheme, value):
            print(f"  to be checked: {named}: {fault}")
        if value != row.value:
            row.value = value
            changed.append(row)
    # After the removals: one of those may have had the form that another takes.
    for row in changed:
        row.save()
        record(history, row, "~")


def record(history, row, kind):
    history.create(
        id=row.pk,
        company_id=row.company_id,
        scheme=row.scheme,
        value=row.value,
        history_date=timezone.now(),
        history_type=kind,
        history_change_reason=REASON,
    )


class Migration(migrations.Migration):
    dependencies = [("companies", "0020_opinions")]

    operations = [
        migrations.RunPython(rewrite, migrations.RunPython.noop),
        migrations.RemoveConstraint("companyidentifier", "identifier_unique"),
        migrations.AddConstraint(
            "companyidentifier",
            models.UniqueConstraint(
                F("scheme"),
                Upper("value"),
                name="identifier_unique",
                violation_error_message="Another company already has this identifier.",
            ),
        ),
        migrations.AlterField(
            "companyidentifier",
            "value",
            models.CharField(max_length=60, verbose_name="value"),
        ),
        migrations.AlterField(
            "historicalcompanyidentifier",
            "value",
            models.CharField(max_length=60, verbose_name="value"),
        ),
    ]
