"""The statistics and their pictures."""

import datetime
import re
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.utils.translation import override

from companies.countries import country_codes
from companies.pages.statistics.charts import LOWER, WIDEST, ChartStep, nice_scale, steps
from companies.pages.statistics.maps import outlines
from companies.pages.statistics.pictures import figure, short_day
from companies.queries import Clock
from companies.queries.statistics import statistics_of
from pactwatch.drawing import FONTS, png
from tests.builders import (
    a_citation,
    a_commitment,
    a_company,
    a_pact,
    a_pledge,
    a_sector,
    a_signing,
    a_source,
    published_shares,
)
from tests.sampling import each
from tools.maps import MAPS, holds

pytestmark = pytest.mark.django_db

SVG = "{http://www.w3.org/2000/svg}"

TODAY = datetime.date(2026, 11, 23)


def test_each_breakdown_adds_up_to_the_number_of_signatories():
    for country in ["FR", "FR", "US", "CH", ""]:
        a_signing(a_company(country=country))
    a_signing(a_company(country="US"), status="not_signed")

    counted = statistics_of(a_pact(), Clock(as_of=TODAY))

    assert counted.signatories == 5
    assert counted.by_status == {"signed": 5, "not_signed": 1}
    assert counted.by_region == {"eu": 2, "us": 1, "other": 1, "unknown": 1}
    assert counted.by_country == {"FR": 2, "CH": 1, "US": 1, "unknown": 1}
    for breakdown in (counted.by_sector, counted.by_size, counted.by_role):
        assert sum(breakdown.values()) == 5


def test_a_company_that_left_is_not_counted_and_lowers_the_series():
    leaver = a_company()
    left_on = datetime.date(2025, 6, 1)
    a_signing(leaver, since=datetime.date(2024, 9, 25), until=left_on)
    a_signing(leaver, status="withdrawn", since=left_on)
    a_signing(since=datetime.date(2024, 10, 9))

    counted = statistics_of(a_pact(), Clock(as_of=TODAY))

    assert counted.signatories == 1
    assert counted.over_time == [
        (datetime.date(2024, 9, 25), 1),
        (datetime.date(2024, 10, 9), 2),
        (left_on, 1),
    ]


def test_the_series_ends_on_the_date_of_the_page():
    a_signing(since=datetime.date(2024, 9, 25))
    a_signing(since=datetime.date(2024, 10, 9))

    counted = statistics_of(a_pact(), Clock(as_of=datetime.date(2024, 10, 1)))

    assert counted.over_time == [(datetime.date(2024, 9, 25), 1)]
    assert counted.signatories == 1


def test_implementation_counts_the_pledges_of_signatories_only():
    commitment = a_commitment("ai-literacy")
    done = {"implementation": "full", "implementation_basis": "self_reported"}
    for status in ["signed", "declined"]:
        company = a_company()
        a_signing(company, status=status)
        a_pledge(company, commitment=commitment, **done)

    assert statistics_of(a_pact(), Clock(as_of=TODAY)).implementation == {
        "ai-literacy": {"full": 1}
    }


def test_the_statistics_of_an_empty_register_are_zero():
    counted = statistics_of(a_pact(), Clock(as_of=TODAY))

    assert (counted.companies, counted.signatories, counted.over_time) == (0, 0, [])


# The page's pictures


def a_drawing(client, name, language="", **query):
    """The SVG of a picture, as a tree."""
    response = client.get(f"{language}/statistics/{name}.svg", query)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def words(drawing):
    return " ".join(text.text or "" for text in drawing.iter(f"{SVG}text"))


def links(drawing):
    """The URL of each mark by the words of the mark."""
    return {link.get("aria-label"): link.get("href") for link in drawing.iter(f"{SVG}a")}


def listed(client, address):
    """The number of companies that the URL of a mark lists."""
    path = address.removeprefix("http://testserver")
    return client.get(path).context["page"].paginator.count


def outline(drawing, code):
    """The outline of a country that has signatories, as rings of points."""
    (mark,) = [a for a in drawing.iter(f"{SVG}a") if a.get("data-country") == code]
    return rings(mark.find(f"{SVG}path").get("d"))


