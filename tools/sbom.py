"""A bill of materials: what a user installs, at which version, under which licence.

`python -m tools.sbom` prints CycloneDX 1.6 (JSON) of the packages that requirements.txt pins, each
with the hashes that pip checks and the packages that need it; `--licences` prints a line a package
instead. Neither asks a network: what is known against a version, a scanner of such bills says.
"""

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"(?m)^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\\n]+))?")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
NEEDED_BY = re.compile(r"(?m)^    #(?: via)? +(?P<name>[a-z][\w.-]*)$")
CLASSIFIED = "License :: "
# Of what a package says in plain words, only these are surely identifiers of SPDX.
SPDX = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "PSF-2.0"}


@dataclass(frozen=True)
class Package:
    """One pinned package; `licences` as CycloneDX has them, none where it is not installed."""

    name: str
    version: str
    licences: list[dict[str, Any]]
    hashes: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)
    marker: str = ""

    @property
    def ref(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    @property
    def licence(self) -> str:
        """The licences on one line; "" if it is not installed."""
        told = [one.get("license", one) for one in self.licences]
        return " / ".join(one.get("expression") or one.get("id") or one["name"] for one in told)

    def component(self) -> dict[str, Any]:
        """The package as a CycloneDX component, optional if its marker excludes this platform."""
        properties = [("pip:marker", self.marker)] if self.marker else []
        # A hash for each file that a package is published as, of which one is installed.
        properties += [("pip:sha256", digest) for digest in self.hashes]
        return {
            "type": "library",
            "bom-ref": self.ref,
            "purl": self.ref,
            "name": self.name,
            "version": self.version,
            "scope": "optional" if self.marker and not self.licences else "required",
            "licenses": self.licences,
            "properties": [{"name": name, "value": value} for name, value in properties],
        }


def packages(requirements: str) -> Iterator[Package]:
    pins = [*PINNED.finditer(requirements)]
    ends = [pin.start() for pin in pins[1:]] + [len(requirements)]
    for pin, end in zip(pins, ends, strict=True):
        said = requirements[pin.end() : end]
        marker = (pin["marker"] or "").strip()
        hashes, needed_by = HASH.findall(said), NEEDED_BY.findall(said)
        yield Package(pin["name"], pin["version"], licences(pin["name"]), hashes, needed_by, marker)


def licences(name: str) -> list[dict[str, Any]]:
    """The declared licences of an installed package, as CycloneDX has them."""
    try:
        installed = distribution(name)
    except PackageNotFoundError:
        return []
    said = installed.metadata
    if expression := said.get("License-Expression"):
        return [{"expression": expression}]
    free = (said.get("License") or "").strip()
    if free in SPDX:
        return [{"license": {"id": free}}]
    classified = [
        text.rpartition(" :: ")[2]
        for text in said.get_all("Classifier") or []
        if text.startswith(CLASSIFIED)
    ]
    names = classified or free.splitlines()[:1]
    return [{"license": {"name": one}} for one in names] or [{"license": _licence_file(installed)}]


def _licence_file(installed: Distribution) -> dict[str, Any]:
    """The licence text of a package that declares nothing else."""
    for path in installed.files or []:
        if path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING")):
            return {"name": f"its file {path.name}", "text": {"content": path.read_text()}}
    return {"name": "not stated"}


def bill(found: list[Package], name: str, version: str) -> dict[str, Any]:
    refs = {one.name: one.ref for one in found} | {name: f"{name}@{version}"}
    needs: dict[str, list[str]] = {ref: [] for ref in refs.values()}
    for one in found:
        # What requirements.in names, the application itself needs.
        for other in [other for other in one.needed_by if other in refs] or [name]:
            needs[refs[other]].append(one.ref)
    components = [one.component() for one in found]
    # The same packages give the same number, so that two bills can be compared.
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components))
    application = {"type": "application", "bom-ref": refs[name], "name": name, "version": version}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {"component": application | {"licenses": [{"license": {"id": "MIT"}}]}},
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": on} for ref, on in needs.items()],
    }


def main(arguments: list[str]) -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = [*packages((ROOT / "requirements.txt").read_text())]
    if "--licences" in arguments:
        print("\n".join(f"{one.name} {one.version}  {one.licence or '-'}" for one in found))
    else:
        print(json.dumps(bill(found, project["name"], project["version"]), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
