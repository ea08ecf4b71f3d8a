"""Migrations that alter no column of a field, such as one of its label, without rendering models.

Django renders a field's model and all related ones for each, only to find that no SQL is to be
sent: half of the time to migrate a new database, and more of the way back.
"""

from typing import Any

from django.db.migrations.operations import AlterField
from django.db.migrations.state import ProjectState
from django.db.models import Field

alter_state, alter_column = AlterField.state_forwards, AlterField.database_forwards


def without_rendering() -> None:
    """Let Django's AlterField do so; it sends the same SQL as before."""
    AlterField.state_forwards = state_forwards
    AlterField.database_forwards = database_forwards


def state_forwards(self: AlterField, app_label: str, state: ProjectState) -> None:
    if of_the_column(known_to(state, app_label, self)) == of_the_column(self.field):
        state.__dict__.pop("apps", None)  # rendered where a later operation needs it
    alter_state(self, app_label, state)


def database_forwards(
    self: AlterField, app_label: str, editor: Any, before: ProjectState, after: ProjectState
) -> None:
    columns = [of_the_column(known_to(state, app_label, self)) for state in (before, after)]
    if columns[0] != columns[1] or not self.preserve_default:
        alter_column(self, app_label, editor, before, after)


def known_to(state: ProjectState, app_label: str, operation: AlterField) -> Field:
    return state.models[app_label, operation.model_name_lower].get_field(operation.name)


def of_the_column(field: Field) -> tuple[Any, ...]:
    """What decides about SQL: Django's schema editor leaves out the same attributes."""
    _name, path, arguments, options = field.deconstruct()
    return path, arguments, {k: v for k, v in options.items() if k not in field.non_db_attrs}
