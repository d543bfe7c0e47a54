"""A processor with warm exports serves without torch, and importing the library does nothing heavy."""

import json
import subprocess
import sys

import pytest

from recognition.folders import default_cache_folder, default_weights_folder
from recognition.served_models import ServedModels

HEAVY = ("torch", "torchvision", "ultralytics", "matplotlib", "sklearn", "scipy", "django")

SERVE_ONE_FRAME = """
import asyncio, cv2
from time import monotonic
from recognition import LiveFrame, LocalEngine
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.lab.evaluation.samples import two_faces_bgr

engine = LocalEngine.open(default_weights_folder(), default_cache_folder(), "cpu")
engine.start()
assert asyncio.run(engine.ready(60))
jpeg = cv2.imencode(".jpg", two_faces_bgr())[1].tobytes()
frame = LiveFrame("an", jpeg, 640, 480, engine.models[0].name, "balanced", monotonic() + 60)
assert len(engine.submit(frame).result(60).faces) == 2
engine.close()
"""


def modules_after(program: str) -> set[str]:
    """Run a program in a process of its own and give the heavy packages that it imported."""
    program += f"\nimport json, sys; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["recognition", "recognition.cli.main", "recognition.pipeline"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert modules_after(f"import {module}") == set()


def test_serving_a_frame_on_a_warm_processor_needs_no_torch() -> None:
    ServedModels.read(default_weights_folder()).prepare("cpu", default_cache_folder(), print)

    assert modules_after(SERVE_ONE_FRAME) == set()
