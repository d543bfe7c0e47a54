"""A site in miniature for the server's tests: run as a program with a port and a file to write at the end.

Its socket answers every message with its length; `/slow` holds a thread; `stopped` writes the file.
"""

from emoweb.serving.server import Server  # isort: skip

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import django
from twisted.internet.error import CannotListenError


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Serve one request or one socket."""
    await (echo if scope["type"] == "websocket" else answer)(scope, receive, send)


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer each message with its length."""
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            content = message.get("bytes") or message["text"].encode()
            await send({"type": "websocket.send", "text": str(len(content))})
    if scope["path"] == "/stubborn":
        await asyncio.sleep(30)


async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with the body's length."""
    length = 0
    while True:
        message = await receive()
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 30)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(length).encode()})


def main() -> None:
    """Serve until a signal."""
    port, written = int(sys.argv[1]), Path(sys.argv[2])

    def started() -> None:
        print("listening", flush=True)

    def stopped() -> None:
        time.sleep(0.2)
        written.write_text("recorded")

    server = Server(application, "127.0.0.1", port, started, stopped)
    try:
        server.listen()
    except CannotListenError as error:
        sys.exit(str(error.socketError))
    server.run()


if __name__ == "__main__":
    # What a shell starts in the background is deaf to Ctrl-C: tests that send it need it heard.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Refusals are in the visitor's language.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emoweb.settings")
    django.setup()
    main()
