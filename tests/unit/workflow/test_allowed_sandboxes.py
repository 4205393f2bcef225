from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.config.load import load_config
from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.allowed_sandboxes import check_allowed
from tests.unit.workflow.conftest import CONFIG

PAIRS = "deliveries/=dev,deliveries/prod/=prod,deliveries/team-a/=prod,deliveries/team-a/=dev,cli/=*"


def config(sandbox="prod", named="prod/flights"):
    text = CONFIG.replace(b"sandbox: prod", f"sandbox: {sandbox}".encode())
    return load_config(text.replace(b"secret://warehouse", f"secret://{named}".encode()), "crm.yaml")


def refused(config, key, pairs=PAIRS):
    with pytest.raises(UserError) as caught:
        check_allowed(config, key, pairs)
    assert caught.value.code == "sandbox.not-allowed-here"
    return caught.value


@pytest.mark.parametrize(
    ("key", "sandbox", "secret"),
    [
        ("deliveries/prod/crm.yaml", "prod", "prod/crm"),
        ("deliveries/prod/deeper/crm.yaml", "prod", "prod/crm"),
        ("deliveries/crm.yaml", "dev", "deliveries/crm"),
        ("deliveries/other/crm.yaml", "dev", "deliveries/crm"),
        ("deliveries/team-a/crm.yaml", "prod", "team-a/crm"),
        ("deliveries/team-a/crm.yaml", "dev", "team-a/crm"),
        ("cli/crm.yaml", "prod", "anything"),
    ],
)
def test_what_the_place_allows(key, sandbox, secret):
    check_allowed(config(sandbox, secret), key, PAIRS)


@pytest.mark.parametrize(
    ("key", "sandbox"),
    [
        ("deliveries/crm.yaml", "prod"),
        # The longest prefix decides: what holds above it does not hold here.
        ("deliveries/prod/crm.yaml", "dev"),
        ("deliveries/prod-2/crm.yaml", "prod"),
        ("deliveries/team-a/crm.yaml", "stage"),
    ],
)
def test_another_sandbox_is_refused(key, sandbox):
    error = refused(config(sandbox), key)
    assert error.place == "sandbox"
    assert f"the sandbox {sandbox}." in error.message
    assert "AllowedSandboxes" in error.hint


@pytest.mark.parametrize("secret", ["flights", "team-a/crm", "prod", "prod-2/crm", "deliveries/prod/crm"])
def test_another_secret_is_refused(secret):
    error = refused(config("prod", secret), "deliveries/prod/crm.yaml")
    assert error.place == "destination.auth.secret"
    assert error.hint == "Name one that begins with secret://prod/."


def test_elsewhere_nothing_is_allowed():
    error = refused(config(), "elsewhere/crm.yaml")
    assert "elsewhere/crm.yaml may name no sandbox" in error.message


def test_without_a_rule_all_is_allowed():
    check_allowed(config("prod", "anything"), "elsewhere/crm.yaml", "")


NAMES = st.from_regex(r"[a-z]{1,3}", fullmatch=True)


@given(folders=st.lists(NAMES, max_size=3), pairs=st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3), NAMES)))
def test_no_config_names_a_sandbox_that_no_prefix_of_its_key_is_paired_with(folders, pairs):
    key = "/".join([*folders, "crm.yaml"])
    rule = ",".join(f"{'/'.join(prefix)}/={sandbox}" for prefix, sandbox in pairs)
    above = {sandbox for prefix, sandbox in pairs if key.startswith("/".join(prefix) + "/")}
    if pairs and "prod" not in above:
        refused(config(), key, rule)
