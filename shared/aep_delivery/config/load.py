"""From the bytes of config files to the model, or to everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as LocalPath

from pydantic import ValidationError

from aep_delivery.config.compose import Composed, ReadFile, compose
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.masking import is_spoken
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.positions import Path, Slip, Source, Span, child, is_private
from aep_delivery.config.schema import closed_list, vocabulary
from aep_delivery.config.source import MAX_BYTES
from aep_delivery.config.translate import EMPTY_VALUE, Found, empty_value, translate
from aep_delivery.config.undented import gather_undented
from aep_delivery.runtime.errors import UserError

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

    def read(wanted: str) -> bytes:
        if wanted != name:
            raise FileNotFoundError(wanted)
        return text

    composed, config = load_config_files(name, read)
    return composed.sources[0], config


def read_config_files(path: LocalPath) -> tuple[Composed, DeliveryConfig]:
    """Read and check a config in the file system, with the files it extends.

    Raises:
        ConfigError: As :func:`load_config_files`.
        UserError: ``config.not-found``.
    """

    def read(name: str) -> bytes:
        with LocalPath(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)

    try:
        return load_config_files(path.as_posix(), read)
    except OSError as error:
        raise UserError(
            f"There is no config {path} to read ({error.strerror or type(error).__name__}).",
            code="config.not-found",
            place=str(path),
            hint="Give the path of a .yaml, .yml or .json file.",
        ) from None


def load_config_files(name: str, read: ReadFile) -> tuple[Composed, DeliveryConfig]:
    """Read and check a config with the files it extends.

    Args:
        name: The config's file name.
        read: Reads a file by its name.

    Returns:
        Where everything stands, and the config.

    Raises:
        ConfigError: With a diagnostic for every mistake: those of the config itself first, then those of the file it
            extends, each in the order of the file.
        OSError: The config itself cannot be read.
    """
    composed = compose(name, read)
    found = list(composed.found)
    config = None
    if composed.whole:
        unknown = {finding.path for _, finding in found}
        try:
            config = DeliveryConfig.model_validate(composed.data)
        except ValidationError as error:
            findings = translate(error.errors(include_url=False), composed.data)
            if any(finding.meant == ("extends",) for finding in findings):
                # With the base that is meant, nothing may be missing.
                findings = [finding for finding in findings if not finding.missing]
            found += [located for finding in findings for located in _located(composed, finding, unknown)]
    found += [located for source in composed.sources for located in _empty_values(source, found)]
    for source in composed.sources:
        found = gather_undented(source, found, composed.data)
    if config is None or found or any(source.slips for source in composed.sources):
        raise _error(composed, found)
    return composed, config


def _located(composed: Composed, finding: Found, unknown: set[Path]) -> Iterator[tuple[Source, Found]]:
    """The files that a finding about the merged content is a finding about."""
    if finding.path in unknown or finding.violation.code == EMPTY_VALUE:
        return  # What a text means without its variable, nobody knows. And every file is searched for empty values.
    if finding.at_key:
        # A field that does not exist has to go from all of them.
        yield from ((source, finding) for source in composed.sources if finding.path in source.keys)
    else:
        yield composed.origin(finding.path[:-1] if finding.missing else finding.path), finding


def _empty_values(source: Source, found: list[tuple[Source, Found]]) -> list[tuple[Source, Found]]:
    """A field without a value is a slip even where the field is optional, and no field wants null."""
    known = {finding.path for where, finding in found if where is source}
    empty = (path for path in source.scalars if _value(source.data, path) is None)
    return [
        (source, empty_value(path))
        for path in empty
        if not any(path[:length] in known for length in range(len(path) + 1))
    ]


def _value(data: object, path: Path) -> object:
    for step in path:
        data = child(data, step)
    return data


def _error(composed: Composed, found: list[tuple[Source, Found]]) -> ConfigError:
    # Before the first diagnostic: two findings may stand on one line.
    hidden = {finding.path for _, finding in found if finding.hide}
    slips: list[tuple[Source, Slip]] = []
    for source in composed.sources:
        source.hidden.update(hidden)
        source.spoken.update(_spoken(composed, source))
        own = [*source.slips, *(_slip(composed, source, finding) for where, finding in found if where is source)]
        slips += [(source, slip) for slip in sorted(own, key=lambda slip: (slip.span.line, slip.span.column))]
    shown = [source.diagnostic(*slip) for source, slip in slips[:MAX_DIAGNOSTICS]]
    return ConfigError(shown, omitted=len(slips) - len(shown))


def _spoken(composed: Composed, source: Source) -> Iterator[Path]:
    """The fields of closed lists that hold words of such lists, where their names alone would hide them."""
    for path in source.scalars:
        if is_private(path) and is_spoken(_value(source.data, path), vocabulary()) and closed_list(path, composed.data):
            yield path


def _slip(composed: Composed, source: Source, finding: Found) -> Slip:
    violation = finding.violation
    hint = f"{violation.hint} {composed.definitions(finding.path)}".rstrip()
    return Slip(violation.code, violation.message, hint, _span(source, finding), finding.path)


def _span(source: Source, finding: Found) -> Span:
    path = finding.path[:-1] if finding.missing else finding.path
    if (finding.missing or finding.at_key) and path in source.keys:
        return source.keys[path]
    span = source.values[path]
    # A section is long; its first character is enough to point at.
    return span if span.line == span.end_line else Span(span.line, span.column, span.line, span.column + 1)
