"""Every test that the security page names is there."""

import re
from pathlib import Path


def test_every_point_is_held_by_a_test_that_exists(project: Path) -> None:
    page = (project / "docs" / "security.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page)
    assert len(named) > 25
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not re.search(rf"^def {test}\(", (project / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_every_point_names_a_test(project: Path) -> None:
    page = (project / "docs" / "security.md").read_text("utf-8")
    points = [line for line in page.splitlines() if re.match(r"\| \d+\.\d+\.\d+ \|", line)]
    assert len(points) > 20
    assert [line for line in points if "::test_" not in line] == []
