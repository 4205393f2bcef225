"""What pages have in common: the look, the figures, and a policy that lets in nothing but their style and script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aep_delivery.verification.receipt import figures

_PACKAGE = "aep_delivery.verification.receipt"
_FILTERS: dict[str, Callable[..., str]] = {
    "count": figures.count,
    "signed": figures.signed,
    "percent": figures.percent,
    "plural": figures.plural,
    "size": figures.size,
    "duration": figures.duration,
    "moment": figures.moment,
    "iso": figures.iso,
    "visible": figures.visible,
    "within": figures.within,
}


def environment(package: str = _PACKAGE) -> Environment:
    """Templates of a package's folder ``templates``, and the macros of this one; autoescaped, strict about names."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in dict.fromkeys((package, _PACKAGE))]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(_FILTERS)
    return made


@cache
def asset(name: str, package: str = _PACKAGE) -> Markup:
    """A style or script of a package's folder ``templates``. ``look.css`` and ``tables.js`` are for every page."""
    text = (files(package) / "templates" / name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - a file of this product


def policy(style: str, script: str) -> str:
    """A content security policy that allows exactly this inline style and this inline script, and no request at all."""
    return (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
