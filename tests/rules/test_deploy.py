"""The files of deploy/, by the programs that read them."""

import shutil
import subprocess
from pathlib import Path

import pytest

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
