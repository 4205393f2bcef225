# ruff: noqa: INP001, T201 - scripts, not a package
"""A folder as an S3 bucket that is far away: ``python slow_s3.py FOLDER MILLISECONDS`` prints its port and serves.

Only what reading needs: GET with ranges, HEAD and ListObjectsV2, each answer after a wait. It wants no credentials. It
shares the machine with the readers, so it holds everything in memory and takes about 0.1 ms of CPU for a request: with
a thread for each connection it was the server that was measured.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET = "bench"
_MISSING = b"<Error><Code>NoSuchKey</Code></Error>"


class Bucket:
    """The content of a folder, and the answers it gives."""

    def __init__(self, folder: Path) -> None:
        self._content = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}
        self._etags = {
            name: hashlib.md5(data, usedforsecurity=False).hexdigest() for name, data in self._content.items()
        }

    def answer(self, method: str, target: str, headers: dict[str, str]) -> bytes:
        place = urlsplit(target)
        if "list-type" in parse_qs(place.query) or place.path.strip("/") == BUCKET:
            prefix = parse_qs(place.query).get("prefix", [""])[0]
            return _answer(method, 200, self._listing(prefix), {"Content-Type": "application/xml"})
        name = unquote(place.path.removeprefix(f"/{BUCKET}/"))
        data = self._content.get(name)
        if data is None:
            return _answer(method, 404, _MISSING, {})
        first, last = _range(headers.get("range"), len(data))
        told = {
            "ETag": f'"{self._etags[name]}"',
            "Last-Modified": "Fri, 01 Jan 2027 00:00:00 GMT",
            "Accept-Ranges": "bytes",
        }
        if "range" in headers:
            told["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return _answer(method, 206 if "range" in headers else 200, data[first : last + 1], told)

    def _listing(self, prefix: str) -> bytes:
        entries = "".join(
            f"<Contents><Key>{name}</Key><LastModified>2027-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{self._etags[name]}&quot;</ETag><Size>{len(data)}</Size></Contents>"
            for name, data in self._content.items()
            if name.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()


def _answer(method: str, status: int, body: bytes, headers: dict[str, str]) -> bytes:
    told = {"Content-Length": str(len(body)), **headers}
    head = f"HTTP/1.1 {status} Told\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{head}\r\n".encode() + (b"" if method == "HEAD" else body)


def _range(header: str | None, size: int) -> tuple[int, int]:
    """First and last byte of what is asked for."""
    first, _, last = (header or "bytes=0-").removeprefix("bytes=").partition("-")
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last or size - 1), size - 1)


async def serve(bucket: Bucket, wait: float) -> None:
    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                request, *lines = head.strip().split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
                await asyncio.sleep(wait)
                method, target, _ = request.split(" ")
                writer.write(bucket.answer(method, target, headers))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Bucket(Path(sys.argv[1])), int(sys.argv[2]) / 1000))
