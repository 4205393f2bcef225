from __future__ import annotations

import json
import threading

import pytest
from jsonschema import Draft202012Validator

from aep_delivery.runtime.clock import FixedClock
from aep_delivery.status.board import MemoryStatusBoard
from aep_delivery.status.draw import ATTEMPTS, DOCUMENT, PAGE, draw
from aep_delivery.status.schema import status_schema
from aep_delivery.status.shelf import ChangedMeanwhileError, MemoryShelf
from aep_delivery.status.volume import Entitlement


class Interrupted(MemoryStatusBoard):
    """A board on which something happens while it is read."""

    def __init__(self, happening, times=1):
        super().__init__()
        self.happening = happening
        self.left = times

    def records(self):
        found = list(super().records())
        if self.left:
            self.left -= 1
            self.happening(self)
        return iter(found)


def drawn(board, shelf, now):
    return draw(board, shelf, FixedClock(now), owner="stack", entitlement=Entitlement(1_000))


def names(shelf):
    return [one["id"] for one in json.loads(shelf.kept[DOCUMENT])["deliveries"]]


def test_document_and_page_are_written(ending, known, now) -> None:
    board, shelf = MemoryStatusBoard(), MemoryShelf()
    board.change("prod/orders", lambda it: it.with_ending(ending(), known()), now)
    document = drawn(board, shelf, now)
    written = json.loads(shelf.kept[DOCUMENT])
    Draft202012Validator(status_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(written)
    assert written == document.model_dump(mode="json", by_alias=True)
    assert "prod/orders" in shelf.kept[PAGE]


def test_a_page_without_deliveries_is_one_too(now) -> None:
    shelf = MemoryShelf()
    drawn(MemoryStatusBoard(), shelf, now)
    assert "No deliveries yet" in shelf.kept[PAGE]


def test_who_was_overtaken_draws_again(ending, known, now) -> None:
    shelf = MemoryShelf()

    def another_ends(board):
        board.change("prod/stores", lambda it: it.with_ending(ending(), known()), now)
        drawn(board, shelf, now)

    board = Interrupted(another_ends)
    board.change("prod/orders", lambda it: it.with_ending(ending(), known()), now)
    drawn(board, shelf, now)
    assert names(shelf) == ["prod/orders", "prod/stores"]
    assert "prod/stores" in shelf.kept[PAGE]


def test_who_is_always_overtaken_gives_up_and_comes_back(now) -> None:
    shelf = MemoryShelf()

    def another_draws(board):
        shelf.put(DOCUMENT, "{}", "", unless_changed=shelf.tag(DOCUMENT))

    board = Interrupted(another_draws, times=ATTEMPTS)
    with pytest.raises(ChangedMeanwhileError):
        drawn(board, shelf, now)
    drawn(board, shelf, now)


def test_of_many_at_a_time_none_is_missing(ending, known, now) -> None:
    board, shelf = MemoryStatusBoard(), MemoryShelf()
    lock, many = threading.Lock(), 12
    put = shelf.put

    def atomic(*arguments, **options):
        with lock:
            put(*arguments, **options)

    shelf.put = atomic

    def end(number):
        board.change(f"prod/d-{number:02}", lambda it: it.with_ending(ending(), known()), now)
        while True:
            try:
                drawn(board, shelf, now)
            except ChangedMeanwhileError:
                continue  # as the queue hands the message out again
            return

    threads = [threading.Thread(target=end, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(shelf) == [f"prod/d-{number:02}" for number in range(many)]
    assert all(name in shelf.kept[PAGE] for name in names(shelf))
