"""Makes one config of a file and the files it extends, and remembers where every value stands.

Sections are merged field by field; lists and single values replace what lies below. Where the files agree on what is
a section, merging is associative: an overlay on an overlay does the same as both merged beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from pydantic import ValidationError

from aep_delivery.config.base import Violation
from aep_delivery.config.masking import printable
from aep_delivery.config.parts import FileParts, Scalar
from aep_delivery.config.positions import Path, Plain, Source, spell
from aep_delivery.config.source import parse_source
from aep_delivery.config.translate import Found, translate
from aep_delivery.config.variables import expand

MAX_BASES = 3
"""Files that may lie below a config, each extended by the one above."""
MAX_UNKNOWN = 100
"""Texts with unknown variables after which nobody looks for more: each is compared with all known names."""

ReadFile = Callable[[str], bytes]
"""Gives a file's bytes by its name; raises ``OSError`` where there is none that can be read."""


@dataclass
class Composed:
    """A config made of one or several files.

    Attributes:
        sources: The files: the config itself, what it extends, and so on.
        data: The merged content with variables in place, without ``extends`` and ``variables``.
        found: What is wrong with extends and variables, each with the file it stands in.
        whole: False where something is missing to say more about the config than ``found`` does.
        origins: The file that a value comes from; what is not in here comes from where its section comes from.
        variables: The value of each variable, and the file that sets it.
        uses: The variables that a field uses.
    """

    sources: list[Source] = field(default_factory=list)
    data: Plain = None
    found: list[tuple[Source, Found]] = field(default_factory=list)
    whole: bool = True
    origins: dict[Path, Source] = field(default_factory=dict)
    variables: dict[str, tuple[Source, Scalar]] = field(default_factory=dict)
    uses: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def origin(self, path: Path) -> Source:
        """The file that the value of a field comes from; of a section, the nearest one that has it."""
        while path not in self.origins:
            path = path[:-1]
        return self.origins[path]

    def positions(self) -> dict[str, tuple[str, int, int]]:
        """File, line and column, the last two from 1, of every field by its spelled path."""
        places = {source.name: source.positions() for source in self.sources}
        files = {spell(path): self.origin(path).name for path in _paths(self.data)}
        return {field: (name, *places[name][field]) for field, name in files.items()}

    def definitions(self, path: Path) -> str:
        """Where the variables of a field are set, in words; empty where it uses none."""
        sentences = []
        for name in self.uses.get(path, ()):
            source, _ = self.variables[name]
            span = source.values["variables", name]
            sentences.append(f"`${{{name}}}` is set at {source.name}:{span.line + 1}:{span.column + 1}.")
        return " ".join(sentences)


def compose(name: str, read: ReadFile) -> Composed:
    """Read a config with everything it extends, and merge it.

    Args:
        name: The config's file name. The names of extended files are relative to the file that extends them.
        read: Reads a file by its name.

    Returns:
        The merged content, not yet checked for being a config.

    Raises:
        ConfigError: A file is no YAML mapping within the bounds.
        OSError: The config itself cannot be read.
    """
    composed = Composed()
    text: bytes | None = read(name)
    while text is not None:
        source = parse_source(text, name)
        composed.sources.append(source)
        parts = _take_parts(composed, source)
        if parts.extends is None:
            break
        name = source.name.removesuffix(source.name.rpartition("/")[2]) + parts.extends
        text = _read_base(composed, name, read)
    layers = [(source, source.data) for source in composed.sources]
    merged = cast("dict[str, Plain]", _merge(layers, (), composed.origins))
    merged = {name: value for name, value in merged.items() if name not in FileParts.model_fields}
    values = {name: value for name, (_, value) in composed.variables.items()}
    composed.data = _with_variables(composed, values, merged, ())
    return composed


def _take_parts(composed: Composed, source: Source) -> FileParts:
    """Note a file's variables; what it extends. Nothing of both where one of them is wrong."""
    # An excerpt may show the line of a variable, and the value may be meant for a field that hides its own.
    source.hidden.add(("variables",))
    fields = cast("dict[str, Plain]", source.data)
    given = {name: fields[name] for name in FileParts.model_fields if name in fields}
    try:
        parts = FileParts.model_validate(given)
    except ValidationError as error:
        found = translate(error.errors(include_url=False), fields)
        composed.found += [(source, finding) for finding in found]
        composed.whole = False
        return FileParts()
    if None in (*given.values(), *parts.variables.values()):
        composed.whole = False
        return FileParts()
    for name, value in parts.variables.items():
        composed.variables.setdefault(name, (source, cast("Scalar", value)))
    return parts


def _read_base(composed: Composed, name: str, read: ReadFile) -> bytes | None:
    """The bytes of an extended file; None, and a finding, where it cannot be had."""
    source = composed.sources[-1]
    chain = [earlier.name for earlier in composed.sources]
    if name in chain:
        message = (
            f"closes a circle: {' extends '.join(printable(each, 60) for each in [*chain[chain.index(name) :], name])}"
        )
        violation = Violation("config.extends-circle", message, "One of the files must extend nothing.")
    elif len(chain) > MAX_BASES:
        hint = "Merge two of the files."
        violation = Violation("config.extends-depth", f"is the base number {MAX_BASES + 1}; {MAX_BASES} may be", hint)
    else:
        try:
            return read(name)
        except OSError:
            message = f"there is no file {printable(name, 100)} that could be read"
            violation = Violation(
                "config.extends-not-found", message, "The name is relative to this file's folder; upload bases first."
            )
    composed.found.append((source, Found(("extends",), violation)))
    composed.whole = False
    return None


def _merge(layers: list[tuple[Source, Plain]], path: Path, origins: dict[Path, Source]) -> Plain:
    """The merged value of a field. ``layers`` holds the files that have it with its value in each, nearest first."""
    origins[path], nearest = layers[0]
    if not isinstance(nearest, dict):
        return nearest
    sections: list[tuple[Source, dict[str, Plain]]] = []
    for source, value in layers:
        if not isinstance(value, dict):
            break
        sections.append((source, value))
    names = dict.fromkeys(name for _, section in sections for name in section)
    return {
        name: _merge(
            [(source, section[name]) for source, section in sections if name in section], (*path, name), origins
        )
        for name in names
    }


def _with_variables(composed: Composed, values: Mapping[str, Scalar], value: Plain, path: Path) -> Plain:
    """The value with variables in place; notes which are used, and what is wrong."""
    if isinstance(value, dict):
        return {name: _with_variables(composed, values, below, (*path, name)) for name, below in value.items()}
    if isinstance(value, list):
        return [_with_variables(composed, values, below, (*path, index)) for index, below in enumerate(value)]
    if not isinstance(value, str) or not composed.whole:
        return value
    expansion = expand(value, values)
    if expansion.violation is not None:
        composed.found.append((composed.origin(path), Found(path, expansion.violation)))
        composed.whole = len(composed.found) < MAX_UNKNOWN
    elif expansion.used:
        composed.uses[path] = expansion.used
    return expansion.value


def _paths(value: Plain, path: Path = ()) -> Iterator[Path]:
    """The paths of everything below a value."""
    below: Iterator[tuple[str | int, Plain]] = iter(())
    if isinstance(value, dict):
        below = iter(value.items())
    elif isinstance(value, list):
        below = iter(enumerate(value))
    for step, inner in below:
        yield (*path, step)
        yield from _paths(inner, (*path, step))
