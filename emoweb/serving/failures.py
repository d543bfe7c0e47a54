"""Errors during set-up or startup of the site, each as one sentence that says what to do."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.checks import ERROR, CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from twisted.internet.error import CannotListenError

from emoweb.checks import check_data_folder, check_disabled_data, check_features, check_settings

# Debian's package for each system library that a wheel may need.
SYSTEM_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libstdc++.so.6": "libstdc++6",
    "libsqlite3.so.0": "libsqlite3-0",
    "libffi.so.8": "libffi8",
    "libssl.so.3": "libssl3",
}
FULL_DISK = "The disk is full ({place}): free some space and start again."
LEAST_FREE_BYTES = 5_000_000  # what a database needs to open and to write its first sessions


@contextmanager
def errors_in_one_sentence() -> Iterator[None]:
    """Convert errors that an operator can fix into a CommandError; all others propagate."""
    try:
        yield
    except (ImportError, ImproperlyConfigured, DatabaseError, OSError) as error:
        sentence = sentence_for(error)
        if sentence is None:
            raise
        raise CommandError(sentence) from error


def sentence_for(error: Exception) -> str | None:
    """Return what went wrong and what to do, or None for errors that only a programmer can fix."""
    if isinstance(error, ImportError):
        return _missing_library(str(error))
    if isinstance(error, DatabaseError):
        return _database(error)
    if isinstance(error, ImproperlyConfigured):
        return " ".join(str(error).split())
    return _file_system(error) if isinstance(error, OSError) else None


def port_sentence(error: CannotListenError, host: str, port: int) -> str:
    """Return why the server cannot listen on the address."""
    reason = getattr(error.socketError, "errno", None)
    if reason == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is already taken: stop the program that uses it, "
            "or choose another port, for example PORT=8001."
        )
    if reason == errno.EACCES:
        return f"Port {port} is reserved for root: choose a port of 1024 or higher, for example PORT=8000."
    return (
        f"{host} is not an address of this machine ({error.socketError}): "
        "set HOST, for example HOST=127.0.0.1."
    )


def refuse_wrong_settings() -> None:
    """Check the settings of the deployment; raise CommandError with a sentence for each error."""
    messages = [*check_settings(None), *check_data_folder(None)]
    errors = [_sentence(message) for message in messages if message.level >= ERROR]
    if errors:
        raise CommandError("; ".join(errors))
    if _disk_is_full():
        raise CommandError(FULL_DISK.format(place=settings.DATA_FOLDER))


def warnings() -> list[str]:
    """Return what an operator should know about the features, each as one sentence."""
    messages = [*check_features(None), *check_disabled_data(None, databases=["default"])]
    return [_sentence(message) for message in messages]


def refuse_an_old_database() -> None:
    """Raise CommandError if the database lacks a migration; accessing it may raise DatabaseError."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database does not match this version: run `python manage.py set_up` first.")


def models_sentence(failure: str | None) -> str:
    """Return why the models could not be loaded, where None means a timeout."""
    if failure is None:
        return "The models did not load in time: start again when the machine is less busy."
    reason = " ".join(failure.split())
    library = _missing_library(reason)
    return library or f"The models could not be loaded ({reason}): run `python -m recognition prepare` again."


def _sentence(message: CheckMessage) -> str:
    hint = message.hint or ""
    return f"{message.msg.rstrip('.')}: {hint[:1].lower()}{hint[1:]} ({message.id})"


def _missing_library(reason: str) -> str | None:
    match = re.search(r"(\S+\.so[\w.]*): cannot open shared object file", reason)
    if match is None:
        return None
    library = match.group(1)
    package = SYSTEM_PACKAGES.get(library)
    how = f"apt-get install {package}" if package else f"your system's package that contains {library}"
    return f"The system library {library} is missing: install it ({how}) and start again."


def _database(error: DatabaseError) -> str | None:
    reason = " ".join(str(error).split())
    words = reason.lower()
    if "disk is full" in words or _disk_is_full():
        return FULL_DISK.format(place=settings.DATA_FOLDER)
    if "readonly" in words or "unable to open" in words or "disk i/o" in words:
        return f"The database cannot be written ({reason}): check its folder's permissions and free space."
    if "connect" in words:
        return (
            f"The database does not respond ({reason}): check DATABASE_URL and that the database is running."
        )
    return None


def _disk_is_full() -> bool:
    return shutil.disk_usage(settings.DATA_FOLDER).free < LEAST_FREE_BYTES


def _file_system(error: OSError) -> str | None:
    place = error.filename or "a file of the site"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return FULL_DISK.format(place=place)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{place} cannot be written: give this user write permission and start again."
    return None
