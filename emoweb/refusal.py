"""Why an upload is refused: one type for images and videos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class Refused(Exception):
    """A refused upload, with an error code, an HTTP status, and a sentence for people."""

    statuses: ClassVar[Mapping[str, int]]

    def __init__(self, code: str) -> None:
        """Take the code, a key of `statuses`."""
        super().__init__(code)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.statuses[self.code]

    @property
    def message(self) -> str:
        """One sentence in the visitor's language that says what to do."""
        raise NotImplementedError
