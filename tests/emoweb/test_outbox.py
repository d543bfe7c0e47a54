"""Waiting for another thread's future."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import Future

import pytest

from emoweb.live.socket.outbox import outcome_of
from recognition import FrameDropped


def test_who_stops_waiting_leaves_the_future_alone_and_nothing_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    future: Future[int] = Future()

    async def script() -> None:
        waiting = asyncio.create_task(outcome_of(future))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.sleep(0)
        assert not future.cancelled()
        future.set_exception(FrameDropped("superseded"))
        await asyncio.sleep(0)

    asyncio.run(script())
    gc.collect()
    assert caplog.text == ""


def test_a_future_that_ends_after_its_loop_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    future: Future[int] = Future()

    async def script() -> None:
        waiting = asyncio.create_task(outcome_of(future))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(script())
    future.set_result(1)
    assert caplog.text == ""
