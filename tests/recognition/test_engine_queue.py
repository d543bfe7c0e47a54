"""The frame queue: one frame a viewer, fresh ones only, in turn."""

from recognition.engine.queue import FrameQueue, LiveFrame, Waiting
from recognition.options import EngineOptions


def frame(viewer: str, at: float = 0.0) -> Waiting:
    return Waiting(LiveFrame(viewer, b"", 640, 480, "se_resnet", "balanced", at))


def viewers(batch: list[Waiting]) -> list[str]:
    return [waiting.frame.viewer for waiting in batch]


def test_a_newer_frame_takes_the_place_of_the_older_one() -> None:
    queue = FrameQueue(EngineOptions())
    old, new = frame("an"), frame("an")

    assert queue.put(old) is None
    assert queue.put(new) == (old, "superseded")
    assert queue.take(0.0) == ([new], [])


def test_it_drops_the_oldest_frame_when_full() -> None:
    queue = FrameQueue(EngineOptions(max_waiting=3))
    first, *others = [frame(name) for name in ("an", "binh", "chi", "dung")]
    queue.put(first)
    for waiting in others[:-1]:
        assert queue.put(waiting) is None

    assert queue.put(others[-1]) == (first, "stale")
    assert viewers(queue.take(0.0)[0]) == ["binh", "chi", "dung"]


def test_frames_that_waited_too_long_are_given_back_first() -> None:
    queue = FrameQueue(EngineOptions(max_age_ms=400))
    old, fresh = frame("an", at=10.0), frame("binh", at=10.3)
    queue.put(old)
    queue.put(fresh)

    assert queue.take(10.5) == ([fresh], [old])


def test_a_viewer_who_sends_much_waits_behind_the_others() -> None:
    queue = FrameQueue(EngineOptions(max_batch=1))
    for name in ("an", "binh"):
        queue.put(frame(name))
    served = []
    for _ in range(4):
        served += viewers(queue.take(0.0)[0])
        queue.put(frame("an"))
        queue.put(frame("an"))
        queue.put(frame("binh"))
    assert served == ["an", "binh", "an", "binh"]


def test_a_batch_is_what_waits_and_never_more_than_the_limit() -> None:
    queue = FrameQueue(EngineOptions(max_batch=2))
    for name in ("an", "binh", "chi"):
        queue.put(frame(name))

    assert viewers(queue.take(0.0)[0]) == ["an", "binh"]
    assert viewers(queue.take(0.0)[0]) == ["chi"]
    assert queue.take(0.0) == ([], [])
