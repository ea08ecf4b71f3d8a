"""A name is matched automatically only where exactly one company has it."""

import csv
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from django.utils import translation

from benchmarks import matching as measured
from companies.countries import country_codes
from companies.names import legal_forms as legal_forms_module
from companies.names.legal_forms import key, legal_forms
from companies.names.letters import fold
from companies.names.matcher import (
    MOST_SUGGESTIONS,
    Basis,
    KnownName,
    Match,
    Resemblance,
    Suggestion,
)
from companies.names.spelling import spell
from companies.queries.lookup import matches
from companies.queries.searching.near_names import NamesInMemory
from tests.sampling import ALL

ANSWERS = measured.answers(measured.pairs())


class Lookup:
    """Looks up names among given ones."""

    def __init__(self, names=(), refused=()):
        self.known = NamesInMemory(names, refused=refused)

    def match(self, listed):
        return self.match_all([listed])[0]

    def match_all(self, listed):
        return list(matches(listed, self.known))


def a_matcher(*names: str | KnownName, refused: tuple[tuple[str, int], ...] = ()) -> Lookup:
    """A lookup of companies with the primary keys 1, 2, ...; a KnownName brings its own."""
    known = [
        KnownName(number, name) if isinstance(name, str) else name
        for number, name in enumerate(names, start=1)
    ]
    return Lookup(known, refused)


def suggested(match: Match) -> dict[int, Resemblance]:
    return {one.company_id: one.resemblance for one in match.suggestions}


# The labelled pairs


def test_the_labelled_pairs_cover_every_relation_and_hundreds_of_companies():
    pairs = measured.pairs()
    slugs = {name.company for name in measured.names()}
    assert len(pairs) >= 880
    assert {pair.company for pair in pairs} - {""} <= slugs
    assert len({pair.listed for pair in pairs}) == len(pairs)
    assert {pair.relation for pair in pairs} == {
        *("typo", "legal_form", "accent", "case", "former", "alias", "abbreviation"),
        *("group", "subsidiary", "look_alike", "other"),
        *("brand", "script", "foreign_form", "association"),
    }


def test_every_automatic_match_of_the_labelled_pairs_is_right():
    assert [one for one in ANSWERS if one.is_wrong] == []
    assert measured.precision(ANSWERS) == 1
    assert measured.automatic_recall(ANSWERS) > 0.5


def test_most_labelled_companies_are_matched_or_among_the_first_three_suggestions():
    assert measured.recall(ANSWERS) >= measured.LEAST_RECALL


def test_every_name_of_the_register_leads_to_its_own_company():
    lost = [
        one.pair.listed
        for one in measured.answers(
            measured.Pair(name.name, name.company, name.kind) for name in measured.names()
        )
        if not one.is_right
    ]
    assert lost == []


# Automatic matches


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        ("ORANGE", "Orange"),
        ("Telefonica", "Telefónica"),
        ("Dassault-Systemes", "Dassault Systèmes"),
        ("Studio Deußen", "Studio Deussen"),
        ("Oeuvre sociale", "Œuvre sociale"),
        ("Maersk", "Mærsk"),
        ("Orsted", "Ørsted"),
        ("I.B.M.", "IBM"),
        ("AI and Partners", "AI & Partners"),
        ("Schmidt und Söhne", "Schmidt & Sohne"),
        ("Dupont et Fils", "Dupont & Fils"),
        ("Booking com", "Booking.com"),
        ("The Cyber Institute", "Cyber Institute"),
    ],
)
def test_case_accents_and_punctuation_do_not_matter_for_an_exact_match(listed, name):
    assert a_matcher("Another", name).match(listed) == Match(listed, 2, Basis.EXACT)


