"""Small databases as releases left them: `python -m tests.released` writes that of this release.

Each file holds the rows of the register's tables in the form of `dumpdata`. It is written once, at
a release, and never again: it stands for the databases that users have.
"""

import base64
import json
import os
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "releases"


def rows() -> list[dict[str, Any]]:
    """Every row of the register's tables, audit rows and changes included."""
    from django.apps import apps
    from django.core import serializers

    found: list[dict[str, Any]] = []
    for model in apps.get_app_config("companies").get_models():
        found += serializers.serialize("python", model._base_manager.order_by("pk"))
    return found


def _text(value: Any) -> str:
    """As text without a loss: Django’s own encoder leaves out microseconds, which are hashed."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def fill(path: Path, apps: Any) -> dict[str, int]:
    """Insert the rows of a release through the models of its last migration; how many of each."""
    release = json.loads(path.read_text())
    counts: dict[str, int] = {}
    for row in release["rows"]:
        model = apps.get_model(row["model"])
        fields = {field.name: field for field in model._meta.concrete_fields}
        values = {fields[name].attname: value for name, value in row["fields"].items()}
        model(pk=row["pk"], **_typed(model, values)).save_base(raw=True, force_insert=True)
        counts[row["model"]] = counts.get(row["model"], 0) + 1
    return counts


def _typed(model: Any, values: dict[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {
        name: base64.b64decode(value)
        if fields[name].get_internal_type() == "BinaryField" and value is not None
        else fields[name].to_python(value)
        for name, value in values.items()
    }


def main() -> None:
    """Make a small register with a bit of everything, and write it as that of this release."""
    os.environ["DATABASE_URL"] = "sqlite:///:memory:"
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from . import conftest  # noqa: F401  # the settings of the tests
    from .packages import a_package

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        call_command("load_register", str(a_package(Path(folder))), verbosity=0)
    live()
    applied = MigrationRecorder(connection).applied_migrations()
    release = {
        "migration": max(name for app, name in applied if app == "companies"),
        "rows": rows(),
    }
    text = json.dumps(release, default=_text, ensure_ascii=False, indent=1)
    (FOLDER / f"{settings.VERSION}.json").write_text(text + "\n")


def live() -> None:
    """Some years of a small register: readings, decisions, edits, a merge, a retraction."""
    import datetime

    from companies.models import Company, PartialDate, Signing
    from companies.register.history import save
    from companies.register.merging.merge import merge
    from companies.register.retractions import retract
    from companies.register.statuses import change_status

    from .builders import a_company, a_correction, a_pact, a_source
    from .lists import a_reading

    bolt, pact = Company.objects.get(slug="bolt"), a_pact()
    source = a_source("newsroom", published_on=datetime.date(2026, 3, 1))
    a_reading(["Acme", "Newcomer"])
    change_status(
        company=bolt, pact=pact, status="signed", since=PartialDate(datetime.date(2026, 3, 1)),
        since_basis="first_seen", source=source, quote="Bolt signed.", change_reason="seen",
    )  # fmt: skip
    retract(
        Signing.objects.get(company=bolt, status="signed"),
        published_from=datetime.date(2026, 3, 2),
        reason_en="It was another Bolt.",
        reason_fr="C’était une autre société Bolt.",
        change_reason="a reader wrote",
    )
    merge(
        kept=Company.objects.get(slug="acme"), merged=a_company("Acme Twice"), decisions={},
        name_kind="alias", cause="correction", reason="one company",
    )  # fmt: skip
    bolt.country = "SE"
    save(bolt, "its website says so")
    a_correction(bolt)


if __name__ == "__main__":
    main()
