"""From the bytes of a config file to the model, or to everything that is wrong with it at once."""

from __future__ import annotations

from pydantic import ValidationError

from aep_delivery.config.errors import ConfigError
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.positions import Path, Slip, Source, Span, child
from aep_delivery.config.source import parse_source
from aep_delivery.config.translate import Found, empty_value, translate

MAX_DIAGNOSTICS = 100
"""More mistakes than that are counted only: an excerpt of each would let a small file cost much memory."""


def load_config(text: bytes, name: str) -> DeliveryConfig:
    """Read and check a config file. Rules that depend on the time of day are the plan's, not the config's.

    Args:
        text: The file's bytes: YAML or JSON in UTF-8.
        name: The file's name or object key, for messages.

    Raises:
        ConfigError: With a diagnostic for every mistake, in the order of the file.
    """
    return read_config_file(text, name)[1]


def read_config_file(text: bytes, name: str) -> tuple[Source, DeliveryConfig]:
    """As :func:`load_config`, together with the source: later steps may still point into the file."""
    source = parse_source(text, name)
    found: list[Found] = []
    config = None
    try:
        config = DeliveryConfig.model_validate(source.data)
    except ValidationError as error:
        found = translate(error.errors(include_url=False), source.data)
    found += _empty_values(source, found)
    slips = [*source.slips, *(_slip(source, finding) for finding in found)]
    if config is None or slips:
        # Before the first diagnostic: two findings may stand on one line.
        source.hidden.update(finding.path for finding in found if finding.hide)
        slips.sort(key=lambda slip: (slip.span.line, slip.span.column))
        shown = [source.diagnostic(*slip) for slip in slips[:MAX_DIAGNOSTICS]]
        raise ConfigError(shown, omitted=len(slips) - len(shown))
    return source, config


def _empty_values(source: Source, found: list[Found]) -> list[Found]:
    """A field without a value is a slip even where the field is optional, and no field wants null."""
    known = {finding.path for finding in found}
    empty = (path for path in source.scalars if _value(source.data, path) is None)
    return [empty_value(path) for path in empty if not any(path[:length] in known for length in range(len(path) + 1))]


def _value(data: object, path: Path) -> object:
    for step in path:
        data = child(data, step)
    return data


def _slip(source: Source, finding: Found) -> Slip:
    violation = finding.violation
    return Slip(violation.code, violation.message, violation.hint, _span(source, finding), finding.path)


def _span(source: Source, finding: Found) -> Span:
    path = finding.path[:-1] if finding.missing else finding.path
    if (finding.missing or finding.at_key) and path in source.keys:
        return source.keys[path]
    span = source.values[path]
    # A section is long; its first character is enough to point at.
    return span if span.line == span.end_line else Span(span.line, span.column, span.line, span.column + 1)
