"""Making the next pieces of a file while the last ones are judged.

Reading, hashing and inflating leave the interpreter to others while they work; a thread that does them ahead uses the
second core.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from queue import Empty, Queue
from threading import Event, Thread

_DEPTH = 3
"""Pieces that may wait."""


def ahead(pieces: Iterable[bytes]) -> Generator[bytes]:
    """The same pieces, made by a thread of its own. Close it where not all of them are taken.

    Args:
        pieces: Nobody else may take any.

    Raises:
        Exception: Whatever `pieces` raises, in its place.
    """
    queue: Queue[bytes | BaseException | None] = Queue(_DEPTH)
    closed = Event()

    def make() -> None:
        last: BaseException | None = None
        try:
            for piece in pieces:
                queue.put(piece)
                if closed.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the pieces are taken
            last = error
        queue.put(last)

    maker = Thread(target=make, name="ahead", daemon=True)
    maker.start()
    try:
        while (piece := queue.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece
    finally:
        closed.set()
        while maker.is_alive():
            _empty(queue)
            maker.join(0.01)


def _empty(queue: Queue[bytes | BaseException | None]) -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        pass
