"""The library and the site use the same folders: one place reads the variables that name them."""

from pathlib import Path

import pytest

from recognition.folders import default_cache_folder, default_weights_folder

CLONE = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("variables", "weights", "cache"),
    [
        ({}, CLONE / "weights", CLONE / ".cache"),
        ({"WEIGHTS": "/srv/weights"}, Path("/srv/weights"), Path("/srv/.cache")),
        ({"WEIGHTS": " "}, CLONE / "weights", CLONE / ".cache"),
        ({"EMOWEB_CACHE": "/srv/cache"}, CLONE / "weights", Path("/srv/cache")),
    ],
)
def test_the_environment_names_the_folders(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], weights: Path, cache: Path
) -> None:
    for name in ("WEIGHTS", "EMOWEB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (default_weights_folder(), default_cache_folder()) == (weights, cache)
