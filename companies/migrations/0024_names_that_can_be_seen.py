"""Names hold what a reader sees and at least a letter or a digit.

Stored names are cleaned, each step with its audit row. What a name cannot become, because another
has that name, stays and is told. A name of signs alone gives way to the public id, an alias goes.
"""

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from companies.names.letters import fold
from companies.names.visible import clean_name

MESSAGE = "A name needs a letter or a digit."


def clean_stored(apps, schema_editor):
    for company in rows_of(apps, schema_editor, "Company"):
        legal_name = clean_name(company.legal_name)
        name = clean_name(company.name)
        if not fold(name):
            print(f"  {company.slug}: the name {company.name!r} becomes the public id")
            name = company.slug
        if not fold(legal_name):
            legal_name = ""
        taken = rows_of(apps, schema_editor, "Company").filter(name__iexact=name)
        if taken.exclude(pk=company.pk).exists():
            print(f"  to be checked: {company.slug}: another company is called {name!r}")
            name = company.name
        keep(apps, schema_editor, company, name=name, legal_name=legal_name)
    for row in rows_of(apps, schema_editor, "CompanyName"):
        name = clean_name(row.name)
        others = rows_of(apps, schema_editor, "CompanyName").exclude(pk=row.pk)
        double = others.filter(company_id=row.company_id, name__iexact=name).exists()
        if double or not fold(name):
            print(f"  the other name {row.name!r} of company {row.company_id} is taken out")
            record(apps, schema_editor, row, "-")
            row.delete()
            continue
        keep(apps, schema_editor, row, name=name)


def keep(apps, schema_editor, row, **values):
    if all(getattr(row, field) == value for field, value in values.items()):
        return
    for field, value in values.items():
        setattr(row, field, value)
    row.name_folded = fold(row.name)[:600]
    row.save()
    record(apps, schema_editor, row, "~")


def rows_of(apps, schema_editor, model):
    manager = apps.get_model("companies", model)._default_manager
    return manager.using(schema_editor.connection.alias).order_by("pk")


def record(apps, schema_editor, row, kind):
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    rows_of(apps, schema_editor, f"Historical{row._meta.object_name}").create(
        **fields,
        history_date=timezone.now(),
        history_type=kind,
        history_change_reason="names that can be seen",
    )


def name_field(label, **options):
    return models.CharField(max_length=200, verbose_name=label, **options)


class Migration(migrations.Migration):
    dependencies = [("companies", "0023_evidence_of_a_status")]

    operations = [
        migrations.RunPython(clean_stored, migrations.RunPython.noop),
        *(
            migrations.AlterField(model, "name", name_field("name"))
            for model in ("company", "historicalcompany", "companyname", "historicalcompanyname")
        ),
        *(
            migrations.AlterField(model, "legal_name", name_field("legal name", blank=True))
            for model in ("company", "historicalcompany")
        ),
        migrations.AlterField(
            "correction", "company_name", name_field("company as the sender names it", blank=True)
        ),
        *(
            migrations.AddConstraint(
                model,
                models.CheckConstraint(
                    condition=~Q(name_folded=""),
                    name=f"{model}_can_be_read",
                    violation_error_message=MESSAGE,
                ),
            )
            for model in ("company", "companyname")
        ),
    ]
