from __future__ import annotations

import json
import shlex
from itertools import product

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.cli import connection
from aep_delivery.cli.commands import demo
from aep_delivery.cli.new_config import AUDIENCE_SCHEDULES, DATASET_SCHEDULES
from aep_delivery.cli.screen import Screen
from aep_delivery.config.load import load_config
from aep_delivery.config.schema import config_schema
from tests.unit.docs.pages import all_samples

ROWS = load_catalogue().destinations
ID = "72a6f3d1-5e0b-4c9f-8f1d-2b7e4c0a9d63"
SCHEMA = Draft202012Validator(config_schema())
MORE = {
    "existing-connection": ["--base-connection", ID],
    "assumed-role": ["--role", "arn:aws:iam::123456789012:role/team/adobe-exports"],
}


def _kinds(row):
    return [*([spec.type for spec in row.auth_specs] or ["none"]), "existing-connection"]


CASES = [
    pytest.param(row, auth, exports, mode, id=f"{row.name}-{auth}-{exports}-{mode}")
    for row in ROWS
    for auth, exports in product(_kinds(row), ["--dataset", "--audience"])
    if exports == "--audience" or row.flow_specs.datasets
    for mode in (row.storage if auth == "existing-connection" and len(row.storage) > 1 else [None])
]


def _answers(row, auth, exports, mode):
    place = ["--bucket", "exports-bucket", "--container", "exports"]
    what = ["--name", "crm", "--sandbox", "prod", "--destination", row.name, "--auth", auth, exports, "Gold ${x}"]
    return [*what, *place, *MORE.get(auth, []), *(["--mode", mode] if mode else [])]