# A form of every kind of spelling, and a country that has it.
FORMS = {
    "AT": ["Acme GmbH", "Acme Ges.m.b.H.", "Acme AG", "Acme Aktiengesellschaft"],
    "AU": ["Acme Pty Ltd", "Acme Proprietary Limited"],
    "BE": ["Acme NV", "Acme Naamloze vennootschap", "Acme SPRL"],
    "BG": ["Acme EAD", "Acme ЕООД"],
    "BR": ["Acme Ltda.", "Acme S/A"],
    "CA": ["Acme Inc.", "Acme Limitée"],
    "CH": ["Acme Sàrl", "Acme SA", "Acme Sagl"],
    "CL": ["Acme SpA", "Acme Sociedad por acciones"],
    "CN": ["Acme Co., Ltd.", "Acme有限公司", "Acme 股份有限公司"],
    "CZ": ["Acme s.r.o.", "Acme spol. s r.o.", "Acme akciová společnost"],
    "DE": ["Acme GmbH", "Acme UG (haftungsbeschränkt)", "Acme KGaA", "Acme SE & Co. KGaA"],
    "DK": ["Acme A/S", "Acme ApS", "Acme Aktieselskab"],
    "EE": ["Acme OÜ", "Acme Osaühing"],
    "ES": ["Acme S.L.", "Acme Sociedad Limitada", "Acme S.A.U."],
    "FI": ["Acme Oy", "Acme Oyj", "Acme Osakeyhtiö", "Acme Oy Ab"],
    "FR": ["ACME S.A.S.", "Acme SASU", "Acme Société anonyme", "Acme SARL", "EURL Acme"],
    "GB": ["Acme PLC", "Acme Limited", "Acme Public Limited Company"],
    "GR": ["Acme A.E.", "Acme Ανώνυμη Εταιρεία"],
    "HR": ["Acme d.o.o.", "Acme društvo s ograničenom odgovornošću"],
    "HU": ["Acme Kft.", "Acme Zrt."],
    "ID": ["PT Acme Tbk", "PT Acme"],
    "IE": ["Acme DAC", "Acme Teoranta"],
    "IN": ["Acme Private Limited", "Acme Pvt. Ltd.", "Acme (P) Ltd"],
    "IT": ["Acme S.p.A.", "Acme S. p. A.", "Acme Società per azioni", "Acme S.p.A. S.B."],
    "JP": ["Acme K.K.", "株式会社Acme", "Acme株式会社", "Acme㈱", "Acme Kabushiki Kaisha"],
    "KR": ["주식회사 Acme", "(주)Acme", "Acme 유한회사"],
    "LT": ["UAB Acme"],
    "LU": ["Acme S.à r.l.", "Acme société à responsabilité limitée"],
    "LV": ["SIA Acme"],
    "MX": ["Acme S.A. de C.V.", "Acme S. de R.L. de C.V."],
    "MY": ["Acme Sdn Bhd", "Acme Sdn. Bhd.", "Acme Berhad"],
    "NL": ["Acme N.V.", "Acme B.V", "Acme besloten vennootschap"],
    "NO": ["Acme AS", "Acme ASA", "Acme Aksjeselskap"],
    "PL": ["Acme Sp. z o.o.", "Acme sp. z o. o.", "Acme spółka akcyjna"],
    "PT": ["Acme, Lda.", "Acme Unipessoal Lda"],
    "RO": ["Acme SRL", "Acme Societate cu Răspundere Limitată"],
    "RU": ["ООО Acme", "ПАО «Acme»", "Общество с ограниченной ответственностью Acme"],
    "SE": ["Acme AB", "Acme Aktiebolag", "Acme AB (publ)", "Aktiebolaget Acme"],
    "SG": ["Acme Pte. Ltd."],
    "SK": ["Acme a.s.", "Acme spoločnosť s ručením obmedzeným"],
    "TH": ["Acme Public Company Limited"],
    "TR": ["Acme A.Ş.", "Acme Anonim Şirketi", "Acme Ltd. Şti."],
    "UA": ["ТОВ Acme", "Acme ТОВ"],
    "US": ["Acme, Inc.", "Acme LLC", "Acme Corp.", "Acme Limited Liability Company"],
    "VN": ["Công ty TNHH Acme"],
    "ZA": ["Acme (Pty) Ltd"],
}
ALL_FORMS = [(listed, country) for country, names in FORMS.items() for listed in names]


