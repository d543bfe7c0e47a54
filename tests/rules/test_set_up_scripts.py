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


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment whose Python, used for pip, prints and exits as the file `pip` beside it says."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    _write(folder / "python", '#!/bin/sh\ncase "$*" in *pip*) cat .venv/pip >&2; exit 1;; esac\nexit 0\n')
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "site.txt").write_text("numpy==2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device\n", "the disk is full: free some space"),
        (
            "WARNING: Retrying after 'NewConnectionError'\nERROR: Could not find a version\n",
            "no package index can be reached: connect this machine to the Internet",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n", "a downloaded package is not the one"),
        ("ERROR: something new\n", "could not be installed: ERROR: something new"),
    ],
)
def test_a_failed_installation_is_reported_in_one_sentence(
    project: Path, environment: Path, printed: str, sentence: str
) -> None:
    (environment / ".venv" / "pip").write_text(printed)
    done = run(project, environment, "pip_install .stamp requirements/site.txt", os.defpath)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert sentence in done.stderr
    assert not (environment / ".venv" / ".stamp").exists()


def test_a_disk_without_enough_space_is_reported_before_anything_is_installed(
    project: Path, environment: Path, programs: Path
) -> None:
    _write(
        programs / "df", "#!/bin/sh\nprintf 'Filesystem 1M-blocks Used Available\\n/dev/sda 9 1 1499\\n'\n"
    )
    path = f"{programs}{os.pathsep}{os.defpath}"
    done = run(project, environment, "pip_install .stamp requirements/site.txt", path)
    assert done.returncode == 1
    assert f"only 1499 MB are free in {environment}, and 1500 MB are needed: free some" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_uv_that_is_not_installed_is_reported(project: Path, environment: Path) -> None:
    script = "INSTALLER=uv; pip_install .stamp requirements/site.txt"
    done = run(project, environment, script, os.defpath)
    assert done.returncode == 1
    assert "INSTALLER=uv needs uv: install it" in done.stderr


GPU = "#!/bin/sh\necho 'GPU 0: NVIDIA H200'\n"


@pytest.mark.parametrize(
    ("device", "nvidia_smi", "expected"),
    [
        ("", None, "requirements/site.txt requirements/video.txt"),
        ("", "#!/bin/sh\nexit 9\n", "requirements/site.txt requirements/video.txt"),
        ("", GPU, "requirements.txt"),
        ("cpu", GPU, "requirements/site.txt requirements/video.txt"),
        ("cuda:1", None, "requirements.txt"),
    ],
)
def test_what_is_installed_for_serving_depends_on_the_device(
    project: Path, tmp_path: Path, programs: Path, device: str, nvidia_smi: str | None, expected: str
) -> None:
    if nvidia_smi:
        _write(programs / "nvidia-smi", nvidia_smi)
    shown = 'pip_install() { shift; echo "$*"; }'
    path = f"{programs}{os.pathsep}{os.defpath}"
    done = run(project, tmp_path, f"{shown}; DEVICE={device}; install_for_serving", path)
    assert done.stdout.strip() == expected


def test_a_step_is_shown_with_its_time(project: Path, tmp_path: Path) -> None:
    done = run(project, tmp_path, "timed 'doing something' true", os.defpath)
    assert done.stdout == "emoweb: doing something ... 0 s\n"
