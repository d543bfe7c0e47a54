"""A film that a visitor gave, how far its analysis is, and what was measured in each of its seconds."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from emoweb.history.models import Measurement

KEPT_FOR = timedelta(hours=24)
# An upload of which nothing more was received for so long is deleted, and frees its place.
UPLOAD_KEPT_FOR = timedelta(hours=1)


class Film(models.Model):
    """One film of one owner; its files lie in a folder named by its random id, never by the visitor."""

    class State(models.TextChoices):
        """Where a film is; see jobs.py for who moves it."""

        UPLOADING = "uploading"
        WAITING = "waiting"
        RUNNING = "running"
        PAUSED = "paused"
        CANCELLED = "cancelled"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(max_length=80)
    title = models.CharField(max_length=120, blank=True)
    created = models.DateTimeField(default=timezone.now, db_index=True)
    model = models.CharField(max_length=80)
    label_set = models.CharField(max_length=40)
    labels = models.JSONField(default=list)
    quality = models.CharField(max_length=16)
    stride = models.PositiveSmallIntegerField()
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    duration_s = models.FloatField(default=0)
    state = models.CharField(max_length=16, choices=State.choices, default=State.UPLOADING)
    code = models.CharField(max_length=32, blank=True)
    cut_short = models.BooleanField(default=False)
    # The lease: who works on it, and when that worker, or the upload before, was last heard of.
    worker = models.CharField(max_length=64, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    run_began = models.DateTimeField(null=True, blank=True)
    run_from_s = models.FloatField(default=0)
    position_s = models.FloatField(default=0)
    # Where a new worker goes on; the checkpoint holds what it must know.
    saved_s = models.FloatField(default=0)
    checkpoint = models.JSONField(default=dict)
    frames = models.PositiveIntegerField(default=0)
    # How many video tracks the file has: one of them, the default, is analysed.
    video_tracks = models.PositiveSmallIntegerField(default=1)

    class Meta:
        """The newest film comes first."""

        ordering = ["-created", "id"]
        indexes = [
            models.Index(fields=["owner", "-created"], name="films_of_owner"),
            models.Index(fields=["state", "heartbeat"], name="films_by_heartbeat"),
        ]

    def __str__(self) -> str:
        """Return the title, or the id of a film without one."""
        return self.title or str(self.id)

    def get_absolute_url(self) -> str:
        """Return the address of the film's page."""
        return reverse("video:film", args=[self.id])

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.DATA_FOLDER) / "films" / self.id.hex

    @property
    def upload(self) -> Path:
        """What the visitor sent."""
        return self.folder / "upload"

    @property
    def annotated(self) -> Path:
        """The film with boxes, once it is done."""
        return self.folder / "annotated.webm"

    @property
    def goes_at(self) -> datetime:
        """When it and everything of it is deleted."""
        return self.created + KEPT_FOR

    @property
    def moving(self) -> bool:
        """Whether a worker has it or will have it."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def time_left_s(self) -> float | None:
        """How long this run will still take at its speed so far; None where nothing can be said yet."""
        covered = self.position_s - self.run_from_s
        if self.state != self.State.RUNNING or self.run_began is None or covered <= 0 or not self.duration_s:
            return None
        spent = (timezone.now() - self.run_began).total_seconds()
        return max(self.duration_s - self.position_s, 0.0) * spent / covered


class FilmSample(Measurement):
    """The mean of one face's results within one second of a film."""

    film = models.ForeignKey(Film, on_delete=models.CASCADE, related_name="samples")

    class Meta(Measurement.Meta):
        """One row a face and second."""

        constraints = [
            models.UniqueConstraint(fields=["film", "second", "face"], name="one_film_sample_a_second")
        ]