def test_the_legal_forms_of_forty_countries_and_more_are_tried():
    assert len(FORMS) > 40


def test_a_name_matches_with_a_legal_form_of_its_country():
    for listed, country in ALL_FORMS:
        matcher = a_matcher("Orange", KnownName(2, "Acme", "", country))
        assert matcher.match(listed) == Match(listed, 2, Basis.LEGAL_FORM)


def test_a_name_without_its_legal_form_matches():
    for listed, _country in ALL_FORMS:
        assert a_matcher("Orange", listed).match("Acme") == Match("Acme", 2, Basis.LEGAL_FORM)


def test_a_legal_form_of_another_or_unknown_country_is_only_suggested():
    for listed, _country in ALL_FORMS:
        elsewhere = a_matcher(KnownName(1, "Acme", "", "KP")).match(listed)
        assert suggested(elsewhere) == {1: Resemblance.FOREIGN_FORM}
        assert suggested(a_matcher("Acme").match(listed)) == {1: Resemblance.NO_COUNTRY}


@pytest.mark.parametrize("country", ["AT", "DE", "FR", "IS", "NO", "PL"])
@pytest.mark.parametrize("form", ["SE", "Societas Europaea", "EEIG", "GEIE", "EWIV", "SCE"])
def test_a_legal_form_of_the_european_union_fits_all_its_countries(form, country):
    listed = f"Acme {form}"
    matcher = a_matcher(KnownName(1, "Acme", "", country))
    assert matcher.match(listed) == Match(listed, 1, Basis.LEGAL_FORM)
    foreign = a_matcher(KnownName(1, "Acme", "", "US")).match(listed)
    assert suggested(foreign) == {1: Resemblance.FOREIGN_FORM}


@pytest.mark.parametrize(
    ("listed", "country"),
    [
        *(("Acme e.V.", "DE"), ("Acme Stiftung", "DE"), ("Acme gGmbH", "DE"), ("Acme KG", "DE")),
        *(("Acme Foundation", "US"), ("Fondation Acme", "FR"), ("Stichting Acme", "NL")),
        *(("Acme ASBL", "BE"), ("Acme vzw", "BE"), ("Acme ry", "FI"), ("Acme CIC", "GB")),
        *(("Acme GIE", "FR"), ("Acme SNC", "FR"), ("Acme LLP", "GB"), ("Acme z.s.", "CZ")),
        *(("Acme GbR", "DE"), ("ИП Acme", "RU"), ("Acme eG", "DE"), ("Acme Association", "FR")),
    ],
)
def test_an_association_with_the_name_of_a_company_is_only_suggested(listed, country):
    matcher = a_matcher(KnownName(1, "Acme", "", country))
    assert suggested(matcher.match(listed)) == {1: Resemblance.OTHER_KIND}
    own = a_matcher(KnownName(1, "Acme", "", country), KnownName(1, listed, "legal", country))
    assert own.match(listed).company_id == 1


def test_names_of_well_known_companies_with_their_legal_form_match():
    listed = ["Spotify AB", "Nokia Oyj", "SAP SE", "Telefónica, S.A.", "Google LLC"]
    pairs = [measured.Pair(name, name.split()[0].lower().strip(","), "") for name in listed]
    matched = [one.matched for one in measured.answers(pairs)]
    assert matched == ["spotify", "nokia", "sap", "telefonica", "google"]


def test_a_name_alone_does_not_match_an_association_of_this_name():
    assert suggested(a_matcher("Acme Stiftung").match("Acme")) == {1: Resemblance.LEGAL_FORM}


