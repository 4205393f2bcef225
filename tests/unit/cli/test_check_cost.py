from __future__ import annotations

import pytest
import typer

from aep_delivery.cli.check_cost import tell_cost
from aep_delivery.cli.exits import MisuseError
from aep_delivery.cli.screen import Screen
from aep_delivery.verification.loose_files.foreseen import Foreseen


def foreseen(seconds: float, requests: int = 0) -> Foreseen:
    return Foreseen(files=1200, bytes=5 << 30, requests=requests, seconds=seconds, memory_mb=128)


class Asking(Screen):
    """A terminal at which somebody sits."""

    @property
    def asks(self) -> bool:
        return True


def test_a_short_check_is_not_worth_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    tell_cost(foreseen(9), Asking(as_json=False), yes=False)
    assert capsys.readouterr() == ("", "")


def test_time_memory_and_requests_are_told_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    tell_cost(foreseen(90, 2400), Asking(as_json=False), yes=False)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == ("1,200 files, 5 GiB to read, 2,400 requests: about 1 min 30 s and at most 128 MB of memory.\n")


@pytest.mark.parametrize("answer", [True, False])
def test_somebody_at_a_terminal_is_asked(answer: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: answer)
    if answer:
        tell_cost(foreseen(301), Asking(as_json=False), yes=False)
        return
    with pytest.raises(MisuseError) as caught:
        tell_cost(foreseen(301), Asking(as_json=False), yes=False)
    assert caught.value.code == "cli.not-confirmed"


@pytest.mark.parametrize(("screen", "yes"), [(Asking(as_json=False), True), (Screen(as_json=False), False)])
def test_nobody_else_is_asked(screen: Screen, yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> bool:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(typer, "confirm", asked)
    tell_cost(foreseen(9000), screen, yes=yes)
