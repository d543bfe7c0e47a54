"""Recorded sessions for the history's tests: Alice and Bob are visitors with browsers of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import AsyncClient, Client

from emoweb.recordings.models import Sample, Session
from emoweb.visitors import COOKIE_NAME, new_cookie, owner_from_cookie

FER7 = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LANGUAGES = ["en", "vi"]


class Visitor:
    """A browser that keeps its cookie."""

    def __init__(self) -> None:
        """Visit for the first time."""
        self.cookie = new_cookie()
        self.owner = owner_from_cookie(self.cookie) or ""
        self.browser = Client()
        self.browser.cookies[COOKIE_NAME] = self.cookie

    async def read(self, address: str) -> tuple[Any, str]:
        """Return the response of an address and all of its streamed text."""
        browser = AsyncClient()
        browser.cookies[COOKIE_NAME] = self.cookie
        response = await browser.get(address)
        chunks = [chunk async for chunk in response] if response.streaming else [response.content]
        return response, b"".join(chunks).decode()

    def record(self, seen: Sequence[str] = ("happy", "neutral"), face: int = 1, **fields: Any) -> Session:
        """Record a session: one second of one face for each label."""
        session = Session.objects.create(
            **{
                "owner": self.owner,
                "started": NOON,
                "last_seen": NOON + timedelta(seconds=len(seen)),
                "ended": NOON + timedelta(seconds=len(seen)),
                "model": "se_resnet",
                "label_set": "fer7",
                "labels": FER7,
                "consent": "2026-11",
                "frames": 20 * len(seen),
                "drops": {"superseded": 2},
                **fields,
            }
        )
        add_samples(session, seen, face)
        return session


def add_samples(session: Session, labels: Sequence[str], face: int, first_second: int = 0) -> None:
    """Add a second of a face for each label, 64 % sure of it."""
    Sample.objects.bulk_create(
        Sample(
            session=session,
            second=first_second + second,
            face=face,
            label=label,
            confidence=0.64,
            n=20,
            probabilities=[0.64 if name == label else 0.06 for name in session.labels],
        )
        for second, label in enumerate(labels)
    )
