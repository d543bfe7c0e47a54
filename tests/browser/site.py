"""A real server process for browser tests and screenshots: started, stopped, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from tests.processes import PROJECT, free_port

# How long a busy machine may take.
READY_S = 300.0
END_S = 60


class Site:
    """`manage.py serve` with a data folder of its own."""

    project = PROJECT
    # What the exports depend on, of the sites that found or made theirs: once in a run of the tests.
    _prepared: ClassVar[set[tuple[object, ...]]] = set()

    def __init__(self, folder: Path, **environment: str) -> None:
        """Nothing starts yet; `environment` sets further variables."""
        self.folder = folder
        self.port = free_port()
        self.log = folder / "server.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            "EMOWEB_DATA_FOLDER": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._is_set_up = False

    @property
    def address(self) -> str:
        """The site's address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The serving process; raises AssertionError where none runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Set up at the first start, and serve; returns once the models are warm."""
        if not self._is_set_up:
            self._run_once("manage.py", "set_up")
            self._prepare_once()
            self._is_set_up = True
        self._serve()
        self.wait_until_ready()

    def revive(self) -> None:
        """Serve again where the process ended unasked."""
        if self._process is not None and self._process.poll() is not None:
            self._serve()

    def _serve(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=self.project,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        """Wait for /health to say ready; raises with the log where the process ended."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            if self._process is not None and self._process.poll() is not None:
                break
            if self.health().get("status") == "ready":
                return
            time.sleep(0.1)
        raise AssertionError(f"the site did not get ready:\n{self.log.read_text()[-3000:]}")

    def health(self) -> dict[str, Any]:
        """Return what /health says, {} while nothing listens."""
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=30) as response:
                return dict(json.load(response))
        except urllib.error.HTTPError as error:
            return dict(json.load(error))
        except OSError:
            return {}

    def kill(self) -> None:
        """End the process as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> float:
        """End the process in order; returns the seconds that took."""
        begin = time.monotonic()
        self._end(signal.SIGTERM)
        return time.monotonic() - begin

    def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(with_signal)
        self._process.wait(timeout=END_S)
        self._process = None

    def _prepare_once(self) -> None:
        needs = tuple(self.environment.get(name) for name in ("WEIGHTS", "EMOWEB_CACHE", "DEVICE"))
        if (self.project, *needs) not in self._prepared:
            self._run_once("-m", "recognition", "prepare")
            self._prepared.add((self.project, *needs))

    def _run_once(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(arguments)} failed: {done.stdout}{done.stderr}")


@contextmanager
def running_site(folder: Path, **environment: str) -> Iterator[Site]:
    """A site that is ready; ended in order however it is left."""
    site = Site(folder, **environment)
    site.start()
    try:
        yield site
    finally:
        site.stop()


@contextmanager
def working(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """A video worker next to the site."""
    command = [sys.executable, "manage.py", "work"]
    worker = subprocess.Popen(command, cwd=site.project, env=site.environment)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(END_S)
