"""What a person reads who writes a first config: fields in the wrong place, sections that are not there, secrets."""

from __future__ import annotations

import pytest

from aep_delivery.config.advice import BLOCKS, advise
from aep_delivery.config.diagnostics import Diagnostic, render
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config
from aep_delivery.config.schema import config_schema

HEAD = "version: 1\nname: nyc-flights\nsandbox: prod\n"
DESTINATION = """\
destination:
  type: sftp
  auth:
    type: sftp-password
    secret: secret://flights-destination
  remotePath: exports
  datasetFileType: PARQUET
  compression: GZIP
"""
DATASETS = "datasets:\n  - name: events\n"
SCHEDULE = "scheduleParams:\n  exportMode: FIRST_FULL_THEN_INCREMENTAL\n  interval: 3\n  timeUnit: hour\n"
OF_DATASETS = {name: block for name, block in BLOCKS.items() if name != "activation"}
GOOD = HEAD + DESTINATION + DATASETS + SCHEDULE


def _found(text: str) -> list[Diagnostic]:
    with pytest.raises(ConfigError) as caught:
        load_config(text.encode(), "c")
    return caught.value.diagnostics


def _said(old: str, new: str) -> list[tuple[str, str, str | None]]:
    assert GOOD.count(old) == 1
    return [(found.place[2:], found.sentence, found.hint) for found in _found(GOOD.replace(old, new))]


def test_the_text_they_are_made_from_is_a_config() -> None:
    assert load_config(GOOD.encode(), "c").name == "nyc-flights"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            DATASETS,
            "  datasets:\n    - name: events\n",
            ("12:3", "destination.datasets: belongs at the top", "Take the blanks before it away."),
            id="datasets",
        ),
        pytest.param(
            SCHEDULE,
            SCHEDULE + "  run:\n    trigger: NOW\n",
            ("18:3", "scheduleParams.run: belongs at the top", "Take the blanks before it away."),
            id="run",
        ),
        pytest.param(
            SCHEDULE,
            SCHEDULE.replace("  interval: 3\n", "") + "interval: 3\n",
            ("17:1", "interval: belongs into `scheduleParams`", "Move it below `scheduleParams:`, indented."),
            id="interval",
        ),
        pytest.param(
            "    secret: secret",
            "    compression: GZIP\n    secret: secret",
            (
                "8:5",
                "destination.auth.compression: belongs into `destination`",
                "Move it below `destination:`, indented.",
            ),
            id="compression",
        ),
    ],
)
def test_a_field_at_the_wrong_depth_is_sent_home(old: str, new: str, said: tuple[str, str, str]) -> None:
    assert _said(old, new) == [said]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(
            "    type: sftp-password\n    secret",
            "  type: sftp-password\n  secret",
            ("6:3", "destination.auth: has no fields", "Indent lines 7 and 8 by two more."),
            id="auth",
        ),
        pytest.param(
            SCHEDULE,
            SCHEDULE.replace("\n  ", "\n"),
            ("14:1", "scheduleParams: has no fields", "Indent lines 15 to 17 by two more."),
            id="schedule",
        ),
        pytest.param(
            SCHEDULE,
            SCHEDULE + "run:\ntrigger: NOW\n",
            ("18:1", "run: has no fields", "Indent line 19 by two more."),
            id="run",
        ),
        pytest.param(
            DESTINATION,
            "\n".join(line.removeprefix("  ") for line in DESTINATION.split("\n")),
            ("4:1", "destination: has no fields", "Indent lines 5 to 11 by two more."),
            id="destination",
        ),
    ],
)
def test_fields_beside_their_section_are_one_finding(old: str, new: str, said: tuple[str, str, str]) -> None:
    assert _said(old, new) == [said]


def test_a_section_without_fields_beside_it_has_no_value() -> None:
    assert [said for _, said, _ in _said(SCHEDULE, "scheduleParams:\n")] == ["scheduleParams: has no value"]


@pytest.mark.parametrize("field", ["host", "port", "username"])
@pytest.mark.parametrize("before", ["    secret: ", "  remotePath: "])
def test_the_server_of_sftp_is_in_the_secret(field: str, before: str) -> None:
    indent = before[: len(before) - len(before.lstrip())]
    found = _found(GOOD.replace(before, f"{indent}{field}: CANARY\n{before}"))
    assert [each.code for each in found] == ["config.field-elsewhere"]
    form = '{"domain": …, "username": …, "password": …, "hostKey": …}'
    assert found[0].hint == f"The server's address is in the secret: {form}."
    assert "CANARY" not in render(found)


def test_the_secret_of_a_key_holds_a_key() -> None:
    section = {"type": "sftp", "auth": {"type": "sftp-ssh-key"}}
    advice = advise(("destination", "auth", "host"), section)
    assert advice is not None
    assert '"sshKey": …' in advice.hint


