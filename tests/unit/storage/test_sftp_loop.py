from __future__ import annotations

import asyncio
import threading

import pytest

from aep_delivery.storage.sftp_loop import LoopThread


async def nothing() -> None:
    pass


def alive() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "sftp"]


def test_work_returns_its_result_or_its_error() -> None:
    async def work(number: int) -> float:
        return 1 / number

    thread = LoopThread()
    assert thread.run(work(2)) == 0.5
    assert thread.submit(work(4)).result() == 0.25
    with pytest.raises(ZeroDivisionError):
        thread.run(work(0))
    thread.close(nothing())


def test_closing_ends_what_is_left_and_the_thread() -> None:
    ended = []

    async def endless() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            ended.append("endless")

    async def last() -> None:
        ended.append("last")

    before = len(alive())
    thread = LoopThread()
    thread.submit(endless())
    thread.run(nothing())
    thread.close(last())
    assert ended == ["last", "endless"]
    assert len(alive()) == before


def test_after_closing_nothing_is_started() -> None:
    thread = LoopThread()
    thread.close(nothing())
    assert thread.closed
    with pytest.raises(RuntimeError):
        thread.run(nothing())


def test_the_thread_may_close_itself() -> None:
    before = len(alive())
    thread = LoopThread()

    async def close() -> None:
        thread.close(nothing())

    thread.run(close())
    for one in alive():
        one.join(5)
    assert len(alive()) == before
