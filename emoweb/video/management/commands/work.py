"""`manage.py work`: a worker for films. Any number may run, here and on other machines."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from emoweb.video.jobs import delete_abandoned, delete_old, forget_old_tasks, take_up_orphans
from emoweb.video.tasks import QUEUE

TIDY_EACH_S: Final = 5.0
POLL_S: Final = 0.5
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Analyses films until a signal, or until the process it stands beside has ended."""

    help = "Analyse films until Ctrl-C or SIGTERM; start as many as there are cores to spare, on any machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a process to end with, and whether to end once nothing waits."""
        parser.add_argument("--beside", type=int, metavar="PID", help="end when this process has ended")
        parser.add_argument("--once", action="store_true", help="end when no film waits")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to stop; films whose worker died are taken up beside the work."""
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
        # The film in hand needs no grace: whoever is next goes on from its last saved second.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            worker.run()
        except KeyboardInterrupt:
            self.stdout.write("The films' worker has stopped.")


def tidy() -> None:
    """Take up orphans, and delete abandoned uploads and what was kept for a day."""
    take_up_orphans()
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
            logger.exception("The films could not be tidied; the next try follows")
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
