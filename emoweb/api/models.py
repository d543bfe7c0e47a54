"""An API key: lets a program read its owner's sessions."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.utils import timezone

PREFIX = "emo_"
SECRET_BYTES = 32
SHOWN_CHARACTERS = len(PREFIX) + 6
MOST_KEYS = 20
# A busy program must not write to the database with each request.
USE_NOTED_EACH = timedelta(minutes=1)


class Key(models.Model):
    """An owner's API key; the database only stores its hash."""

    owner = models.CharField(max_length=80, db_index=True)
    name = models.CharField(max_length=60)
    start = models.CharField(max_length=SHOWN_CHARACTERS)
    digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=timezone.now)
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Order by creation, newest first."""

        ordering = ["-created", "-id"]

    def __str__(self) -> str:
        """Return the name and the first characters, which identify a key without revealing it."""
        return f"{self.name} ({self.start}…)"

    @classmethod
    def make(cls, owner: str, name: str) -> tuple[Key, str]:
        """Create a key; return its row and the key itself, which cannot be recovered later."""
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        key = cls.objects.create(
            owner=owner, name=name, start=secret[:SHOWN_CHARACTERS], digest=digest_of(secret)
        )
        return key, secret

    @classmethod
    def owner_of(cls, secret: str) -> str | None:
        """Return whose key this is and note its use, or None for no key of this site."""
        key = cls.objects.filter(digest=digest_of(secret)).first()
        if key is None:
            return None
        now = timezone.now()
        if key.last_used is None or now - key.last_used > USE_NOTED_EACH:
            cls.objects.filter(pk=key.pk).update(last_used=now)
        return key.owner


def digest_of(secret: str) -> str:
    """Return the stored hash of a key; 32 random bytes cannot be guessed and need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