def rings(d):
    found = []
    for ring in re.findall(r"M(-?\d+) ?(-?\d+)l([^z]*)z", d):
        x, y = int(ring[0]), int(ring[1])
        points = [(x, y)]
        steps = [int(step) for step in re.findall(r"-?\d+", ring[2])]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        found.append(points)
    return found


def inside(d, code_map, longitude, latitude):
    """Whether a place lies in an outline of the map of Europe."""
    point = on_the_map(code_map, longitude, latitude)
    return sum(holds(ring, point) for ring in rings(d)) % 2 == 1


def on_the_map(name, longitude, latitude):
    (drawn,) = [one for one in MAPS if one.name == name]
    west, _south, east, north = (drawn.project(corner) for corner in drawn.corners)
    scale = drawn.width / (east[0] - west[0])
    x, y = drawn.project((longitude, latitude))
    return (x - west[0]) * scale, (north[1] - y) * scale


@pytest.mark.parametrize("name", ["europe", "world"])
def test_crimea_is_drawn_as_part_of_ukraine(name):
    countries = outlines(name)["countries"]

    assert inside(countries["UA"]["d"], name, 34.1, 44.95)  # Simferopol
    assert not inside(countries["RU"]["d"], name, 34.1, 44.95)
    assert inside(countries["UA"]["d"], name, 30.5, 50.4)  # Kyiv
    assert inside(countries["RU"]["d"], name, 37.6, 55.8)  # Moscow


@pytest.mark.parametrize(
    ("code", "longitude", "latitude", "name"),
    [
        ("XK", 20.9, 42.6, "europe"),  # Kosovo, which world-atlas leaves without a code
        ("CY", 33.6, 35.25, "europe"),  # the north of Cyprus, drawn apart by world-atlas
        ("SO", 45.0, 9.6, "world"),  # Somaliland, likewise
        ("EH", -13.0, 25.0, "world"),  # Western Sahara, of which world-atlas draws the east alone
        ("MA", -7.0, 31.0, "world"),
        ("FR", 2.35, 48.85, "europe"),
        ("US", -98.0, 39.0, "world"),
        ("RU", -173.0, 66.5, "world"),  # beyond the 180th meridian
    ],
)
def test_a_city_lies_within_the_outline_of_its_country(code, longitude, latitude, name):
    countries = outlines(name)["countries"]

    holding = [c for c, s in countries.items() if inside(s["d"], name, longitude, latitude)]

    assert holding == [code]


def test_no_outline_crosses_the_whole_map_of_the_world():
    for code, shape in outlines("world")["countries"].items():
        for ring in rings(shape["d"]):
            assert all(abs(a[0] - b[0]) < 200 for a, b in pairwise(ring)), code


def test_every_country_with_a_signatory_has_a_mark_on_the_map(client):
    codes = ["MT", "LU", "CY", "XK", "DE", "US", "SG", "TW", "AD"]
    for code in codes:
        a_signing(a_company(country=code))

    world = a_drawing(client, "world")
    europe = a_drawing(client, "europe")

    assert {a.get("data-country") for a in world.iter(f"{SVG}a")} == set(codes)
    in_europe = {a.get("data-country") for a in europe.iter(f"{SVG}a")}
    assert in_europe == {"MT", "LU", "CY", "XK", "DE", "AD"}
    (malta,) = [a for a in europe.iter(f"{SVG}a") if a.get("data-country") == "MT"]
    assert float(malta.find(f"{SVG}circle").get("r")) >= 6
    assert "Known for 9 of 9 known signatories" in words(europe)
    assert "On this map: 6." in words(europe)


def test_a_country_is_on_the_map_of_the_world_or_known_to_be_missing():
    shapes = outlines("world")["countries"]
    drawn = {code for code, shape in shapes.items() if shape["at"] != [-1, -1]}
    # Islands and places without inhabitants that the atlas does not draw, or that lie in the ice.
    missing = {"AQ", "BQ", "BV", "CC", "CX", "GF", "GI", "GP", "GS", "HM", "MQ", "RE", "SJ", "TF"}
    missing |= {"TK", "TV", "UM", "YT"}
    assert country_codes() - drawn == missing


