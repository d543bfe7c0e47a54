"""The set-up scripts tell in one sentence what a machine lacks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

OLD = """#!/bin/sh
[ "$1" = --version ] && echo "Python 3.9.2" && exit 0
exit 1
"""
WITHOUT_VENV = f"""#!/bin/sh
case "$2" in *ensurepip*) exit 1;; esac
exec {sys.executable} "$@"
"""


def run(project: Path, folder: Path, script: str, path: str) -> subprocess.CompletedProcess[str]:
    """Run a piece of shell that knows tools/common.sh, in an empty folder."""
    return subprocess.run(
        ["/bin/sh", "-c", f". {project}/tools/common.sh; {script}"],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH that shadows the machine's own programs."""
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def test_an_old_python_is_reported(project: Path, tmp_path: Path, programs: Path) -> None:
    _write(programs / "python3", OLD)
    done = run(project, tmp_path, "make_venv", str(programs))
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.11 or newer is needed, and Python 3.9.2 was found" in done.stderr


def test_a_newer_python_beside_an_old_one_is_found(project: Path, tmp_path: Path, programs: Path) -> None:
    _write(programs / "python3", OLD)
    _write(programs / "python3.12", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    done = run(project, tmp_path, "find_python", str(programs))
    assert (done.returncode, done.stdout.strip()) == (0, "python3.12")


def test_a_missing_venv_module_is_reported_with_its_package(
    project: Path, tmp_path: Path, programs: Path
) -> None:
    _write(programs / "python3", WITHOUT_VENV)
    done = run(project, tmp_path, "make_venv", f"{programs}{os.pathsep}{os.defpath}")
    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
    version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert f"apt-get install {version}" in done.stderr


def test_a_stamp_is_fresh_for_the_same_file_only(project: Path, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("one")
    first = "mark_fresh stamp lock; is_fresh stamp lock && echo fresh"
    then = "echo two >lock; is_fresh stamp lock || echo stale"
    done = run(project, tmp_path, f"{first}; {then}", os.defpath)
    assert done.stdout.split() == ["fresh", "stale"]
