"""The bill of materials: each pinned package once, with its version, licence and hashes."""

from pathlib import Path

from tools.sbom import Package, bill, packages

ROOT = Path(__file__).parent.parent
PINS = [*packages((ROOT / "requirements.txt").read_text())]


def test_each_pinned_package_is_on_the_bill_with_its_hashes():
    names = [line.partition("==")[0] for line in (ROOT / "requirements.txt").open() if "==" in line]

    assert [one.name for one in PINS] == names
    assert all(one.hashes for one in PINS)


def test_the_licence_is_what_the_package_says():
    licences = {one.name: one.licence for one in PINS}

    assert licences["django"] == "BSD-3-Clause"
    assert licences["selectolax"] == "MIT"
    assert next(iter(packages("no-such-package==1.0"))).licence == ""


def test_a_component_names_its_package_as_others_look_it_up():
    package = Package("django", "5.2.1", "BSD-3-Clause", ["0" * 64])

    assert package.component() == {
        "type": "library",
        "bom-ref": "pkg:pypi/django@5.2.1",
        "purl": "pkg:pypi/django@5.2.1",
        "name": "django",
        "version": "5.2.1",
        "licenses": [{"license": {"name": "BSD-3-Clause"}}],
        "properties": [{"name": "pip:sha256", "value": "0" * 64}],
    }


def test_the_same_packages_make_the_same_bill():
    assert bill(PINS, "pactwatch", "1") == bill(PINS, "pactwatch", "1")
    assert bill(PINS, "pactwatch", "1") != bill(PINS[1:], "pactwatch", "1")
