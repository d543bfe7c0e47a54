"""An engine in a process of its own: `python -m recognition serve-engine`."""

from __future__ import annotations

import sys
import time
import urllib.request
from pathlib import Path

from tests.processes import Process, free_port

PATIENCE_S = 120.0


class EngineProcess(Process):
    """An engine that may be killed and started again."""

    def __init__(self, log: Path) -> None:
        """Nothing runs before `start`."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__([sys.executable, "-m", "recognition", "serve-engine", "--port", str(port)], log)

    def start(self) -> None:
        """Start it; returns once its models are warm."""
        super().start()
        end = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < end
            time.sleep(0.1)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        try:
            with urllib.request.urlopen(f"{self.url}/v1/models", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False
