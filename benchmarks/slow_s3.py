# ruff: noqa: INP001, T201 - scripts, not a package
"""A folder as an S3 bucket that is far away: ``python slow_s3.py FOLDER MILLISECONDS`` prints its port and serves.

Only what reading needs: GET with ranges, HEAD and ListObjectsV2, each answer after a wait. It wants no credentials.
"""

from __future__ import annotations

import hashlib
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

BUCKET = "bench"


class Bucket(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path
    wait: float

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        time.sleep(self.wait)
        place = urlsplit(self.path)
        if "list-type" in parse_qs(place.query) or place.path.strip("/") == BUCKET:
            prefix = parse_qs(place.query).get("prefix", [""])[0]
            self._answer(200, self._listing(prefix), {"Content-Type": "application/xml"})
            return
        file = self.folder / place.path.removeprefix(f"/{BUCKET}/")
        if not file.is_file():
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {})
            return
        data = file.read_bytes()
        first, last = _range(self.headers.get("Range"), len(data))
        headers = {
            "ETag": f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"',
            "Last-Modified": "Fri, 01 Jan 2027 00:00:00 GMT",
            "Accept-Ranges": "bytes",
        }
        if "Range" in self.headers:
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        self._answer(206 if "Range" in self.headers else 200, data[first : last + 1], headers)

    def _listing(self, prefix: str) -> bytes:
        entries = "".join(
            f"<Contents><Key>{file.name}</Key><LastModified>2027-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{file.name}&quot;</ETag><Size>{file.stat().st_size}</Size></Contents>"
            for file in sorted(self.folder.iterdir())
            if file.name.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


def _range(header: str | None, size: int) -> tuple[int, int]:
    """First and last byte of what is asked for."""
    first, _, last = (header or "bytes=0-").removeprefix("bytes=").partition("-")
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last or size - 1), size - 1)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    Bucket.folder, Bucket.wait = Path(sys.argv[1]), int(sys.argv[2]) / 1000
    server = Server(("127.0.0.1", 0), Bucket)
    print(server.server_address[1], flush=True)
    server.serve_forever()
