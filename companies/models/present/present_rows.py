"""The read table: what lists, searches and files about the present show of every company.

Nobody edits it. The history hook writes the rows of the companies that an edit affects, in the same
transaction (`register/read_table.py`), `rebuild_read_table` writes all, and `verify_changes`
compares. Periods, pledges and reports remain the one truth.
"""

from typing import Any

from django.db import models

# The row it refers to is only deleted in an edit that rewrites this one.
_POINTER: Any = {
    "on_delete": models.DO_NOTHING,
    "related_name": "+",
    "db_constraint": False,
    "db_index": False,
}


class CompanyRow(models.Model):
    """The data of a company that does not depend on a pact: search, profile, last change."""

    company = models.OneToOneField(
        "Company",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="row",
        db_constraint=False,  # older code, without this table, deletes companies too
    )
    names = models.TextField()  # folded, each after a line feed; every three letters are indexed
    changed_at = models.DateTimeField(null=True)
    # Of the register, when anything that the record shows last changed: by it a cached response
    # about it is fresh (`queries/records/record_versions.py`), and rosters read what is newer.
    version = models.PositiveBigIntegerField(db_index=True)
    # When the company came or was renamed, so that it has another place among the names.
    placed = models.PositiveBigIntegerField()
    # Of its periods until now, by which home sorts; null where older code wrote the row.
    sources = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return self.names.split("\n")[1]


class StatusRow(models.Model):
    """A company's status toward one pact, if known: period, pledges, report."""

    company = models.ForeignKey(
        "Company", on_delete=models.CASCADE, related_name="status_rows", db_constraint=False
    )
    pact = models.ForeignKey(
        "Pact", on_delete=models.CASCADE, related_name="status_rows", db_constraint=False
    )
    signing = models.ForeignKey("Signing", null=True, **_POINTER)
    status = models.CharField(max_length=10, null=True)  # null as in a left join
    since = models.DateField(null=True)
    since_precision = models.CharField(max_length=5, null=True)
    since_basis = models.CharField(max_length=10, null=True)
    pledges = models.TextField(blank=True)  # "7:full 8:no_evidence", by primary key of commitment
    due_on = models.DateField(null=True)  # of its first report, as the next two
    submitted_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    source_count = models.PositiveIntegerField(default=0)
    first_source = models.ForeignKey("Source", null=True, **_POINTER)  # of the period, the surest
    # Of its periods until now, its pledges and reports; null where older code wrote the row.
    quotes = models.PositiveIntegerField(null=True)
    # The next day on which this changes without an edit: a period begins or ends.
    changes_on = models.DateField(null=True, db_index=True)

    class Meta:
        # Adding up the quotes toward a pact reads nothing else.
        indexes = [models.Index(fields=["pact", "quotes"], name="statusrow_quotes")]
        constraints = [
            models.UniqueConstraint(fields=["company", "pact"], name="statusrow_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.company_id}, {self.pact_id}: {self.status}"


class NameKey(models.Model):
    """A spelling key of a company's name, to look up a typed name among a million.

    One that begins with a mark (`NEAR_MARKS`) is that of a name without spaces or of its initials,
    for suggestions.
    """

    key = models.CharField(max_length=200)  # no longer: more may be found than is meant
    company = models.ForeignKey(
        "Company", on_delete=models.CASCADE, related_name="name_keys", db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "company"], name="namekey_unique"),
        ]

    def __str__(self) -> str:
        return self.key


class ReadTable(models.Model):
    """The single row that says whether the read table is complete; without it periods are read."""

    # Of the register, when the table was last written; an edit without it, by older code or by a
    # tool of its own, makes the register's another one.
    version = models.PositiveBigIntegerField()
    # The version at which rows were last written that no company's own version shows.
    written = models.PositiveBigIntegerField()
    # The version at which something last changed that the record of any company may show; null
    # where older code wrote the row, and then no cached response outlives an edit.
    records = models.PositiveBigIntegerField(null=True)
    # The version at which a name or an id last changed, or a country, which legal forms depend on.
    named = models.PositiveBigIntegerField(null=True)
    changes_on = models.DateField(null=True)

    def __str__(self) -> str:
        return str(self.written)