@pytest.fixture(autouse=True)
def _here(offline, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(connection, "connect")


@pytest.mark.parametrize(("row", "auth", "exports", "mode"), CASES)
def test_for_every_destination_what_is_written_is_valid(offline, tmp_path, row, auth, exports, mode):  # noqa: PLR0917 - fixtures
    code, document = offline.json("init", *_answers(row, auth, exports, mode))
    assert (code, document["file"], document["deliveryId"]) == (0, "crm.yaml", "prod/crm")
    text = (tmp_path / "crm.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=delivery-config.schema.json\n")
    config = load_config(text.encode(), "crm.yaml")
    assert config.destination.type == row.name
    assert [item.name for item in config.datasets or config.audiences] == ["Gold ${x}"]
    SCHEMA.validate(json.loads(json.dumps(YAML(typ="safe").load(text))))
    assert offline("validate", "crm.yaml").exit_code == 0
    named = config.destination.auth.secret_name if config.destination.auth else None
    assert (document["secret"] or {}).get("name") == (named and f"aep-delivery/destinations/{named}")


def test_all_thirteen_destinations_are_tried():
    assert {case.values[0].name for case in CASES} == {row.name for row in ROWS}
    assert len(ROWS) == 13


@pytest.mark.parametrize(
    ("exports", "schedule"),
    [*product(["--dataset"], DATASET_SCHEDULES), *product(["--audience"], AUDIENCE_SCHEDULES)],
)
def test_every_schedule_is_one_that_adobe_takes(offline, exports, schedule):
    answers = _answers(ROWS[0], "access-key", exports, None)
    assert offline("init", *answers, "--schedule", schedule).exit_code == 0


@pytest.mark.parametrize("row", [row for row in ROWS if row.auth_specs], ids=lambda row: row.name)
def test_the_secret_has_the_fields_of_the_catalogue(offline, row):
    for number, spec in enumerate(spec for spec in row.auth_specs if spec.type != "assumed-role"):
        answers = _answers(row, spec.type, "--audience", None)
        code, document = offline.json("init", f"{number}.yaml", *answers, "--secret", "crm/login", "--stack", "mine")
        assert code == 0
        assert document["secret"] == {
            "name": "mine/destinations/crm/login",
            "fields": [param.name for param in spec.params if param.required],
            "optionalFields": [param.name for param in spec.params if not param.required],
        }
        (create,) = [step for step in document["nextSteps"] if "create-secret" in step["command"]]
        assert "--name mine/destinations/crm/login " in create["command"]
        assert all(f'"{name}"' in create["why"] for name in document["secret"]["fields"])
        keyscan = any(step["command"].startswith("ssh-keyscan") for step in document["nextSteps"])
        assert keyscan == ("hostKey" in document["secret"]["fields"])


def test_it_says_what_to_do_next(offline, tmp_path):
    result = offline("init", "a b.yaml", *_answers(ROWS[0], "access-key", "--dataset", None), "--stack", "mine")
    commands = [line.strip() for line in result.stdout.splitlines() if line.startswith("     ")]
    assert commands[0] == f"make --directory {demo.ROOT} demo CONFIG='{tmp_path}/a b.yaml' LAKE=folder"
    assert commands[2:] == [
        "aep-delivery doctor 'a b.yaml' --stack mine",
        "aep-delivery plan 'a b.yaml' --stack mine",
        "aep-delivery run 'a b.yaml' --now --follow --stack mine",
        "aep-delivery schema > delivery-config.schema.json",
    ]


def test_in_the_clone_make_needs_no_folder(offline, tmp_path, monkeypatch):
    for part in demo.PARTS:
        (tmp_path / part).mkdir(parents=True)
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    result = offline("init", "crm.yaml", *_answers(ROWS[0], "access-key", "--dataset", None))
    assert "Try it here first" in result.stdout
    assert "     make demo CONFIG=crm.yaml LAKE=folder\n" in result.stdout


def test_without_a_clone_there_is_no_demo_to_try(offline, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    assert "make" not in offline("init", *_answers(ROWS[0], "access-key", "--dataset", None)).stdout


def test_a_file_that_is_there_is_kept_unless_force_is_given(offline, tmp_path):
    answers = _answers(ROWS[0], "access-key", "--dataset", None)
    file = tmp_path / "crm.yaml"
    file.write_text("mine")
    for named in ([], ["crm.yaml"]):
        code, document = offline.json("init", *named, *answers)
        assert (code, document["code"], file.read_text()) == (1, "cli.file-exists", "mine")
    assert offline("init", *answers, "--force").exit_code == 0
    assert load_config(file.read_bytes(), "crm.yaml").name == "crm"


def test_where_nobody_is_all_that_is_missing_is_named(offline, tmp_path):
    code, document = offline.json("init", "flights.yaml")
    assert (code, document["code"]) == (1, "cli.not-answered")
    assert [line.partition(":")[0] for line in document["details"]] == ["--sandbox", "--destination"]
    known = ["--sandbox", "prod", "--destination", "amazon-s3"]
    code, document = offline.json("init", "flights.yaml", *known)
    assert [line.partition(":")[0] for line in document["details"]] == ["--dataset or --audience"]
    code, document = offline.json("init", "flights.yaml", *known, "--dataset", "x", "--auth", "existing-connection")
    assert [line.partition(":")[0] for line in document["details"]] == ["--base-connection", "--bucket"]
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("answers", "message", "hint"),
    [
        (["--name", "No Name"], "--name is not a name for a delivery.", "nyc-flights"),
        (["--destination", "amazon-s4"], "--destination cannot be 'amazon-s4' here.", "Did you mean amazon-s3?"),
        (["--destination", "oracle-eloqua", "--dataset", "x"], "--destination cannot be", "Possible are"),
        (["--dataset", "x", "--audience", "y"], "either datasets or audiences", "two configs"),
        (["--bucket", "s3://x/y"], "--bucket is more than a bucket's name.", "bare name"),
        (["--schedule", "8h"], "--schedule cannot be '8h' here.", "Possible are 3h"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(offline, tmp_path, answers, message, hint):
    rest = {"--name": "a1", "--sandbox": "p", "--destination": "amazon-s3", "--dataset": "x", "--bucket": "bbb"}
    rest = {option: value for option, value in rest.items() if option not in answers}
    if "--audience" not in answers and "--dataset" in answers:
        rest.pop("--dataset", None)
    code, document = offline.json("init", *answers, *(part for pair in rest.items() for part in pair))
    assert (code, document["code"]) == (1, "cli.usage")
    assert message in document["message"]
    assert hint in document["hint"]
    assert [*tmp_path.iterdir()] == []


def test_only_yaml_has_comments(offline):
    code, document = offline.json("init", "flights.json")
    assert (code, document["code"]) == (1, "cli.not-a-config")


def test_on_a_terminal_it_asks_again_until_it_understands(offline, tmp_path, monkeypatch):
    monkeypatch.setattr(Screen, "asks", True)
    answers = [
        "No Name",  # no name for a delivery
        "flights",
        "prod",
        "",  # no destination by default
        "amazon-s4",  # none of them
        "1",
        "99",  # none of them
        "datasets",
        "",  # access-key
        "my-bucket",
        "",  # exports/flights
        "Flights 2013",
        " bad\tname\x01",
        "5ef3e324052581191aa6a466",
        "",
        "3h",
        "",  # secret://flights
    ]
    result = offline("init", answer="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    config = load_config((tmp_path / "flights.yaml").read_bytes(), "flights.yaml")
    assert (config.destination.bucket_name, config.destination.path) == ("my-bucket", "exports/flights")
    assert [str(item) for item in config.datasets] == ["Flights 2013", "5ef3e324052581191aa6a466"]
    assert config.schedule_params.interval == 3
    assert "is not a name for a delivery" in result.stderr
    assert "Did you mean amazon-s3?" in result.stderr
    assert result.stderr.count("Please choose.") == 1
    assert "amazon-s3-first-generation" in result.stdout


def test_with_every_answer_given_a_terminal_is_asked_nothing(offline, monkeypatch):
    monkeypatch.setattr(Screen, "asks", True)
    answers = [
        *_answers(ROWS[0], "access-key", "--dataset", None),
        "--path",
        "x",
        "--schedule",
        "once",
        "--secret",
        "s",
    ]
    assert offline("init", *answers, answer="").exit_code == 0


def test_the_how_to_shows_what_its_command_writes(offline, tmp_path):
    page = "docs/how-to/write-a-config.md"
    (shown,) = [sample for sample in all_samples("config") if sample.page == page]
    commands = [
        shlex.split(sample.text)[2:]
        for sample in all_samples()
        if sample.page == page and sample.text.startswith("$ aep-delivery init ")
    ]
    assert [offline(*command).exit_code for command in commands] == [0, 0]
    assert (tmp_path / "flights.yaml").read_text() == shown.text


def test_whoever_leaves_at_a_question_has_interrupted(offline, tmp_path, monkeypatch):
    monkeypatch.setattr(Screen, "asks", True)
    result = offline("init", answer="flights\n")
    assert (result.exit_code, [*tmp_path.iterdir()]) == (130, [])
    assert "[cli.interrupted]" in result.stderr
