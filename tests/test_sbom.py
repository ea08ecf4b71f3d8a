"""The bill of materials: each pinned package once, with its version, licence and hashes."""

import re
from pathlib import Path

from tools.sbom import Package, bill, packages

ROOT = Path(__file__).parent.parent
PINS = [*packages((ROOT / "requirements.txt").read_text())]


def test_the_sbom_has_each_pinned_package_with_its_hashes():
    names = [line.partition("==")[0] for line in (ROOT / "requirements.txt").open() if "==" in line]

    assert [one.name for one in PINS] == names
    assert all(one.hashes for one in PINS)


def test_the_sbom_has_the_licence_that_the_package_declares():
    licences = {one.name: one.licence for one in PINS}

    assert licences["django"] == "BSD-3-Clause"  # an expression of its own
    assert licences["babel"] == "BSD-3-Clause"  # in plain words, and surely this one
    assert licences["django-csp"] == "BSD License"  # of two or three clauses: it does not say
    assert licences["resvg-py"] == "its file LICENSE"
    assert " / " in licences["fido2"]
    assert [name for name, licence in licences.items() if licence in ("", "not stated")] == [
        one.name for one in PINS if not one.licences
    ]
    assert next(iter(packages("no-such-package==1.0"))).licence == ""


def test_each_sbom_component_has_a_package_url():
    package = Package("django", "5.2.1", [{"expression": "BSD-3-Clause"}], ["0" * 64])

    assert package.component() == {
        "type": "library",
        "bom-ref": "pkg:pypi/django@5.2.1",
        "purl": "pkg:pypi/django@5.2.1",
        "name": "django",
        "version": "5.2.1",
        "scope": "required",
        "licenses": [{"expression": "BSD-3-Clause"}],
        "properties": [{"name": "pip:sha256", "value": "0" * 64}],
    }


def test_a_package_not_needed_on_this_platform_is_optional_in_the_sbom():
    text = (
        "no-such-package==1.0 ; sys_platform == 'win32' \\\n    # via\n    #   -r requirements.in"
    )
    component = next(iter(packages(text))).component()

    assert component["scope"] == "optional"
    marker = {"name": "pip:marker", "value": "sys_platform == 'win32'"}
    assert component["properties"] == [marker]


def test_the_same_packages_give_the_same_sbom():
    assert bill(PINS, "pactwatch", "1") == bill(PINS, "pactwatch", "1")
    assert bill(PINS, "pactwatch", "1") != bill(PINS[1:], "pactwatch", "1")


def test_the_sbom_has_the_dependencies_between_packages():
    needs = {one["ref"]: one["dependsOn"] for one in bill(PINS, "pactwatch", "1")["dependencies"]}
    refs = {one.name: one.ref for one in PINS}

    assert refs["argon2-cffi-bindings"] in needs[refs["argon2-cffi"]]
    assert refs["argon2-cffi"] in needs["pactwatch@1"]
    assert refs["cryptography"] not in needs["pactwatch@1"]
    # Each is needed by something, and nothing is needed that is not on the bill.
    assert {ref for on in needs.values() for ref in on} == {*refs.values()}


def test_the_sbom_is_valid_cyclonedx():
    """The rules of its schema that this bill could break; the schema is not in the project."""
    made = bill(PINS, "pactwatch", "1")
    refs = [one["bom-ref"] for one in [*made["components"], made["metadata"]["component"]]]

    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["serialNumber"])
    assert len(refs) == len({*refs})
    assert {one["ref"] for one in made["dependencies"]} == {*refs}
    for one in made["components"]:
        assert one["scope"] in ("required", "optional", "excluded")
        expressions = [said for said in one["licenses"] if "expression" in said]
        assert not expressions or len(one["licenses"]) == 1
        assert all(
            len({"id", "name"} & {*said.get("license", {"id": 1})}) == 1 for said in one["licenses"]
        )
