from __future__ import annotations

import base64
import hashlib
import re

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from aep_delivery.verification.receipt import look


def test_the_policy_allows_nothing_but_the_style_and_the_script() -> None:
    policy = look.policy("a {}", "1;")
    hashes = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"a {}", b"1;")]
    assert re.findall(r"'sha256-([^']+)'", policy) == hashes
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_templates_escape_and_miss_no_name() -> None:
    environment = look.environment()
    assert environment.from_string("{{ name }}").render(name="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        environment.from_string("{{ name }}").render()


def test_every_page_has_the_macros() -> None:
    template = "{% import 'macros.html.j2' as m %}{{ m.name(text) }}"
    assert look.environment().from_string(template).render(text="<b>") == "<bdi>&lt;b&gt;</bdi>"
    with pytest.raises(TemplateNotFound):
        look.environment().get_template("no-such-template")
