"""`manage.py serve`: the whole site in one process, until a signal ends it."""

# First of all: importing it installs the reactor that runs on asyncio.
from emoweb.serving.server import Server  # isort: skip

import asyncio
import time
from typing import Any

from channels.routing import get_default_application
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from twisted.internet.error import CannotListenError

from emoweb.live import service
from emoweb.serving.failures import port_sentence, refuse_wrong_settings, told_in_one_sentence

MODELS_MAY_TAKE_S = 120.0


class Command(BaseCommand):
    """Serves the site on HOST and PORT."""

    help = "Serve the site on HOST and PORT until Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []  # run below, told in sentences

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, listen, start the service, serve; what was recorded is written before it returns."""
        refuse_wrong_settings()
        with told_in_one_sentence():
            self._live = service.current()
            application = get_default_application()
        server = Server(application, settings.HOST, settings.PORT, self._start, self._live.stop)
        try:
            server.listen()
        except CannotListenError as error:
            raise CommandError(port_sentence(error, settings.HOST, settings.PORT)) from error
        server.run()
        self.stdout.write("emoweb has stopped.")

    def _start(self) -> None:
        self._live.start()
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self._say(
            f"emoweb {settings.VERSION} at http://{host}:{settings.PORT} (device: {self._live.engine.device})"
        )
        self._announcement = asyncio.ensure_future(self._announce_models())

    async def _announce_models(self) -> None:
        begin = time.monotonic()
        if await self._live.engine.ready(MODELS_MAY_TAKE_S):
            self._say(f"The models are ready after {time.monotonic() - begin:.1f} s. Ctrl-C ends the site.")
        else:
            failure = self._live.engine.stats().failure or "they are still loading"
            self._say(f"The models are not ready: {failure}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
