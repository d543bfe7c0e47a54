"""Opens a process's engine: its own, or one on another machine."""

from collections.abc import Collection
from pathlib import Path

from recognition.devices import resolve_device
from recognition.engine.engine import Engine, LocalEngine
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.models.tasks import permitted_tasks
from recognition.options import EngineOptions
from recognition.served_models import Progress, ServedModels


def open_engine(
    weights_folder: Path,
    cache_folder: Path,
    device: str = "auto",
    *,
    url: str = "",
    in_flight: int = 0,
    permitted: Collection[str] = (),
) -> Engine:
    """Open the engine at `url`, or one in this process where there is none; nothing runs before `start`.

    `in_flight`: how many frames are on their way to the address at a time, 0 for the usual. Raises
    RecognitionError where a card, weights or the device are wrong here.
    """
    if not url:
        return LocalEngine.open(weights_folder, cache_folder, device, permitted=permitted)
    from recognition.remote.remote_engine import DEFAULT_IN_FLIGHT, RemoteEngine

    models = ServedModels.read(weights_folder, permitted=permitted)
    return RemoteEngine(url, models, in_flight=in_flight or DEFAULT_IN_FLIGHT)


def open_for_others(device: str, batch: int, progress: Progress) -> tuple[LocalEngine, ServedModels]:
    """Prepare what is missing, and open the engine that answers web processes elsewhere; not started yet.

    `batch`: frames at a time, at most. Raises RecognitionError as `open_engine` does.
    """
    chosen, cache_folder = resolve_device(device), default_cache_folder()
    models = ServedModels.read(default_weights_folder(), permitted=permitted_tasks())
    models.prepare(chosen, cache_folder, progress)
    # Eager: a web process gives a frame up sooner than a model compiles.
    return LocalEngine.of_models(
        models, cache_folder, chosen, EngineOptions(max_batch=batch), eager=True
    ), models
