"""`manage.py work`: a video worker. Any number may run, here and on other machines."""

from __future__ import annotations

import logging
import os
import signal
import threading
from contextlib import suppress
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from emoweb import features
from emoweb.video.jobs import delete_abandoned, delete_old, forget_old_tasks, requeue_orphans
from emoweb.video.tasks import QUEUE

TIDY_EACH_S: Final = 5.0
POLL_S: Final = 0.5
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Analyzes videos until a signal, or until the process given by `--beside` ends."""

    help = "Analyze videos until Ctrl-C or SIGTERM. Start one for each spare core, on any machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the process to end with, and whether to end once the queue is empty."""
        parser.add_argument("--beside", type=int, metavar="PID", help="stop when this process has ended")
        parser.add_argument("--once", action="store_true", help="stop when the queue is empty")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until stopped; videos of dead workers are queued again beside the work."""
        if not features.is_enabled("videos"):
            self._only_tidy(options["beside"], once=options["once"])
            return
        tidy()
        watch = threading.Thread(target=_watch, args=(options["beside"],), name="tidy", daemon=True)
        watch.start()
        worker = Worker(
            queue_names=[QUEUE],
            interval=POLL_S,
            batch=options["once"],
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        # The current video needs no grace period: the next worker continues from its last saved second.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            worker.run()
        except KeyboardInterrupt:
            self.stdout.write("The video worker has stopped.")

    def _only_tidy(self, beside: int | None, once: bool) -> None:
        """Delete what was kept for a day: retention does not depend on the feature."""
        self.stdout.write("The feature videos is disabled: the worker deletes old videos, and analyzes none.")
        tidy()
        if not once:
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            with suppress(KeyboardInterrupt):
                _watch(beside)


def tidy() -> None:
    """Queue orphans again, and delete abandoned uploads and expired videos."""
    requeue_orphans()
    delete_old()
    delete_abandoned()
    forget_old_tasks()


def _watch(beside: int | None) -> None:
    stop = threading.Event()
    while not stop.wait(TIDY_EACH_S):
        if beside is not None and not _lives(beside):
            os._exit(0)
        try:
            tidy()
        except DatabaseError:
            logger.exception("Expired videos could not be deleted; trying again")
        finally:
            close_old_connections()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
