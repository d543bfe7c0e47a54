"""A site beside which a package is installed that adds two tasks, with weights for them.

Nothing of emoweb or recognition is changed or replaced: the package's entry points and the folder of weights
are all that the server is given.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.site import Site, running_site
from tests.processes import PROJECT
from tests.recognition.tiny_models import copy_served_weights, write_tiny_model

TOYS, MOODS = ("robot", "street", "teddy_bear"), ("calm", "happy", "tense")
# Beside the task of the documentation, one of faces with a label set.
MOODS_ENTRY = """
from recognition import LabelSet

MOODS = Task(
    name="moods",
    title="Moods",
    scope="face",
    label_names={"calm": "Calm"},
    label_sets={"mood2": LabelSet("Two moods", ("calm", "tense"))},
)
"""


def documented(language: str) -> str:
    """Return the example in a language from "A new task" in the documentation."""
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    (example,) = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return str(example)


def install_package(folder: Path) -> None:
    """Write the package as pip leaves it."""
    information = folder / "toys-1.0.dist-info"
    information.mkdir(parents=True)
    (folder / "toys.py").write_text(documented("python") + MOODS_ENTRY)
    ((group, entries),) = tomllib.loads(documented("toml"))["project"]["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()), "moods = toys:MOODS"]
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("\n".join(lines))


@contextmanager
def site_with_added_tasks(folder: Path) -> Iterator[Site]:
    """A server that is ready, with a model for each of the two tasks; ended in order however it is left."""
    weights = copy_served_weights(folder)
    write_tiny_model(weights, TOYS, channels=3, task="toys", name="toy_finder")
    write_tiny_model(weights, MOODS, channels=3, task="moods", name="mood_finder")
    install_package(folder / "packages")
    environment = {
        "WEIGHTS": str(weights),
        "EMOWEB_CACHE": str(folder / "cache"),
        "PYTHONPATH": str(folder / "packages"),
    }
    with running_site(folder, **environment) as site:
        yield site
