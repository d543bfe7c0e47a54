"""`manage.py serve`: the complete site in one process, until a signal stops it."""

# First of all: importing it installs the reactor that runs on asyncio.
from __future__ import annotations

from emoweb.serving.server import Server  # isort: skip

import argparse
import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from channels.routing import get_default_application
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from twisted.internet.error import CannotListenError

from emoweb.serving.failures import (
    errors_in_one_sentence,
    models_sentence,
    port_sentence,
    refuse_an_old_database,
    refuse_wrong_settings,
    warnings,
)

if TYPE_CHECKING:
    from emoweb.live.service import LiveService

MODELS_MAY_TAKE_S = 120.0
EVERY_INTERFACE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


class Command(BaseCommand):
    """Serves the site on HOST and PORT."""

    help = "Serve the site on HOST and PORT until Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []  # run below, reported as sentences

    def add_arguments(self, parser: CommandParser) -> None:
        """Add options for what `emoweb serve` does besides serving."""
        both = argparse.BooleanOptionalAction
        parser.add_argument("--set-up", action=both, default=False, help="first prepare what is missing")
        parser.add_argument("--worker", action=both, default=False, help="also start a video worker")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, listen, start the service, serve; what was recorded is written before it returns."""
        self._failure: str | None = None
        self._starts_worker: bool = options["worker"]
        with errors_in_one_sentence():
            if options["set_up"]:
                self._set_up()
            refuse_wrong_settings()
            refuse_an_old_database()
            for warning in warnings():
                self.stderr.write(warning)
            self._live = open_service()
            application = get_default_application()
        self._server = Server(application, settings.HOST, settings.PORT, self._start, self._stop)
        try:
            self._server.listen()
        except CannotListenError as error:
            raise CommandError(port_sentence(error, settings.HOST, settings.PORT)) from error
        logging.getLogger("django.request").addFilter(is_no_probe)
        self._server.run()
        if self._failure is not None:
            raise CommandError(self._failure)
        self._print("emoweb has stopped.")
        logging.shutdown()
        # Everything is written: tearing down the native libraries would only take time.
        os._exit(0)

    def _set_up(self) -> None:
        """Prepare what serving needs; each step is fast where nothing has changed."""
        with self._timed("database, translations, static files"):
            call_command("set_up", stdout=self.stdout, stderr=self.stderr)
        if not models_are_prepared():
            with self._timed("models"):
                # In a separate process, so that its memory is released afterwards.
                command = [sys.executable, "-m", "recognition", "prepare", "--device", settings.DEVICE]
                code = subprocess.run(command, check=False).returncode
            if code != 0:
                sys.exit(code)

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        self._print(f"emoweb: {step} ...")
        start = time.monotonic()
        yield
        self._print(f"emoweb: {step}: {time.monotonic() - start:.1f} s")

    def _start(self) -> None:
        self._live.start()
        self._print(f"emoweb {settings.VERSION} at {_address()} (device: {self._live.engine.device})")
        self._announcement = asyncio.ensure_future(self._announce_models())

    def _stop(self) -> None:
        self._announcement.get_loop().call_soon_threadsafe(self._announcement.cancel)
        self._live.stop()

    async def _announce_models(self) -> None:
        start = time.monotonic()
        ready = await self._live.engine.ready(MODELS_MAY_TAKE_S)
        if self._starts_worker:
            _start_worker()  # only now: the models need every core until they are ready
        while not ready:
            failure = self._live.engine.stats().failure
            if not settings.ENGINE_URL or failure is not None:
                # Without models the site cannot work: exit instead of serving errors.
                self._failure = failure if settings.ENGINE_URL else models_sentence(failure)
                self._server.stop()
                return
            # An engine on another machine may become available at any time.
            ready = await self._live.engine.ready(MODELS_MAY_TAKE_S)
        seconds = time.monotonic() - start
        self._print(f"The models are ready after {seconds:.1f} s: open {_address()}. Press Ctrl-C to stop.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _address() -> str:
    """Return the URL of the site for a browser on this machine."""
    if settings.HOST in EVERY_INTERFACE:
        return f"http://localhost:{settings.PORT}"
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    return f"http://{host}:{settings.PORT}"


def _start_worker() -> None:
    """Start a video worker, which exits by itself when this process has ended."""
    subprocess.Popen([sys.executable, "-m", "emoweb", "work", "--beside", str(os.getpid())])


def is_no_probe(record: logging.LogRecord) -> bool:
    """Return False for a /health probe with status 503: while the models load, that is no error."""
    return getattr(record, "status_code", None) != 503 or "/health" not in record.getMessage()


def open_service() -> LiveService:
    """Return this process's live service; raises CommandError if a model or the device is missing."""
    # Imported here, where a missing system library can still be reported as a sentence.
    from emoweb.live import service
    from recognition import RecognitionError

    try:
        return service.current()
    except RecognitionError as error:
        raise CommandError(str(error)) from error


def models_are_prepared() -> bool:
    """Return False if this process lacks prepared models; `open_service` reports other errors."""
    from emoweb.live import service
    from recognition import ExportMissing, RecognitionError

    try:
        service.current()
    except ExportMissing:
        return False
    except RecognitionError:
        return True
    return True
