"""The engine as a Ray Serve application: replicas on any number of machines behind one address.

    serve run deploy/serve.yaml

Each replica has its own engine, whose frame queue forms the batches: the frames that wait when the last batch
is done. `serve.batch` is not used for this, since it closes a batch by a timer, not when the worker is free:
without a timeout it passes on single frames, and with one every frame incurs the delay.
"""

import asyncio
from typing import Any

from recognition.errors import EngineClosed
from recognition.options import EngineOptions
from recognition.remote.endpoint import Endpoint
from recognition.remote.opening import open_for_others
from recognition.remote.wire import cards_of

MODELS_MAY_TAKE_S = 120.0


class EngineReplica:
    """One replica: accepts requests once its models are loaded, and answers pending ones before it stops."""

    # Serve awaits it, whatever Python says of constructors.
    async def __init__(  # type: ignore[misc]
        self, device: str = "auto", batch: int = EngineOptions().max_batch
    ) -> None:
        self._engine, models = await asyncio.to_thread(open_for_others, device, batch, print)
        self._engine.start()
        if not await self._engine.ready(MODELS_MAY_TAKE_S):
            raise EngineClosed(f"The models could not be loaded: {self._engine.stats().failure}")
        self._endpoint = Endpoint(self._engine, cards_of(models))

    async def __call__(self, request: Any) -> Any:
        """Answer one `starlette.requests.Request`; the names of its headers are in lower case."""
        from starlette.responses import Response

        reply = await self._endpoint.answer(
            request.method, request.url.path, request.headers, await request.body()
        )
        return Response(reply.body, reply.status, media_type="application/json")

    def check_health(self) -> None:
        """Raise where frame after frame fails, so that Ray puts a new replica in this one's place."""
        if self._engine.state == "degraded":
            raise EngineClosed(f"The engine fails: {self._engine.stats().failure or 'frame after frame'}.")

    def __del__(self) -> None:
        self._engine.close()


def build(arguments: dict[str, Any]) -> Any:
    """Make the application that deploy/serve.yaml names; `arguments`: device, batch."""
    from ray import serve

    return serve.deployment(EngineReplica, name="Engine").bind(**arguments)
