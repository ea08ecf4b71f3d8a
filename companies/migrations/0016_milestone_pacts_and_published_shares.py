"""Milestones name their pact and the reports it received; published shares become rows.

Until now the code knew these facts: by a milestone's topic, by the words of its figure, and as
constants of the statistics page.
"""

import re

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models
from django.utils import timezone

PACTS = {"ai_pact": "eu-ai-pact", "gpai_code": "gpai-code"}
RECEIVED = re.compile(r"\b(\d+) reports\b", re.ASCII)
COMMISSION = "digital-strategy-ec-europa-eu-en-news-ai-pact-marks-one-year"
STUDY = "techno-polis-com-eu-ai-pact-a-look-at-the-dialogue-with-busi"
SHARES = [
    ("eu", 63, None, COMMISSION),
    ("us", 23, None, COMMISSION),
    ("other", 14, None, COMMISSION),
    ("both", 63, None, COMMISSION),
    ("deployer", 18, None, COMMISSION),
    ("provider", 14, None, COMMISSION),
    ("outside_eu", 42, 223, STUDY),
]
EDITORS = {
    *(f"{verb}_publishedshare" for verb in ("add", "change", "view")),
    "view_historicalpublishedshare",
}
GROUPS = {"Editors": EDITORS, "Reviewers": EDITORS | {"delete_publishedshare"}}


def name_pacts(apps, schema_editor):
    """In the history too, so that a page of a past day shows what it showed."""
    database = schema_editor.connection.alias
    pacts = dict(apps.get_model("companies", "Pact").objects.using(database).values_list("slug", "pk"))
    for name in ("Milestone", "HistoricalMilestone"):
        rows = apps.get_model("companies", name).objects.using(database)
        for topic, slug in PACTS.items():
            if slug in pacts:
                rows.filter(topic=topic).update(pact_id=pacts[slug])
        for row in rows.filter(value__endswith=" reports", pact__isnull=False):
            if found := RECEIVED.search(row.value):
                rows.filter(pk=row.pk).update(reports_received=int(found[1]))


def add_shares(apps, schema_editor):
    """Each with a history that begins with that of its source: the page has shown it since."""
    database = schema_editor.connection.alias
    model = {
        name: apps.get_model("companies", name).objects.using(database)
        for name in ("Pact", "Source", "HistoricalSource", "PublishedShare", "HistoricalPublishedShare")
    }
    pact = model["Pact"].filter(slug="eu-ai-pact").first()
    for value, percent, signatories, slug in SHARES:
        source = model["Source"].filter(slug=slug).first()
        if not pact or not source:
            continue
        values = {"value": value, "percent": percent, "signatories": signatories}
        values |= {"pact_id": pact.pk, "source_id": source.pk}
        share = model["PublishedShare"].create(**values)
        recorded = model["HistoricalSource"].filter(id=source.pk).order_by("history_date").first()
        model["HistoricalPublishedShare"].create(
            id=share.pk,
            history_type="+",
            history_date=recorded.history_date if recorded else timezone.now(),
            history_change_reason="migrate",
            **values,
        )


def check_now(apps, schema_editor):
    """PostgreSQL checks new foreign keys at the end, and until then alters none of their tables."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def grant(apps, schema_editor):
    database = schema_editor.connection.alias
    app = apps.get_app_config("companies")
    app.models_module = True
    create_permissions(app, verbosity=0, using=database, apps=apps)
    app.models_module = None
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    for name, codes in GROUPS.items():
        group, _new = Group.objects.using(database).get_or_create(name=name)
        group.permissions.add(
            *Permission.objects.using(database).filter(
                content_type__app_label="companies", codename__in=codes
            )
        )


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0015_change_subject_and_package_runs'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalPublishedShare',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('value', models.CharField(choices=[('eu', 'European Union'), ('us', 'United States'), ('other', 'elsewhere'), ('outside_eu', 'outside the European Union'), ('provider', 'provider'), ('deployer', 'deployer'), ('both', 'provider and deployer')], max_length=10, verbose_name='signatories counted')),
                ('percent', models.PositiveSmallIntegerField(verbose_name='percent')),
                ('signatories', models.PositiveIntegerField(blank=True, help_text='Leave empty when the source gives no number.', null=True, verbose_name='of how many signatories')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical published share',
                'verbose_name_plural': 'historical published shares',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PublishedShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(choices=[('eu', 'European Union'), ('us', 'United States'), ('other', 'elsewhere'), ('outside_eu', 'outside the European Union'), ('provider', 'provider'), ('deployer', 'deployer'), ('both', 'provider and deployer')], max_length=10, verbose_name='signatories counted')),
                ('percent', models.PositiveSmallIntegerField(verbose_name='percent')),
                ('signatories', models.PositiveIntegerField(blank=True, help_text='Leave empty when the source gives no number.', null=True, verbose_name='of how many signatories')),
            ],
            options={
                'verbose_name': 'published share',
                'verbose_name_plural': 'published shares',
                'ordering': ['pact', 'source', '-percent', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='historicalmilestone',
            name='pact',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='Leave empty when the event is of the law or of no pact of the register.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact'),
        ),
        migrations.AddField(
            model_name='historicalmilestone',
            name='reports_received',
            field=models.PositiveIntegerField(blank=True, help_text='How many the issuer of the pact says that it has, when this event is that.', null=True, verbose_name='progress reports received'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='pact',
            field=models.ForeignKey(blank=True, help_text='Leave empty when the event is of the law or of no pact of the register.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='companies.pact', verbose_name='pact'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='reports_received',
            field=models.PositiveIntegerField(blank=True, help_text='How many the issuer of the pact says that it has, when this event is that.', null=True, verbose_name='progress reports received'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('reports_received__isnull', True), ('pact__isnull', False), _connector='OR'), name='milestone_reports_have_their_pact', violation_error_message='A number of reports needs the pact they belong to.'),
        ),
        migrations.AddField(
            model_name='historicalpublishedshare',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='historicalpublishedshare',
            name='pact',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact'),
        ),
        migrations.AddField(
            model_name='historicalpublishedshare',
            name='source',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.source', verbose_name='source'),
        ),
        migrations.AddField(
            model_name='publishedshare',
            name='pact',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='published_shares', to='companies.pact', verbose_name='pact'),
        ),
        migrations.AddField(
            model_name='publishedshare',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='published_shares', to='companies.source', verbose_name='source'),
        ),
        migrations.AddConstraint(
            model_name='publishedshare',
            constraint=models.UniqueConstraint(fields=('pact', 'value', 'source'), name='publishedshare_unique', violation_error_message='This source’s share is already on the register.'),
        ),
        migrations.AddConstraint(
            model_name='publishedshare',
            constraint=models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='publishedshare_is_a_percentage', violation_error_message='A share is at most 100 percent.'),
        ),
        migrations.RunPython(name_pacts, migrations.RunPython.noop),
        migrations.RunPython(add_shares, migrations.RunPython.noop),
        migrations.RunPython(check_now, migrations.RunPython.noop),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
