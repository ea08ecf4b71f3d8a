"""Who may import whom, and how large a module, a package and a chain of imports may be."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("accounts", "companies", "pactwatch")
FORBIDDEN_NAMES = {"utils", "helpers", "services", "common"}
MODULE_LINES = 500
COMMAND_LINES = 45
IMPORT_CHAIN = 10
PACKAGE_MODULES = 14

# What each part of the register may import of ours; names and countries are pure, so anyone may.
PURE = ("companies.countries", "companies.names")
DOOR = ("companies.models", "companies.queries", "companies.register", *PURE)
MAY_IMPORT = {
    "companies.countries": (),
    "companies.names": (),
    "companies.importers": (),
    "companies.models": PURE,
    "companies.queries": ("companies.models", *PURE),
    "companies.register": ("companies.queries", "companies.models", "companies.importers", *PURE),
    "companies.apps": ("companies.register",),  # wires the history hook when Django starts
    "companies.pages": (*DOOR, "companies.importers"),  # the files that pages offer are formats
    "companies.templatetags": ("companies.models", *PURE),
    "companies.api": DOOR,
    "companies.admin": DOOR,
    "companies.agents": DOOR,
    "companies.management": DOOR,
    "companies.operations": DOOR,
}
# What the pure parts may not even take from Django or the project.
FORBIDDEN = {
    "companies.names": ("django.db", "django.conf", "rest_framework", "pactwatch"),
    "companies.importers": ("django", "rest_framework", "pactwatch"),
}


@cache
def modules() -> list[Path]:
    found = [path for name in OURS for path in (ROOT / name).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def nodes(source: str) -> list[ast.AST]:
    """The syntax tree of a module, flat: each is parsed for several tests."""
    return [*ast.walk(ast.parse(source))]


@cache
def by_name() -> dict[str, Path]:
    return {dotted(path): path for path in modules()}


def imports(source: str, *, package: str) -> Iterator[str]:
    """The dotted names that `source`, a module inside `package`, imports."""
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = [*(parents if node.level else []), *([node.module] if node.module else [])]
            yield from (".".join([*start, alias.name]) for alias in node.names)


def inside(name: str, *parts: str) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def violations(source: str, *, module: str, package: str) -> list[str]:
    """The imports of `source` that the house forbids to `module`."""
    names = list(imports(source, package=package))
    if inside(module, "pactwatch"):
        domain = [] if module == "pactwatch.urls" else ["companies"]
        return [name for name in names if inside(name, *domain)]
    part = next((part for part in MAY_IMPORT if inside(module, part)), None)
    allowed = (part, *MAY_IMPORT[part]) if part else ()
    wrong = [name for name in names if inside(name, "companies") and not inside(name, *allowed)]
    forbidden = FORBIDDEN.get(part or "", ())
    return wrong + [name for name in names if inside(name, *forbidden)]


def violations_of(path):
    module = dotted(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return violations(path.read_text(), module=module, package=package)


def test_each_module_imports_only_what_its_layer_allows():
    found = {dotted(path): violations_of(path) for path in modules()}
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("companies.models.pact", "from companies.register import sign", "companies.register.sign"),
        ("companies.models.pact", "from ..queries import CompanyFilter", None),
        ("companies.queries", "from companies.pages import views", "companies.pages.views"),
        (
            "companies.queries",
            "from companies.register import history",
            "companies.register.history",
        ),
        (
            "companies.names.matcher",
            "from companies.models import Company",
            "companies.models.Company",
        ),
        ("companies.names.matcher", "from django.db import models", "django.db.models"),
        (
            "companies.importers.download",
            "from django.conf import settings",
            "django.conf.settings",
        ),
        ("companies.importers.download", "import companies.models", "companies.models"),
        ("companies.pages.views", "from companies.api import views", "companies.api.views"),
        ("companies.api.views", "def view():\n    import companies.admin", "companies.admin"),
        ("pactwatch.guards", "from companies.models import Company", "companies.models.Company"),
    ],
)
def test_a_forbidden_import_is_found(module, source, wrong):
    found = violations(source, module=module, package=module.rpartition(".")[0])
    assert found == [wrong or "companies.queries.CompanyFilter"]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("companies.models.pact", "from .signing import Signing"),
        ("companies.models.company", "from companies import countries"),
        ("companies.register.review.watch", "from companies.importers import official_page"),
        ("companies.register.review.watch", "from companies.queries.lookup import look_up"),
        (
            "companies.pages.views",
            "from companies import queries\nfrom companies.register import x",
        ),
        ("companies.importers.spreadsheet", "from companies.importers.record import Record"),
        ("pactwatch.urls", "import companies.pages.urls"),
    ],
)
def test_an_allowed_import_is_left_alone(module, source):
    assert violations(source, module=module, package=module.rpartition(".")[0]) == []


def beside_the_facade(source: str, *, package: str) -> list[str]:
    """What `source` imports from a module of models instead of from models."""
    found = imports(source, package=package)
    return [name for name in found if inside(name, "companies.models") and name.count(".") > 2]


def test_models_are_imported_from_their_package_not_from_its_modules():
    for path in modules():
        if not inside(dotted(path), "companies.models"):
            assert beside_the_facade(path.read_text(), package="companies") == [], dotted(path)


def test_an_import_from_a_module_of_models_is_found():
    source = "from companies.models.fields import FoldedField"

    assert beside_the_facade(source, package="companies") == ["companies.models.fields.FoldedField"]
    assert beside_the_facade("from companies.models import Pact", package="companies") == []


def test_no_module_is_called_utils_helpers_services_or_common():
    assert [
        dotted(path) for path in modules() if FORBIDDEN_NAMES & {*dotted(path).split(".")}
    ] == []


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_a_module_stays_short_enough_to_read_in_one_go():
    too_long = {dotted(path): lines(path) for path in modules() if lines(path) > MODULE_LINES}
    assert too_long == {}


def test_a_management_command_only_connects():
    commands = (ROOT / "companies").rglob("management/commands/*.py")
    too_long = {path.name: lines(path) for path in commands if lines(path) > COMMAND_LINES}
    assert too_long == {}


@cache
def imported_by(module: str) -> frozenset[str]:
    """Modules of ours that `module` imports when it is imported, types apart."""
    path = by_name()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    body = ast.parse(path.read_text()).body
    top = ast.Module([node for node in body if isinstance(node, ast.Import | ast.ImportFrom)], [])
    names = imports(ast.unparse(top), package=package)
    found = {next((part for part in parents(name) if part in by_name()), "") for name in names}
    return frozenset(found - {"", module})


def parents(name: str) -> Iterator[str]:
    while name:
        yield name
        name = name.rpartition(".")[0]


@cache
def chain(module: str) -> tuple[str, ...]:
    """The longest chain of imports that begins with `module`."""
    longest = max((chain(one) for one in sorted(imported_by(module))), key=len, default=())
    return (module, *longest)


def test_no_chain_of_imports_is_longer_than_the_limit():
    longest = max((chain(dotted(path)) for path in modules()), key=len)
    assert len(longest) <= IMPORT_CHAIN, " -> ".join(longest)


def test_a_package_has_at_most_14_modules():
    packages = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {str(p): n for p, n in packages.items() if n > PACKAGE_MODULES} == {}


def test_no_two_classes_have_the_same_name():
    names = Counter(
        node.name
        for path in modules()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef)
    )
    del names["Command"]  # Django's name for every command
    assert {name for name, number in names.items() if number > 1} == set()


def test_modules_of_neighbouring_packages_have_different_names():
    """urls is Django's name; a subject may have its tables in models and its pages elsewhere."""
    names = Counter(path.stem for path in modules() if path.name != "__init__.py")
    assert len([name for name, number in names.items() if number > 1]) <= 6


