"""Random conversations: whatever a client, the engine and the clock do, some things hold."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from emoweb.live.socket import states
from emoweb.live.socket.viewer import Viewer
from recognition import FrameDropped
from tests.emoweb.hall import AN, Hall, Wire, settle
from tests.emoweb.test_live_protocol import CONSENT, frame

HELLO = {"type": "hello", "version": 1, "consent": CONSENT}
IN_ORDER = [
    {"type": "settings", "label_set": "fer5"},
    {"type": "settings", "model": "second"},
    {"type": "settings", "model": "first"},
    {"type": "settings", "model": "nobody"},
    {"type": "pause"},
    {"type": "unpause"},
    {"type": "ping", "t": 1},
]
ENDING = [
    HELLO,
    {**HELLO, "model": "nobody"},
    {"type": "hello", "version": 1},
    {"type": "bye"},
    {"type": "nonsense"},
]
PICK = st.integers(0, 7)
HOLDING_A_PLACE = (states.Admitted, states.Opening, states.Live, states.Paused, states.Leaving)


class Conversations(RuleBasedStateMachine):
    """Up to eight connections of one owner, with three places between them."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.hall = Hall(capacity=3)
        self.wires: list[Wire] = []
        self.sent: list[list[int]] = []
        self.seq = 0

    def run(self, work: Any) -> None:
        async def with_everything_that_follows() -> None:
            await work
            await settle()

        self.loop.run_until_complete(with_everything_that_follows())

    async def _arrive(self, first: dict[str, Any] | None) -> None:
        viewer, wire = self.hall.arrive(AN)
        self.wires.append(wire)
        self.sent.append([])
        if first is not None:
            await viewer.text_received(json.dumps(first))

    @initialize()
    def somebody_is_welcomed(self) -> None:
        self.run(self._arrive(HELLO))

    @precondition(lambda self: len(self.wires) < 8)
    @rule(first=st.sampled_from([None, HELLO, HELLO, {**HELLO, "model": "second"}]))
    def another_socket_opens(self, first: dict[str, Any] | None) -> None:
        self.run(self._arrive(first))

    @rule(who=PICK, text=st.sampled_from(IN_ORDER))
    def a_text_is_received(self, who: int, text: dict[str, Any]) -> None:
        self.run(self.viewer(who).text_received(json.dumps(text)))

    @precondition(lambda self: len(self.wires) < 8)
    @rule(whose=PICK)
    def a_session_is_resumed(self, whose: int) -> None:
        wire = self.wires[self.hall.viewers.index(self.viewer(whose))]
        tokens = [message["resume"] for message in wire.messages if "resume" in message]
        self.run(self._arrive({**HELLO, "resume": tokens[-1]} if tokens else None))

    @rule(who=PICK, count=st.integers(1, 3))
    def frames_are_received(self, who: int, count: int) -> None:
        viewer = self.viewer(who)
        for _ in range(count):
            self.seq += 1
            if isinstance(viewer.state, states.Live | states.Paused):
                self.sent[self.hall.viewers.index(viewer)].append(self.seq)
            self.run(viewer.frame_received(frame(self.seq, answered=self.seq)))

    @precondition(lambda self: self.hall.engine.submitted)
    @rule(dropped=st.booleans())
    def the_engine_answers(self, dropped: bool) -> None:
        async def answer() -> None:
            if dropped:
                self.hall.engine.fail(FrameDropped("stale"))
            else:
                self.hall.engine.finish()

        self.run(answer())

    @rule(seconds=st.sampled_from([0.1, 0.5, 0.5, 2.0, 2.0, 9.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.hall.clock.now += seconds
        for viewer in list(self.hall.viewers):
            self.run(viewer.tick())

    @rule(who=PICK, how=st.sampled_from(["lost", "deleted", *ENDING]))
    def a_connection_may_end(self, who: int, how: Any) -> None:
        viewer = self.viewer(who)
        if how == "lost":
            self.run(viewer.disconnected())
        elif how != "deleted":
            self.run(viewer.text_received(json.dumps(how)))
        elif isinstance(viewer.state, states.Live | states.Paused):
            self.run(viewer.history_deleted())

    @invariant()
    def a_place_is_held_exactly_while_admitted(self) -> None:
        admitted = {viewer.id for viewer in self.hall.viewers if _holds_a_place(viewer)}
        assert self.hall.service.admission._admitted == admitted
        assert len(admitted) <= 3

    @invariant()
    def no_frame_is_answered_twice_or_out_of_order(self) -> None:
        for wire, sent in zip(self.wires, self.sent, strict=True):
            answered = [seq for _, seq, _ in wire.answers]
            assert answered == sent[: len(answered)]

    @invariant()
    def each_session_has_the_viewer_that_shows_it_as_its_holder(self) -> None:
        for viewer in self.hall.viewers:
            if isinstance(viewer.state, states.Live | states.Paused):
                assert viewer.session.holder is viewer

    @invariant()
    def no_session_is_held_by_a_closed_connection(self) -> None:
        for session in self.hall.service.sessions._known.values():
            assert session.holder is None or not isinstance(session.holder.state, states.Closed)

    def teardown(self) -> None:
        """Answer what the engine still has: then each frame of an open socket has its answer."""

        async def answer_all() -> None:
            while self.hall.engine.submitted:
                self.hall.engine.finish()
                await settle()

        self.run(answer_all())
        for viewer, wire, sent in zip(self.hall.viewers, self.wires, self.sent, strict=True):
            if not isinstance(viewer.state, states.Closed):
                assert [seq for _, seq, _ in wire.answers] == sent
            self.run(viewer.disconnected())
            assert isinstance(viewer.state, states.Closed)
        assert self.hall.service.admission.viewers == 0
        self.loop.close()

    def viewer(self, who: int) -> Viewer:
        """Pick a viewer, an open one where there is one: most of what can happen happens to these."""
        viewers = self.hall.viewers
        candidates = [viewer for viewer in viewers if not isinstance(viewer.state, states.Closed)] or viewers
        return candidates[who % len(candidates)]


def _holds_a_place(viewer: Viewer) -> bool:
    state = viewer.state
    return isinstance(state, HOLDING_A_PLACE) or (
        isinstance(state, states.Refusing) and state.session is not None
    )


# `Wire` itself asserts that a socket is closed once.
TestConversations = pytest.mark.django_db(transaction=True)(Conversations.TestCase)
TestConversations.settings = settings(
    max_examples=settings().max_examples // 2,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
