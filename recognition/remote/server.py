"""One engine behind one address, without a cluster: a plain HTTP server on aiohttp."""

import asyncio
import signal
from collections.abc import Callable, Sequence

from aiohttp import web

from recognition.engine.engine import Engine
from recognition.models.cards import Card
from recognition.remote import wire
from recognition.remote.endpoint import Endpoint

MODELS_MAY_TAKE_S = 120.0
# How long the requests in hand may take once it is asked to stop.
DRAIN_S = 5.0


async def serve(
    engine: Engine, cards: Sequence[Card], host: str, port: int, say: Callable[[str], None]
) -> int:
    """Serve until SIGINT or SIGTERM, then answer what is in hand; return 1 where the models do not load."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    engine.start()
    runner = web.AppRunner(application(Endpoint(engine, cards)), access_log=None, shutdown_timeout=DRAIN_S)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    try:
        if not await engine.ready(MODELS_MAY_TAKE_S):
            say(f"The models could not be loaded: {engine.stats().failure}")
            return 1
        say(f"The engine answers at {site.name} (device: {engine.device})")
        await stop.wait()
        return 0
    finally:
        await runner.cleanup()
        engine.close()


def application(endpoint: Endpoint) -> web.Application:
    """The endpoint as an aiohttp application."""

    async def handle(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        reply = await endpoint.answer(request.method, request.path, headers, await request.read())
        return web.Response(status=reply.status, body=reply.body, content_type="application/json")

    app = web.Application(client_max_size=wire.MAX_IMAGE_BYTES)
    app.router.add_route("*", "/{path:.*}", handle)
    return app
