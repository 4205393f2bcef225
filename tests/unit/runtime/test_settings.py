from __future__ import annotations

import re
from pathlib import Path

import pytest

from aep_delivery.runtime.errors import InternalError
from aep_delivery.runtime.settings import Settings

TEMPLATE = (Path(__file__).parents[3] / "template.yaml").read_text()
NEEDED = {"OWNER": "stack", "STATE_TABLE": "t", "WORK_BUCKET": "b"}


def test_every_missing_variable_is_named():
    with pytest.raises(InternalError) as caught:
        Settings.from_environment({"OWNER": "stack", "POLL_SECONDS": "no"})
    assert caught.value.code == "settings.invalid"
    for name in ("STATE_TABLE", "WORK_BUCKET", "POLL_SECONDS"):
        assert name in caught.value.message


def test_defaults_point_at_adobe_over_tls():
    settings = Settings.from_environment(NEEDED)
    assert settings.adobe_api_url == "https://platform.adobe.io"
    assert not settings.allow_loopback_http


@pytest.mark.parametrize("pairs", ["", "deliveries/=dev", "deliveries/prod/=prod,cli/=*", "a/=dev,a/=prod-2"])
def test_pairs_of_prefix_and_sandbox(pairs):
    assert Settings.from_environment({**NEEDED, "ALLOWED_SANDBOXES": pairs}).allowed_sandboxes == pairs


@pytest.mark.parametrize(
    "pairs", ["prod", "deliveries/prod=prod", "deliveries/=", "a/=dev,", "a/=dev,,b/=dev", "a/=Dev"]
)
def test_what_is_no_pair_of_prefix_and_sandbox_allows_nothing(pairs):
    with pytest.raises(InternalError) as caught:
        Settings.from_environment({**NEEDED, "ALLOWED_SANDBOXES": pairs})
    assert "ALLOWED_SANDBOXES" in caught.value.message


def test_every_setting_is_set_by_the_template():
    aliases = {field.alias for field in Settings.model_fields.values()}
    known_defaults = {"EVENT_BUS"}
    assert {alias for alias in aliases if not re.search(rf"^\s+{alias}:", TEMPLATE, re.MULTILINE)} == known_defaults
