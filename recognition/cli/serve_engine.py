"""`serve-engine`: serve this machine's engine over HTTP, for web processes with ENGINE_URL."""

import argparse
import asyncio
import logging

from recognition.options import EngineOptions
from recognition.remote.opening import open_for_others


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="use an internal address only: clients are not authenticated"
    )
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--batch", type=int, default=EngineOptions().max_batch, help="maximum number of frames per batch"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prepare what is missing, then serve until stopped."""
    from recognition.remote.server import serve
    from recognition.remote.wire import cards_of

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    engine, models = open_for_others(arguments.device, arguments.batch, _say)
    return asyncio.run(serve(engine, cards_of(models), arguments.host, arguments.port, _say))


def _say(line: str) -> None:
    print(line, flush=True)
