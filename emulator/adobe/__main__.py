"""``python -m emulator.adobe --lake DIR``: an Adobe for any client, until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import datetime, time
from pathlib import Path

from emulator.adobe import server, settings
from emulator.adobe.clock import parse_iso
from emulator.adobe.lake import LakeError


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGINT or SIGTERM. Exit status 0, or 2 for arguments that don't fit."""
    parser = _parser()
    given = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with server.start(
            given.lake,
            host=given.host,
            port=given.port,
            client_id=given.client_id,
            client_secrets=tuple(given.client_secret or [settings.DEFAULT_CLIENT_SECRET]),
            org=given.org,
            sandboxes=tuple(given.sandbox or settings.DEFAULT_SANDBOXES),
            s3_endpoint=given.s3_endpoint,
            speed=given.speed,
            start=given.start,
            token_lifetime=given.token_lifetime,
            adhoc_ready_after=given.adhoc_ready_after,
            settle_after=given.settle_after,
            rows_per_part=given.rows_per_part,
            rows_per_file=given.rows_per_file,
            segmentation_time=given.segmentation_time,
            adhoc_audience_ready_after=given.adhoc_audience_ready_after,
            vary=not given.plain,
        ) as emulator:
            print(f"Adobe emulator listening on {emulator.base_url}", flush=True)  # noqa: T201  the address is the output
            stop.wait()
    except (ValueError, OSError, LakeError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)  # noqa: T201  a message for the terminal
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m emulator.adobe",
        description="An emulated Adobe Experience Platform whose dataflows really export files.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--lake", type=Path, required=True, help="folder of datasets")
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=8123, help="port to listen on; 0 takes a free one")
    add("--client-id", default=settings.DEFAULT_CLIENT_ID, help="the client that may ask for tokens; also the API key")
    add("--client-secret", action="append", help=f"repeatable (default: {settings.DEFAULT_CLIENT_SECRET})")
    add("--org", default=settings.DEFAULT_ORG, help="organisation id")
    add("--sandbox", action="append", help=f"repeatable (default: {', '.join(settings.DEFAULT_SANDBOXES)})")
    add("--s3-endpoint", help="where S3 is; otherwise AWS_ENDPOINT_URL_S3, then AWS")
    add("--speed", type=float, default=1.0, help="emulated seconds per second; 0 stands still")
    add("--start", type=_moment, help="first reading of the clock, ISO 8601; the present otherwise")
    add("--token-lifetime", type=int, default=86399, help="emulated seconds")
    add("--adhoc-ready-after", type=float, default=300.0, help="emulated seconds until a new flow takes ad-hoc runs")
    add("--settle-after", type=float, default=2.0, help="emulated seconds an asynchronous change takes")
    add("--rows-per-part", type=int, default=100_000, help="rows of one part file")
    add("--rows-per-file", type=int, default=5_000_000, help="rows of one audience file")
    add(
        "--segmentation-time",
        type=time.fromisoformat,
        default=time(0),
        help="when the daily segmentation job runs, UTC",
    )
    add("--adhoc-audience-ready-after", type=float, default=3600.0, help="the same for a newly activated audience")
    add("--plain", action="store_true", help="always answer in the commonest form instead of taking turns")
    return parser


def _moment(text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
