"""docs/asvs.md has every requirement of ASVS 5.0, levels 1 and 2, once, with a test or a reason."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE, THREATS = ((ROOT / f"docs/{name}.md").read_text() for name in ("asvs", "threats"))
ROWS = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
NAMED = re.compile(r"`((?:\w+/)?test_\w+\.py)::(\w+)`")
ABSENT, MISSING = "Does not apply: ", "Not proved: "

# The numbers of each section that are of level 1, and of level 2; level 3 has the rest.
LEVELS = {
    1: """
        1.2:1-5 1.3:1-2 1.5:1 2.1:1 2.2:1-2 2.3:1 3.2:1-2 3.3:1 3.4:1-2 3.5:1-3 4.1:1 4.4:1 5.2:1-2
        5.3:1-2 6.1:1 6.2:1-8 6.3:1-2 6.4:1-2 7.2:1-4 7.4:1-2 8.1:1 8.2:1-2 8.3:1 9.1:1-3 9.2:1
        10.4:1-5 11.3:1-2 11.4:1 12.1:1 12.2:1-2 13.4:1 14.2:1 14.3:1 15.1:1 15.2:1 15.3:1
    """,
    2: """
        1.1:1-2 1.2:6-9 1.3:3-11 1.4:1-3 1.5:2 2.1:2-3 2.2:3 2.3:2-4 2.4:1 3.3:2-4 3.4:3-6 3.5:4-5
        3.7:1-2 4.1:2-3 4.2:1 4.3:1-2 4.4:2-4 5.1:1 5.2:3 5.4:1-3 6.1:2-3 6.2:9-12 6.3:3-4 6.4:3-4
        6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.3:1-2 7.4:3-5 7.5:1-2 7.6:1-2 8.1:2 8.2:3 8.4:1 9.2:2-4
        10.1:1-2 10.2:1-2 10.3:1-4 10.4:6-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:3
        11.4:2-4 11.5:1 11.6:1 12.1:2-3 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:2-5 14.1:1-2
        14.2:2-4 14.3:2-3 15.1:2-3 15.2:2-3 15.3:2-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3
        17.1:1 17.2:1-4 17.3:1-2
    """,
}


def required() -> Iterator[tuple[str, int]]:
    """Each number of levels 1 and 2, with its level."""
    for level, sections in LEVELS.items():
        for section, first, last in re.findall(r"([\d.]+):(\d+)(?:-(\d+))?", sections):
            for number in range(int(first), int(last or first) + 1):
                yield f"{section}.{number}", level


@cache
def names_of(file: str) -> set[str]:
    path = ROOT / "tests" / file
    text = path.read_text() if path.exists() else ""
    return {*re.findall(r"^def (test_\w+)\(", text, re.MULTILINE)}


def kind_of(answer: str) -> str:
    if answer.startswith(ABSENT):
        return "absent"
    return "missing" if answer.startswith(MISSING) else "proved"


def test_each_asvs_requirement_of_levels_1_and_2_is_in_the_page_once():
    stated = Counter((number, int(level)) for number, level, _asks, _answer in ROWS)

    assert len(stated) == 253
    assert stated == Counter(required())


def test_each_asvs_row_names_a_test_or_a_reason():
    for number, _level, _asks, answer in ROWS:
        reason = answer.removeprefix(ABSENT).removeprefix(MISSING)
        assert kind_of(answer) != "proved" or NAMED.match(answer), number
        assert len(reason) > 5, number


def test_each_test_named_in_the_security_pages_exists():
    for page, least in ((PAGE, 200), (THREATS, 20)):
        named = NAMED.findall(page)

        assert len(named) > least
        assert {f"{file}::{test}" for file, test in named if test not in names_of(file)} == set()
        assert {*re.findall(r"`(test_\w+\.py[^`]*)`", page)} <= {"::".join(one) for one in named}


def test_each_attack_in_the_threat_page_has_a_residual_risk():
    attacks = THREATS.partition("what remains\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \|$", attacks, re.MULTILINE)[1:]

    assert len(rows) > 15
    for row in rows:
        cells = [cell.strip() for cell in row.split(" | ")]
        assert len(cells) == 4, row
        assert all(cells), row
        assert NAMED.match(cells[2]) or cells[2] == "none", row


def test_the_asvs_page_states_the_right_counts():
    """By chapter: how many apply, how many of them a test proves; 95 in 100 at least."""
    counts: dict[str, Counter[str]] = {}
    for number, _level, _asks, answer in ROWS:
        for chapter in (f"V{number.partition('.')[0]}", "all"):
            counts.setdefault(chapter, Counter())[kind_of(answer)] += 1
    expected = {
        chapter: (found["proved"] + found["missing"], found["proved"], found["absent"])
        for chapter, found in counts.items()
    }
    told = re.findall(r"^\| (V\d+|all)\b[^|]*\| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)

    assert {chapter: tuple(map(int, numbers)) for chapter, *numbers in told} == expected
    applicable, proved, _absent = expected["all"]
    assert proved / applicable >= 0.95


# What the page says of the program as a whole

FOREIGN = {
    *("ariadne", "authlib", "aiortc", "cffi", "channels", "ctypes", "daphne", "graphene", "jnius"),
    *("jpype", "ldap", "ldap3", "lxml", "markdown", "marshal", "mistune", "oauthlib", "pickle"),
    *(
        "pylibmc",
        "pymemcache",
        "saml2",
        "shelve",
        "social_core",
        "strawberry",
        "websockets",
        "yaml",
    ),
}
RUNS_TEXT = re.compile(
    r"(?<![\w.])(?:eval|exec|compile|__import__|os\.system|os\.popen|Template)\("
)
PATTERNS = {f"re.{name}" for name in ("compile", "fullmatch", "match", "search", "split", "sub")}
SCRIPTS = [path for path in (ROOT / "static").glob("*.js") if path.name != "htmx.min.js"]
IN_NO_SCRIPT = (
    *("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("),
    *("postMessage", '"message"', "localStorage", "sessionStorage", "indexedDB"),
    *("document.cookie", "__proto__", "prototype", "Object.assign"),
)


@cache
def modules() -> dict[str, str]:
    """The text of each module of the program."""
    folders = [ROOT / app for app in ("accounts", "companies", "pactwatch")]
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        if "migrations" not in path.parts
    }


def test_features_declared_not_applicable_are_absent_from_the_code():
    lines = re.compile(r"^ *(?:import|from) (\w+)", re.MULTILINE)
    imported = {name for text in modules().values() for name in lines.findall(text)}
    settings = modules()["pactwatch/settings.py"]

    assert {"django", "hashlib"} <= imported
    assert imported & FOREIGN == set()
    for app in ("socialaccount", "channels", "oauth2_provider", "graphene", "saml"):
        assert app not in settings, app


def test_the_code_never_evaluates_text_as_code():
    assert RUNS_TEXT.search("x = eval(text)")
    assert not RUNS_TEXT.search("re.compile(text)")
    assert {path for path, text in modules().items() if RUNS_TEXT.search(text)} == set()


def test_no_regular_expression_is_built_from_user_input():
    """Within a function from what its module names or `re.escape` gives; else at import."""
    ours = {"words", "tag", "noise"}
    built = re.compile(r"\bre\.\w+\(\s*(?:r?f[rR]?[\"']|[\w.]+ *[+%])")
    for path in (path for path, text in modules().items() if built.search(text)):
        tree = ast.parse(modules()[path])
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        calls = [one for each in functions for one in ast.walk(each) if isinstance(one, ast.Call)]
        for call in calls:
            is_built = ast.unparse(call.func) in PATTERNS
            if is_built and "re.escape" not in ast.unparse(call.args[0]):
                names = {one.id for one in ast.walk(call.args[0]) if isinstance(one, ast.Name)}
                assert {name for name in names if not name.strip("_").isupper()} <= ours, path


def test_our_scripts_neither_insert_html_nor_use_browser_storage():
    config = (ROOT / "templates/companies/browse/companies.html").read_text()

    assert len(SCRIPTS) > 1
    for script in SCRIPTS:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", script.read_text(), flags=re.DOTALL)
        assert [word for word in IN_NO_SCRIPT if word in text] == [], script.name
        assert not re.search(r"[^=!]==[^=]|!=[^=]", text), script.name  # values of another type
        assert not re.search(r"\w\[[^\]]*\] = ", text), script.name  # names that others chose
    assert [script.name for script in SCRIPTS if "fetch(" in script.read_text()] == ["suggest.js"]
    for setting in ('"allowEval":false', '"selfRequestsOnly":true', '"historyCacheSize":0'):
        assert setting in config


def test_static_files_are_only_styles_scripts_fonts_and_images():
    files = [path for path in (ROOT / "static").rglob("*") if path.is_file()]
    dead = re.compile(r"<(applet|object|embed|frame|iframe)\b")
    preview = ROOT / "templates/admin/previewing/_frame.html"

    assert {path.suffix for path in files} <= {".css", ".js", ".svg", ".png", ".woff2", ""}
    assert [path.name for path in files if not path.suffix] == ["LICENSE"]
    templates = (ROOT / "templates").rglob("*.html")
    assert [path for path in templates if dead.search(path.read_text())] == [preview]
    assert "sandbox=" in preview.read_text()
    assert "allow-scripts" not in preview.read_text()


def test_every_form_and_serializer_names_its_fields():
    every = re.compile(r"^ +(?:model_)?fields\b.*= .*__all__", re.MULTILINE)

    assert every.search('    fields = "__all__"')
    assert [path for path, text in modules().items() if every.search(text)] == []


def test_mypy_runs_in_strict_mode():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]

    assert settings["strict"] is True
    assert {"accounts", "companies", "pactwatch"} <= {*settings["files"]}
