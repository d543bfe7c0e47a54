"""One worker thread that processes all viewers' frames, behind an interface shared with remote engines."""

import logging
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Literal, Protocol

from recognition.devices import resolve_device
from recognition.engine.outcomes import end, ended_well
from recognition.engine.queue import FrameQueue, LiveFrame, Waiting
from recognition.engine.stats import EngineMeter, EngineStats
from recognition.engine.stills import StillQueue, WaitingStill
from recognition.errors import EngineClosed, FrameDropped, ImageUnreadable
from recognition.images.decoding import decode_live_jpeg_bgr
from recognition.models.cards import Card
from recognition.options import DEFAULT_QUALITY, LIVE_MAX_SIDE, QUALITIES, EngineOptions
from recognition.pipeline import ImageRequest, Pipeline
from recognition.served_models import ServedModels, find_model
from recognition.types import FrameResult

logger = logging.getLogger(__name__)

EngineState = Literal["starting", "ready", "degraded"]
# Failures in a row, and viewers among them, that make an engine degraded: one viewer's bad frames do not.
DEGRADED_FAILURES, DEGRADED_VIEWERS = 3, 2


class Engine(Protocol):
    """Frames in, faces or images' answers out; stateless about people: any frame can go to any engine."""

    device: str
    models: tuple[Card, ...]  # those of the default task, the default first
    catalogue: tuple[Card, ...]  # every model that is served, those of the default task first
    detector_ms: dict[str, float]  # what finding faces takes in each quality; empty if not measured

    @property
    def state(self) -> EngineState:
        """Where the engine is: `ready` only after its models are warm."""
        ...

    def start(self) -> None:
        """Start to load and warm the models; returns at once."""
        ...

    async def ready(self, timeout_s: float) -> bool:
        """Wait for warm models, at most `timeout_s`; False where they are not there by then."""
        ...

    def submit(self, frame: LiveFrame) -> "Future[FrameResult]":
        """Queue a frame; never blocks. The future may end with FrameDropped or EngineClosed."""
        ...

    def analyse(self, request: ImageRequest) -> "Future[FrameResult]":
        """Queue a still image behind the live frames; never blocks.

        Raises EngineBusy where too many wait. The future may end with FrameDropped or EngineClosed.
        """
        ...

    def discard(self, viewer: str, reason: str) -> None:
        """End a viewer's waiting frame, if there is one, with FrameDropped(reason)."""
        ...

    def close(self) -> None:
        """Stop; every future still open ends with EngineClosed."""
        ...

    def stats(self) -> EngineStats:
        """What was done lately."""
        ...


