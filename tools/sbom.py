"""A bill of materials: what a user installs, at which version, under which licence.

`python -m tools.sbom` prints CycloneDX 1.6 (JSON) of the packages that requirements.txt pins, each
with the hashes that pip checks; `--licences` prints a line a package instead.
"""

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"(?m)^(?P<name>[\w.-]+)==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
OF_CLASSIFIER = "License :: OSI Approved :: "


@dataclass(frozen=True)
class Package:
    """One pinned package; `licence` is what it says of itself, "" where it is not installed."""

    name: str
    version: str
    licence: str
    hashes: list[str] = field(default_factory=list)

    def component(self) -> dict[str, Any]:
        """The package as a component of CycloneDX."""
        return {
            "type": "library",
            "bom-ref": f"pkg:pypi/{self.name}@{self.version}",
            "purl": f"pkg:pypi/{self.name}@{self.version}",
            "name": self.name,
            "version": self.version,
            "licenses": [{"license": {"name": self.licence}}] if self.licence else [],
            # A hash for each file that a package is published as, of which one is installed.
            "properties": [{"name": "pip:sha256", "value": digest} for digest in self.hashes],
        }


def packages(requirements: str) -> Iterator[Package]:
    pins = [*PINNED.finditer(requirements)]
    ends = [pin.start() for pin in pins[1:]] + [len(requirements)]
    for pin, end in zip(pins, ends, strict=True):
        hashes = HASH.findall(requirements[pin.end() : end])
        yield Package(pin["name"], pin["version"], licence(pin["name"]), hashes)


def licence(name: str) -> str:
    """The licence that an installed package states: its expression, classifier or first line."""
    try:
        said = metadata(name)
    except PackageNotFoundError:
        return ""
    classified = [
        text.removeprefix(OF_CLASSIFIER)
        for text in said.get_all("Classifier") or []
        if text.startswith(OF_CLASSIFIER)
    ]
    free = (said.get("License") or "").strip().splitlines()
    return said.get("License-Expression") or " / ".join(classified) or (free[0] if free else "")


def bill(found: list[Package], name: str, version: str) -> dict[str, Any]:
    # The same packages give the same number, so that two bills can be compared.
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([one.component() for one in found]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": name, "version": version}},
        "components": [one.component() for one in found],
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
