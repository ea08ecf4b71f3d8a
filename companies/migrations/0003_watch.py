import companies.models.fields
import django.core.validators
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0002_groups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    # The first form of these three tables was never written to.
    operations = [
        migrations.DeleteModel("Change"),
        migrations.DeleteModel("Proposal"),
        migrations.DeleteModel("ImportRun"),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "number",
                    models.PositiveBigIntegerField(
                        primary_key=True, serialize=False, verbose_name="number"
                    ),
                ),
                (
                    "company_slug",
                    models.SlugField(blank=True, max_length=100, verbose_name="company"),
                ),
                (
                    "company_name",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="company’s name then"
                    ),
                ),
                ("pact_slug", models.SlugField(blank=True, max_length=60, verbose_name="pact")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("status", "signing status"),
                            ("pledge", "pledge"),
                            ("report", "progress report"),
                            ("evidence", "evidence"),
                            ("profile", "profile of a company"),
                            ("name", "name of a company"),
                            ("pact", "pact"),
                            ("source", "source"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("what_en", models.CharField(max_length=500, verbose_name="in English")),
                ("what_fr", models.CharField(max_length=500, verbose_name="in French")),
                ("field", models.CharField(blank=True, max_length=60, verbose_name="field")),
                ("old", models.TextField(blank=True, verbose_name="old value")),
                ("new", models.TextField(blank=True, verbose_name="new value")),
                (
                    "happened_on",
                    models.DateField(
                        blank=True,
                        help_text="The day in the world; empty where only the register changed.",
                        null=True,
                        verbose_name="happened on",
                    ),
                ),
                (
                    "happened_precision",
                    models.CharField(
                        choices=[("day", "day"), ("month", "month"), ("year", "year")],
                        default="day",
                        max_length=5,
                        verbose_name="precision",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("world", "something happened"),
                            ("source", "a source was found or changed"),
                            ("correction", "we corrected an error"),
                            ("method", "we changed our method"),
                        ],
                        max_length=10,
                        verbose_name="cause",
                    ),
                ),
                ("material", models.BooleanField(default=True, verbose_name="material")),
                ("recorded_at", models.DateTimeField(db_index=True, verbose_name="recorded at")),
                (
                    "by_role",
                    models.CharField(
                        choices=[
                            ("editor", "an editor"),
                            ("reviewer", "a reviewer"),
                            ("company", "the company"),
                            ("machine", "a command"),
                        ],
                        max_length=10,
                        verbose_name="by",
                    ),
                ),
                (
                    "previous_hash",
                    models.CharField(max_length=64, verbose_name="hash of the change before"),
                ),
                ("hash", models.CharField(max_length=64, verbose_name="hash")),
            ],
            options={
                "verbose_name": "change",
                "verbose_name_plural": "changes",
                "ordering": ["-number"],
            },
        ),
        migrations.CreateModel(
            name="HistoricalListHeading",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="Two letters, such as fr. Leave empty for an anchor.",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("heading", "heading"), ("anchor", "anchor")],
                        default="heading",
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        help_text="Case and accents do not matter in a heading.",
                        max_length=200,
                        verbose_name="text",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="companies.pact",
                        verbose_name="pact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical heading of a list",
                "verbose_name_plural": "historical headings of lists",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalOfficialList",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        auto_created=True, blank=True, db_index=True, verbose_name="ID"
                    ),
                ),
                (
                    "url",
                    companies.models.fields.WebField(
                        help_text="The page that holds the list, in English.",
                        max_length=1000,
                        verbose_name="address",
                    ),
                ),
                (
                    "every_hours",
                    models.PositiveSmallIntegerField(
                        default=24,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(8784),
                        ],
                        verbose_name="hours between readings",
                    ),
                ),
                (
                    "watched",
                    models.BooleanField(
                        default=True,
                        help_text="Untick to stop reading this list on a clock.",
                        verbose_name="watched",
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pact",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="companies.pact",
                        verbose_name="pact",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical official list",
                "verbose_name_plural": "historical official lists",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("official_list", "official list"),
                            ("spreadsheet", "spreadsheet of an editor"),
                        ],
                        default="official_list",
                        max_length=15,
                        verbose_name="kind",
                    ),
                ),
                (
                    "source_url",
                    companies.models.fields.WebField(
                        blank=True, max_length=1000, verbose_name="address"
                    ),
                ),
                ("file_name", models.CharField(blank=True, max_length=200, verbose_name="file")),
                ("retrieved_at", models.DateTimeField(verbose_name="read at")),
                (
                    "seen_on",
                    models.DateField(
                        help_text="The day its names stood there.", verbose_name="day of the list"
                    ),
                ),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                ("etag", models.CharField(blank=True, max_length=200, verbose_name="ETag")),
                (
                    "last_modified",
                    models.CharField(blank=True, max_length=100, verbose_name="Last-Modified"),
                ),
                ("content", models.BinaryField(blank=True, verbose_name="raw bytes")),
                ("listed", models.JSONField(blank=True, default=list, verbose_name="names read")),
                (
                    "names_count",
                    models.PositiveIntegerField(default=0, verbose_name="number of names"),
                ),
                (
                    "proposals_count",
                    models.PositiveIntegerField(default=0, verbose_name="proposals made"),
                ),
                ("partial", models.BooleanField(default=False, verbose_name="partial list")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("read", "read"),
                            ("unchanged", "the same bytes as before"),
                            ("refused", "refused"),
                            ("failed", "could not be fetched"),
                        ],
                        default="read",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("refusal", models.TextField(blank=True, verbose_name="why it was refused")),
                (
                    "pact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_runs",
                        to="companies.pact",
                        verbose_name="pact",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="import_runs",
                        to="companies.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import run",
                "verbose_name_plural": "import runs",
                "ordering": ["-retrieved_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ListHeading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="Two letters, such as fr. Leave empty for an anchor.",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("heading", "heading"), ("anchor", "anchor")],
                        default="heading",
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                (
                    "text",
                    models.CharField(
                        help_text="Case and accents do not matter in a heading.",
                        max_length=200,
                        verbose_name="text",
                    ),
                ),
                (
                    "pact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="list_headings",
                        to="companies.pact",
                        verbose_name="pact",
                    ),
                ),
            ],
            options={
                "verbose_name": "heading of a list",
                "verbose_name_plural": "headings of lists",
                "ordering": ["pact", "kind", "language", "text"],
            },
        ),
        migrations.CreateModel(
            name="OfficialList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "url",
                    companies.models.fields.WebField(
                        help_text="The page that holds the list, in English.",
                        max_length=1000,
                        verbose_name="address",
                    ),
                ),
                (
                    "every_hours",
                    models.PositiveSmallIntegerField(
                        default=24,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(8784),
                        ],
                        verbose_name="hours between readings",
                    ),
                ),
                (
                    "watched",
                    models.BooleanField(
                        default=True,
                        help_text="Untick to stop reading this list on a clock.",
                        verbose_name="watched",
                    ),
                ),
                (
                    "pact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="official_list",
                        to="companies.pact",
                        verbose_name="pact",
                    ),
                ),
            ],
            options={
                "verbose_name": "official list",
                "verbose_name_plural": "official lists",
                "ordering": ["pact__position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "new_name",
                    models.CharField(blank=True, max_length=200, verbose_name="name as listed"),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("new_company", "new company"),
                            ("new_signing", "new signing"),
                            ("back_on_list", "back on the list"),
                            ("no_longer_listed", "no longer on the list"),
                            ("spelled_differently", "spelled differently"),
                            ("match_unsure", "unsure match"),
                            ("change", "change of the record"),
                        ],
                        max_length=20,
                        verbose_name="action",
                    ),
                ),
                ("old", models.JSONField(blank=True, default=dict, verbose_name="old values")),
                ("new", models.JSONField(blank=True, default=dict, verbose_name="new values")),
                (
                    "suggestions",
                    models.JSONField(blank=True, default=list, verbose_name="suggested matches"),
                ),
                (
                    "difference",
                    models.CharField(
                        db_index=True,
                        help_text="What the proposal is about, whatever run makes it.",
                        max_length=64,
                        verbose_name="difference",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("applied", "applied"),
                            ("rejected", "rejected"),
                            ("superseded", "superseded"),
                            ("stale", "stale"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="decided at"),
                ),
                ("reason", models.TextField(blank=True, max_length=1000, verbose_name="reason")),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="companies.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="companies.importrun",
                        verbose_name="import run",
                    ),
                ),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ["-run", "pk"],
            },
        ),
        migrations.CreateModel(
            name="RefusedMatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name as listed")),
                (
                    "name_folded",
                    companies.models.fields.FoldedField(
                        db_index=True, editable=False, max_length=600, source="name"
                    ),
                ),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_matches",
                        to="companies.company",
                        verbose_name="company",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "refused match",
                "verbose_name_plural": "refused matches",
                "ordering": ["name_folded", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(fields=["pact", "kind", "state"], name="importrun_of_list"),
        ),
        migrations.AddConstraint(
            model_name="listheading",
            constraint=models.UniqueConstraint(
                fields=("pact", "kind", "language", "text"),
                name="listheading_unique",
                violation_error_message="This heading is already known.",
            ),
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(fields=["run", "state"], name="proposal_of_run"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("company__isnull", False),
                    models.Q(("new_name", ""), _negated=True),
                    _connector="OR",
                ),
                name="proposal_names_its_company",
                violation_error_message="A proposal is about a company or a new name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["applied", "rejected"]), _negated=True),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="proposal_decision_has_who_and_when",
                violation_error_message="A decided proposal needs who decided it and when.",
            ),
        ),
        migrations.AddConstraint(
            model_name="refusedmatch",
            constraint=models.UniqueConstraint(
                fields=("company", "name_folded"),
                name="refusedmatch_unique",
                violation_error_message="This match is refused already.",
            ),
        ),
    ]
