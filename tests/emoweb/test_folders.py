"""The site and the command line look for weights and prepared models in the same places."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHOW_BOTH = """
from emoweb import settings
from recognition.folders import default_cache_folder, default_weights_folder
print(settings.WEIGHTS_FOLDER, settings.CACHE_FOLDER)
print(default_weights_folder(), default_cache_folder())
"""


@pytest.mark.parametrize("environment", [{}, {"WEIGHTS": "/srv/weights"}, {"EMOWEB_CACHE": "/srv/cache"}])
def test_what_prepare_makes_is_what_serve_looks_for(project: Path, environment: dict[str, str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in {"WEIGHTS", "EMOWEB_CACHE"}}
    shown = subprocess.run(
        [sys.executable, "-c", SHOW_BOTH],
        cwd=project,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.splitlines()

    assert shown[0] == shown[1]
