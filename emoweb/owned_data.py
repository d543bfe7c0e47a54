"""The registry of the data stored about an owner: each app names its kind of data in its AppConfig.

Export, transfer to an account and deletion go through it. They work regardless of FEATURES.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string

from emoweb.features import site_apps


class OwnedData(ABC):
    """One kind of data whose rows name their owner."""

    # Its name in an export, and the feature that makes it.
    name: ClassVar[str]
    feature: ClassVar[str]
    model: ClassVar[type[Model]]

    @abstractmethod
    def described(self, count: int) -> str:
        """Return a number of rows in words, such as "3 sessions"."""

    @abstractmethod
    def json_chunks(self, row: Any) -> AsyncIterator[str]:
        """Yield one row as JSON, in parts."""

    def rows(self, owner: str | None) -> QuerySet[Any]:
        """Return an owner's rows; everybody's for None."""
        rows = self.model._default_manager.all()
        return rows if owner is None else rows.filter(owner=owner)

    def delete(self, rows: QuerySet[Any]) -> int:
        """Delete rows with all that belongs to them; return how many."""
        _all, deleted = rows.delete()
        return deleted.get(self.model._meta.label, 0)


def registered() -> tuple[OwnedData, ...]:
    """Return every kind of data, in the order of the installed apps."""
    return tuple(import_string(app.owned_data)() for app in site_apps() if app.owned_data is not None)


def described(owner: str) -> list[str]:
    """Return in words what is kept of an owner; nothing of what there is none."""
    counts = [(data, data.rows(owner).count()) for data in registered()]
    return [data.described(count) for data, count in counts if count]


def features_with_data() -> frozenset[str]:
    """Return the features that have stored anything of anybody."""
    return frozenset(data.feature for data in registered() if data.rows(None).exists())


def transfer(owner: str, to: str) -> None:
    """Transfer all data of an owner to another one."""
    with transaction.atomic():
        for data in registered():
            data.rows(owner).update(owner=to)


def delete(owner: str) -> None:
    """Delete everything of an owner."""
    for data in registered():
        data.delete(data.rows(owner))


async def json_chunks(owner: str) -> AsyncIterator[str]:
    """Yield everything of an owner as one JSON object: a list for each kind of data."""
    joint = "{"
    for data in registered():
        yield f'{joint}"{data.name}":['
        between = ""
        async for row in data.rows(owner).aiterator():
            yield between
            async for chunk in data.json_chunks(row):
                yield chunk
            between = ","
        yield "]"
        joint = ","
    yield "}\n" if joint == "," else "{}\n"
