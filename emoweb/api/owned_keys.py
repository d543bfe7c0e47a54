"""API keys as data of their owner."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from django.utils.translation import ngettext

from emoweb.api.models import Key
from emoweb.owned_data import OwnedData


class OwnedKeys(OwnedData):
    """API keys; the secrets cannot be exported, because the site stores only their hashes."""

    name = "keys"
    feature = "api"
    model = Key

    def described(self, count: int) -> str:
        """Return a number of keys in words."""
        return ngettext("%(count)d key", "%(count)d keys", count) % {"count": count}

    async def json_chunks(self, row: Key) -> AsyncIterator[str]:
        """Yield what the page of keys shows of one."""
        yield json.dumps(
            {
                "name": row.name,
                "start": row.start,
                "created": row.created.isoformat(),
                "last_used": row.last_used.isoformat() if row.last_used else None,
            },
            ensure_ascii=False,
        )
