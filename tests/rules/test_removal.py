"""Removing a feature takes two deletions: of its folder, and of the line that registers it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emoweb.variables import FEATURE_APPS

ADDRESSES = {"images": "/photo/", "videos": "/video/", "history": "/history/", "api": "/api/"}
# Follows all links from the first page, and prints every address with its status.
WALK = """
import importlib.util, re, sys
import django
assert importlib.util.find_spec(sys.argv[1]) is None
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("check")
call_command("migrate", verbosity=0)
call_command("prune_history", verbosity=0)
browser, seen, waiting = Client(SERVER_NAME="localhost"), set(), ["/", "/data/", "/health"]
while waiting:
    address = waiting.pop()
    seen.add(address)
    response = browser.get(address)
    print(address, response.status_code)
    if response.headers["Content-Type"].startswith("text/html"):
        links = set(re.findall(r'<a [^>]*?href="(/[^"#]*)', response.content.decode()))
        waiting += links - seen - set(waiting)
"""


def site_without(app: str, project: Path, folder: Path) -> Path:
    """Copy the site without an app's folder and the line that registers it."""
    shutil.copytree(project / "emoweb", folder / "emoweb", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("templates", "static", "locale", "recognition", "node_modules"):
        (folder / name).symlink_to(project / name)
    (folder / "staticfiles").mkdir()
    (folder / "var").mkdir()
    shutil.rmtree(folder.joinpath(*app.split(".")))
    variables = folder / "emoweb" / "variables.py"
    text, count = re.subn(rf'^    "\w+": "{re.escape(app)}",\n', "", variables.read_text("utf-8"), flags=re.M)
    assert count == (app in FEATURE_APPS.values())
    variables.write_text(text, "utf-8")
    return folder


# Accounts are registered by the setting ACCOUNTS, which is off.
@pytest.mark.parametrize("app", [*FEATURE_APPS.values(), "emoweb.accounts"])
def test_the_site_works_without_a_features_folder(app: str, project: Path, tmp_path: Path) -> None:
    folder = site_without(app, project, tmp_path)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EMOWEB_")},
        "EMOWEB_DATA_FOLDER": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "emoweb.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", WALK, app],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    statuses = dict(line.split() for line in done.stdout.splitlines() if line.startswith("/"))
    expected = {address for name, address in ADDRESSES.items() if FEATURE_APPS[name] != app}
    assert expected | {"/", "/models/", "/privacy/", "/data/"} <= statuses.keys()
    assert set(statuses.values()) <= {"200", "503"}, statuses
    assert [address for address, status in statuses.items() if status == "503"] in ([], ["/health"])