@pytest.mark.parametrize("before", ["version: ", "  remotePath: ", "    secret: ", "  interval: "])
@pytest.mark.parametrize(
    "field",
    [
        "aws_secret_access_key",
        "awsAccessKeyId",
        "s3SecretKey",
        "client_secret",
        "clientSecret",
        "connection_string",
        "connectionString",
        "sasToken",
        "sas_url",
        "private_key",
        "accountKey",
        "passphrase",
        "pwd",
    ],
)
def test_what_is_called_like_a_credential_is_one_at_any_level(field: str, before: str) -> None:
    indent = before[: len(before) - len(before.lstrip())]
    found = _found(GOOD.replace(before, f"{indent}{field}: CANARY\n{before}"))
    assert [each.code for each in found] == ["config.secret-in-config"]
    assert "rotate it" in str(found[0].hint)
    assert "CANARY" not in render(found)


def test_no_field_of_a_config_is_called_like_a_credential() -> None:
    schema = config_schema()
    names = {name for section in (schema, *schema["$defs"].values()) for name in section.get("properties", {})}
    assert [name for name in names if (advice := advise((name,), None)) and advice.hide] == []


@pytest.mark.parametrize("section", [*OF_DATASETS])
def test_a_section_that_is_missing_is_shown_whole(section: str) -> None:
    blocks = {name: block for name, block in OF_DATASETS.items() if name != section}
    text = HEAD + "".join(f"{block}\n" for block in blocks.values())
    (found,) = _found(text)
    assert found.code == "config.missing-field"
    pasted = str(found.hint).partition("\n")[2]
    assert load_config(f"{text}{pasted}\n".encode(), "c").name == "nyc-flights"
    assert "\n".join(f"        {line}" for line in pasted.split("\n")) in render([found])


def test_an_activation_is_missing_beside_the_audiences() -> None:
    text = HEAD + DESTINATION.replace("datasetFileType: PARQUET", "fileType: CSV") + "audiences:\n  - name: Gold\n"
    (found,) = _found(text)
    assert (found.line, found.sentence) == (12, "audiences: needs `activation` beside it, which is missing")
    pasted = str(found.hint).partition("\n")[2]
    assert load_config(f"{text}{pasted}\n".encode(), "c").exports_audiences


def test_a_schedule_is_missing_beside_the_datasets() -> None:
    assert [said[:2] for said in _said(SCHEDULE, "")] == [
        ("12:1", "datasets: needs `scheduleParams` beside it, which is missing")
    ]


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        ("events", "Write `- name: events`."),
        ("5ef3e324052581191aa6a466", "Write `- id: 5ef3e324052581191aa6a466`."),
        ("AKIAIOSFODNN7EXAMPLE", "Write `- name: …`."),
    ],
)
def test_a_bare_item_is_shown_as_it_is_written(item: str, hint: str) -> None:
    assert [said[2] for said in _said("- name: events", f"- {item}")] == [hint]


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ("2027-02-30T00:00:00Z", "there is no 30 February"),
        ("2027-02-29T00:00:00Z", "there is no 29 February in 2027"),
        ("2027-04-31T00:00:00Z", "there is no 31 April"),
        ("2028-02-29T99:00:00Z", "is not a time in ISO 8601"),
        ("2027-13-30T00:00:00Z", "is not a time in ISO 8601"),
    ],
)
def test_a_day_that_no_calendar_has(time: str, said: str) -> None:
    found = _said("  interval: 3", f"  interval: 3\n  startTime: {time}")
    assert found[0][1] == f"scheduleParams.startTime: {said}"


@pytest.mark.parametrize("scheme", ["", "secret://"])
def test_an_arn_is_not_the_name_of_a_secret(scheme: str) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:flights-AbCdEf"
    ((_, said, hint),) = _said("secret://flights-destination", scheme + arn)
    assert said == "destination.auth.secret: is an ARN, but the name of the secret goes here"
    assert "`:secret:`" in str(hint)


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("a/../b", "Write the folder from where the login lands, without `.` and `..`."),
        ("sftp://a", "is not a folder on the server"),
        ("a/%DATASET_ID%", "contains `%`, but `remotePath` takes no macros"),
        ("//a", "has a folder without a name"),
    ],
)
def test_folders_on_a_server_are_in_no_bucket(folder: str, said: str) -> None:
    found = render(_found(GOOD.replace("remotePath: exports", f"remotePath: {folder}")))
    assert said in found
    assert "bucket" not in found


def test_what_is_too_large_is_no_config() -> None:
    (found,) = _found("#" * 262_145)
    assert found.message == "the file is larger than 256 KiB; is it a config?"
