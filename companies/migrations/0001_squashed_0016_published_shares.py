"""All tables as migration 0016 left them, in one migration instead of fifteen.

A new database runs this one. A database of before runs on through the migrations it replaces, and
this one counts as applied after the last of them. They stay until every database has run them.

`tests/test_migrations.py` compares the tables that both ways give.
"""

import companies.models.company
import companies.models.corrections
import companies.models.fields
import companies.models.signing
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

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
    """The database itself refuses to alter or delete a change."""
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL] if postgresql else SQLITE:
        schema_editor.execute(statement)


def remove_triggers(apps, schema_editor):
    postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL_BACK] if postgresql else SQLITE_BACK:
        schema_editor.execute(statement)


# Editors keep records right. What they may delete, the history of the company can restore.
REGISTER = [
    "company", "companyname", "companyidentifier", "companyredirect", "sector", "pact",
    "commitment", "milestone", "publishedshare", "signing", "pledge", "progressreport", "source",
    "citation",
]
DETAILS = ["companyname", "companyidentifier", "pledge", "progressreport", "citation"]
# What reads an outside list is set up by reviewers, for it decides what the watch can see.
LISTS = ["officiallist", "listheading"]
READ = [
    "change", "importrun", "proposal", "refusedmatch", *LISTS,
    *(f"historical{model}" for model in (*REGISTER, *LISTS)),
]

EDITORS = {
    *(f"{verb}_{model}" for model in REGISTER for verb in ("add", "change", "view")),
    *(f"delete_{model}" for model in DETAILS),
    *(f"view_{model}" for model in READ),
    "add_importrun",  # to send a spreadsheet
}
# Reviewers also decide: on proposals, on corrections, and on what leaves the register.
REVIEWERS = EDITORS | {
    *(f"delete_{model}" for model in (*REGISTER, "refusedmatch")),
    *(f"{verb}_{model}" for model in LISTS for verb in ("add", "change", "delete")),
    "change_proposal", "view_correction", "change_correction",
}
GROUPS = {"Editors": EDITORS, "Reviewers": REVIEWERS}


