"""Every sample of the documentation does what its page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from aep_delivery.adobe.catalogue import load_catalogue
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config
from aep_delivery.verification.receipt.models import FAILED
from aep_delivery.verification.report import Verdict
from tests.unit.docs.codes import CODES
from tests.unit.docs.pages import ROOT, Sample, all_samples

STATES = set(json.loads((ROOT / "statemachines/deliver.asl.json").read_text())["States"])
CONFIGS = all_samples("config")
GOOD = [sample for sample in CONFIGS if " fails " not in sample.kind]
BAD = [sample for sample in CONFIGS if " fails " in sample.kind]


def _rendered(text: str, name: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(text.encode(), name)
    return caught.value.document().as_text() + "\n"


@pytest.mark.parametrize("sample", all_samples(), ids=str)
def test_every_sample_that_could_be_wrong_is_tested(sample: Sample) -> None:
    if sample.language in ("yaml", "json") and not sample.kind:
        # JSON is YAML too. A config or an event has to say what it is, so that it is tested as one.
        assert not {"version", "detail"} & set(YAML(typ="safe").load(sample.text)), str(sample)
    assert sample.kind.partition(" ")[0] in {
        "",
        "config",
        "fragment",
        "activation",
        "destination",
        "secret",
        "diagnostics",
        "output",
        "json",
        "event",
        "cloudformation",
        "session",
        "explained",
        "insights",
    }


@pytest.mark.parametrize("sample", GOOD, ids=str)
def test_configs_are_good(sample: Sample) -> None:
    load_config(sample.text.encode(), "sample.yaml")


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda path: path.name)
def test_examples_are_good(path: Path) -> None:
    load_config(path.read_bytes(), path.name)


@pytest.mark.parametrize("sample", BAD, ids=str)
def test_configs_with_a_mistake_fail_as_the_page_says(sample: Sample) -> None:
    _, name, _, code = sample.kind.split()
    with pytest.raises(ConfigError) as caught:
        load_config(sample.text.encode(), name)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code]


def test_the_tutorial_shows_what_its_config_prints() -> None:
    page = "docs/tutorial/first-delivery.md"
    [config] = [sample for sample in BAD if sample.page == page]
    [shown] = [sample for sample in all_samples("diagnostics") if sample.page == page]
    assert shown.text == _rendered(config.text, config.kind.split()[1])


def test_the_tutorials_mended_config_is_good() -> None:
    [config] = [sample for sample in BAD if sample.page == "docs/tutorial/first-delivery.md"]
    load_config(config.text.replace("interval: 4", "interval: 3").encode(), "shop-orders.yaml")


def test_the_readme_shows_what_a_misspelled_field_prints() -> None:
    [config] = [sample for sample in GOOD if sample.page == "README.md"]
    [shown] = [sample for sample in all_samples("diagnostics") if sample.page == "README.md"]
    _, right, _, wrong = shown.kind.replace("diagnostics of ", "diagnostics ").split()
    assert config.text.count(right) == 1
    assert shown.text == _rendered(config.text.replace(right, wrong), "shop-orders.yaml")


@pytest.mark.parametrize("sample", all_samples("fragment"), ids=str)
def test_fragments_fit_into_a_config(sample: Sample) -> None:
    [config] = [config for config in GOOD if config.page == "README.md"]
    whole = YAML(typ="safe").load(config.text) | YAML(typ="safe").load(sample.text)
    load_config(json.dumps(whole, default=str).encode(), "sample.json")


@pytest.mark.parametrize("sample", all_samples("activation"), ids=str)
def test_a_part_of_an_activation_fits_into_the_config_of_its_page(sample: Sample) -> None:
    [config] = [config for config in GOOD if config.page == sample.page]
    whole = YAML(typ="safe").load(config.text)
    whole["activation"].update(YAML(typ="safe").load(sample.text))
    load_config(json.dumps(whole).encode(), "sample.json")


@pytest.mark.parametrize("sample", all_samples("destination"), ids=str)
def test_a_destination_is_that_of_an_example_which_is_delivered(sample: Sample) -> None:
    example = ROOT / sample.kind.split()[2]
    whole = YAML(typ="safe").load(example)
    section = YAML(typ="safe").load(sample.text)
    shown = load_config(json.dumps({**whole, **section}, default=str).encode(), "sample.json")
    assert shown.destination == load_config(example.read_bytes(), example.name).destination
    assert {*section} == {"destination"}


@pytest.mark.parametrize("sample", all_samples("secret"), ids=str)
def test_a_secret_holds_what_the_catalogue_asks_for(sample: Sample) -> None:
    _, destination, auth = sample.kind.split()
    params = load_catalogue().destination(destination).auth_spec_for(auth).params
    shown = json.loads(sample.text)
    assert {param.name for param in params if param.required} <= {*shown} <= {param.name for param in params}
    for param in params:
        value = shown.get(param.name, "…")
        assert value == "…" or not param.pattern or re.search(param.pattern, value), param.name


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "how-to").glob("connect-*.md")), ids=lambda page: page.name)
def test_a_secret_that_is_stored_is_one_that_a_config_names(page: Path) -> None:
    text = page.read_text("utf-8")
    stored = set(re.findall(r"--name aep-delivery/destinations/([\w-]+) --secret-string file://\1\.json", text))
    assert stored <= set(re.findall(r"secret://([\w-]+)", text))
    assert len(stored) == text.count("create-secret")
    assert stored or "no secret" in text


@pytest.mark.parametrize("sample", all_samples("json"), ids=str)
def test_json_is_json(sample: Sample) -> None:
    assert json.loads(sample.text)


@pytest.mark.parametrize("sample", all_samples("event"), ids=str)
def test_events_are_as_their_schema_says(sample: Sample) -> None:
    schema = json.loads((ROOT / sample.kind.split()[1]).read_text())
    properties = schema["properties"]["detail"]["properties"]
    event = json.loads(sample.text)
    Draft202012Validator(schema).validate(event)
    assert set(event["detail"]) <= set(properties)


@pytest.mark.parametrize("sample", all_samples("cloudformation"), ids=str)
def test_templates_refer_to_what_they_declare(sample: Sample) -> None:
    template = YAML().load(sample.text)
    declared = {*template["Resources"], *template.get("Parameters", {})}
    named = re.findall(r"!(?:Ref|GetAtt) (\w+)", sample.text)
    assert named
    assert set(named) <= declared


@pytest.mark.parametrize("sample", all_samples("output", "diagnostics"), ids=str)
def test_output_names_codes_verdicts_and_states_that_exist(sample: Sample) -> None:
    codes = set(re.findall(r"\[([a-z]+(?:-[a-z]+)*\.[a-z0-9-]+)\]", sample.text))
    verdicts = set(re.findall(r"^([A-Z]+(?:_[A-Z]+)*)  ", sample.text, re.MULTILINE))
    states = set(re.findall(r"^ [✓✗] (\w+)", sample.text, re.MULTILINE))
    assert codes | verdicts | states, f"{sample}: nothing in it can be checked"
    assert codes <= set(CODES)
    assert verdicts <= {*Verdict, FAILED}
    assert states <= STATES


def test_the_python_of_the_how_to_reads_a_receipt() -> None:
    page = "docs/how-to/start-a-job-on-verified.md"
    [sample] = [sample for sample in all_samples() if sample.language == "python" and sample.page == page]
    names: dict[str, object] = {"__name__": "sample"}
    exec(compile(sample.text, str(sample), "exec"), names)  # noqa: S102 - our own documentation
    keys = names["keys"]
    assert callable(keys)
    datasets = [{"files": [{"key": "a"}, {"key": "b"}]}, {"files": [{"key": "c"}]}]
    assert keys({"verification": {"datasets": datasets, "audiences": []}}) == ["a", "b", "c"]
    assert keys({"verification": {"datasets": [], "audiences": datasets}}) == ["a", "b", "c"]
    properties = json.loads((ROOT / "schemas/receipt.schema.json").read_text())["$defs"]
    assert {"datasets", "audiences"} <= {*properties["VerificationReport"]["properties"]}
    assert "files" in properties["DatasetReport"]["properties"]
    assert "files" in properties["AudienceReport"]["properties"]
    assert "key" in properties["FileReport"]["properties"]
