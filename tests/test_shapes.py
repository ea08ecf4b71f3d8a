"""The choice of tests for PostgreSQL: every shape of statement is sent, or the run fails."""

import json
import pickle
import re
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists

from companies.models import Company, CompanyName
from tests.builders import a_company
from tests.shapes import Cover, Recorder, shape_of
from tests.statements import ACCEPTED, is_accepted

SENT = {
    "test_list": {"seconds": 0.2, "sent": ["list", "count"]},
    "test_page": {"seconds": 0.2, "sent": ["list", "count", "facets"]},
    "test_slow_page": {"seconds": 9.0, "sent": ["list", "count", "facets"]},
    "test_save": {"seconds": 0.1, "sent": ["insert", "list"]},
    "test_nothing": {"seconds": 0.0, "sent": []},
}


@pytest.fixture
def cover(tmp_path) -> Cover:
    shapes = {key: f"SELECT {key}" for test in SENT.values() for key in test["sent"]}
    (tmp_path / "1.json").write_text(json.dumps({"tests": SENT, "shapes": shapes}))
    return Cover(tmp_path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT a FROM b WHERE c IN (%s, %s, %s)", "SELECT a FROM b WHERE c IN (%s)"),
        ("SELECT a FROM b LIMIT 21", "SELECT a FROM b LIMIT 50"),
        ("SELECT a WHERE b = 'it''s'", "SELECT a WHERE b = 'x'"),
        ("INSERT INTO a VALUES (%s, %s), (%s, %s)", "INSERT INTO a VALUES (%s, %s)"),
        (
            "UPDATE a SET b = CASE WHEN (a.id = %s) THEN %s WHEN (a.id = %s) THEN %s ELSE NULL END",
            "UPDATE a SET b = CASE WHEN (a.id = %s) THEN %s ELSE NULL END",
        ),
    ],
)
def test_sql_statements_that_differ_in_values_or_row_counts_have_one_shape(one, other):
    assert shape_of(one) == shape_of(other)


def test_sql_statements_that_differ_in_columns_have_different_shapes():
    assert shape_of("SELECT a FROM t1") != shape_of("SELECT a, b FROM t1")
    assert shape_of("SELECT a FROM t1") != shape_of("SELECT a FROM t2")


@pytest.mark.django_db
def test_a_test_is_recorded_with_its_sql_shapes_and_refused_statements(tmp_path):
    recorder = Recorder(tmp_path)
    item = SimpleNamespace(nodeid="test_x", get_closest_marker=lambda name: None)
    run = recorder.pytest_runtest_protocol(item)
    next(run)
    a_company("Acme")
    with pytest.raises(IntegrityError), transaction.atomic():
        a_company("Acme")
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT x")
    with pytest.raises(StopIteration):
        run.send(None)
    recorder.pytest_sessionfinish()

    (file,) = tmp_path.glob("*.json")
    record = json.loads(file.read_text())
    sent = [record["shapes"][shape] for shape in record["tests"]["test_x"]["sent"]]
    assert any(text.startswith('INSERT INTO "companies_company"') for text in sent)
    assert not any("SAVEPOINT" in text for text in sent)
    assert [text for text in sent if text.startswith("refused: ")] != []


@pytest.mark.django_db
def test_recorded_queries_can_be_sent_again_and_those_the_database_refuses_cannot(tmp_path):
    recorder = Recorder(tmp_path)
    run = recorder.pytest_runtest_protocol(SimpleNamespace(nodeid="test_x", get_closest_marker=id))
    next(run)
    company = a_company("Acme")
    Company.objects.filter(pk=company.pk).annotate(former=Exists(CompanyName.objects.all())).first()
    Company.history.filter(slug="acme").delete()
    Company.objects.filter(pk=company.pk).update(size="large")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(StopIteration):
        run.send(None)

    of_companies = re.compile(r'(SELECT|INSERT|UPDATE|DELETE)\b.*"companies_(historical)?company"')
    found = {of_companies.match(recorder.shapes[key]): one for key, one in recorder.queries.items()}
    kinds = {match[1]: one for match, one in found.items() if match}
    assert {*kinds} == {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert recorder.key_of("SELECT %s") in recorder.shapes.keys() - recorder.queries.keys()
    company.delete()
    assert [kind for kind, query in kinds.items() if not is_accepted(query)] == []
    assert not Company.objects.exists()
    unknown = pickle.dumps(Company.objects.extra(where=["no_column = 1"]).query)
    assert not is_accepted(unknown)


def test_shapes_that_were_sent_again_need_no_test(tmp_path, cover):
    (tmp_path / ACCEPTED).write_text("facets\ninsert")

    assert Cover(tmp_path).choice({*SENT}, about=set()) == {"test_list"}


def test_the_cheapest_tests_that_cover_every_sql_shape_are_chosen(cover):
    assert cover.choice({*SENT}, about=set()) == {"test_page", "test_save"}


def test_a_chosen_test_is_dropped_when_later_ones_cover_its_shapes(tmp_path):
    tests = {
        "cheap": {"seconds": 0.1, "sent": ["a", "b"]},
        "with_c": {"seconds": 0.1, "sent": ["a", "c"]},
        "with_d": {"seconds": 0.1, "sent": ["b", "d"]},
    }
    record = {"tests": tests, "shapes": {key: f"SELECT {key}" for key in "abcd"}}
    (tmp_path / "1.json").write_text(json.dumps(record))

    assert Cover(tmp_path).choice({*tests}, about=set()) == {"with_c", "with_d"}


def test_only_files_with_selected_tests_are_read(tmp_path):
    tests = {
        "tests/test_a.py::test_one": {"seconds": 0.1, "sent": ["a"], "database": False},
        "tests/test_b.py::test_two[x]": {"seconds": 0.1, "sent": [], "database": True},
        "tests/test_c.py::test_three": {"seconds": 0.5, "sent": ["a"], "database": False},
        "tests/test_d.py::test_four": {"seconds": 0.1, "sent": [], "database": False},
    }
    (tmp_path / "1.json").write_text(json.dumps({"tests": tests, "shapes": {"a": "SELECT a"}}))

    cover, config = Cover(tmp_path), SimpleNamespace(rootpath=tmp_path)
    read = [
        path
        for path in ("tests", *sorted({key.partition("::")[0] for key in tests}))
        if not cover.pytest_ignore_collect(tmp_path / path, config)
    ]
    assert read == ["tests", "tests/test_a.py", "tests/test_b.py"]


def test_shapes_sent_by_database_tests_need_no_other_test(cover):
    assert cover.choice({*SENT}, about={"test_page"}) == {"test_save"}


@pytest.mark.parametrize(
    ("passed", "code"), [(["test_page", "test_save"], 0), (["test_page"], 1), ([], 1)]
)
def test_the_run_fails_when_a_shape_was_never_sent_to_postgresql(cover, passed, code, capsys):
    session = SimpleNamespace(config=SimpleNamespace(), testsfailed=0, exitstatus=0)
    for nodeid in passed:
        cover.pytest_runtest_logreport(
            SimpleNamespace(when="call", passed=True, skipped=False, nodeid=nodeid)
        )
    cover.pytest_sessionfinish(session)

    assert session.exitstatus == code
    assert ("SELECT insert" in capsys.readouterr().out) is bool(code)
