"""A visitor's session, its results for each second, and its owner's markers and merges."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from emoweb.measurements.samples import Measurement

# A live socket updates `last_seen` every 20 s: three missed updates mean that the connection is lost.
ABANDONED_AFTER = timedelta(seconds=60)


class Session(models.Model):
    """A period of live analysis by one owner with one model."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=80)
    title = models.CharField(max_length=120, blank=True)
    started = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now, db_index=True)
    ended = models.DateTimeField(null=True, blank=True)
    model = models.CharField(max_length=80)
    label_set = models.CharField(max_length=40)
    labels = models.JSONField(default=list)
    consent = models.CharField(max_length=32)
    frames = models.PositiveIntegerField(default=0)
    drops = models.JSONField(default=dict)

    class Meta:
        """Order by start, newest first."""

        ordering = ["-started", "id"]
        indexes = [models.Index(fields=["owner", "-started"], name="history_of_owner")]

    def __str__(self) -> str:
        """Return the title, or the id of an untitled session."""
        return self.title or str(self.id)

    def get_absolute_url(self) -> str:
        """Return the address of the session's page."""
        return reverse("history:session", args=[self.id])

    @property
    def running(self) -> bool:
        """Whether the session is still being recorded."""
        return self.ended is None

    @property
    def length(self) -> timedelta:
        """From the start to the end, or to the last activity."""
        return max((self.ended or self.last_seen) - self.started, timedelta(0))

    @classmethod
    def close_abandoned(cls, now: datetime) -> int:
        """End every open session without activity for 60 s before `now`; return how many there were."""
        abandoned = cls.objects.filter(ended=None, last_seen__lt=now - ABANDONED_AFTER)
        return abandoned.update(ended=F("last_seen"))

    @classmethod
    def prune(cls, days: int) -> int:
        """Delete every ended session without activity for `days` days; return how many there were."""
        old = cls.objects.filter(ended__isnull=False, last_seen__lt=timezone.now() - timedelta(days=days))
        _, deleted = old.delete()
        return deleted.get("history.Session", 0)


class Sample(Measurement):
    """A measurement as it is shown, counted and exported: faces that were merged are one here."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="samples")

    class Meta(Measurement.Meta):
        """One row per face and second."""

        constraints = [
            models.UniqueConstraint(fields=["session", "second", "face"], name="one_sample_a_face_and_second")
        ]


class OriginalSample(Measurement):
    """A sample of a merged face as it was recorded, stored so that the merge can be undone."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="originals")

    class Meta(Measurement.Meta):
        """One row per face and second."""

        constraints = [
            models.UniqueConstraint(
                fields=["session", "second", "face"], name="one_original_a_face_and_second"
            )
        ]


class FaceMerge(models.Model):
    """The owner's word that the id `face` was the same person as the id `into`, which both go by now."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="merges")
    face = models.PositiveIntegerField()
    into = models.PositiveIntegerField()

    class Meta:
        """A face is merged into one other face."""

        ordering = ["face"]
        constraints = [models.UniqueConstraint(fields=["session", "face"], name="one_merge_a_face")]

    def __str__(self) -> str:
        """Return which face went where."""
        return f"face {self.face} into face {self.into}"


class Marker(models.Model):
    """A note that the owner put at a second of a session."""

    NOTE_LENGTH = 200

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="markers")
    second = models.PositiveIntegerField()
    note = models.CharField(max_length=NOTE_LENGTH)

    class Meta:
        """In order of time."""

        ordering = ["second", "pk"]

    def __str__(self) -> str:
        """Return what was noted when."""
        return f"second {self.second}: {self.note}"
