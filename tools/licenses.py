"""Lists the version and license of every installed Python package and of the served front-end libraries.

As the packages themselves state them; `--json` prints a list of objects.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
UNKNOWN = "not stated"


class License(NamedTuple):
    """A package, and the license that it states."""

    name: str
    version: str
    license: str


def python_licenses() -> Iterator[License]:
    """Return the license of every package that this Python can import."""
    for package in distributions():
        yield License(package.name, package.version, stated_license(package))


def stated_license(package: Distribution) -> str:
    """Return a package's license: its SPDX expression, its classifiers, or the first line of its text."""
    metadata = package.metadata
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License :: OSI Approved :: ")
    ]
    text = (metadata.get("License") or "").strip().splitlines()
    return metadata.get("License-Expression") or ", ".join(classifiers) or next(iter(text), UNKNOWN)


def front_end_licenses() -> Iterator[License]:
    """Return the license of every package in npm's lock file."""
    packages = json.loads((PROJECT / "package-lock.json").read_text("utf-8"))["packages"]
    for folder, entry in packages.items():
        if folder:
            name = folder.rpartition("node_modules/")[2]
            yield License(name, entry["version"], entry.get("license", UNKNOWN))


def main() -> None:
    """Print all of them, in the order of their names."""
    found = sorted({*python_licenses(), *front_end_licenses()}, key=lambda one: one.name.lower())
    if sys.argv[1:] == ["--json"]:
        print(json.dumps([one._asdict() for one in found], indent=1))
        return
    width = max(len(f"{one.name} {one.version}") for one in found)
    for one in found:
        print(f"{one.name} {one.version}".ljust(width), one.license)


if __name__ == "__main__":
    main()
