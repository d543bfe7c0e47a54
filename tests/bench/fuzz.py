"""Sends mutated messages to a running server while somebody streams beside, and reports what became of both.

    python tests/bench/fuzz.py [--messages 1000000] [--attackers 8] [--seed 0] [--json]

Beside that, mutated image files of every format go to the API (`--images`, 2000), one after the other. Of
the messages a fifth are texts of the protocol, the others frames; each is changed at random: bytes turned,
cut, doubled, replaced, numbers and names put in place of others. A wrong text closes a socket, and then the
next opens.
Exit code 1 where the other client misses an answer, the server is degraded afterwards, or its memory has
grown by more than MOST_GROWTH_MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import struct
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import cv2
import numpy as np
import pillow_heif
from PIL import Image
from websockets.exceptions import ConnectionClosed, InvalidHandshake

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.stream import Stream, greet, open_socket, read, show
from tests.browser.site import Site, running_site
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import fetch_json, visitor_cookie
from tests.processes import memory_mb

MOST_GROWTH_MB = 200
A_SOCKET_S = 20.0  # an attacker takes a new socket then, at the latest
OTHER_CLIENT_FPS = 5
TEXT_SHARE = 0.2
A_SECOND = 250  # messages of one attacker
TEXTS: tuple[dict[str, Any], ...] = (
    {"type": "hello", "version": 1, "consent": "2026-11.2", "label_set": "fer5", "locale": "vi"},
    {"type": "settings", "quality": "fast"},
    {"type": "settings", "model": "places", "label_set": "fer7"},
    {"type": "pause"},
    {"type": "unpause"},
    {"type": "ping", "t": 1},
)
ODD: tuple[Any, ...] = (
    *(None, True, -1, 0, 1e308, 2**63, "", "\x00", "😀" * 50, "../../etc/passwd", [], {}, [[[[[]]]]]),
    *({"type": "hello"}, "fer7", "NaN", -0.0, "<script>", "' OR 1=1 --"),
)


@dataclass
class Damage:
    """What came back to the attackers."""

    sent: int = 0
    sockets: int = 0
    refused: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    closes: Counter[str] = field(default_factory=Counter)


def mutated_text(chance: random.Random) -> str | bytes:
    """A message of the protocol with fields replaced, or its letters."""
    message = dict(chance.choice(TEXTS))
    for _ in range(chance.randrange(3)):
        message[chance.choice([*message, "resume", "extra"])] = chance.choice(ODD)
    text = json.dumps(message)
    if chance.random() < 0.5:
        text = mutated_bytes(text.encode(), chance).decode("utf-8", "replace")
    return text


def mutated_frame(seq: int, picture: bytes, chance: random.Random) -> bytes:
    """A frame with a header or a picture that is not as it should be; a quarter are as they should."""
    head = struct.pack(">2sBBIdHHI", b"EF", 1, 0, seq, time.time() * 1000, pictures.WIDTH, pictures.HEIGHT, 0)
    match chance.randrange(4):
        case 0:
            return head + picture
        case 1:
            return mutated_bytes(head, chance) + picture
        case 2:
            return head + mutated_bytes(picture, chance)
        case _:
            return mutated_bytes(head + picture[:200], chance)


def mutated_bytes(data: bytes, chance: random.Random) -> bytes:
    """Some bytes turned, a part cut out, or a part doubled."""
    changed = bytearray(data)
    for _ in range(1 + chance.randrange(8)):
        if not changed:
            break
        start = chance.randrange(len(changed))
        end = min(start + 1 + chance.randrange(40), len(changed))
        match chance.randrange(4):
            case 0:
                changed[start] = chance.randrange(256)
            case 1:
                del changed[start:end]
            case 2:
                changed[start:start] = changed[start:end]
            case _:
                changed[start:end] = chance.randbytes(end - start)
    return bytes(changed)


async def attack(
    base: str, picture: bytes, chance: random.Random, damage: Damage, more: Callable[[], bool]
) -> None:
    """Send until there is no more to send, over as many sockets as it takes."""
    cookie = await asyncio.to_thread(visitor_cookie, base)
    consent = (await asyncio.to_thread(fetch_json, base, "/health"))["consent"]
    while more():
        try:
            async with open_socket(base, cookie) as socket:
                damage.sockets += 1
                if chance.random() < 0.9:
                    await greet(socket, consent)
                listener = asyncio.create_task(listen(socket, damage))
                seq, until = 0, time.monotonic() + A_SOCKET_S
                while more() and time.monotonic() < until:
                    seq += 1
                    as_text = chance.random() < TEXT_SHARE
                    await socket.send(
                        mutated_text(chance) if as_text else mutated_frame(seq, picture, chance)
                    )
                    damage.sent += 1
                    # Slow enough that the server reads it before it closes the socket for the one before.
                    await asyncio.sleep(1 / A_SECOND)
                listener.cancel()
        except ConnectionClosed as closed:
            damage.closes[str(closed.rcvd.code if closed.rcvd else None)] += 1
        except (AssertionError, KeyError, InvalidHandshake, OSError, TimeoutError):
            damage.refused += 1  # no seat, or no welcome
            await asyncio.sleep(0.05)


async def listen(socket: Any, damage: Damage) -> None:
    """Count what comes back."""
    with suppress(ConnectionClosed):
        async for text in socket:
            message = json.loads(text)
            damage.answers[message.get("code") or message.get("reason") or message["type"]] += 1


async def stream_beside(base: str, picture: bytes, over: asyncio.Event) -> Stream:
    """Be the other client until it is over, then wait for the last answers."""
    stream = Stream()
    async with open_socket(base) as socket:
        await greet(socket, (await asyncio.to_thread(fetch_json, base, "/health"))["consent"])
        reader = asyncio.create_task(read(socket, stream))
        seq = 0
        while not over.is_set():
            seq += 1
            stream.sent[seq] = time.perf_counter()
            await show(socket, seq, picture, stream.answered)
            await asyncio.sleep(1 / OTHER_CLIENT_FPS)
        for _ in range(50):
            if not stream.unanswered:
                break
            await asyncio.sleep(0.1)
        reader.cancel()
    return stream


def image_files() -> list[bytes]:
    """A small image in every format that the API reads."""
    jpeg = pictures.two_faces()
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    written = [cv2.imencode(suffix, image)[1].tobytes() for suffix in (".png", ".webp", ".bmp")]
    shown = Image.fromarray(image[:120, :160, ::-1].copy())
    for kind in ("GIF", "AVIF"):
        file = BytesIO()
        shown.save(file, kind)
        written.append(file.getvalue())
    file = BytesIO()
    pillow_heif.from_pillow(shown).save(file)
    return [jpeg, *written, file.getvalue()]


def send_images(base: str, count: int, chance: random.Random) -> Counter[str]:
    """Send mutated image files, and count what is answered; a file that breaks the server is an exception."""
    files, answers = image_files(), Counter[str]()
    # First as they are: what that opens and compiles is no growth.
    for data in [*files, *(mutated_bytes(chance.choice(files), chance) for _ in range(count))]:
        request = Request(f"{base}/api/v1/analyze", data)
        request.add_header("Content-Type", "application/octet-stream")
        try:
            with urlopen(request, timeout=60) as response:
                answers[str(response.status)] += 1
        except HTTPError as refusal:
            answers[json.load(refusal)["error"]["code"]] += 1
    return answers


async def fuzz(options: argparse.Namespace, site: Site) -> dict[str, Any]:
    """Attack, watch, and sum up."""
    base, picture = site.address, pictures.two_faces()
    damage, over = Damage(), asyncio.Event()
    beside = asyncio.create_task(stream_beside(base, picture, over))
    await asyncio.to_thread(send_images, base, 0, random.Random(0))
    await asyncio.sleep(3)
    before_mb, started = memory_mb(site.pid), time.monotonic()

    def more() -> bool:
        return damage.sent < options.messages and not beside.done()

    attackers = [
        attack(base, picture, random.Random(options.seed * 1000 + number), damage, more)
        for number in range(options.attackers)
    ]
    sender = asyncio.to_thread(send_images, base, options.images, random.Random(options.seed))
    *_, images = await asyncio.gather(*attackers, sender)
    seconds = time.monotonic() - started
    over.set()
    stream = await beside
    return {
        "messages": damage.sent,
        "seconds": round(seconds, 1),
        "sockets": damage.sockets,
        "without_welcome": damage.refused,
        "closes": dict(damage.closes),
        "answers": dict(damage.answers),
        "images": dict(images),
        "other_client": {
            "frames": len(stream.sent),
            "results": len(stream.results),
            "drops": dict(stream.drops),
            "unanswered": stream.unanswered,
        },
        "memory_mb": {"before": before_mb, "after": memory_mb(site.pid)},
        "status": (await asyncio.to_thread(fetch_json, base, "/health"))["status"],
    }


def main() -> int:
    """Fuzz and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--attackers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_site(Path(folder), MAX_VIEWERS="40", API_LIMIT="0") as site,
    ):
        figures = asyncio.run(fuzz(options, site))
    print(json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items()))
    grown = figures["memory_mb"]["after"] - figures["memory_mb"]["before"]
    well = (
        figures["status"] == "ready"
        and not figures["images"].get("failed")
        and not figures["other_client"]["unanswered"]
        and grown < MOST_GROWTH_MB
    )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