def test_a_legal_form_in_one_language_is_no_proof_in_a_country_of_another():
    matcher = a_matcher(KnownName(1, "Acme", "", "FR"), KnownName(1, "Acme SA", "legal", "FR"))
    assert matcher.match("Acme société anonyme").company_id == 1
    assert matcher.match("Acme sociedad anónima").company_id is None


def test_a_legal_form_is_only_suggested_if_the_country_of_the_company_is_unknown():
    match = a_matcher(KnownName(1, "Acme", "", "DK")).match("Acme iværksætterselskab nonprofit")
    assert match.company_id is None


@pytest.mark.parametrize("name", ["SAS", "SE", "Co", "AB", "SAS Institute", "AB InBev", "SAS AB"])
def test_a_name_that_is_or_begins_with_a_legal_form_keeps_it(name):
    assert spell(name).bare_name == fold(name)


@pytest.mark.parametrize("name", ["Vodafone UK", "Booking NL", "Berlin Zoo", "Telenor IS"])
def test_a_country_or_an_ordinary_word_is_not_a_legal_form(name):
    assert spell(name).forms == ()


def test_an_alias_matches_its_company():
    matcher = a_matcher("Amazon", KnownName(1, "AWS", "alias"))
    assert matcher.match("aws") == Match("aws", 1, Basis.ALIAS)


def test_a_main_name_comes_before_the_same_name_as_an_alias_of_another():
    matcher = a_matcher(
        "Samsung", "Samsung Electronics", KnownName(1, "Samsung Electronics", "alias")
    )
    assert matcher.match("Samsung Electronics") == Match("Samsung Electronics", 2, Basis.EXACT)


def test_a_former_name_matches_its_company():
    matcher = a_matcher("Meta", KnownName(1, "Facebook", "former"))
    assert matcher.match("Facebook") == Match("Facebook", 1, Basis.FORMER)


def test_a_former_name_matches_the_company_that_has_it_now():
    matcher = a_matcher(
        "Meta", KnownName(2, "Facebook", "", "US"), KnownName(1, "Facebook", "former")
    )
    assert matcher.match("Facebook") == Match("Facebook", 2, Basis.EXACT)
    assert matcher.match("Facebook Inc.") == Match("Facebook Inc.", 2, Basis.LEGAL_FORM)


def test_a_former_name_of_two_companies_is_only_suggested():
    matcher = a_matcher(
        "A", "B", KnownName(1, "Motorola", "former"), KnownName(2, "Motorola", "former")
    )
    assert suggested(matcher.match("Motorola")) == {1: Resemblance.SHARED, 2: Resemblance.SHARED}


# Suggestions


@pytest.mark.parametrize(
    ("listed", "name", "how"),
    [
        ("Orange Bank", "Orange", Resemblance.PART),
        ("Aleph Alpha", "IPAI Aleph Alpha Research", Resemblance.PART),
        ("Airbus Group", "Airbus", Resemblance.GROUP),
        ("Groupe Cegid", "Cegid", Resemblance.GROUP),
        ("Lenovo Holding", "Lenovo", Resemblance.GROUP),
        ("Jusmundi", "Jus Mundi", Resemblance.SPACING),
        ("2021ai", "2021.AI", Resemblance.SPACING),
        ("Steria Sopra", "Sopra Steria", Resemblance.ORDER),
        ("TCS", "Tata Consultancy Services", Resemblance.INITIALS),
        ("International Business Machines", "IBM", Resemblance.INITIALS),
        ("Vodaphone", "Vodafone", Resemblance.SPELLING),
        ("KNP", "KPN", Resemblance.SPELLING),
        ("Deutche Telecom", "Deutsche Telekom", Resemblance.SPELLING),
        ("X Corp.", "X", Resemblance.NO_COUNTRY),
        ("Яндекс", "Yandex", Resemblance.SCRIPT),
        ("ООО «Самсунг»", "Samsung", Resemblance.SCRIPT),
        ("마이크로소프트", "Microsoft", Resemblance.SCRIPT),
        ("Гугл", "Google", Resemblance.SCRIPT),
        ("Baidu", "百度", Resemblance.SCRIPT),
        ("联想Lenovo有限公司", "Lenovo", Resemblance.PART),
        ("مايكروسوفت", "Microsoft", Resemblance.SCRIPT),
        ("บริษัท ไมโครซอฟท์ จำกัด", "Microsoft", Resemblance.SCRIPT),
    ],
)
def test_a_resemblance_is_a_suggestion_with_its_reason(listed, name, how):
    match = a_matcher("Nothing Alike", name).match(listed)
    assert (match.company_id, match.basis) == (None, None)
    assert suggested(match)[2] == how
    assert match.suggestions[0].name == name


