"""A search by parts of names: from memory, the companies that reading all names would find."""

import dataclasses
import random
from array import array

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Change, Company, CompanyName, CompanyRow, ReadTable
from companies.names.letters import fold
from companies.queries import Clock
from companies.queries.company_filter import CompanyFilter
from companies.queries.roster import bitmaps, rosters, table_state
from companies.queries.roster.roster import CompanyKeys
from companies.queries.roster.table_state import until_rolled_back
from companies.queries.searching import cached_words, moves, typed_names
from companies.queries.searching.moves import Moves
from companies.queries.searching.name_words import NameWords
from companies.queries.searching.typed_names import names_beginning, narrowed
from companies.register import read_table
from companies.register.history import save
from companies.register.merging.merge import merge
from companies.register.merging.undo import undo_merge
from tests.builders import a_company, a_pact, a_signing
from tests.sampling import seeds
from tests.sharing import shared

pytestmark = [pytest.mark.django_db, pytest.mark.history]

NAMES = (
    *("Łódź Robotics", "Lumière Pharma SA", "Straße & Söhne GmbH", "Ørsted", "Ελλάς Data", "ab"),
    *("Électricité du Sud", "株式会社 データ", "A/S Nørre", "100 % Data", "x_y Labs", "Data Data"),
    *("O’Neill “Cloud”", "Données (Europe)", "Zürn", "ﬁnance ﬂow", "Data", "Ai Pact 365"),
)
ODD = (
    *("%", "_", "x_y", "'", '"', "a b", "\\", "é", "E", "ß", "ss", "㌀", "data data", "1", "00"),
    *(
        "data*",
        "NOT data",
        "OR",
        "^da",
        "-",
        "d" * 200,
        "da ta",
        "αδ",
        "式会",
        "ﬁn",
        "\u00ad",
        "-a",
    ),
)


def a_register():
    """Companies with other names, none of which is told by the other's place."""
    for number, name in enumerate(NAMES):
        company = a_company(name, slug=f"of-{number}")
        if number % 3 == 0:
            CompanyName.objects.create(company=company, kind="alias", name=f"{name} {number}")
        if number % 2:
            a_signing(company)
    a_signing(a_company("Of another pact"), pact=a_pact("seoul", report_after_months=None))
    read_table.rebuild()


rows = shared(a_register, history=True)


def roster(**clock):
    return rosters.roster_of(a_pact(), Clock(**clock))


def found(text, of=None):
    """The names of the companies that a search finds, without the one that it means as a whole."""
    of = of or roster()
    places = cached_words.places_named(fold(text).split(), of)
    return named(bitmaps.keys_of(places, of.keys.by_place))


def named(keys):
    return sorted(Company.objects.filter(pk__in=list(keys)).values_list("name", flat=True))


def read_one_by_one(text):
    words, names = fold(text).split(), dict[int, list[str]]()
    for pk, name in Company.objects.values_list("pk", "name"):
        names[pk] = [fold(name)]
    for pk, name in CompanyName.objects.values_list("company_id", "name"):
        names[pk].append(fold(name))
    return named(
        pk
        for pk, of_one in names.items()
        if all(any(word in one for one in of_one) for word in words)
    )


def fragments(chance):
    """Parts of names of today, of one letter or more, some of two words; and odd ones."""
    for name in chance.sample(list(Company.objects.values_list("name", flat=True)), 6):
        start = chance.randrange(len(name))
        yield name[start : start + chance.choice([1, 2, 3, 3, 4, 9, 30])]
    yield from chance.sample(ODD, 4)


def assert_searches_find_the_same(chance):
    of = [roster(), rosters.roster_of(a_pact("seoul"), Clock()), roster(as_of=chance.choice(DAYS))]
    for text in filter(fold, fragments(chance)):
        expected = read_one_by_one(text)
        assert [found(text, one) for one in of] == [expected] * 3, text
        for rows in (Company.objects.search(text), narrowed(Company.objects.all(), text)):
            assert sorted(one.name for one in rows) == expected, text


DAYS = [timezone.localdate() - timezone.timedelta(days=days) for days in (1, 30, 900)]


