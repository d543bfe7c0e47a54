"""HTTP byte ranges: how a player requests the part of a video that it shows."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

CHUNK: Final = 256 * 1024


class RangeUnsatisfiable(Exception):
    """The range starts after the file's end."""


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first byte and the one after the last; None for the complete file or an invalid range.

    Raises RangeUnsatisfiable. A request of several ranges gets the complete file, which is allowed.
    """
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", (header or "").strip())
    if found is None or found.group(0) == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        raise RangeUnsatisfiable
    return start, end


def file_response(request: HttpRequest, path: Path, content_type: str) -> HttpResponseBase:
    """Answer with a file or the part of it that is asked for, read as it is sent."""
    size = path.stat().st_size
    try:
        part = parse_range(request.headers.get("Range"), size)
    except RangeUnsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = part or (0, size)
    chunks: AsyncIterator[bytes] | Iterator[bytes] = _read(path, start, end)
    if isinstance(request, ASGIRequest):
        # Django would read a plain iterator to its end before it sends the first byte.
        chunks = _read_beside(path, start, end)
    response = StreamingHttpResponse(chunks, status=206 if part else 200, content_type=content_type)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(end - start)
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _read(path: Path, start: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (chunk := file.read(min(CHUNK, end - start))):
            start += len(chunk)
            yield chunk


async def _read_beside(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    read = _read(path, start, end)
    take = sync_to_async(lambda: next(read, b""), thread_sensitive=False)
    try:
        while chunk := await take():
            yield chunk
    finally:
        read.close()  # type: ignore[attr-defined]
