"""An uploaded video, the progress of its analysis, and the measurements of each of its seconds."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from emoweb.measurements.samples import Measurement

KEPT_FOR = timedelta(hours=24)
# An upload that receives nothing for so long is deleted, and no longer counts.
UPLOAD_KEPT_FOR = timedelta(hours=1)


class Video(models.Model):
    """One video of one owner; its files are in a folder named by its random id, never by the visitor."""

    class State(models.TextChoices):
        """The states of a video; lease.py draws the transitions."""

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
    # The lease: which worker analyzes it, and the last activity of that worker or of the upload.
    worker = models.CharField(max_length=64, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    run_began = models.DateTimeField(null=True, blank=True)
    run_from_s = models.FloatField(default=0)
    position_s = models.FloatField(default=0)
    # Where a new worker continues; the checkpoint holds what it must know.
    saved_s = models.FloatField(default=0)
    checkpoint = models.JSONField(default=dict)
    frames = models.PositiveIntegerField(default=0)
    # The number of video tracks in the file: one of them, the default, is analyzed.
    video_tracks = models.PositiveSmallIntegerField(default=1)

    class Meta:
        """The newest video comes first. Table and indexes keep the names of emoweb 0.1."""

        db_table = "video_film"
        ordering = ["-created", "id"]
        indexes = [
            models.Index(fields=["owner", "-created"], name="films_of_owner"),
            models.Index(fields=["state", "heartbeat"], name="films_by_heartbeat"),
        ]

    def __str__(self) -> str:
        """Return the title, or the id of a video without one."""
        return self.title or str(self.id)

    def get_absolute_url(self) -> str:
        """Return the address of the video's page."""
        return reverse("video:video", args=[self.id])

    @property
    def folder(self) -> Path:
        """The folder of its files, named as in emoweb 0.1."""
        return Path(settings.DATA_FOLDER) / "films" / self.id.hex

    @property
    def upload(self) -> Path:
        """The uploaded file."""
        return self.folder / "upload"

    @property
    def annotated(self) -> Path:
        """The annotated video, once the analysis is done."""
        return self.folder / "annotated.webm"

    @property
    def expires(self) -> datetime:
        """When it is deleted with all its results."""
        return self.created + KEPT_FOR

    @property
    def moving(self) -> bool:
        """Whether it is in analysis or in the queue."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def time_left_s(self) -> float | None:
        """The remaining time of this run at its speed so far; None while it is unknown."""
        covered = self.position_s - self.run_from_s
        if self.state != self.State.RUNNING or self.run_began is None or covered <= 0 or not self.duration_s:
            return None
        spent = (timezone.now() - self.run_began).total_seconds()
        return max(self.duration_s - self.position_s, 0.0) * spent / covered


class VideoSample(Measurement):
    """The mean of one face's results within one second of a video."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="samples", db_column="film_id")

    class Meta(Measurement.Meta):
        """One row a face and second. Table and constraint keep the names of emoweb 0.1."""

        db_table = "video_filmsample"
        constraints = [
            models.UniqueConstraint(fields=["video", "second", "face"], name="one_film_sample_a_second")
        ]
