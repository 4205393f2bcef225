from __future__ import annotations

import json

from jsonschema import Draft202012Validator


def test_the_configs_schema_judges_configs(offline, config_file):
    result = offline("schema")
    assert result.exit_code == 0
    Draft202012Validator(json.loads(result.stdout)).validate(json.loads(config_file().read_text()))


def test_other_schemas_by_name(offline):
    assert "Delivery Verified" in offline("schema", "event-delivery-verified").stdout


def test_an_unknown_name_lists_the_known_ones(offline):
    code, document = offline.json("schema", "nope")
    assert (code, document["code"]) == (1, "cli.schema-unknown")
    assert "delivery-config" in document["hint"]
