"""`manage.py set_up` and `manage.py serve` as processes: what they say when something is wrong."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.process
PROJECT = Path(__file__).resolve().parents[2]


def manage(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command of manage.py with a data folder of its own."""
    own = {"EMOWEB_DATA_FOLDER": str(folder), "HOST": "127.0.0.1", "PORT": "8011", **environment}
    return subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=PROJECT,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It failed, without a traceback, with one line that says each of the words."""
    said = done.stderr.strip()
    assert done.returncode != 0
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said
    for word in words:
        assert word in said


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a database."""
    folder = tmp_path_factory.mktemp("set_up")
    assert manage("set_up", folder).returncode == 0
    return folder


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that is full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("making a tiny disk needs the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_set_up_makes_a_database_and_collects_static_files(set_up: Path) -> None:
    assert (set_up / "emoweb.sqlite3").is_file()
    assert (PROJECT / "staticfiles" / "js" / "main.js").is_file()


def test_set_up_again_finds_nothing_to_do(set_up: Path) -> None:
    again = manage("set_up", set_up)
    assert (again.returncode, again.stdout) == (0, "")


def test_the_legal_notice_is_printed_at_the_first_start_only(tmp_path: Path) -> None:
    first, second = manage("set_up", tmp_path), manage("set_up", tmp_path)
    assert "article 5(1)(f)" in first.stdout
    assert "article 50(3)" in first.stdout
    assert "article" not in second.stdout


def test_set_up_compiles_the_translations(set_up: Path) -> None:
    assert (PROJECT / "locale" / "vi" / "LC_MESSAGES" / "django.mo").is_file()


def test_a_taken_port_is_reported(set_up: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_one_sentence(manage("serve", set_up, PORT=port), port, "taken", "PORT=")


def test_a_foreign_address_is_reported(set_up: Path) -> None:
    assert_one_sentence(manage("serve", set_up, HOST="192.0.2.1"), "192.0.2.1", "HOST")


def test_a_wrong_setting_is_reported(set_up: Path) -> None:
    assert_one_sentence(manage("serve", set_up, PORT="eighty"), "PORT", "eighty", "1 to 65535")


def test_an_unwritable_folder_is_reported() -> None:
    for command in ("set_up", "serve"):
        assert_one_sentence(manage(command, Path("/proc/emoweb")), "/proc/emoweb", "DATA_DIR")


def test_a_full_disk_is_reported(tiny_disk: Path) -> None:
    assert_one_sentence(manage("set_up", tiny_disk), "full", "free some space")


def test_a_database_without_tables_is_reported(tmp_path: Path) -> None:
    assert_one_sentence(manage("serve", tmp_path), "set_up")


def test_missing_weights_are_reported(set_up: Path, tmp_path: Path) -> None:
    assert_one_sentence(manage("serve", set_up, WEIGHTS=str(tmp_path / "nowhere")), "nowhere")


def test_weights_with_another_hash_are_reported(set_up: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(PROJECT / "weights", weights)
    for file in weights.glob("*.safetensors"):
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    assert_one_sentence(manage("serve", set_up, WEIGHTS=str(weights)), ".safetensors", "hash")


def test_a_missing_export_is_reported(set_up: Path, tmp_path: Path) -> None:
    done = manage("serve", set_up, EMOWEB_CACHE=str(tmp_path), DEVICE="cpu")
    assert_one_sentence(done, "python -m recognition prepare")


def test_a_device_that_is_not_here_is_reported(set_up: Path) -> None:
    assert_one_sentence(manage("serve", set_up, DEVICE="cuda:9"), "cuda:9")


def test_a_missing_system_library_is_reported(set_up: Path, tmp_path: Path) -> None:
    fake = tmp_path / "cv2.py"
    fake.write_text(
        "raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')"
    )
    done = manage("serve", set_up, PYTHONPATH=str(tmp_path))
    assert_one_sentence(done, "libGL.so.1", "apt-get install libgl1")