def test_a_legal_form_alone_does_not_match_a_name_that_ends_with_it():
    matcher = a_matcher("SAS", "Cegid", KnownName(2, "CEGID SAS", "as_listed"))
    assert matcher.match("SAS").company_id == 1
    assert matcher.match("CEGID SAS").company_id == 2


def test_a_longer_word_does_not_match_a_name_it_begins_with():
    assert a_matcher("Meta").match("Metaverse Ltd").company_id is None


def test_another_legal_form_than_the_known_one_is_only_suggested():
    matcher = a_matcher("Porsche", KnownName(1, "Porsche AG", "alias"))
    assert matcher.match("Porsche A.G.").company_id == 1
    assert suggested(matcher.match("Porsche SE")) == {1: Resemblance.OTHER_FORM}


@pytest.mark.parametrize(
    ("short", "long"), [("Ltd", "Limited"), ("Inc.", "Incorporated"), ("Corp", "Corporation")]
)
def test_a_legal_form_matches_its_abbreviation(short, long):
    listed = f"Acme {short}"
    matcher = a_matcher("Acme", KnownName(1, f"Acme {long}", "legal"))
    assert matcher.match(listed) == Match(listed, 1, Basis.LEGAL_FORM)


def test_a_legal_form_of_another_country_is_only_suggested():
    matcher = a_matcher(KnownName(1, "Vodafone", "", "GB"))
    assert matcher.match("Vodafone plc") == Match("Vodafone plc", 1, Basis.LEGAL_FORM)
    assert suggested(matcher.match("Vodafone GmbH")) == {1: Resemblance.FOREIGN_FORM}


@pytest.mark.parametrize("kind", ["brand", "product", "abbreviation"])
def test_a_brand_product_or_abbreviation_matches_but_not_with_a_legal_form(kind):
    matcher = a_matcher(KnownName(1, "Acme", "", "US"), KnownName(1, "Roadrunner", kind, "US"))
    assert matcher.match("ROADRUNNER") == Match("ROADRUNNER", 1, Basis(kind))
    assert matcher.match("Roadrunner, Inc.").company_id is None
    assert matcher.match("Roadrunner, Inc.").suggestions[0].company_id == 1


def test_a_product_does_not_match_where_a_company_has_its_name():
    matcher = a_matcher("Acme", "Roadrunner", KnownName(1, "Roadrunner", "product"))
    assert matcher.match("Roadrunner") == Match("Roadrunner", 2, Basis.EXACT)


def test_a_name_that_two_companies_have_with_different_legal_forms_is_only_suggested():
    match = a_matcher("Acme AG", "Acme GmbH").match("Acme")
    assert match.company_id is None
    assert suggested(match) == {1: Resemblance.SHARED, 2: Resemblance.SHARED}


def test_a_name_that_two_companies_have_with_different_accents_is_only_suggested():
    match = a_matcher("Telefónica", "Telefonica").match("TELEFONICA")
    assert match.company_id is None
    assert suggested(match) == {1: Resemblance.SHARED, 2: Resemblance.SHARED}


def test_a_company_is_suggested_once_with_its_most_similar_name():
    matcher = a_matcher("Vodafone", KnownName(1, "Vodafone Group", "alias"))
    [only] = matcher.match("Vodafone Grup").suggestions
    assert only.name == "Vodafone Group"


