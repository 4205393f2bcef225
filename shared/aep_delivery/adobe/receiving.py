"""How much of an answer is taken in, whatever it claims to be: what is larger is no answer of Adobe's."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpx

MAX_BYTES = 16 << 20
"""Of a body, unpacked. A page of a hundred dataflows with all their audiences stays well below."""
ENCODING = "gzip"
"""The one that is asked for."""

_GZIP = 16 + zlib.MAX_WBITS
_CHUNK = 1 << 20


def take_no_more(response: httpx.Response) -> None:
    """Have an answer end in an error where its body is too large; a hook of the client, before any of it is read."""
    # Unpacking is done here: httpx unpacks a whole piece at once, which may become a thousand times as much.
    encoding = response.headers.pop("Content-Encoding", "identity").strip().lower()
    response.stream = _Bounded(response, encoding)


class _Bounded(httpx.SyncByteStream):
    """A body as it comes in, unpacked."""

    def __init__(self, response: httpx.Response, encoding: str) -> None:
        self._response = response
        self._inner = response.stream
        self._encoding = encoding

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        for chunk in self._unpacked():
            received += len(chunk)
            if received > MAX_BYTES:
                raise self._error(f"a body of more than {MAX_BYTES >> 20} MiB")
            yield chunk

    def _unpacked(self) -> Iterator[bytes]:
        assert isinstance(self._inner, httpx.SyncByteStream)
        if self._encoding == "identity":
            yield from self._inner
            return
        if self._encoding != ENCODING:
            raise self._error("an encoding that nobody asked for")
        unpacking = zlib.decompressobj(_GZIP)
        began = False  # An answer without a body may be said to be packed all the same.
        try:
            for chunk in self._inner:
                left = chunk
                began = began or bool(chunk)
                while left and not unpacking.eof:
                    yield unpacking.decompress(left, _CHUNK)
                    left = unpacking.unconsumed_tail
        except zlib.error:
            raise self._error("a damaged gzip stream") from None
        if began and not unpacking.eof:
            raise self._error("half a gzip stream")

    def _error(self, what: str) -> httpx.DecodingError:
        return httpx.DecodingError(what, request=self._response.request)

    def close(self) -> None:
        if isinstance(self._inner, httpx.SyncByteStream):
            self._inner.close()