def test_kosovo_has_the_eu_footnote_only_where_it_is_shown(client):
    a_signing(a_company(country="DE"))
    assert "UNSCR 1244/1999" not in client.get("/statistics/").text

    a_signing(a_company(country="XK"))
    response = client.get("/statistics/")

    assert "in line with UNSCR 1244/1999 and the ICJ Opinion" in response.text
    assert "UNSCR 1244/1999" in words(a_drawing(client, "europe"))


@pytest.mark.parametrize(
    "name", ["europe", "world", "by-country", "by-region", "by-role", "by-sector", "by-size"]
)
def test_each_mark_links_to_as_many_companies_as_its_number(client, name):
    sector = a_sector("energy")
    for _ in range(2):
        a_signing(a_company(country="FR", sector=sector, size="sme", role="both"))
    a_signing(a_company(country="MT", size="large", role="provider"))
    a_signing(a_company())
    a_signing(a_company(country="FR", sector=sector), "not_signed")

    marks = links(a_drawing(client, name))

    assert len(marks) >= 2
    for says, address in marks.items():
        said = int(re.search(r": (\d+)", says)[1])
        assert listed(client, address) == said, says


def test_each_step_links_to_the_signatories_of_its_day(client):
    a_signing(since=datetime.date(2024, 9, 25))
    a_signing(since=datetime.date(2024, 10, 9))
    a_signing(since=datetime.date(2024, 10, 9))

    drawing = a_drawing(client, "signatories-over-time")

    assert {says: listed(client, address) for says, address in links(drawing).items()} == {
        "1 on 25\u00a0Sep\u00a02024: known signatory (+1)": 1,
        "3 on 9\u00a0Oct\u00a02024: known signatories (+2)": 3,
    }
    assert "3 on 9\u00a0Oct\u00a02024" in words(drawing)


def test_each_part_of_a_bar_links_to_its_pledges_and_has_a_pattern_of_its_own(client):
    governance = a_commitment("governance", title_en="Govern AI")
    for implementation in ("full", "partial", "no_evidence"):
        basis = "" if implementation == "no_evidence" else "self_reported"
        a_pledge(
            a_signing().company,
            commitment=governance,
            implementation=implementation,
            implementation_basis=basis,
        )

    drawing = a_drawing(client, "implementation")

    page = "http://testserver/commitments/governance/"
    assert links(drawing) == {
        "Govern AI: 3 of 3": page,
        "Govern AI: fully implemented: 1": f"{page}#full",
        "Govern AI: partially implemented: 1": f"{page}#partial",
        "Govern AI: no evidence found: 1": f"{page}#no_evidence",
    }
    parts = [part for a in drawing.iter(f"{SVG}a") for part in a.findall(f"{SVG}rect")]
    paints = [part.get("fill") for part in parts if "part" in part.get("class")]
    assert paints == ["#0f6b43", "url(#fill-partial)", "#ffffff"]
    assert drawing.find(f".//{SVG}pattern[@id='fill-partial']") is not None


def test_our_percentages_are_drawn_beside_published_ones(client):
    for country in ("FR", "US", "JP"):
        a_signing(a_company(country=country))
    published_shares()

    drawing = a_drawing(client, "compared-region")

    marks = links(drawing)
    assert marks["outside the European Union: 42% (Techno Polis)"] == (
        "https://techno-polis.com/study"
    )
    assert "63% Commission" in words(drawing)
    assert listed(client, marks["outside the European Union: 67% here"]) == 2


PICTURES = [
    "signatories-over-time", "europe", "world", "by-region", "by-role", "by-sector", "by-country",
    "by-size", "implementation",
]  # fmt: skip


def test_the_page_shows_each_chart_with_its_downloads(client):
    a_signing(a_company(country="FR"))
    a_pledge(a_company("Acme"), commitment=a_commitment())
    published_shares()

    page = client.get("/statistics/")

    names = [*PICTURES[:-1], "compared-region", "compared-role", PICTURES[-1]]
    assert list(page.context["pictures"]) == names
    for name in names:
        for form in ("png", "svg", "csv"):
            assert f'href="/statistics/{name}.{form}?pact=eu-ai-pact"' in page.text
            if form != "png" or name in each(4, names):  # to draw one takes 0.3 s
                assert client.get(f"/statistics/{name}.{form}").status_code == 200
    assert " style=" not in page.text