def edits(chance):
    """What an editor may do to the names of companies taken by chance; a merge is undone next."""
    number, merged = 0, None
    while True:
        number += 1
        one, other = chance.sample(list(Company.objects.all()), 2)
        also = chance.choice([None, *CompanyName.objects.all()])
        if merged:
            merged = undo_merge(merged, reason="They are two.") and None
        else:
            match chance.randrange(7):
                case 0:
                    one.name = f"{chance.choice('AGMTZéж')}{number} {chance.choice(NAMES)}"
                    save(one, "Renamed.")
                case 1:
                    CompanyName.objects.create(company=one, kind="alias", name=f"Also {number}")
                case 2 if also:
                    also.delete()
                case 3:
                    a_company(f"{chance.choice('BKSÅя')}{number} new data", slug=f"new-{number}")
                case 4:
                    merged = merge(
                        kept=one,
                        merged=other,
                        decisions={},
                        name_kind="former",
                        cause=Change.Cause.CORRECTION,
                        reason="They are one.",
                    )
                case 5:
                    other.delete()
                case _:
                    one.description = f"Told {number} times."
                    save(one, "Told.")
        yield


@pytest.mark.database
@pytest.mark.parametrize("seed", seeds(1))
def test_after_any_edits_a_search_finds_what_reading_all_names_finds(seed):
    chance = random.Random(seed)
    assert_searches_find_the_same(chance)

    for _edit, _number in zip(edits(chance), range(12), strict=False):
        assert_searches_find_the_same(chance)


@pytest.mark.database
@pytest.mark.parametrize("text", [text for text in ODD if fold(text)])
def test_odd_texts_find_what_reading_all_names_finds(text):
    assert found(text) == read_one_by_one(text)


def suggested(beginning, most):
    """The names that begin so, then those with another word that does; each first main names."""
    names = [(fold(name), pk, name) for pk, name in Company.objects.values_list("pk", "name")]
    rows = CompanyName.objects.order_by("pk").values_list("company_id", "name")
    others = [(fold(name), pk, name) for pk, name in rows]
    found = dict[int, str]()
    for rank in (lambda name: name.startswith(beginning), lambda name: f" {beginning}" in name):
        for of_kind in (names, others):
            for folded, pk, name in sorted(of_kind, key=lambda one: one[0]):
                if rank(folded):
                    found.setdefault(pk, name)
    return dict([*found.items()][:most])


@pytest.mark.database
@pytest.mark.parametrize("few", [0, 2, 500])
def test_names_are_suggested_as_reading_all_of_them_would(few, monkeypatch):
    monkeypatch.setattr(typed_names, "FEW_NAMED", few)
    a_company("Labs of data")
    CompanyName.objects.create(company=a_company("Other"), kind="brand", name="The datamill")

    for text in (
        "data",
        "dat",
        "da",
        "lab",
        "labs of",
        "lumiere ph",
        "sud",
        "ata",
        "δα",
        "式",
        "x",
    ):
        assert names_beginning(text, 9) == suggested(text, 9), text


@pytest.mark.database
def test_names_that_few_companies_have_are_suggested_without_reading_all():
    names_beginning("robo")
    with CaptureQueriesContext(connection) as sent:
        assert list(names_beginning("robo").values()) == ["Łódź Robotics"]
    inner = [one["sql"] for one in sent if " robo" in one["sql"]]
    assert len(inner) == 2
    assert all(" IN (" in sql for sql in inner)


@pytest.mark.database
@pytest.mark.parametrize("most", [-1, 500])
def test_the_admin_finds_the_companies_that_a_search_finds(admin_client, most, monkeypatch):
    monkeypatch.setattr(typed_names, "MOST_NAMED", most)
    url = reverse("admin:companies_company_changelist")

    for text in ("data", "robo", "labs x_y", "zzz", "%", ""):
        with CaptureQueriesContext(connection) as sent:
            page = admin_client.get(url, {"q": text})
        shown = sorted(one.name for one in page.context["cl"].result_list)
        assert shown == read_one_by_one(text)
        reads_all = [one for one in sent if "name_folded" in one["sql"] and "LIKE" in one["sql"]]
        assert bool(reads_all) == bool(fold(text) and most < 0), text


# What is read, and when


def reads_of(ask):
    """The statements that `ask` sends about the names of the read table."""
    with CaptureQueriesContext(connection) as sent:
        ask()
    return [one["sql"] for one in sent if "names" in one["sql"] and "companyrow" in one["sql"]]


