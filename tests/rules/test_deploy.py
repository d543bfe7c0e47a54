"""The files of deploy/, by the programs that read them."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from emoweb.variables import VARIABLES

KEY = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]


def test_nginx_takes_its_site(project: Path, tmp_path: Path) -> None:
    if not shutil.which("nginx") or not shutil.which("openssl"):
        pytest.skip("nginx or openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run([*KEY, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    site = (project / "deploy/nginx/emoweb.conf").read_text("utf-8")
    folder = "/etc/letsencrypt/live/expressions.example.org"
    site = site.replace(f"{folder}/fullchain.pem", str(certificate)).replace(
        f"{folder}/privkey.pem", str(key)
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n")
    checked = subprocess.run(
        ["nginx", "-t", "-c", whole, "-p", tmp_path], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("unit", ["emoweb.service", "emoweb-films@.service"])
def test_systemd_takes_its_units(project: Path, tmp_path: Path, unit: str) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    text = (project / "deploy/systemd" / unit).read_text("utf-8")
    # What a unit starts must exist where it is checked, and so must its user.
    text = text.replace("/srv/emoweb/.venv/bin/python", "/bin/true").replace(
        "/srv/emoweb/tools/run", "/bin/true"
    )
    (tmp_path / unit).write_text(text.replace("User=emoweb\n", ""))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / unit],
        capture_output=True,
        text=True,
        check=False,
    )
    about_ours = [line for line in checked.stderr.splitlines() if "emoweb" in line]
    assert about_ours == []


def test_the_container_is_built_from_what_the_wheel_needs(project: Path) -> None:
    lines = (project / ".dockerignore").read_text("utf-8").splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert sorted(name for name in kept if not (project / name).exists()) == []
    build = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    needed = {name.removeprefix("/") for name in build["targets"]["sdist"]["include"]}
    assert sorted(name for name in needed if not any(_lies_in(name, folder) for folder in kept)) == []


@pytest.mark.parametrize("file", ["compose.yaml", "deploy/compose/compose.yaml"])
def test_compose_sets_variables_that_the_site_reads(project: Path, file: str) -> None:
    services = yaml.safe_load((project / file).read_text("utf-8"))["services"]
    ours = [
        service for service in services.values() if "image" not in service or service["image"] == "emoweb"
    ]
    names = {name for service in ours for name in service.get("environment", {})}
    assert names - {variable.name for variable in VARIABLES} == set()
    assert {"HOST", "SECRET_KEY"} & names


def _lies_in(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}/")