def test_each_template_folder_is_named_after_its_module_or_subpackage_of_pages():
    pages = {path.stem for path in (ROOT / "companies/pages").iterdir()} | {"api"}
    folders = {path.name for path in (ROOT / "templates/companies").iterdir() if path.is_dir()}
    assert folders <= pages


def test_no_subpackage_of_pages_imports_another():
    wings = [path for path in (ROOT / "companies/pages").iterdir() if path.is_dir()]
    arrows = [
        (dotted(path), name)
        for wing in wings
        for path in wing.rglob("*.py")
        for name in imports(path.read_text(), package=dotted(path.parent))
        for other in wings
        if other != wing and inside(name, f"companies.pages.{other.name}")
    ]
    assert arrows == []


def test_only_one_module_writes_implied_pledges():
    writing = [path for path in modules() if "companies.pages" not in dotted(path)]
    told_by = {"companies.models.signing", "companies.register.publishing.rules"}
    found = {
        dotted(path)
        for path in writing
        for node in nodes(path.read_text())
        if (isinstance(node, ast.Attribute) and node.attr == "IMPLIED_BY_SIGNATURE")
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "Pledge")
    }

    # A load only compares what a file says with it; the review writes what a list states.
    assert found - told_by == {
        "companies.register.implied_pledges",
        "companies.register.package.row_rules",
        "companies.register.review.writes",
    }
    review = (ROOT / "companies/register/review/writes.py").read_text()
    assert "IMPLIED_BY_SIGNATURE" not in review


def test_a_cached_property_blocks_no_other_thread():
    """Before Python 3.12, that of functools has one lock for all instances of a class."""
    rooms = [
        ROOT / "companies" / name for name in ("api", "models", "pages", "queries", "register")
    ]
    locking = re.compile("^from functools import .*cached_property", re.MULTILINE)

    paths = [path for room in rooms for path in room.rglob("*.py")]
    assert [path for path in paths if locking.search(path.read_text())] == []