@pytest.mark.database
def test_names_are_read_once_and_after_an_edit_only_those_written_since():
    of_now = roster()
    [whole] = reads_of(lambda: found("data", of_now))
    assert "WHERE" not in whole
    assert reads_of(lambda: [found(text, of_now) for text in ("data", "robo", "a")]) == []

    a_company("Data of a new one")
    of_now = roster()
    [since] = reads_of(lambda: found("data", of_now))
    assert "WHERE version >" in since
    assert "Data of a new one" in found("data", of_now)
    Company.objects.get(slug="of-9").delete()
    of_now = roster()
    assert len(reads_of(lambda: found("data", of_now))) == 1
    assert reads_of(lambda: found("labs", of_now)) == []


@pytest.mark.database
def test_all_names_are_read_again_after_many_edits_and_a_rebuilt_read_table(monkeypatch):
    monkeypatch.setattr(cached_words, "MANY", 1)
    found("data")
    a_company("Data one")
    assert len(reads_of(lambda: found("data"))) == 1

    a_company("Data two")
    assert len(reads_of(lambda: found("data"))) == 2
    assert {"Data one", "Data two"} < {*found("data")}

    read_table.rebuild()
    [*_since, whole] = reads_of(lambda: found("data"))
    assert "WHERE" not in whole


@pytest.mark.database
def test_a_preview_and_a_read_table_that_is_behind_are_searched_in_the_database():
    before = ask("q=data").found()
    with until_rolled_back():
        assert reads_of(lambda: ask("q=data").found()) == []
        assert ask("q=data").found() == before
    ReadTable.objects.update(version=0)
    assert reads_of(lambda: ask("q=data").found()) == []
    assert ask("q=data").found() == before


def ask(query):
    return CompanyFilter(QueryDict(query), clock=Clock())


def test_a_replica_that_is_behind_finds_what_it_has(monkeypatch):
    roster_then, state_then = roster(), table_state.state()
    found("data")
    company = a_company("Data to come")
    assert "Data to come" in found("data")

    CompanyRow.objects.filter(pk=company.pk).delete()
    monkeypatch.setattr(cached_words, "state", lambda: state_then)

    assert found("data", roster_then) == [
        one for one in read_one_by_one("data") if "come" not in one
    ]


def test_companies_in_another_order_are_found_by_their_keys():
    of_now = roster()
    found("data")
    turned = CompanyKeys(of_now.keys.by_place[::-1])

    assert found("data", dataclasses.replace(of_now, keys=turned)) == read_one_by_one("data")


# Words and moves


@pytest.mark.parametrize("seed", range(5))
def test_parts_of_words_have_the_places_that_a_scan_finds(seed):
    chance = random.Random(seed)
    letters = "abé式λ"[: 2 + seed % 4]
    names = [
        " ".join("".join(chance.choices(letters, k=chance.randint(1, 4))) for _word in range(3))
        for _company in range(500)
    ]
    keys = CompanyKeys(array("q", chance.sample(range(1, 900), 500)))
    words = NameWords.of(keys, [*zip(keys.by_place, names, strict=True), (999, "no place")])

    for _part in range(40):
        part = "".join(chance.choices(letters, k=chance.randint(1, 5)))
        places = [place for place, name in enumerate(names) if part in name]
        assert words.containing(part) == bitmaps.of_places(places, 500), part
    assert 0 < len(words.common) < len(words.starts)


@pytest.mark.parametrize("many", [0, 100])
@pytest.mark.parametrize("seed", range(20))
def test_places_move_as_companies_come_go_and_change_theirs(seed, many, monkeypatch):
    monkeypatch.setattr(moves, "MANY", many)
    chance = random.Random(seed)
    old = chance.sample(range(1, 200), 60)
    apart = set(chance.sample(range(1, 200), chance.choice([0, 1, 5, 60])))
    new = [key for key in old if key not in apart]
    for key in chance.sample(sorted(apart), len(apart) // 2):
        new.insert(chance.randint(0, len(new)), key)
    before, after = (CompanyKeys(array("q", keys)) for keys in (old, new))
    chosen = [key for key in old if chance.random() < 0.5]

    found = Moves.between(before, after, apart)

    staying = [key for key in chosen if key not in apart]
    assert found.of(before.having(chosen)) == after.having(staying)


def test_companies_in_another_order_have_no_moves():
    keys = CompanyKeys(array("q", [1, 2, 3, 4]))

    assert Moves.between(keys, CompanyKeys(array("q", [1, 3, 2, 4])), []) is None
    assert Moves.between(keys, CompanyKeys(array("q", [1, 2, 3])), []) is None
    assert Moves.between(keys, CompanyKeys(array("q", [1, 2, 3, 4, 5])), [4]) is None
