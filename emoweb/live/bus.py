"""Messages between web processes: sessions taken over, data deleted, load."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Final, TypedDict, cast
from uuid import UUID

from channels.layers import get_channel_layer

from emoweb.live.capacity.admission import Admission
from emoweb.live.session.sessions import Sessions
from emoweb.recordings.deletion import sessions_deleted

GROUP: Final = "emoweb.live"
PUBLISH_EACH_S: Final = 2.0
# A process without messages for this long has ended.
LOAD_LIFETIME_S: Final = 3 * PUBLISH_EACH_S
RETRY_S: Final = 1.0
# With this many unfinished messages, the channel layer does not respond: further ones are dropped. At worst,
# a session that continues elsewhere or was deleted stays open here until its socket is closed.
MOST_TASKS: Final = 1000
logger = logging.getLogger(__name__)


class Message(TypedDict, total=False):
    """A message of the channel layer; `sender` is a process."""

    type: str
    sender: str
    sessions: list[str]
    viewers: int
    capacity: int


@dataclass(frozen=True, slots=True)
class ClusterLoad:
    """Viewers and capacity of all processes with recent messages."""

    viewers: int
    capacity: int


class Bus:
    """Exchanges messages with the other processes; a single process needs no channel layer.

    Without a layer, or while it is out of reach, everything within this process works as ever.
    """

    def __init__(
        self, admission: Admission, sessions: Sessions, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Report the viewers of `admission` and end `sessions`; nothing is sent before `start`."""
        self._admission = admission
        self._sessions = sessions
        self._clock = clock
        self._layer: Any = get_channel_layer()
        self._name = uuid.uuid4().hex
        self._others: dict[str, tuple[float, ClusterLoad]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start to listen on the running event loop."""
        self._loop = asyncio.get_running_loop()
        sessions_deleted.connect(self._history_deletes)
        if self._layer is not None:
            self._keep(self._listen())
            self._keep(self._report_load())

    def stop(self) -> None:
        """Stop sending and receiving; from any thread."""
        sessions_deleted.disconnect(self._history_deletes)
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._cancel)

    def taken(self, session: UUID) -> None:
        """Publish that a session continues in this process; on the event loop."""
        self._publish({"type": "session.taken", "sessions": [session.hex]})

    def load(self) -> ClusterLoad:
        """Return the number of viewers and places of this process and the others."""
        now = self._clock()
        recent = [load for at, load in list(self._others.values()) if now - at <= LOAD_LIFETIME_S]
        return ClusterLoad(
            self._admission.viewers + sum(load.viewers for load in recent),
            self._admission.capacity + sum(load.capacity for load in recent),
        )

    def _history_deletes(self, sessions: Iterable[UUID], **_: object) -> None:
        """End live sessions whose history is being deleted, here and in other processes; from any thread."""
        message: Message = {"type": "sessions.deleted", "sessions": [session.hex for session in sessions]}
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._pass_on, message)

    def _pass_on(self, message: Message) -> None:
        self._keep(self._received(message))
        self._publish(message)

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        if len(self._tasks) >= MOST_TASKS:
            work.close()
            logger.warning("A message between processes was dropped: %d are unfinished.", MOST_TASKS)
            return
        task = asyncio.get_running_loop().create_task(work)
        # Keep a reference: the event loop only holds weak ones to tasks.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    def _publish(self, message: Message) -> None:
        if self._layer is not None and self._loop is not None:
            self._keep(self._send(message))

    async def _send(self, message: Message) -> None:
        try:
            await self._layer.group_send(GROUP, {**message, "sender": self._name})
        except Exception as error:  # noqa: BLE001 (an unavailable channel layer must not stop this process)
            logger.warning("The other processes cannot be notified: %s", type(error).__name__)

    async def _report_load(self) -> None:
        while True:
            admission = self._admission
            await self._send(
                {"type": "process.crowd", "viewers": admission.viewers, "capacity": admission.capacity}
            )
            await asyncio.sleep(PUBLISH_EACH_S)

    async def _listen(self) -> None:
        channel = None
        while True:
            try:
                if channel is None:
                    channel = await self._layer.new_channel()
                # Repeated: membership expires, and a restarted channel layer has lost it.
                await self._layer.group_add(GROUP, channel)
                while True:
                    message = cast("Message", await self._layer.receive(channel))
                    if message.get("sender") != self._name:
                        await self._received(message)
            except Exception as error:  # noqa: BLE001 (the top of a worker: it heals by itself)
                logger.warning("Messages of the other processes cannot be received: %s", type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _received(self, message: Message) -> None:
        if message["type"] == "process.crowd":
            load = ClusterLoad(message["viewers"], message["capacity"])
            self._others[message["sender"]] = (self._clock(), load)
            return
        for name in message["sessions"]:
            session = self._sessions.known(UUID(name))
            if session is None:
                continue
            holder = session.holder
            if holder is not None:
                if message["type"] == "session.taken":
                    await holder.resumed_elsewhere()
                else:
                    await holder.history_deleted()
            # A later continuation in this process starts from the database.
            self._sessions.forget(session)
