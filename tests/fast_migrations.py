"""Migrations in tests, with the models of each step rendered at a third of the cost.

Rendering is four fifths of the time of all migrations. Django renders a field's model and all
related ones also where a migration alters no column, such as that of a label, only to find that no
SQL is to be sent; and it clones a field by way of its declaration. The tables are the same.

`python -m tests.fast_migrations` migrates the database of a process of its own.
"""

import copy
import gc
from typing import Any

import django
from django.core.management import call_command
from django.db.migrations.operations import AlterField
from django.db.migrations.state import ProjectState
from django.db.models import Field

from . import environment  # noqa: F401  # for a process of its own

alter_state, alter_column = AlterField.state_forwards, AlterField.database_forwards
clone_by_declaration = Field.clone


def make_quick() -> None:
    AlterField.state_forwards = state_forwards
    AlterField.database_forwards = database_forwards
    Field.clone = clone


def clone(self: Field) -> Field:
    """A copy as abstract models give to theirs, numbered as a new one.

    A field of a model, from which `makemigrations` starts, knows that model, and a copy would too.
    """
    if hasattr(self, "model"):
        return clone_by_declaration(self)
    new = copy.deepcopy(self)
    if not self.auto_created:
        new.creation_counter = Field.creation_counter
        Field.creation_counter += 1
    return new


def state_forwards(self: AlterField, app_label: str, state: ProjectState) -> None:
    if of_the_column(known_to(state, app_label, self)) != of_the_column(self.field):
        alter_state(self, app_label, state)
        return
    rendered = state.__dict__.pop("apps", None)
    alter_state(self, app_label, state)
    # Without its new labels, until the model is altered otherwise; but code goes by relations.
    if rendered and not self.field.is_relation:
        state.__dict__["apps"] = rendered


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


if __name__ == "__main__":
    gc.disable()  # of thousands of models, each of which refers to itself: a seventh of the time
    make_quick()
    django.setup()
    call_command("migrate", verbosity=0)