def add_groups(apps, schema_editor):
    """The groups Editors and Reviewers, with what each may do in the admin."""
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

    initial = True

    replaces = [
        ('companies', '0001_register'),
        ('companies', '0002_groups'),
        ('companies', '0003_watch'),
        ('companies', '0004_append_only'),
        ('companies', '0005_source_per_reading'),
        ('companies', '0006_merge'),
        ('companies', '0007_milestone_moved_from'),
        ('companies', '0008_supplierchecks'),
        ('companies', '0009_asked'),
        ('companies', '0010_corrections_workflow'),
        ('companies', '0011_folded_letters'),
        ('companies', '0012_issuer_and_article_fr'),
        ('companies', '0013_receipts_outlive_records'),
        ('companies', '0015_change_subject_and_package_runs'),
        ('companies', '0016_milestone_pacts_and_published_shares'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('company_slug', models.SlugField(blank=True, max_length=100, verbose_name='company')),
                ('company_name', models.CharField(blank=True, max_length=200, verbose_name='company’s name then')),
                ('pact_slug', models.SlugField(blank=True, max_length=60, verbose_name='pact')),
                ('subject', models.CharField(blank=True, help_text='The code of a commitment, the period of a report or the public id of a source.', max_length=100, verbose_name='subject')),
                ('kind', models.CharField(choices=[('status', 'signing status'), ('pledge', 'pledge'), ('report', 'progress report'), ('evidence', 'evidence'), ('profile', 'profile of a company'), ('name', 'name of a company'), ('pact', 'pact'), ('source', 'source')], max_length=10, verbose_name='kind')),
                ('what_en', models.CharField(max_length=500, verbose_name='in English')),
                ('what_fr', models.CharField(max_length=500, verbose_name='in French')),
                ('field', models.CharField(blank=True, max_length=60, verbose_name='field')),
                ('old', models.TextField(blank=True, verbose_name='old value')),
                ('new', models.TextField(blank=True, verbose_name='new value')),
                ('happened_on', models.DateField(blank=True, help_text='The day in the world; empty where only the register changed.', null=True, verbose_name='happened on')),
                ('happened_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision')),
                ('cause', models.CharField(choices=[('world', 'something happened'), ('source', 'a source was found or changed'), ('correction', 'we corrected an error'), ('method', 'we changed our method')], max_length=10, verbose_name='cause')),
                ('material', models.BooleanField(default=True, verbose_name='material')),
                ('recorded_at', models.DateTimeField(db_index=True, verbose_name='recorded at')),
                ('by_role', models.CharField(choices=[('editor', 'an editor'), ('reviewer', 'a reviewer'), ('company', 'the company'), ('machine', 'a command')], max_length=10, verbose_name='by')),
                ('previous_hash', models.CharField(max_length=64, verbose_name='hash of the change before')),
                ('hash', models.CharField(max_length=64, verbose_name='hash')),
            ],
            options={
                'verbose_name': 'change',
                'verbose_name_plural': 'changes',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='RegisterVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(default=0)),
                ('changed_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'register version',
                'verbose_name_plural': 'register versions',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='register_has_one_version')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalSector',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, verbose_name='code')),
                ('label_en', models.CharField(max_length=100, verbose_name='label in English')),
                ('label_fr', models.CharField(max_length=100, verbose_name='label in French')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical sector',
                'verbose_name_plural': 'historical sectors',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Sector',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('label_en', models.CharField(max_length=100, verbose_name='label in English')),
                ('label_fr', models.CharField(max_length=100, verbose_name='label in French')),
            ],
            options={
                'verbose_name': 'sector',
                'verbose_name_plural': 'sectors',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Part of the record’s address. It should never change once published.', max_length=100, unique=True, verbose_name='public id')),
                ('name', models.CharField(max_length=200, validators=[companies.models.fields.refuse_bidi_controls], verbose_name='name')),
                ('name_folded', companies.models.fields.FoldedField(db_index=True, editable=False, max_length=600, source='name')),
                ('legal_name', models.CharField(blank=True, max_length=200, validators=[companies.models.fields.refuse_bidi_controls], verbose_name='legal name')),
                ('country', models.CharField(blank=True, db_index=True, help_text='ISO 3166-1 code, such as FR. Leave empty when no source says.', max_length=2, validators=[companies.models.company.known_country], verbose_name='country of headquarters')),
                ('sector', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='companies', to='companies.sector', verbose_name='sector')),
                ('size', models.CharField(choices=[('micro', 'micro enterprise'), ('sme', 'small or medium-sized'), ('large', 'large'), ('unknown', 'not known')], default='unknown', max_length=10, verbose_name='size')),
                ('role', models.CharField(choices=[('provider', 'provider'), ('deployer', 'deployer'), ('both', 'provider and deployer'), ('unknown', 'not known')], default='unknown', max_length=10, verbose_name='role under the AI Act')),
                ('website', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='website')),
                ('parent', models.ForeignKey(blank=True, help_text='The company that owns this one.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='subsidiaries', to='companies.company', verbose_name='group')),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('profile_basis', models.CharField(choices=[('source', 'a source, linked'), ('general_knowledge', 'general knowledge, not sourced'), ('unknown', 'not known')], default='unknown', help_text='Where country, sector, size and role come from.', max_length=20, verbose_name='basis of the profile')),
                ('profile_url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='source of the profile')),
            ],
            options={
                'verbose_name': 'company',
                'verbose_name_plural': 'companies',
                'ordering': ['name_folded', 'pk'],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='company_name_unique', violation_error_message='A company with this name is already on the register.'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='company_not_its_own_parent', violation_error_message='A company cannot be its own group.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCompany',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Part of the record’s address. It should never change once published.', max_length=100, verbose_name='public id')),
                ('name', models.CharField(max_length=200, validators=[companies.models.fields.refuse_bidi_controls], verbose_name='name')),
                ('name_folded', companies.models.fields.FoldedField(db_index=True, editable=False, max_length=600, source='name')),
                ('legal_name', models.CharField(blank=True, max_length=200, validators=[companies.models.fields.refuse_bidi_controls], verbose_name='legal name')),
                ('country', models.CharField(blank=True, db_index=True, help_text='ISO 3166-1 code, such as FR. Leave empty when no source says.', max_length=2, validators=[companies.models.company.known_country], verbose_name='country of headquarters')),
                ('size', models.CharField(choices=[('micro', 'micro enterprise'), ('sme', 'small or medium-sized'), ('large', 'large'), ('unknown', 'not known')], default='unknown', max_length=10, verbose_name='size')),
                ('role', models.CharField(choices=[('provider', 'provider'), ('deployer', 'deployer'), ('both', 'provider and deployer'), ('unknown', 'not known')], default='unknown', max_length=10, verbose_name='role under the AI Act')),
                ('website', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='website')),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('profile_basis', models.CharField(choices=[('source', 'a source, linked'), ('general_knowledge', 'general knowledge, not sourced'), ('unknown', 'not known')], default='unknown', help_text='Where country, sector, size and role come from.', max_length=20, verbose_name='basis of the profile')),
                ('profile_url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='source of the profile')),
                ('sector', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.sector', verbose_name='sector')),
                ('parent', models.ForeignKey(blank=True, db_constraint=False, help_text='The company that owns this one.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company', verbose_name='group')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical company',
                'verbose_name_plural': 'historical companies',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalCompanyName',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name', models.CharField(max_length=200, validators=[companies.models.fields.refuse_bidi_controls], verbose_name='name')),
                ('name_folded', companies.models.fields.FoldedField(db_index=True, editable=False, max_length=600, source='name')),
                ('kind', models.CharField(choices=[('as_listed', 'as an official list spells it'), ('alias', 'also known as'), ('legal', 'legal name'), ('former', 'former name')], max_length=10, verbose_name='kind')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical other name',
                'verbose_name_plural': 'historical other names',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='CompanyName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='companies.company')),
                ('name', models.CharField(max_length=200, validators=[companies.models.fields.refuse_bidi_controls], verbose_name='name')),
                ('name_folded', companies.models.fields.FoldedField(db_index=True, editable=False, max_length=600, source='name')),
                ('kind', models.CharField(choices=[('as_listed', 'as an official list spells it'), ('alias', 'also known as'), ('legal', 'legal name'), ('former', 'former name')], max_length=10, verbose_name='kind')),
            ],
            options={
                'verbose_name': 'other name',
                'verbose_name_plural': 'other names',
                'ordering': ['kind', 'name_folded', 'pk'],
                'constraints': [models.UniqueConstraint(models.F('company'), django.db.models.functions.text.Lower('name'), name='companyname_unique', violation_error_message='This company already has that name.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCompanyIdentifier',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('scheme', models.CharField(choices=[('lei', 'LEI'), ('wikidata', 'Wikidata'), ('vat', 'VAT number'), ('eu-transparency-register', 'EU Transparency Register'), ('isin', 'ISIN')], max_length=30, verbose_name='scheme')),
                ('value', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9-]+\\Z', 'Only letters, digits and hyphens, please.')], verbose_name='value')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical identifier',
                'verbose_name_plural': 'historical identifiers',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='CompanyIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identifiers', to='companies.company')),
                ('scheme', models.CharField(choices=[('lei', 'LEI'), ('wikidata', 'Wikidata'), ('vat', 'VAT number'), ('eu-transparency-register', 'EU Transparency Register'), ('isin', 'ISIN')], max_length=30, verbose_name='scheme')),
                ('value', models.CharField(max_length=60, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9-]+\\Z', 'Only letters, digits and hyphens, please.')], verbose_name='value')),
            ],
            options={
                'verbose_name': 'identifier',
                'verbose_name_plural': 'identifiers',
                'ordering': ['scheme', 'value'],
                'constraints': [models.UniqueConstraint(fields=('scheme', 'value'), name='identifier_unique', violation_error_message='Another company already has this identifier.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCompanyRedirect',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('old_slug', models.SlugField(max_length=100, verbose_name='old public id')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical redirect',
                'verbose_name_plural': 'historical redirects',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='CompanyRedirect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_slug', models.SlugField(max_length=100, unique=True, verbose_name='old public id')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='redirects', to='companies.company')),
            ],
            options={
                'verbose_name': 'redirect',
                'verbose_name_plural': 'redirects',
                'ordering': ['old_slug'],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('receipt', models.CharField(default=companies.models.corrections.new_receipt, editable=False, max_length=20, unique=True, verbose_name='receipt')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='corrections', to='companies.company')),
                ('company_name', models.CharField(blank=True, max_length=200, validators=[companies.models.fields.refuse_bidi_controls], verbose_name='company as the sender names it')),
                ('kind', models.CharField(choices=[('error', 'an error in the record'), ('claim', 'new evidence'), ('new_company', 'a missing company'), ('statement', 'the company’s own statement')], max_length=12, verbose_name='kind')),
                ('message', models.TextField(max_length=4000, verbose_name='message')),
                ('evidence_url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='address of the evidence')),
                ('email', models.EmailField(blank=True, help_text='Never public; deleted 90 days after closing.', max_length=254, verbose_name='e-mail')),
                ('language', models.CharField(default='en', max_length=2, verbose_name='language of the sender')),
                ('state', models.CharField(choices=[('received', 'received'), ('checking', 'being checked'), ('accepted', 'accepted'), ('declined', 'declined')], default='received', max_length=10, verbose_name='state')),
                ('reply', models.TextField(blank=True, max_length=4000, verbose_name='public reply')),
                ('received_at', models.DateTimeField(auto_now_add=True, verbose_name='received at')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='taken at')),
                ('taken_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='taken by')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='statement withdrawn at')),
                ('withdrawn_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='statement withdrawn by')),
                ('withdrawal_reason', models.TextField(blank=True, max_length=1000, verbose_name='why the statement was withdrawn')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ['-received_at', '-pk'],
                'indexes': [models.Index(fields=['state', 'received_at'], name='correction_by_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(models.Q(('state__in', ['accepted', 'declined'])), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), models.Q(('reply', ''), _negated=True)), models.Q(('closed_at', None), ('closed_by', None), ('state__in', ['received', 'checking'])), _connector='OR'), name='correction_decision_has_who_when_and_reply', violation_error_message='A closed correction needs who closed it, when, and a public reply; an open one has neither.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), ('taken_at', None), ('taken_by', None)), models.Q(('state', 'checking'), ('taken_at__isnull', False), ('taken_by__isnull', False)), ('state__in', ['accepted', 'declined']), _connector='OR'), name='correction_taken_has_who_and_when', violation_error_message='A correction being checked needs who took it and when.'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawal_reason', ''), ('withdrawn_at', None), ('withdrawn_by', None)), models.Q(models.Q(('kind', 'statement'), ('state', 'accepted')), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), models.Q(('withdrawal_reason', ''), _negated=True)), _connector='OR'), name='correction_withdrawal_has_who_when_and_why', violation_error_message='Only a published statement can be withdrawn, with who, when and why.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalSource',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, verbose_name='public id')),
                ('url', companies.models.fields.WebField(db_index=True, max_length=1000, verbose_name='address')),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('publisher', models.CharField(blank=True, max_length=200, verbose_name='publisher')),
                ('kind', models.CharField(choices=[('official_list', 'official list'), ('official_document', 'official document'), ('company', 'the company'), ('press', 'press'), ('research', 'research')], max_length=20, verbose_name='kind')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='published on')),
                ('retrieved_on', models.DateField(blank=True, null=True, verbose_name='read on')),
                ('archived_url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='kept copy')),
                ('sha256', models.CharField(blank=True, max_length=64, validators=[django.core.validators.RegexValidator('\\A[0-9a-f]{64}\\Z', '64 hexadecimal digits in lower case, please.')], verbose_name='SHA-256 of the kept copy')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical source',
                'verbose_name_plural': 'historical sources',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, unique=True, verbose_name='public id')),
                ('url', companies.models.fields.WebField(db_index=True, max_length=1000, verbose_name='address')),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('publisher', models.CharField(blank=True, max_length=200, verbose_name='publisher')),
                ('kind', models.CharField(choices=[('official_list', 'official list'), ('official_document', 'official document'), ('company', 'the company'), ('press', 'press'), ('research', 'research')], max_length=20, verbose_name='kind')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='published on')),
                ('retrieved_on', models.DateField(blank=True, null=True, verbose_name='read on')),
                ('archived_url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='kept copy')),
                ('sha256', models.CharField(blank=True, max_length=64, validators=[django.core.validators.RegexValidator('\\A[0-9a-f]{64}\\Z', '64 hexadecimal digits in lower case, please.')], verbose_name='SHA-256 of the kept copy')),
            ],
            options={
                'verbose_name': 'source',
                'verbose_name_plural': 'sources',
                'ordering': ['title', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('url', 'sha256'), name='source_unique', violation_error_message='This document is already on the register.'), models.CheckConstraint(condition=models.Q(('published_on__isnull', True), ('retrieved_on__isnull', True), ('retrieved_on__gte', models.F('published_on')), _connector='OR'), name='source_read_after_publication', violation_error_message='A document cannot be read before it was published.')],
            },
        ),
        migrations.CreateModel(
            name='RefusedMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refused_matches', to='companies.company', verbose_name='company')),
                ('name', models.CharField(max_length=200, verbose_name='name as listed')),
                ('name_folded', companies.models.fields.FoldedField(db_index=True, editable=False, max_length=600, source='name')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('decided_at', models.DateTimeField(verbose_name='decided at')),
            ],
            options={
                'verbose_name': 'refused match',
                'verbose_name_plural': 'refused matches',
                'ordering': ['name_folded', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('company', 'name_folded'), name='refusedmatch_unique', violation_error_message='This match is refused already.')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kept_id', models.BigIntegerField(db_index=True, verbose_name='company that stayed')),
                ('merged_id', models.BigIntegerField(verbose_name='company that was merged')),
                ('merged_slug', models.SlugField(max_length=100, verbose_name='its public id')),
                ('merged_name', models.CharField(max_length=200, verbose_name='its name')),
                ('rows', models.JSONField(verbose_name='rows')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('merged_at', models.DateTimeField(auto_now_add=True, verbose_name='merged at')),
                ('merged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='merged by')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
            ],
            options={
                'verbose_name': 'merge',
                'verbose_name_plural': 'merges',
                'ordering': ['-merged_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPact',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, verbose_name='public id')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('name_en', models.CharField(max_length=200, verbose_name='name in English')),
                ('name_fr', models.CharField(max_length=200, verbose_name='name in French')),
                ('summary_en', models.TextField(blank=True, max_length=2000, verbose_name='summary in English')),
                ('summary_fr', models.TextField(blank=True, max_length=2000, verbose_name='summary in French')),
                ('issuer', models.CharField(max_length=200, verbose_name='issuer')),
                ('issuer_fr', models.CharField(blank=True, help_text='Leave empty when it goes by the same name.', max_length=200, verbose_name='issuer in French')),
                ('opened_on', models.DateField(verbose_name='opened on')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('url', companies.models.fields.WebField(max_length=1000, verbose_name='official page')),
                ('report_after_months', models.PositiveSmallIntegerField(blank=True, help_text='Leave empty when the pact invites no report.', null=True, verbose_name='months until a report is invited')),
                ('listed_total', models.PositiveIntegerField(blank=True, null=True, verbose_name='officially announced total')),
                ('listed_total_on', models.DateField(blank=True, null=True, verbose_name='announced on')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical pact',
                'verbose_name_plural': 'historical pacts',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Pact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='public id')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('name_en', models.CharField(max_length=200, verbose_name='name in English')),
                ('name_fr', models.CharField(max_length=200, verbose_name='name in French')),
                ('summary_en', models.TextField(blank=True, max_length=2000, verbose_name='summary in English')),
                ('summary_fr', models.TextField(blank=True, max_length=2000, verbose_name='summary in French')),
                ('issuer', models.CharField(max_length=200, verbose_name='issuer')),
                ('issuer_fr', models.CharField(blank=True, help_text='Leave empty when it goes by the same name.', max_length=200, verbose_name='issuer in French')),
                ('opened_on', models.DateField(verbose_name='opened on')),
                ('closed_on', models.DateField(blank=True, null=True, verbose_name='closed on')),
                ('url', companies.models.fields.WebField(max_length=1000, verbose_name='official page')),
                ('report_after_months', models.PositiveSmallIntegerField(blank=True, help_text='Leave empty when the pact invites no report.', null=True, verbose_name='months until a report is invited')),
                ('listed_total', models.PositiveIntegerField(blank=True, null=True, verbose_name='officially announced total')),
                ('listed_total_on', models.DateField(blank=True, null=True, verbose_name='announced on')),
            ],
            options={
                'verbose_name': 'pact',
                'verbose_name_plural': 'pacts',
                'ordering': ['position', 'slug'],
                'constraints': [models.CheckConstraint(condition=models.Q(('closed_on__isnull', True), ('closed_on__gt', models.F('opened_on')), _connector='OR'), name='pact_closes_after_opening', violation_error_message='A pact must close after it opened.'), models.CheckConstraint(condition=models.Q(models.Q(('listed_total__isnull', True), ('listed_total_on__isnull', True)), models.Q(('listed_total__isnull', False), ('listed_total_on__isnull', False)), _connector='OR'), name='pact_total_has_its_date', violation_error_message='An announced total needs the date it was announced.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalMilestone',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('date', models.DateField(verbose_name='date')),
                ('date_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision')),
                ('moved_from', models.DateField(blank=True, help_text='The day it was due before the law moved it, where the source says so.', null=True, verbose_name='moved from')),
                ('topic', models.CharField(choices=[('ai_pact', 'AI Pact'), ('ai_act', 'AI Act'), ('omnibus', 'Digital Omnibus'), ('gpai_code', 'General-Purpose AI Code'), ('transparency_code', 'transparency code')], max_length=20, verbose_name='topic')),
                ('title_en', models.CharField(max_length=300, verbose_name='title in English')),
                ('title_fr', models.CharField(max_length=300, verbose_name='title in French')),
                ('value', models.CharField(blank=True, max_length=100, verbose_name='figure')),
                ('reports_received', models.PositiveIntegerField(blank=True, help_text='How many the issuer of the pact says that it has, when this event is that.', null=True, verbose_name='progress reports received')),
                ('confidence', models.CharField(choices=[('high', 'high: the source says so'), ('medium', 'medium: a second-hand source says so'), ('low', 'low: our own reading')], default='high', max_length=6, verbose_name='confidence')),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, help_text='Leave empty when the event is of the law or of no pact of the register.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.source', verbose_name='source')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical milestone',
                'verbose_name_plural': 'historical milestones',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(verbose_name='date')),
                ('date_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision')),
                ('moved_from', models.DateField(blank=True, help_text='The day it was due before the law moved it, where the source says so.', null=True, verbose_name='moved from')),
                ('topic', models.CharField(choices=[('ai_pact', 'AI Pact'), ('ai_act', 'AI Act'), ('omnibus', 'Digital Omnibus'), ('gpai_code', 'General-Purpose AI Code'), ('transparency_code', 'transparency code')], max_length=20, verbose_name='topic')),
                ('pact', models.ForeignKey(blank=True, help_text='Leave empty when the event is of the law or of no pact of the register.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='companies.pact', verbose_name='pact')),
                ('title_en', models.CharField(max_length=300, verbose_name='title in English')),
                ('title_fr', models.CharField(max_length=300, verbose_name='title in French')),
                ('value', models.CharField(blank=True, max_length=100, verbose_name='figure')),
                ('reports_received', models.PositiveIntegerField(blank=True, help_text='How many the issuer of the pact says that it has, when this event is that.', null=True, verbose_name='progress reports received')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='companies.source', verbose_name='source')),
                ('confidence', models.CharField(choices=[('high', 'high: the source says so'), ('medium', 'medium: a second-hand source says so'), ('low', 'low: our own reading')], default='high', max_length=6, verbose_name='confidence')),
            ],
            options={
                'verbose_name': 'milestone',
                'verbose_name_plural': 'milestones',
                'ordering': ['date', 'title_en'],
                'constraints': [models.UniqueConstraint(fields=('date', 'title_en'), name='milestone_unique', violation_error_message='This milestone is already on the register.'), models.CheckConstraint(condition=models.Q(('moved_from__isnull', True), models.Q(('moved_from', models.F('date')), _negated=True), _connector='OR'), name='milestone_moved_from_another_day', violation_error_message='A milestone moves from another day than its own.'), models.CheckConstraint(condition=models.Q(('reports_received__isnull', True), ('pact__isnull', False), _connector='OR'), name='milestone_reports_have_their_pact', violation_error_message='A number of reports needs the pact they belong to.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPublishedShare',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('value', models.CharField(choices=[('eu', 'European Union'), ('us', 'United States'), ('other', 'elsewhere'), ('outside_eu', 'outside the European Union'), ('provider', 'provider'), ('deployer', 'deployer'), ('both', 'provider and deployer')], max_length=10, verbose_name='signatories counted')),
                ('percent', models.PositiveSmallIntegerField(verbose_name='percent')),
                ('signatories', models.PositiveIntegerField(blank=True, help_text='Leave empty when the source gives no number.', null=True, verbose_name='of how many signatories')),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.source', verbose_name='source')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
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
                ('pact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='published_shares', to='companies.pact', verbose_name='pact')),
                ('value', models.CharField(choices=[('eu', 'European Union'), ('us', 'United States'), ('other', 'elsewhere'), ('outside_eu', 'outside the European Union'), ('provider', 'provider'), ('deployer', 'deployer'), ('both', 'provider and deployer')], max_length=10, verbose_name='signatories counted')),
                ('percent', models.PositiveSmallIntegerField(verbose_name='percent')),
                ('signatories', models.PositiveIntegerField(blank=True, help_text='Leave empty when the source gives no number.', null=True, verbose_name='of how many signatories')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='published_shares', to='companies.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'published share',
                'verbose_name_plural': 'published shares',
                'ordering': ['pact', 'source', '-percent', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('pact', 'value', 'source'), name='publishedshare_unique', violation_error_message='This source’s share is already on the register.'), models.CheckConstraint(condition=models.Q(('percent__lte', 100)), name='publishedshare_is_a_percentage', violation_error_message='A share is at most 100 percent.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalOfficialList',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('url', companies.models.fields.WebField(help_text='The page that holds the list, in English.', max_length=1000, verbose_name='address')),
                ('every_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8784)], verbose_name='hours between readings')),
                ('watched', models.BooleanField(default=True, help_text='Untick to stop reading this list on a clock.', verbose_name='watched')),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical official list',
                'verbose_name_plural': 'historical official lists',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='OfficialList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pact', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='official_list', to='companies.pact', verbose_name='pact')),
                ('url', companies.models.fields.WebField(help_text='The page that holds the list, in English.', max_length=1000, verbose_name='address')),
                ('every_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(8784)], verbose_name='hours between readings')),
                ('watched', models.BooleanField(default=True, help_text='Untick to stop reading this list on a clock.', verbose_name='watched')),
            ],
            options={
                'verbose_name': 'official list',
                'verbose_name_plural': 'official lists',
                'ordering': ['pact__position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='HistoricalListHeading',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('language', models.CharField(blank=True, help_text='Two letters, such as fr. Leave empty for an anchor.', max_length=2, verbose_name='language')),
                ('kind', models.CharField(choices=[('heading', 'heading'), ('anchor', 'anchor')], default='heading', max_length=7, verbose_name='kind')),
                ('text', models.CharField(help_text='Case and accents do not matter in a heading.', max_length=200, verbose_name='text')),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical heading of a list',
                'verbose_name_plural': 'historical headings of lists',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ListHeading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='list_headings', to='companies.pact', verbose_name='pact')),
                ('language', models.CharField(blank=True, help_text='Two letters, such as fr. Leave empty for an anchor.', max_length=2, verbose_name='language')),
                ('kind', models.CharField(choices=[('heading', 'heading'), ('anchor', 'anchor')], default='heading', max_length=7, verbose_name='kind')),
                ('text', models.CharField(help_text='Case and accents do not matter in a heading.', max_length=200, verbose_name='text')),
            ],
            options={
                'verbose_name': 'heading of a list',
                'verbose_name_plural': 'headings of lists',
                'ordering': ['pact', 'kind', 'language', 'text'],
                'constraints': [models.UniqueConstraint(fields=('pact', 'kind', 'language', 'text'), name='listheading_unique', violation_error_message='This heading is already known.')],
            },
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='import_runs', to='companies.pact', verbose_name='pact')),
                ('kind', models.CharField(choices=[('official_list', 'official list'), ('spreadsheet', 'spreadsheet of an editor'), ('package', 'the register’s own package')], default='official_list', max_length=15, verbose_name='kind')),
                ('source_url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='address')),
                ('file_name', models.CharField(blank=True, max_length=200, verbose_name='file')),
                ('retrieved_at', models.DateTimeField(verbose_name='read at')),
                ('seen_on', models.DateField(help_text='The day its names stood there.', verbose_name='day of the list')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('etag', models.CharField(blank=True, max_length=200, verbose_name='ETag')),
                ('last_modified', models.CharField(blank=True, max_length=100, verbose_name='Last-Modified')),
                ('content', models.BinaryField(blank=True, verbose_name='raw bytes')),
                ('listed', models.JSONField(blank=True, default=list, verbose_name='names read')),
                ('names_count', models.PositiveIntegerField(default=0, verbose_name='number of names')),
                ('proposals_count', models.PositiveIntegerField(default=0, verbose_name='proposals made')),
                ('partial', models.BooleanField(default=False, verbose_name='partial list')),
                ('state', models.CharField(choices=[('read', 'read'), ('unchanged', 'the same bytes as before'), ('refused', 'refused'), ('failed', 'could not be fetched')], default='read', max_length=10, verbose_name='state')),
                ('refusal', models.TextField(blank=True, verbose_name='why it was refused')),
                ('started_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='import_runs', to='companies.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'import run',
                'verbose_name_plural': 'import runs',
                'ordering': ['-retrieved_at', '-pk'],
                'indexes': [models.Index(fields=['pact', 'kind', 'state'], name='importrun_of_list')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='companies.importrun', verbose_name='import run')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='companies.company', verbose_name='company')),
                ('new_name', models.CharField(blank=True, max_length=200, verbose_name='name as listed')),
                ('action', models.CharField(choices=[('new_company', 'new company'), ('new_signing', 'new signing'), ('back_on_list', 'back on the list'), ('no_longer_listed', 'no longer on the list'), ('spelled_differently', 'spelled differently'), ('match_unsure', 'unsure match'), ('change', 'change of the record'), ('conflict', 'changed here too')], max_length=20, verbose_name='action')),
                ('old', models.JSONField(blank=True, default=dict, verbose_name='old values')),
                ('new', models.JSONField(blank=True, default=dict, verbose_name='new values')),
                ('rows', models.JSONField(blank=True, default=list, help_text='What the register’s own package changed, row by row.', verbose_name='rows')),
                ('suggestions', models.JSONField(blank=True, default=list, verbose_name='suggested matches')),
                ('difference', models.CharField(db_index=True, help_text='What the proposal is about, whatever run makes it.', max_length=64, verbose_name='difference')),
                ('state', models.CharField(choices=[('proposed', 'proposed'), ('applied', 'applied'), ('rejected', 'rejected'), ('superseded', 'superseded'), ('stale', 'stale')], default='proposed', max_length=10, verbose_name='state')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('reason', models.TextField(blank=True, max_length=1000, verbose_name='reason')),
            ],
            options={
                'verbose_name': 'proposal',
                'verbose_name_plural': 'proposals',
                'ordering': ['-run', 'pk'],
                'indexes': [models.Index(fields=['run', 'state'], name='proposal_of_run')],
                'constraints': [models.CheckConstraint(condition=models.Q(('company__isnull', False), models.Q(('new_name', ''), _negated=True), _connector='OR'), name='proposal_names_its_company', violation_error_message='A proposal is about a company or a new name.'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['applied', 'rejected']), _negated=True), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='proposal_decision_has_who_and_when', violation_error_message='A decided proposal needs who decided it and when.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCommitment',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, verbose_name='code')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('kind', models.CharField(choices=[('core', 'core'), ('additional', 'additional'), ('chapter', 'chapter')], max_length=10, verbose_name='kind')),
                ('audience', models.CharField(choices=[('all', 'every signatory'), ('provider', 'providers'), ('deployer', 'deployers')], default='all', max_length=10, verbose_name='audience')),
                ('title_en', models.CharField(max_length=200, verbose_name='title in English')),
                ('title_fr', models.CharField(max_length=200, verbose_name='title in French')),
                ('text', models.TextField(blank=True, max_length=4000, verbose_name='text')),
                ('text_basis', models.CharField(blank=True, choices=[('verbatim', 'word for word'), ('paraphrase', 'in our words')], max_length=10, verbose_name='basis of the text')),
                ('ai_act_article', models.CharField(blank=True, max_length=100, verbose_name='article of the AI Act')),
                ('ai_act_article_fr', models.CharField(blank=True, max_length=100, verbose_name='article of the AI Act in French')),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.source', verbose_name='source')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical commitment',
                'verbose_name_plural': 'historical commitments',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Commitment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='companies.pact', verbose_name='pact')),
                ('code', models.SlugField(max_length=60, verbose_name='code')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='position')),
                ('kind', models.CharField(choices=[('core', 'core'), ('additional', 'additional'), ('chapter', 'chapter')], max_length=10, verbose_name='kind')),
                ('audience', models.CharField(choices=[('all', 'every signatory'), ('provider', 'providers'), ('deployer', 'deployers')], default='all', max_length=10, verbose_name='audience')),
                ('title_en', models.CharField(max_length=200, verbose_name='title in English')),
                ('title_fr', models.CharField(max_length=200, verbose_name='title in French')),
                ('text', models.TextField(blank=True, max_length=4000, verbose_name='text')),
                ('text_basis', models.CharField(blank=True, choices=[('verbatim', 'word for word'), ('paraphrase', 'in our words')], max_length=10, verbose_name='basis of the text')),
                ('ai_act_article', models.CharField(blank=True, max_length=100, verbose_name='article of the AI Act')),
                ('ai_act_article_fr', models.CharField(blank=True, max_length=100, verbose_name='article of the AI Act in French')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commitments', to='companies.source', verbose_name='source')),
            ],
            options={
                'verbose_name': 'commitment',
                'verbose_name_plural': 'commitments',
                'ordering': ['pact', 'position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('pact', 'code'), name='commitment_code_unique_in_pact', violation_error_message='This pact already has a commitment with that code.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalProgressReport',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('period', models.PositiveSmallIntegerField(default=1, help_text='1 is the first report after signing.', verbose_name='reporting period')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='invited by')),
                ('due_basis', models.CharField(blank=True, choices=[('from_stated_signing', 'counted from the stated day of signing'), ('from_first_seen', 'counted from the first list that names the company'), ('stated', 'stated by the pact')], max_length=20, verbose_name='how the date was derived')),
                ('submitted_on', models.DateField(blank=True, null=True, verbose_name='submitted on')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='published on')),
                ('url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='address')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company', verbose_name='company')),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical progress report',
                'verbose_name_plural': 'historical progress reports',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='ProgressReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='companies.company', verbose_name='company')),
                ('pact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='companies.pact', verbose_name='pact')),
                ('period', models.PositiveSmallIntegerField(default=1, help_text='1 is the first report after signing.', verbose_name='reporting period')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='invited by')),
                ('due_basis', models.CharField(blank=True, choices=[('from_stated_signing', 'counted from the stated day of signing'), ('from_first_seen', 'counted from the first list that names the company'), ('stated', 'stated by the pact')], max_length=20, verbose_name='how the date was derived')),
                ('submitted_on', models.DateField(blank=True, null=True, verbose_name='submitted on')),
                ('published_on', models.DateField(blank=True, null=True, verbose_name='published on')),
                ('url', companies.models.fields.WebField(blank=True, max_length=1000, verbose_name='address')),
            ],
            options={
                'verbose_name': 'progress report',
                'verbose_name_plural': 'progress reports',
                'ordering': ['company', 'pact', 'period'],
                'constraints': [models.UniqueConstraint(fields=('company', 'pact', 'period'), name='report_unique_in_period', violation_error_message='This company already has a report for that period.'), models.CheckConstraint(condition=models.Q(('published_on__isnull', True), models.Q(('url', ''), _negated=True), _connector='OR'), name='report_published_has_address', violation_error_message='A published report needs its address.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalSigning',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('status', models.CharField(choices=[('signed', 'Signed'), ('withdrawn', 'Withdrawn'), ('removed', 'No longer listed'), ('declined', 'Declined, in public'), ('interested', 'In the network only'), ('not_signed', 'Not on the list'), ('unknown', 'Not known')], max_length=10, verbose_name='signing status')),
                ('since', models.DateField(help_text='The first day of this status.', verbose_name='since')),
                ('since_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision of since')),
                ('since_basis', models.CharField(choices=[('stated', 'a source states the date'), ('first_seen', 'the earliest list or report that names the company'), ('observed', 'our own check of a list')], max_length=10, verbose_name='basis of since')),
                ('until', models.DateField(blank=True, help_text='The first day this status no longer held. Leave empty while it holds.', null=True, verbose_name='until')),
                ('until_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision of until')),
                ('reason_en', models.TextField(blank=True, max_length=1000, verbose_name='reason in English')),
                ('reason_fr', models.TextField(blank=True, max_length=1000, verbose_name='reason in French')),
                ('asked', models.CharField(blank=True, choices=[('no_answer', 'asked, no answer'), ('considering', 'asked, says that it is considering')], help_text='Only for a company that has not signed. Empty: we have not asked it.', max_length=12, verbose_name='asked by us')),
                ('asked_on', models.DateField(blank=True, help_text='The day we asked, or the day of its answer.', null=True, verbose_name='asked or answered on')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company', verbose_name='company')),
                ('pact', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pact', verbose_name='pact')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical signing status',
                'verbose_name_plural': 'historical signing statuses',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Signing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signings', to='companies.company', verbose_name='company')),
                ('pact', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signings', to='companies.pact', verbose_name='pact')),
                ('status', models.CharField(choices=[('signed', 'Signed'), ('withdrawn', 'Withdrawn'), ('removed', 'No longer listed'), ('declined', 'Declined, in public'), ('interested', 'In the network only'), ('not_signed', 'Not on the list'), ('unknown', 'Not known')], max_length=10, verbose_name='signing status')),
                ('since', models.DateField(help_text='The first day of this status.', verbose_name='since')),
                ('since_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision of since')),
                ('since_basis', models.CharField(choices=[('stated', 'a source states the date'), ('first_seen', 'the earliest list or report that names the company'), ('observed', 'our own check of a list')], max_length=10, verbose_name='basis of since')),
                ('until', models.DateField(blank=True, help_text='The first day this status no longer held. Leave empty while it holds.', null=True, verbose_name='until')),
                ('until_precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5, verbose_name='precision of until')),
                ('reason_en', models.TextField(blank=True, max_length=1000, verbose_name='reason in English')),
                ('reason_fr', models.TextField(blank=True, max_length=1000, verbose_name='reason in French')),
                ('asked', models.CharField(blank=True, choices=[('no_answer', 'asked, no answer'), ('considering', 'asked, says that it is considering')], help_text='Only for a company that has not signed. Empty: we have not asked it.', max_length=12, verbose_name='asked by us')),
                ('asked_on', models.DateField(blank=True, help_text='The day we asked, or the day of its answer.', null=True, verbose_name='asked or answered on')),
            ],
            options={
                'verbose_name': 'signing status',
                'verbose_name_plural': 'signing statuses',
                'ordering': ['-since', 'pk'],
                'indexes': [models.Index(fields=['pact', 'status', 'since'], name='signing_by_status'), models.Index(fields=['company', 'pact', 'since'], name='signing_of_company')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='signing_ends_after_it_starts', violation_error_message='A period must end after it began.'), models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('company', 'pact'), name='signing_one_open_period', violation_error_message='This company already has an open period for this pact. End it first, or use “Change status”.'), models.CheckConstraint(condition=models.Q(('asked', ''), models.Q(('status__in', ['signed', 'unknown']), _negated=True), _connector='OR'), name='signing_asked_only_if_absent', violation_error_message='Only a company that is known not to be a signatory can have been asked why.'), models.CheckConstraint(condition=models.Q(models.Q(('asked', ''), ('asked_on__isnull', True)), models.Q(models.Q(('asked', ''), _negated=True), ('asked_on__isnull', False)), _connector='OR'), name='signing_asked_has_its_day', violation_error_message='Say what became of the question and on which day.'), companies.models.signing.PeriodsDoNotOverlap(name='signing_periods_apart', violation_error_message='This period overlaps another one of the same company and pact.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPledge',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('basis', models.CharField(choices=[('implied_by_signature', 'by signing'), ('stated', 'stated by a source')], max_length=20, verbose_name='basis of the pledge')),
                ('implementation', models.CharField(choices=[('no_evidence', 'no evidence found'), ('planned', 'planned'), ('partial', 'partially implemented'), ('full', 'fully implemented'), ('evidence_withdrawn', 'evidence withdrawn')], default='no_evidence', max_length=20, verbose_name='implementation')),
                ('implementation_basis', models.CharField(blank=True, choices=[('self_reported', 'by its own account'), ('third_party', 'by a third party’s account'), ('regulator', 'by a regulator’s account')], max_length=15, verbose_name='basis of the implementation')),
                ('as_of', models.DateField(blank=True, null=True, verbose_name='known as of')),
                ('target_on', models.DateField(blank=True, null=True, verbose_name='target date')),
                ('note_en', models.TextField(blank=True, max_length=1000, verbose_name='note in English')),
                ('note_fr', models.TextField(blank=True, max_length=1000, verbose_name='note in French')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company', verbose_name='company')),
                ('commitment', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.commitment', verbose_name='commitment')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical pledge',
                'verbose_name_plural': 'historical pledges',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Pledge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pledges', to='companies.company', verbose_name='company')),
                ('commitment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pledges', to='companies.commitment', verbose_name='commitment')),
                ('basis', models.CharField(choices=[('implied_by_signature', 'by signing'), ('stated', 'stated by a source')], max_length=20, verbose_name='basis of the pledge')),
                ('implementation', models.CharField(choices=[('no_evidence', 'no evidence found'), ('planned', 'planned'), ('partial', 'partially implemented'), ('full', 'fully implemented'), ('evidence_withdrawn', 'evidence withdrawn')], default='no_evidence', max_length=20, verbose_name='implementation')),
                ('implementation_basis', models.CharField(blank=True, choices=[('self_reported', 'by its own account'), ('third_party', 'by a third party’s account'), ('regulator', 'by a regulator’s account')], max_length=15, verbose_name='basis of the implementation')),
                ('as_of', models.DateField(blank=True, null=True, verbose_name='known as of')),
                ('target_on', models.DateField(blank=True, null=True, verbose_name='target date')),
                ('note_en', models.TextField(blank=True, max_length=1000, verbose_name='note in English')),
                ('note_fr', models.TextField(blank=True, max_length=1000, verbose_name='note in French')),
            ],
            options={
                'verbose_name': 'pledge',
                'verbose_name_plural': 'pledges',
                'ordering': ['commitment__pact', 'commitment__position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('company', 'commitment'), name='pledge_unique', violation_error_message='This company already has a pledge for that commitment.'), models.CheckConstraint(condition=models.Q(models.Q(('implementation', 'no_evidence'), ('implementation_basis', '')), models.Q(models.Q(('implementation', 'no_evidence'), _negated=True), models.Q(('implementation_basis', ''), _negated=True)), _connector='OR'), name='pledge_implementation_has_its_basis', violation_error_message='Say on whose word the implementation rests, and leave that empty when there is no evidence.')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCitation',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('quote', models.TextField(blank=True, help_text='The source’s own words, in its own language, as short as proves the fact.', max_length=1000, verbose_name='quote')),
                ('confidence', models.CharField(choices=[('high', 'high: the source says so'), ('medium', 'medium: a second-hand source says so'), ('low', 'low: our own reading')], default='high', max_length=6, verbose_name='confidence')),
                ('verified_on', models.DateField(blank=True, null=True, verbose_name='verified on')),
                ('verified_by', models.CharField(blank=True, max_length=100, verbose_name='verified by')),
                ('source', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.source', verbose_name='source')),
                ('signing', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.signing')),
                ('pledge', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.pledge')),
                ('report', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.progressreport')),
                ('company', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='companies.company')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.TextField(null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical citation',
                'verbose_name_plural': 'historical citations',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Citation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='citations', to='companies.source', verbose_name='source')),
                ('signing', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='companies.signing')),
                ('pledge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='companies.pledge')),
                ('report', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='companies.progressreport')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='citations', to='companies.company')),
                ('quote', models.TextField(blank=True, help_text='The source’s own words, in its own language, as short as proves the fact.', max_length=1000, verbose_name='quote')),
                ('confidence', models.CharField(choices=[('high', 'high: the source says so'), ('medium', 'medium: a second-hand source says so'), ('low', 'low: our own reading')], default='high', max_length=6, verbose_name='confidence')),
                ('verified_on', models.DateField(blank=True, null=True, verbose_name='verified on')),
                ('verified_by', models.CharField(blank=True, max_length=100, verbose_name='verified by')),
            ],
            options={
                'verbose_name': 'citation',
                'verbose_name_plural': 'citations',
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('company', None), ('pledge', None), ('report', None), ('signing__isnull', False)), models.Q(('company', None), ('pledge__isnull', False), ('report', None), ('signing', None)), models.Q(('company', None), ('pledge', None), ('report__isnull', False), ('signing', None)), models.Q(('company__isnull', False), ('pledge', None), ('report', None), ('signing', None)), _connector='OR'), name='citation_has_one_target', violation_error_message='A citation supports exactly one thing: a signing status, a pledge, a report or a company.')],
            },
        ),
        migrations.CreateModel(
            name='SupplierCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True, verbose_name='SHA-256 of the token')),
                ('entries', models.JSONField(verbose_name='names and choices')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='kept since')),
                ('expires_at', models.DateTimeField(db_index=True, verbose_name='kept until')),
            ],
            options={
                'verbose_name': 'kept check',
                'verbose_name_plural': 'kept checks',
                'ordering': ['-made_at', '-pk'],
            },
        ),
        migrations.RunPython(add_triggers, remove_triggers),
        migrations.RunPython(add_groups, remove_groups),
    ]
