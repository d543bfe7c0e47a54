"""What the library says where an optional part of its dependencies is not installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from recognition import DependencyMissing, devices, folders
from recognition.layers import dependency_missing

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from recognition.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    "words",
    [
        ["train", "best/se_resnet", "--data", "anywhere"],
        ["evaluate", "--data", "anywhere"],
        ["train-detector", "detectors/face_1_scratch", "--data", "anywhere"],
    ],
    ids=lambda words: words[0],
)
def test_a_command_without_its_dependencies_says_in_one_line_what_to_install(
    project: Path, words: list[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, *words],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    how = "run `.venv/bin/python -m pip install -r requirements/train.txt`."
    assert (done.returncode, done.stderr) == (1, f"error: `{words[0]}` needs torch: {how}\n")


def test_an_installed_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "_data").mkdir()
    monkeypatch.setattr(folders, "_PACKAGE", tmp_path)
    missing = dependency_missing(ModuleNotFoundError(name="sklearn.metrics"), "`evaluate`")
    assert str(missing) == "`evaluate` needs sklearn: run `pip install 'emoweb[train]'`."


def test_a_module_of_no_extra_is_a_fault_and_no_missing_dependency() -> None:
    assert dependency_missing(ModuleNotFoundError(name="recognition.nothing"), "`train`") is None


def test_a_gpu_without_torch_is_not_chosen_and_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "count_cuda_devices", lambda: 1)
    monkeypatch.setattr(devices, "has_torch", lambda: False)
    assert devices.resolve_device("auto") == "cpu"
    with pytest.raises(DependencyMissing, match=r"'cuda' needs torch: run .*requirements/gpu\.txt"):
        devices.resolve_device("cuda")
    monkeypatch.setattr(devices, "has_torch", lambda: True)
    assert devices.resolve_device("auto") == "cuda:0"