@pytest.mark.parametrize(
    ("state", "language"),
    [("nobody", ""), ("one", "/fr"), ("all unknown", ""), ("past", ""), ("past", "/fr")],
)
def test_each_chart_can_be_downloaded_even_without_data(client, state, language):
    a_commitment()
    if state != "nobody":
        a_signing(a_company(country="" if state == "all unknown" else "FR"))
    query = {"as_of": "2024-10-08"} if state == "past" else {}

    for name in PICTURES:
        drawing = a_drawing(client, name, language, **query)

        said = words(drawing).replace("\u00a0", " ")
        assert "CC BY 4.0" in said, name
        if state == "past":
            assert ("8 octobre 2024" if language else "8 October 2024") in said, name
        if state in {"nobody", "past"}:
            assert links(drawing) == {}, name
        assert client.get(f"/statistics/{name}.csv", query).status_code == 200, name
    assert client.get(f"{language}/statistics/", query).status_code == 200


def test_a_downloaded_drawing_has_its_title_source_licence_and_date(client):
    a_signing(a_company(country="FR"))

    drawing = a_drawing(client, "by-country", as_of="2026-01-02")

    assert drawing.find(f"{SVG}title").text == "Known signatories: by country"
    assert drawing.find(f"{SVG}desc").text == (
        "Known for 1 of 1 known signatory (of more than 230) on 2\u00a0January\u00a02026."
    )
    assert "PactWatch, http://testserver, 2\u00a0January\u00a02026." in words(drawing)
    text = ElementTree.tostring(drawing).decode()
    assert "<style" not in text
    assert " style=" not in text
    assert links(drawing) == {
        "France: 1 of 1 (100%)": (
            "http://testserver/companies/?pact=eu-ai-pact&status=signed&country=FR&as_of=2026-01-02"
        )
    }


def test_the_flat_line_says_since_when_no_full_list_was_read(client):
    listed = a_source(kind="official_list", published_on=datetime.date(2024, 10, 9))
    a_citation(signing=a_signing(), source=listed, quote="x")

    drawing = a_drawing(client, "signatories-over-time", as_of="2026-01-02")
    french = client.get("/fr/statistics/signatories-over-time.svg?as_of=2026-01-02").text
    soon = a_drawing(client, "signatories-over-time", as_of="2024-12-01")

    assert "no full list read since 9\u00a0Oct\u00a02024" in words(drawing)
    assert "aucune liste complète lue" in french
    assert "no full list" not in words(soon)


def test_no_chart_labels_overlap_on_a_phone():
    days = [datetime.date(2024, 9, 25) + datetime.timedelta(days=14 * i) for i in range(4)]
    numbers = [34, 40, 126, 139]
    points = [
        ChartStep(day, number, f"{number} on 9 Oct 2024", "", "")
        for day, number in zip(days, numbers, strict=True)
    ]

    chart = steps(
        points, TODAY, months=[], quiet=(days[2], "aucune liste complète lue depuis le 9 oct. 2024")
    )

    taken = [jump.takes for jump in chart.jumps if jump.label]
    half = WIDEST * max(len(line.label) for line in chart.quiet.lines) / 2
    middle = chart.quiet.x
    quiet = [(middle - half, middle + half, line.at) for line in chart.quiet.lines]
    for (a, b, line), (c, d, other) in combinations(taken + quiet, 2):
        assert a > d or b < c or abs(line - other) >= LOWER
    assert len(taken) == 3
    assert all(start >= 0 for start, _end, _line in taken + quiet)


