from __future__ import annotations

import shlex
from collections.abc import Callable

from aep_delivery.verification.receipt.models import Receipt
from aep_delivery.verification.receipt.repeat import checksum_lines, other_checks, own_checks, part_lines
from aep_delivery.verification.report import DatasetReport, FilePart, FileReport, VerificationReport


def test_commands_name_the_folder_and_the_figures_of_the_receipt(samples: dict[str, Callable[[], Receipt]]) -> None:
    receipt = samples["verified"]()
    listed, counted, *_ = other_checks(receipt)
    folder = "s3://analytics-landing/exports/flights/nyc-flights/5ef3e324052581191aa6a466/20270101_030000/"
    assert shlex.split(listed.command) == ["aws", "s3", "ls", "--recursive", "--summarize", folder]
    assert listed.expect.startswith("12 data files")
    assert "'\"'" not in counted.command
    sql = shlex.split(counted.command)[2]
    assert sql.endswith(f" FROM read_parquet('{folder}*.gz.parquet')")
    assert counted.expect == "390,602 rows"


def test_a_count_that_a_damaged_file_would_stop_is_not_offered(samples: dict[str, Callable[[], Receipt]]) -> None:
    commands = [check.command for check in other_checks(samples["corrupt"]())]
    assert not [command for command in commands if command.startswith("duckdb")]
    assert [command for command in commands if command.startswith("aws s3 ls")]


def test_names_with_quotes_stay_one_word_of_the_shell(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    folder = "it's; rm -rf $(HOME) `x`"
    report = make_verification([make_dataset([make_part(folder, 1)])])
    listed, counted, hashed = other_checks(make_receipt(report=report))
    assert shlex.split(listed.command)[-1] == f"s3://analytics-landing/{folder}/"
    assert "it''s; rm" in shlex.split(counted.command)[2]
    assert shlex.split(hashed.command)[3].startswith(f"s3://analytics-landing/{folder}/part-")


def test_without_files_there_is_nothing_to_repeat(samples: dict[str, Callable[[], Receipt]]) -> None:
    assert other_checks(samples["empty"]()) == []
    assert other_checks(samples["failed-early"]()) == []


def test_checksum_lines_are_those_of_sha256sum(samples: dict[str, Callable[[], Receipt]]) -> None:
    report = samples["verified"]().verification
    assert report is not None
    lines = checksum_lines(report.datasets)
    assert len(lines) == 13
    digest, _, key = lines[0].partition("  ")
    assert len(digest) == 64
    assert key.endswith("part-00000-tid-81-c000.gz.parquet")


def test_a_file_read_in_parts_has_a_line_and_a_command_for_its_parts(
    make_receipt: Callable[..., Receipt],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    parts = [FilePart(start=0, end=100, sha256="a" * 64), FilePart(start=100, end=150, sha256="b" * 64)]
    large = make_part("it's", 0).model_copy(update={"sha256": None, "parts": parts})
    report = make_verification([make_dataset([large])])
    assert checksum_lines(report.datasets) == []
    assert part_lines(report.datasets) == [
        f"{'a' * 64}  {large.key}  bytes 0-99",
        f"{'b' * 64}  {large.key}  bytes 100-149",
    ]
    hashed = other_checks(make_receipt(report=report))[-1]
    assert hashed.about == "Hash the first of 2 parts of a file"
    words = shlex.split(hashed.command)
    assert words[words.index("--key") + 1] == large.key
    assert words[words.index("--range") + 1] == "bytes=0-99"
    assert hashed.expect == "a" * 64
    beside = make_verification([make_dataset([large, make_part("it's", 1)])])
    assert [check.about.split()[0] for check in other_checks(make_receipt(report=beside))[-2:]] == ["Hash", "Hash"]


def test_our_own_command_names_the_delivery_and_the_run(samples: dict[str, Callable[[], Receipt]]) -> None:
    judged, read = own_checks(samples["verified"]())
    words = shlex.split(judged.command)
    assert words[:4] == ["aep-delivery", "verify", "--delivery", "prod/nyc-flights"]
    assert words[4:] == ["--run", "65b7cfcc-6b2e-47c8-8194-13005b792752"]
    assert judged.expect == "VERIFIED"
    folders = [word for word in shlex.split(read.command) if word.startswith("s3://")]
    assert len(folders) == 2
    assert shlex.split(read.command)[-2:] == ["--records", "391014"]
    assert read.expect == "VALID"


def test_damaged_files_must_be_damaged_again(samples: dict[str, Callable[[], Receipt]]) -> None:
    judged, read = own_checks(samples["corrupt"]())
    assert judged.expect == "CORRUPT"
    assert read.expect == "INVALID"
    assert "--records" not in read.command


def test_what_was_not_looked_at_is_not_repeated(samples: dict[str, Callable[[], Receipt]]) -> None:
    assert [own_checks(samples[name]()) for name in ("no-run", "run-failed", "failed-early")] == [[], [], []]
    assert [check.expect for check in own_checks(samples["audiences"]())] == ["VERIFIED"]
    assert [check.expect for check in own_checks(samples["empty"]())] == ["EMPTY"]


def test_a_run_of_several_ids_and_a_crowd_of_folders_have_no_command(
    samples: dict[str, Callable[[], Receipt]],
    make_verification: Callable[..., VerificationReport],
    make_dataset: Callable[..., DatasetReport],
    make_part: Callable[..., FileReport],
) -> None:
    receipt = samples["verified"]()
    assert receipt.run is not None
    report = make_verification([make_dataset([make_part(f"f{number}", 1)]) for number in range(13)])
    several = receipt.run.model_copy(update={"run_ids": ["a", "b"]})
    assert own_checks(receipt.model_copy(update={"run": several, "verification": report})) == []
