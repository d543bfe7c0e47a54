"""Signals that the history sends."""

from __future__ import annotations

from django.dispatch import Signal

# A visitor is deleting sessions; `sessions`: their ids, a list of UUID. Sent before the rows go.
sessions_deleted = Signal()