def test_numbers_and_dates_in_words_are_french_while_coordinates_keep_their_points(client):
    for i in range(3):
        a_signing(a_company(country="FR" if i else "US"), since=datetime.date(2024, 10, 9))

    response = client.get("/fr/statistics/by-country.svg")
    steps = client.get("/fr/statistics/signatories-over-time.svg")

    assert "2 (67\u00a0%)" in response.text
    assert "9\u00a0oct.\u00a02024" in steps.text
    assert re.search(r'\bd="[^"]*,', response.text + steps.text) is None
    with override("fr"):
        assert figure(1234) == "1\u202f234"
        assert short_day(datetime.date(2025, 1, 1)) == "1er\u00a0janv.\u00a02025"
    with override("en"):
        assert figure(1234) == "1,234"
        assert short_day(datetime.date(2024, 10, 9)) == "9\u00a0Oct\u00a02024"


def test_a_chart_png_is_drawn_with_the_bundled_font(client):
    a_signing(a_company(country="FR"))

    response = client.get("/statistics/by-country.png")

    assert response["Content-Type"] == "image/png"
    assert response.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert response["Content-Disposition"].endswith('-by-country.png"')
    assert sum(Path(font).stat().st_size for font in FONTS) <= 100_000
    words_of = '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="20">{}</svg>'
    text = '<text y="15" font-family="DejaVu Sans">Équipe</text>'
    assert len(png(words_of.format(text))) > len(png(words_of.format(""))) + 200


def test_the_csv_of_a_chart_names_its_pact_and_date(client):
    a_signing(a_company(country="FR"))
    a_signing(a_company())

    response = client.get("/statistics/by-country.csv?as_of=2026-01-02")

    assert response.content.decode("utf-8-sig").splitlines() == [
        "country,label,signatories,known,total,pact,as_of,listed_total,listed_total_on",
        "FR,France,1,1,2,eu-ai-pact,2026-01-02,230,2025-12-15",
        "unknown,unknown,1,1,2,eu-ai-pact,2026-01-02,230,2025-12-15",
    ]


@pytest.mark.parametrize("form", ["svg", "png", "csv"])
def test_an_unknown_chart_or_parameter_is_refused_with_the_valid_ones(client, form):
    a_pact()

    missing = client.get(f"/statistics/none.{form}")
    assert missing.status_code == 404
    assert "signatories-over-time, europe, world" in missing.text
    assert client.get(f"/statistics/europe.{form}?colour=red").status_code == 400
    assert client.get(f"/statistics/europe.{form}?as_of=9999-01-01").status_code == 400


# Those of the page, without the pacts of its tabs and the quotes.
PICTURE_QUERIES = 16


@pytest.mark.parametrize("number", [2, 5])
def test_a_chart_takes_the_same_number_of_queries_for_any_number_of_companies(
    client, django_assert_num_queries, number
):
    governance = a_commitment("governance")
    for i in range(number):
        company = a_company(country="FR", sector=a_sector(f"sector-{i}"))
        a_signing(company, since=datetime.date(2024, 10, 1) + datetime.timedelta(days=i))
        a_pledge(company, commitment=governance)
    with django_assert_num_queries(PICTURE_QUERIES):
        assert client.get("/statistics/by-sector.svg").status_code == 200


def test_the_page_with_all_charts_stays_small(client):
    for i, code in enumerate(["FR", "DE", "IT", "ES", "US", "JP", "IN", "GB", "NL", "MT"] * 3):
        company = a_company(country=code, sector=a_sector(f"sector-{i % 17}"), size="large")
        a_signing(company, since=datetime.date(2024, 10, 1) + datetime.timedelta(days=i))

    page = client.get("/statistics/", headers={"accept-encoding": "gzip"})

    assert len(page.content) <= 60_000
    assert page["Content-Encoding"] == "gzip"


@pytest.mark.parametrize(
    ("highest", "scale"),
    [(1, [0, 1]), (4, [0, 1, 2, 3, 4]), (7, [0, 2, 4, 6, 8]), (137, [0, 50, 100, 150])],
)
def test_an_axis_has_round_numbers(highest, scale):
    assert nice_scale(highest) == scale


def test_only_the_largest_of_many_steps_have_a_mark(client):
    for i in range(70):
        for _ in range(2 if i == 69 else 1):
            a_signing(since=datetime.date(2024, 10, 1) + datetime.timedelta(days=i))

    marks = links(a_drawing(client, "signatories-over-time"))

    assert len(marks) == 60
    assert "71 on 9\u00a0Dec\u00a02024: known signatories (+2)" in marks
