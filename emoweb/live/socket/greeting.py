"""Resolves which session a hello continues: the one its token names, or a new one."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import NamedTuple

from emoweb.live.protocol import Hello
from emoweb.live.service import LiveService
from emoweb.live.session.choice import Choice, choose, default_choice, live_models
from emoweb.live.session.resume import Remembered, remembered, session_of_token
from emoweb.live.session.sessions import Session
from recognition import DEFAULT_QUALITY, LiveSession


class Greeting(NamedTuple):
    """The result of a hello: the session to continue, if there is one, and the choice."""

    found: Session | None
    choice: Choice


async def understand(service: LiveService, hello: Hello, owner: str) -> Greeting:
    """Return what a hello requests. Raises TextRefused: unknown_model, unknown_labels.

    A session continues only with its own model and list of labels; other choices start a new session.
    """
    models = live_models(service.engine)
    # First without the session: invalid options are refused whatever the token is.
    plain = choose(models, default_choice(models), hello)
    found = await _find(service, hello, owner)
    if found is not None:
        choice = choose(models, found.choice, hello)
        if choice.continues(found.choice):
            return Greeting(found, choice)
    return Greeting(None, plain)


def new_session(service: LiveService, owner: str, choice: Choice) -> Session:
    """Return a session that starts now."""
    people = LiveSession(choice.card, choice.label_set)
    return Session(uuid.uuid4(), owner, choice, people, started_at=service.clock())


async def _find(service: LiveService, hello: Hello, owner: str) -> Session | None:
    session = session_of_token(hello.resume, owner) if hello.resume else None
    if session is None or service.sessions.has_ended(session):
        return None
    here = service.sessions.find(session, owner, service.clock())
    if here is not None:
        return here
    row = await remembered(session, owner)
    # Checked again: during the query another socket may have continued the session, or ended it.
    here = service.sessions.find(session, owner, service.clock())
    if here is not None or row is None or service.sessions.has_ended(session):
        return here
    return _from_row(service, row, owner)


def _from_row(service: LiveService, row: Remembered, owner: str) -> Session | None:
    card = next((card for card in live_models(service.engine) if card.name == row.model), None)
    if card is None or row.label_set not in card.label_sets:
        return None
    return Session(
        id=row.id,
        owner=owner,
        choice=Choice(card, row.label_set, DEFAULT_QUALITY),
        people=LiveSession(card, row.label_set),
        started_at=service.clock() - row.age_s,
        first_face=row.last_face,
        frames=row.frames,
        drops=Counter(row.drops),
    )