class LocalEngine:
    """The engine in this process: a bounded frame queue and one worker thread."""

    def __init__(
        self,
        open_pipeline: Callable[[], Pipeline],
        models: tuple[Card, ...],
        device: str,
        options: EngineOptions | None = None,
        clock: Callable[[], float] = monotonic,
        others: tuple[Card, ...] = (),
        detector_ms: dict[str, float] | None = None,
    ) -> None:
        self.device, self.models = device, models
        self.detector_ms = detector_ms or {}
        self.catalogue = (*models, *others)
        self._open_pipeline = open_pipeline
        self._clock = clock
        self._changed = Condition()
        self._queue = FrameQueue(options or EngineOptions())
        self._stills = StillQueue(options or EngineOptions())
        self._meter = EngineMeter()
        self._warm: Future[None] = Future()
        self._failed_viewers: list[str] = []
        self._failure: str | None = None
        self._closed = False
        self._thread = Thread(target=self._run, name="engine", daemon=True)

    @classmethod
    def open(
        cls,
        weights_folder: Path,
        cache_folder: Path,
        device: str = "auto",
        options: EngineOptions | None = None,
        *,
        permitted: Collection[str] = (),
    ) -> "LocalEngine":
        """Check weights and device now, load at `start()`; raise RecognitionError where one is wrong."""
        chosen = resolve_device(device)
        models = ServedModels.read(weights_folder, permitted=permitted)
        return cls.of_models(models, cache_folder, chosen, options)

    @classmethod
    def of_models(
        cls,
        models: ServedModels,
        cache_folder: Path,
        chosen: str,
        options: EngineOptions | None = None,
        *,
        eager: bool = False,
    ) -> "LocalEngine":
        """Serve models that were read already on the `chosen` device; raise ExportMissing.

        An `eager` engine is ready only when every model is warm at every quality.
        """
        models.check_prepared(chosen, cache_folder)

        def open_pipeline() -> Pipeline:
            pipeline = Pipeline.open(models, chosen, cache_folder)
            if eager:
                pipeline.open_all()
            # Others compile at first use: each holds tens of megabytes, and most sites never leave this one.
            for size in QUALITIES.values() if eager else (QUALITIES[DEFAULT_QUALITY],):
                pipeline.warm(size)
            return pipeline

        detector_ms = models.detector_ms(chosen, cache_folder)
        return cls(
            open_pipeline, models.primary, chosen, options, others=models.others, detector_ms=detector_ms
        )

    @property
    def state(self) -> EngineState:
        """`degraded` after three failures in a row from two or more viewers, until the next success."""
        if not self._warm.done():
            return "starting"
        with self._changed:
            many = len(self._failed_viewers) >= DEGRADED_FAILURES
            degraded = many and len(set(self._failed_viewers)) >= DEGRADED_VIEWERS
        return "degraded" if degraded or self._failure else "ready"

    def start(self) -> None:
        """Start to load and warm the models; returns at once."""
        self._thread.start()

    async def ready(self, timeout_s: float) -> bool:
        """Wait for warm models, at most `timeout_s`; False where they are not there by then, or cannot be."""
        return await ended_well(self._warm, timeout_s)

    def submit(self, frame: LiveFrame) -> "Future[FrameResult]":
        """Queue a frame; never blocks."""
        waiting = Waiting(frame)
        with self._changed:
            displaced = None if self._closed else self._queue.put(waiting)
            closed = self._closed
            self._changed.notify()
        if closed:
            end(waiting, EngineClosed("The engine was stopped; no frame is taken any more."))
        if displaced is not None:
            self._drop(*displaced)
        return waiting.future

    def analyse(self, request: ImageRequest) -> "Future[FrameResult]":
        """Queue a still image behind the live frames; raise EngineBusy where too many wait."""
        if self.catalogue:
            find_model(self.catalogue, request.model)
        with self._changed:
            if self._closed or self._failure:
                raise EngineClosed("The engine was stopped; no image is taken any more.")
            future = self._stills.put(request)
            self._changed.notify()
        return future

    def discard(self, viewer: str, reason: str) -> None:
        """End a viewer's waiting frame, if there is one, with FrameDropped(reason)."""
        with self._changed:
            waiting = self._queue.remove(viewer)
        if waiting is not None:
            self._drop(waiting, reason)

    def close(self) -> None:
        """Stop after the batch in hand; every waiting future ends with EngineClosed."""
        with self._changed:
            self._closed = True
            left: list[Waiting | WaitingStill] = [*self._queue.empty(), *self._stills.empty()]
            self._changed.notify()
        for waiting in left:
            end(waiting, EngineClosed("The engine was stopped."))
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def stats(self) -> EngineStats:
        """What was done lately."""
        with self._changed:
            return self._meter.read(len(self._queue), self._failure, self._clock())

    def _run(self) -> None:
        """The worker thread: load, then serve batches until closed."""
        try:
            pipeline = self._open_pipeline()
        except Exception as error:
            logger.exception("The models could not be loaded.")
            with self._changed:
                self._failure = str(error)
                left = self._stills.empty()
            for still in left:
                end(still, EngineClosed("The models could not be loaded."))
            self._warm.set_exception(EngineClosed(f"The models could not be loaded: {error}"))
            return
        self._warm.set_result(None)
        while work := self._next_work():
            if isinstance(work, WaitingStill):
                self._answer_still(pipeline, work)
            else:
                self._work(pipeline, work)

    def _next_work(self) -> list[Waiting] | WaitingStill | None:
        """Wait for frames and images and take what comes next; None once closed."""
        while True:
            with self._changed:
                while not self._queue and not self._stills and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return None
                still = self._stills.take(frames_wait=bool(self._queue))
                if still is not None:
                    return still
                batch, stale = self._queue.take(self._clock())
            for waiting in stale:
                self._drop(waiting, "stale")
            if batch:
                return batch

    def _answer_still(self, pipeline: Pipeline, still: WaitingStill) -> None:
        """Go one step on with an image, which then waits again; where it raises, only that image fails."""
        if still.future.cancelled():
            return
        try:
            still.steps = still.steps or pipeline.recognize_still(still.request)
            next(still.steps)
        except StopIteration as stop:
            end(still, stop.value)
        except Exception:
            logger.exception("An image failed.")
            end(still, FrameDropped("failed"))
        else:
            self._continue_later(still)

    def _continue_later(self, still: WaitingStill) -> None:
        with self._changed:
            closed = self._closed
            if not closed:
                self._stills.put_back(still)
        if closed:
            end(still, EngineClosed("The engine was stopped."))

    def _work(self, pipeline: Pipeline, batch: list[Waiting]) -> None:
        """Answer a batch; where it raises, each frame alone, so that one bad frame ends only itself."""
        started = self._clock()
        try:
            decoded = self._decode(batch)
            results = pipeline.recognize([request for _, request in decoded])
        except Exception:
            if len(batch) > 1:
                for waiting in batch:
                    self._work(pipeline, [waiting])
                return
            logger.exception("A frame failed.")
            with self._changed:
                self._failed_viewers = [*self._failed_viewers, batch[0].frame.viewer][-DEGRADED_FAILURES:]
            self._drop(batch[0], "failed")
            return
        if not decoded:
            return
        with self._changed:
            self._failed_viewers.clear()
            self._meter.frames_finished(len(decoded), self._clock() - started, self._clock())
        for (waiting, _), result in zip(decoded, results, strict=True):
            queue_ms = max(started - waiting.frame.received_at, 0.0) * 1000
            end(waiting, replace(result, timing=replace(result.timing, queue_ms=queue_ms)))

    def _decode(self, batch: list[Waiting]) -> list[tuple[Waiting, ImageRequest]]:
        """Decode each frame; what is no image is answered here and left out."""
        decoded = []
        for waiting in batch:
            frame, started = waiting.frame, self._clock()
            try:
                image = decode_live_jpeg_bgr(frame.jpeg, frame.width, frame.height, LIVE_MAX_SIDE)
            except ImageUnreadable:
                self._drop(waiting, "bad_image")
                continue
            decode_ms = (self._clock() - started) * 1000
            size = QUALITIES[frame.quality]
            decoded.append((waiting, ImageRequest(image, frame.model, size, decode_ms, guided=True)))
        return decoded

    def _drop(self, waiting: Waiting, reason: str) -> None:
        with self._changed:
            self._meter.frame_dropped(reason)
        end(waiting, FrameDropped(reason))