def test_at_most_five_companies_are_suggested_with_the_best_first():
    names = [f"Sopra Steria {city}" for city in ("Oslo", "Paris", "Rome", "Bonn", "Nice", "Metz")]
    scores = [
        one.score for one in a_matcher(*names, "Sopra Sterja").match("Sopra Sterria").suggestions
    ]
    assert len(scores) == MOST_SUGGESTIONS
    assert scores == sorted(scores, reverse=True)


def test_a_suggestion_says_that_it_resembles_a_former_name():
    matcher = a_matcher("Meta", KnownName(1, "Facebook", "former"))
    assert suggested(matcher.match("Facebok")) == {1: Resemblance.FORMER}


def test_the_reason_of_a_suggestion_is_a_sentence():
    one = Suggestion(1, "Airbus", 94, Resemblance.GROUP)
    with translation.override("en"):
        assert one.reason == "Only a word such as “Group” differs."


def test_a_match_inside_a_word_is_suggested_only_when_nothing_else_resembles():
    matcher = a_matcher("Deutsche Telekom", "Telex")
    assert suggested(matcher.match("tsche")) == {1: Resemblance.PART}
    assert suggested(matcher.match("Telx")) == {2: Resemblance.SPELLING}
    assert matcher.match("ts") == Match("ts")


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        ("ING", "Bing"),
        ("Bing", "ING"),
        ("ING Bank", "Bing"),
        ("Ford", "Oxford"),
        ("ING", "Investing"),
    ],
)
def test_a_short_word_does_not_resemble_a_longer_one_that_it_is_cut_out_of(listed, known):
    assert a_matcher(known).match(listed).suggestions == ()


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        ("ING", "ING Direct"),
        ("ING", "Bank ING"),
        ("Ford", "Forde"),
        ("IMB", "IBM"),
        ("ING", "Inga AI"),
    ],
)
def test_a_short_word_resembles_a_longer_one_it_begins_or_misspells(listed, known):
    assert suggested(a_matcher(known).match(listed)).keys() == {1}


# Refused matches


def test_a_refused_company_is_neither_matched_nor_suggested():
    matcher = a_matcher("Orange", refused=((fold("Orange"), 1), (fold("Orange Bank"), 1)))
    assert matcher.match("ORANGE") == Match("ORANGE")
    assert matcher.match("Orange Bank") == Match("Orange Bank")
    assert suggested(matcher.match("Orange Banks")) == {1: Resemblance.PART}


def test_refusing_one_of_two_companies_does_not_match_the_other():
    match = a_matcher("Acme AG", "Acme GmbH", refused=(("acme", 1),)).match("Acme")
    assert match.company_id is None
    assert suggested(match) == {2: Resemblance.SHARED}


# Unusual names


@pytest.mark.parametrize("listed", ["", "   ", "★★★", "?", "---", "&", "\u0301", "🙂", "\0"])
def test_a_name_without_letters_matches_nothing(listed):
    assert a_matcher("!!!", "★", "Orange", listed).match(listed) == Match(listed)


def test_names_in_other_scripts_are_matched():
    matcher = a_matcher("百度", "Яндекс", "네이버")
    assert matcher.match("百度").company_id == 1
    assert matcher.match("ЯНДЕКС").company_id == 2
    assert matcher.match("네이버").company_id == 3
    assert matcher.match("腾讯") == Match("腾讯")
    assert matcher.match("Ελληνικά Πετρέλαια") == Match("Ελληνικά Πετρέλαια")


def test_a_text_longer_than_any_name_matches_nothing():
    assert a_matcher("Orange").match("Orange " * 100_000) == Match("Orange " * 100_000)


def test_a_text_of_very_many_words_is_matched_quickly():
    texts = [f"ai {number} " + "a b c d e f g " * 13 for number in range(200)]
    began = time.process_time()
    a_matcher(*[name.name for name in measured.names()]).match_all(texts)
    assert time.process_time() - began < 5  # it takes half a second


