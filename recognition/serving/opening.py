"""Which engine a process gets: its own, or one on another machine."""

from pathlib import Path

from recognition.live.engine import Engine, LocalEngine
from recognition.models import ServedModels


def open_engine(
    weights_folder: Path,
    cache_folder: Path,
    device: str = "auto",
    *,
    url: str = "",
    in_flight: int = 0,
    perceived_gender: bool = False,
) -> Engine:
    """Open the engine at `url`, or one in this process where there is none; nothing runs before `start`.

    `in_flight`: how many frames are on their way to the address at a time, 0 for the usual. Raises
    RecognitionError where a card, weights or the device are wrong here.
    """
    if not url:
        return LocalEngine.open(weights_folder, cache_folder, device, perceived_gender=perceived_gender)
    from recognition.serving.remote_engine import DEFAULT_IN_FLIGHT, RemoteEngine

    models = ServedModels.read(weights_folder, perceived_gender=perceived_gender)
    return RemoteEngine(url, models, in_flight=in_flight or DEFAULT_IN_FLIGHT)
