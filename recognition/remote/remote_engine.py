"""A client for an engine on another machine, with the interface of the engine in this process."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import replace
from io import BytesIO
from threading import Lock, Thread
from time import monotonic
from typing import Any

import aiohttp
import msgspec

from recognition.engine.engine import DEGRADED_FAILURES, EngineState
from recognition.engine.outcomes import end, ended_well
from recognition.engine.queue import FrameQueue, LiveFrame, Waiting
from recognition.engine.stats import EngineMeter, EngineStats
from recognition.engine.stills import WaitingStill
from recognition.errors import EngineBusy, EngineClosed, FrameDropped, WeightsHashMismatch
from recognition.options import EngineOptions
from recognition.pipeline import ImageRequest
from recognition.remote import wire
from recognition.remote.window import Window
from recognition.served_models import ServedModels
from recognition.types import FrameResult

logger = logging.getLogger(__name__)

# How often the engine is asked who it is: while it answers, and while it does not.
LOOK_EACH_S, SEEK_EACH_S = 5.0, 0.5
LOOK_TIMEOUT_S = 2.0
IMAGE_TIMEOUT_S = 30.0
FAILURES_COUNT_S = 5.0
# Of a frame's greatest age: an answer that took longer means that too many are on their way.
IN_TIME_SHARE = 0.5
# A name is resolved again this often, since an engine may move.
NAME_HOLDS_S = 5
DEFAULT_IN_FLIGHT = 16


class RemoteEngine:
    """Frames go to `url`, as many at a time as it answers in time; the others wait here as in LocalEngine.

    `in_flight` is the most that may be on their way.

    A frame that gets no answer within `max_age_ms`, or a broken one, ends with FrameDropped("failed") and
    does not affect other frames. The engine may be unreachable for any time; the state reports it until then.
    """

    def __init__(
        self,
        url: str,
        models: ServedModels,
        options: EngineOptions | None = None,
        in_flight: int = DEFAULT_IN_FLIGHT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.models, self.catalogue = models.primary, models.catalogue
        self.device = "remote"
        self.detector_ms: dict[str, float] = {}
        self._url = url.rstrip("/")
        self._hashes = {card.name: card.sha256 for card in wire.cards_of(models)}
        self._options = options or EngineOptions()
        # One at a time leaves the queue: another may take each of them.
        self._queue = FrameQueue(replace(self._options, max_batch=1))
        self._clock, self._on_the_way = clock, 0
        self._window = Window(in_flight, self._options.max_age_ms / 1000 * IN_TIME_SHARE)
        self._meter, self._lock = EngineMeter(), Lock()
        self._met: Future[None] = Future()
        self._failures, self._failed_at = 0, 0.0
        self._reachable, self._stills = False, 0
        self._failure: str | None = None
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = Thread(target=self._run, name="remote engine", daemon=True)

    @property
    def state(self) -> EngineState:
        """`degraded` while the address does not respond, or the last frames got no answer."""
        if not self._met.done():
            return "starting"
        with self._lock:
            # When no more frames are sent, old failures are no longer relevant.
            recent = self._clock() - self._failed_at < FAILURES_COUNT_S
            failing = self._failures >= DEGRADED_FAILURES and recent
            return "ready" if self._reachable and not failing else "degraded"

    def start(self) -> None:
        """Start to look for the engine; returns at once."""
        self._thread.start()

    async def ready(self, timeout_s: float) -> bool:
        """Wait until the engine has answered once, at most `timeout_s`; False where it has not by then."""
        return await ended_well(self._met, timeout_s)

    def submit(self, frame: LiveFrame) -> "Future[FrameResult]":
        """Queue a frame; never blocks."""
        waiting = Waiting(frame)
        with self._lock:
            displaced = None if self._closed else self._queue.put(waiting)
        if not self._call(self._send_what_waits):
            end(waiting, EngineClosed("The engine was stopped; no frame is taken any more."))
        if displaced is not None:
            self._drop(*displaced)
        return waiting.future

    def analyse(self, request: ImageRequest) -> "Future[FrameResult]":
        """Send a still image; raise EngineBusy where too many are on their way."""
        with self._lock:
            if self._stills >= self._options.max_stills:
                raise EngineBusy("Too many images wait already; send this one again in a few seconds.")
            self._stills += 1
        still = WaitingStill(request)
        if not self._call(lambda: self._spawn(self._ask_image(still))):
            raise EngineClosed("The engine was stopped; no image is taken any more.")
        return still.future

    def discard(self, viewer: str, reason: str) -> None:
        """End a viewer's waiting frame, if there is one, with FrameDropped(reason)."""
        with self._lock:
            waiting = self._queue.remove(viewer)
        if waiting is not None:
            self._drop(waiting, reason)

    def close(self) -> None:
        """Stop; every future still open ends with EngineClosed."""
        with self._lock:
            self._closed = True
            left = self._queue.empty()
        for waiting in left:
            end(waiting, EngineClosed("The engine was stopped."))
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
            self._thread.join(timeout=2)

    def stats(self) -> EngineStats:
        """Recent activity; `frame_ms` is the time that a frame takes on the remote engine."""
        with self._lock:
            return self._meter.read(len(self._queue), self._failure, self._clock())

    # The thread with the connections

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stopped = asyncio.Event()
        connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=NAME_HOLDS_S)
        async with aiohttp.ClientSession(connector=connector) as self._http:
            look = asyncio.create_task(self._look_on())
            await self._stopped.wait()
            tasks = [look, *self._tasks]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not self._met.done():
            self._met.set_exception(EngineClosed("The engine was stopped."))

    def _stop(self) -> None:
        self._stopped.set()

    def _call(self, step: Callable[[], None]) -> bool:
        """Let the thread do something; False once it is asked to stop."""
        with self._lock:
            if self._closed:
                return False
            self._loop.call_soon_threadsafe(step)
            return True

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _send_what_waits(self) -> None:
        while self._on_the_way < self._window.size:
            with self._lock:
                taken, stale = self._queue.take(self._clock())
            for waiting in stale:
                self._drop(waiting, "stale")
            if not taken:
                return
            self._on_the_way += 1
            self._spawn(self._ask(taken[0]))

    async def _ask(self, waiting: Waiting) -> None:
        frame, sent_at = waiting.frame, self._clock()
        try:
            result = await self._post(
                wire.FRAME, frame.jpeg, wire.frame_headers(frame), self._options.max_age_ms / 1000
            )
        except FrameDropped as dropped:
            if dropped.reason in ("failed", "stale"):
                self._window.lost(sent_at, self._clock())
            self._drop(waiting, dropped.reason)
        except asyncio.CancelledError:
            end(waiting, EngineClosed("The engine was stopped."))
            raise
        else:
            self._window.answered(sent_at, self._clock())
            self._answered(waiting, result)
        finally:
            self._on_the_way -= 1
            self._send_what_waits()

    def _answered(self, waiting: Waiting, result: FrameResult) -> None:
        timing, now = result.timing, self._clock()
        worked_ms = timing.decode_ms + timing.detect_ms + timing.classify_ms
        with self._lock:
            self._meter.frames_finished(1, worked_ms / 1000, now)
        # The way there and back is waiting too, as seen from here.
        queue_ms = max((now - waiting.frame.received_at) * 1000 - worked_ms, 0.0)
        end(waiting, replace(result, timing=replace(timing, queue_ms=queue_ms)))

    async def _ask_image(self, still: WaitingStill) -> None:
        request = still.request
        try:
            pixels = BytesIO(request.image_bgr.tobytes())
            result = await self._post(wire.IMAGE, pixels, wire.image_headers(request), IMAGE_TIMEOUT_S)
        except FrameDropped as dropped:
            end(still, dropped)
        except asyncio.CancelledError:
            end(still, EngineClosed("The engine was stopped."))
            raise
        else:
            end(still, result)
        finally:
            with self._lock:
                self._stills -= 1

    async def _post(
        self, path: str, body: bytes | BytesIO, headers: dict[str, str], timeout_s: float
    ) -> FrameResult:
        """Ask once; raise FrameDropped for anything but an answer."""
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._http.post(
                self._url + path, data=body, headers=headers, timeout=timeout
            ) as answer:
                status, content = answer.status, await answer.read()
            result = wire.read_result(content) if status == 200 else None
        except (aiohttp.ClientError, msgspec.DecodeError, TimeoutError, OSError) as error:
            self._failed(f"{type(error).__name__}: {error}")
            raise FrameDropped("failed") from error
        if result is None:
            raise FrameDropped(self._reason(status, content))
        with self._lock:
            self._failures = 0
        return result

    def _reason(self, status: int, content: bytes) -> str:
        error = wire.read_error(content)
        if status == 400 and error.code == "bad_image":
            return "bad_image"
        if status in (429, 503):
            # Full, which is no failure: what comes next may find a place.
            return error.code if error.code in ("superseded", "stale") else "stale"
        self._failed(f"status {status}: {error.message or error.code}")
        return "failed"

    def _failed(self, why: str) -> None:
        with self._lock:
            self._failures += 1
            self._failed_at = self._clock()
            first = self._failures == DEGRADED_FAILURES
        if first:
            logger.warning("The engine at %s does not answer (%s).", self._url, why)

    async def _look_on(self) -> None:
        """Ask again and again who answers at the address, and compare the weights with our own."""
        while True:
            reachable = await self._look()
            with self._lock:
                changed, self._reachable = self._reachable != reachable, reachable
            if changed:
                logger.log(
                    logging.INFO if reachable else logging.WARNING,
                    "The engine at %s %s.",
                    self._url,
                    "answers" if reachable else "does not answer",
                )
            if reachable and not self._met.done():
                self._met.set_result(None)
            await asyncio.sleep(LOOK_EACH_S if self.state == "ready" else SEEK_EACH_S)

    async def _look(self) -> bool:
        timeout = aiohttp.ClientTimeout(total=LOOK_TIMEOUT_S)
        try:
            async with self._http.get(self._url + wire.MODELS, timeout=timeout) as answer:
                if answer.status != 200:
                    return False
                who = msgspec.json.decode(await answer.read(), type=wire.WireModels)
        except (aiohttp.ClientError, msgspec.DecodeError, TimeoutError, OSError):
            return False
        differing = differences(self._hashes, who.hashes)
        with self._lock:
            self._failure = mismatch_sentence(self._url, differing) if differing else None
        if differing:
            if not self._met.done():
                self._met.set_exception(WeightsHashMismatch(self._failure))
            return False
        self.device, self.detector_ms = who.device, who.detector_ms
        return True

    def _drop(self, waiting: Waiting, reason: str) -> None:
        with self._lock:
            self._meter.frame_dropped(reason)
        end(waiting, FrameDropped(reason))


def differences(own: dict[str, str], theirs: dict[str, str]) -> list[str]:
    """Name the models that an engine does not serve, or serves with other weights; sorted."""
    return sorted(name for name, sha256 in own.items() if theirs.get(name) != sha256)


def mismatch_sentence(url: str, names: list[str]) -> str:
    """What is wrong, and what to do."""
    return (
        f"The engine at {url} has other weights than this server for {', '.join(names)}; "
        "give both the same weights folder."
    )