def test_a_register_without_companies_matches_nothing():
    assert Lookup().match("Orange") == Match("Orange")


def test_any_text_has_an_answer():
    chance = random.Random(1689)
    matcher = a_matcher(*[name.name for name in measured.names()])
    pieces = ["SAS", "Orange", "S.p.A.", " & ", "GmbH", "The ", "Group", "/", ".", "\0", "\ud800"]
    for _ in range(10_000 if ALL else 4_000):
        text = "".join(
            chance.choice(pieces) if chance.random() < 0.3 else chr(chance.randrange(0x110000))
            for _ in range(chance.randrange(12))
        )
        match = matcher.match(text)
        assert match.listed == text
        assert match.company_id is None or not match.suggestions
        assert all(0 <= one.score <= 100 for one in match.suggestions)


def test_ascii_names_are_folded_like_any_other():
    chance = random.Random(1689)
    ascii_texts = ("".join(chr(chance.randrange(128)) for _ in range(12)) for _ in range(2000))
    for text in (*ascii_texts, *(name.name for name in measured.names())):
        assert spell(text).folded == fold(text)


# Many names at once


def test_many_names_are_matched_as_each_alone_and_in_order():
    listed = [pair.listed for pair in measured.pairs()[:120]] * 2
    names = [name.name for name in measured.names()]
    alone = a_matcher(*names)
    assert a_matcher(*names).match_all(listed) == [alone.match(name) for name in listed]


def test_matches_do_not_depend_on_the_order_of_the_known_names():
    names = [KnownName(number, name.name) for number, name in enumerate(measured.names())]
    shuffled = random.Random(1689).sample(names, len(names))
    listed = [pair.listed for pair in measured.pairs()]
    assert Lookup(names).match_all(listed) == Lookup(shuffled).match_all(listed)


def test_a_hundred_names_are_matched_with_five_thousand_companies_in_seconds():
    took = measured.speed(companies=5_000, listed=100)
    assert took.found > 0.97
    assert took.seconds < 5  # it takes a third of a second; a scan of all names takes far longer


# The legal forms


def test_each_legal_form_is_in_one_row_of_the_table():
    keys = [form for row in rows("form_countries.csv") for form in keys_of(row)]
    assert [one for one, times in Counter(keys).items() if times > 1] == []


def test_the_table_of_legal_forms_has_only_valid_countries_and_forms():
    known = {form for row in rows("form_countries.csv") for form in keys_of(row)}
    for row in rows("form_countries.csv"):
        assert set(row["countries"].split()) - {"EEA"} <= country_codes(), row
        assert row["kind"] in ("", "other", "association"), row
        assert not row["same"] or key(row["same"]) in known, row


def test_the_legal_forms_are_loaded_lazily_and_quickly():
    legal_forms.cache_clear()
    began = time.process_time()
    assert len(legal_forms()) > 1800
    assert time.process_time() - began < 1  # it takes 0.08 s


def rows(name: str) -> list[dict[str, str]]:
    path = Path(legal_forms_module.__file__).with_name(name)
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def keys_of(row: dict[str, str]) -> set[str]:
    return {key(one) for one in (row["form"], *row["spellings"].split(";")) if one}


@pytest.mark.parametrize(
    ("listed", "meant"),
    [
        ("Göteborg Softwaere Deutschland 1008", "Göteborg Software Deutschland 1008"),
        ("Gteborg Software Deutschland 1020", "Göteborg Software Deutschland 1020"),
        ("1013 Göteborg Softwware Deutschland", "Göteborg Software Deutschland 1013"),
    ],
)
def test_of_names_with_the_same_score_the_one_with_the_most_like_letters_is_first(listed, meant):
    names = (f"Göteborg Software Deutschland {number}" for number in range(1000, 1024))
    matcher = a_matcher(*names)

    first, second, *_others = matcher.match(listed).suggestions

    assert first.score == second.score
    assert first.name == meant
