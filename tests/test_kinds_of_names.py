"""Which listed texts read as no organisation, and how few real names do."""

import csv
from pathlib import Path

import pytest

from companies.names.kinds import OtherKind, other_kind

ROOT = Path(__file__).parent.parent
OTHERS = {
    OtherKind.PLACEHOLDER: "Company 1|Company name 0|Organisation A|Name of organisation|TBD|"
    "[Company name]|Lorem ipsum dolor|dolor sit amet|Entreprise n° 12|Unternehmen 5|Signatory 001|"
    "Company1|Example Ltd|Musterfirma GmbH|Компания 1|Εταιρεία 3|Your company here",
    OtherKind.PERSON: "Maria Rossi|Jean-Pierre Dupont|ROSSI Maria|Rossi, Maria|Dr. Hans Weber|"
    "Ms Ingrid Berg|Jan Kowalski|Zsófia Kovács|Seán O'Brien|Мария Иванова|Γιώργος Παπαδόπουλος|"
    "Jānis Bērziņš|Jukka Virtanen|J. Smith",
    OtherKind.SENTENCE: "Faster onboarding|Access to experts|Promoting AI awareness|Lower costs|"
    "Human oversight|Adopting an AI governance strategy|Cartographie des systèmes",
    OtherKind.PAGE_PART: "Accept all cookies|Cookie settings|Privacy policy|About us|Accueil|"
    "Startseite|Strictly necessary",
    OtherKind.PLACE: "Austria|Frankreich|Hrvatska|English|français|България",
    OtherKind.NUMBER: "12345|info@acme.eu|9 October 2024|März 2025|Monday|…",
}
REAL = """Deutsche Telekom|Société Générale|Caisse des dépôts|Banque postale|air liquide
Confederazione nazionale dell'artigianato
Fédération française de l'assurance|Institut national de recherche|Orange|X|Booking.com|01.AI
Marie Curie Ltd|A.I. & Partners|Johnson Controls|Newcomer 17|SAP SE|NTT DATA|deepset
""".replace("\n", "|").split("|")


def share_of_others(names):
    return sum(other_kind(name) is not None for name in names) / len(names)


@pytest.mark.parametrize("kind", OTHERS)
def test_names_of_persons_countries_and_the_like_are_recognised_by_kind(kind):
    names = OTHERS[kind].split("|")

    assert [name for name in names if other_kind(name) != kind] == []


def test_names_of_organisations_are_not_taken_for_another_kind():
    assert [name for name in REAL if name and other_kind(name)] == []


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("companies/data/companies.csv", "name"),
        ("companies/data/companies.csv", "legal_name"),
        ("companies/data/company_names.csv", "name"),
        ("benchmarks/name_pairs.csv", "listed"),
    ],
)
def test_at_most_two_in_a_hundred_known_names_are_taken_for_another_kind(path, column):
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        names = [row[column] for row in csv.DictReader(file) if row[column]]

    assert share_of_others(names) < 0.02
