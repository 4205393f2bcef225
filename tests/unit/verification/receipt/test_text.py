from __future__ import annotations

from collections.abc import Callable

import pytest

from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.text import MAX_LINES, summary
from aep_delivery.verification.receipt.verdicts import SENSES
from aep_delivery.verification.report import DatasetReport, FileReport, FileState, Verdict, VerificationReport


def test_the_verdict_is_the_first_word(sample: Receipt) -> None:
    text = summary(sample)
    assert text.startswith(f"{sample.verdict}  {sample.delivery.id}\n{sample.reason}\n")
    assert text.endswith("from request to receipt\n")
    assert "\x1b" not in text


def test_every_verdict_has_words_of_its_own() -> None:
    assert set(SENSES) == {*Verdict, "FAILED"}
    assert len({sense.title for sense in SENSES.values()}) == len(SENSES)


def test_one_sigil_a_file_and_trouble_first(samples: dict[str, Callable[[], Receipt]]) -> None:
    lines = summary(samples["corrupt"]()).splitlines()
    files = [line for line in lines if "part-000" in line and line.startswith("  ")]
    assert [line[2] for line in files] == ["!", "-", "+", "*", *"=" * 9]
    below = lines[lines.index(files[0]) + 1]
    assert below.strip().startswith("error: The file ends before its footer")
    assert "(byte 462000) [file.truncated]" in below


def test_comparisons_show_both_sides(samples: dict[str, Callable[[], Receipt]]) -> None:
    lines = [" ".join(line.split()) for line in summary(samples["corrupt"]()).splitlines()]
    assert "* records 352,608 324,177" in lines
    assert "* files 13 12 shown, not judged" in lines
    assert "bytes no figure 13,643,698" in lines


def test_long_lists_are_shortened_but_not_their_troubles(samples: dict[str, Callable[[], Receipt]]) -> None:
    lines = summary(samples["large"]()).splitlines()
    files = [line for line in lines if "part-0" in line]
    assert len(files) == MAX_LINES
    assert files[0].startswith("  ! part-01234")
    assert "  … and 1,980 more, all whole" in lines


def test_troubles_beyond_the_list_are_counted(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    files = [make_part("f", number, state=FileState.MISSING) for number in range(30)]
    report = make_verification([make_dataset(files)], verdict=Verdict.INCOMPLETE)
    assert "  … and 10 more, 10 of them not whole\n" in summary(
        make_receipt(verdict=Verdict.INCOMPLETE, reason="r", report=report)
    )


def test_one_file_more_than_the_limit_is_shown_instead_of_counted(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    report = make_verification([make_dataset([make_part("f", number) for number in range(MAX_LINES + 1)])])
    text = summary(make_receipt(report=report))
    assert text.count("  = part-") == MAX_LINES + 1
    assert "more, all whole" not in text


def test_a_failure_has_its_place_code_and_hint(samples: dict[str, Callable[[], Receipt]]) -> None:
    text = summary(samples["failed-early"]())
    assert "crm.yaml:12:9: destination.bucketNam: not a known field, did you mean bucketName?" in text
    assert "[config.unknown-field]" in text
    assert "hint: Write bucketName" in text


def test_how_to_go_on_is_told(samples: dict[str, Callable[[], Receipt]]) -> None:
    text = summary(samples["corrupt"]())
    assert "\nHow to go on: Verify again." in text
    assert "\nMore: aep-delivery explain file.truncated\n" in text


def test_warnings_of_the_plan_are_told(samples: dict[str, Callable[[], Receipt]]) -> None:
    assert "\nwarning: The schedule ends in 12 days" in summary(samples["corrupt"]())


@pytest.mark.parametrize("evil", ["\x1b]0;owned\x07", "\u202egnp.exe", "a\rVERIFIED"])
def test_names_cannot_act_on_the_terminal(
    evil: str,
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    file = make_part("f", 1).model_copy(update={"key": f"f/{evil}"})
    report = make_verification([make_dataset([file], name=evil)], reason=evil)
    text = summary(make_receipt(report=report, reason=evil, warnings=[evil]))
    assert not set(text) & set("\x1b\x07\r\u202e")
    assert text.count(f"⟨U+{ord(next(char for char in evil if not char.isprintable())):04X}⟩") >= 4
