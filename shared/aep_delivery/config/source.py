"""Reads a config's text as YAML 1.2, of which JSON is a part, within bounds: configs are untrusted.

No aliases, no tags, no directives, one document, bounded size, depth and number of nodes. The bounds are checked on
the stream of parse events, before anything recursive or quadratic sees the text.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from aep_delivery.config.diagnostics import Diagnostic
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.positions import Path, Plain, Slip, Source, Span, split_lines
from aep_delivery.config.syntax import explain

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000
MAX_FORBIDDEN = 25
"""Findings in the stream of events after which nobody looks for more: each looks back over the lines before its own."""

_START = Span(0, 0, 0, 1)
_WHERE_TO_LOOK = "Look at the marked place and the line above it: most often a quote, a colon or the indentation."
_FRIENDLY = {
    "mapping values are not allowed here": "a `: ` where none can stand; is the line before indented alike, "
    "or does the text need quotes?",
    "found character '\\t' that cannot start any token": "a tab; YAML is indented with blanks",
    "found unexpected end of stream": "a quote that is opened here is never closed",
}


def parse_source(text: bytes, name: str) -> Source:
    """Read a config file.

    Args:
        text: The file's bytes, UTF-8.
        name: Its name or object key, for messages.

    Returns:
        The data with positions. Duplicate fields are in its ``slips``; the first of them is in the data.

    Raises:
        ConfigError: The text is no single YAML mapping within the bounds.
    """
    source = Source(name, [""])
    decoded = _decode(source, text)
    source.lines = split_lines(decoded)
    if name.lower().endswith(".json"):
        # JSON may be indented with tabs, YAML may not. Inside JSON strings no bare tab is allowed, so none is lost.
        decoded = decoded.replace("\t", " ")
    try:
        _check_events(source, decoded)
        root = _yaml().compose(decoded)
    except MarkedYAMLError as error:
        raise ConfigError([_syntax_error(source, error)]) from None
    except ReaderError as error:
        raise ConfigError([_unreadable_character(source, decoded, error)]) from None
    if root is None:
        raise ConfigError(
            [source.diagnostic("config.empty", "the file is empty", "`aep-delivery init` writes one.", _START)]
        )
    source.data = _build(source, root, ())
    if not isinstance(source.data, dict):
        if isinstance(root, ScalarNode):
            source.masks.append(_span(root))  # A file with nothing but a text may be a secret's own.
        finding = source.diagnostic(
            "config.not-a-mapping",
            "the file must hold fields at the top, `name: value`",
            "Start with `version: 1`.",
            _span(root),
        )
        raise ConfigError([finding])
    return source


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _decode(source: Source, text: bytes) -> str:
    if len(text) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB; is it a config?"
        raise ConfigError([source.diagnostic("config.too-large", message, "Split it into several deliveries.", _START)])
    body = text.removeprefix(codecs.BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        source.lines = split_lines(body.decode("utf-8", "replace"))
        span = _after(body[: error.start].decode("utf-8"))
        message = "the file is not UTF-8 from here on"
        finding = source.diagnostic("config.not-utf8", message, "Save it as UTF-8.", span, parsed=False)
        raise ConfigError([finding]) from None


def _check_events(source: Source, text: str) -> None:
    findings: list[Diagnostic] = []
    for code, message, hint, event in _forbidden(_yaml().parse(text)):
        span = _between(event.start_mark, event.end_mark)
        findings.append(source.diagnostic(code, message, hint, span, parsed=False))
        if code in ("config.too-deep", "config.too-many-nodes") or len(findings) == MAX_FORBIDDEN:
            break
    if findings:
        raise ConfigError(findings)


def _forbidden(events: Iterator[Event]) -> Iterator[tuple[str, str, str, Event]]:
    depth = documents = nodes = 0
    for event in events:
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if event.version or event.tags:
                yield "config.directive", "directives are not allowed", "Remove the lines that start with `%`.", event
            if documents == 2:
                hint = "Drop one file for each delivery."
                yield "config.several-documents", "a second document starts here", hint, event
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor is not None):
            yield (
                "config.alias",
                "anchors and aliases are not allowed",
                "Write the value out where it is needed.",
                event,
            )
        if isinstance(event, CollectionStartEvent | ScalarEvent):
            nodes += 1
            if event.ctag is not None:
                yield "config.tag", "tags are not allowed", "Remove the word that starts with `!`.", event
            if nodes > MAX_NODES:
                hint = "Split it into several deliveries."
                yield "config.too-many-nodes", f"more than {MAX_NODES:,} values in one file", hint, event
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            hint = "A config needs no more than four levels."
            yield "config.too-deep", f"nested deeper than {MAX_DEPTH} levels", hint, event
            return


def _build(source: Source, node: Node, path: Path) -> Plain:
    source.values[path] = _span(node)
    match node:
        case MappingNode():
            return _build_mapping(source, node, path)
        case SequenceNode():
            return [_build(source, item, (*path, index)) for index, item in enumerate(node.value)]
        case _:
            source.scalars.append(path)
            return _scalar(node)


def _build_mapping(source: Source, node: MappingNode, path: Path) -> Plain:
    data: dict[str, Plain] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            hint = "Write `name: value`."
            source.masks.append(_between(key.start_mark, value.end_mark))
            source.slips.append(Slip("config.field-name", "a field's name must be text", hint, _span(key), path))
            continue
        name = _whole_text(str(key.value))
        here = (*path, name)
        if name in data:
            source.masks.append(_span(value))
            message = f"given twice, first on line {source.keys[here].line + 1}"
            hint = "Keep one of the two."
            source.slips.append(Slip("config.duplicate-field", message, hint, _span(key), here))
            continue
        source.keys[here] = _span(key)
        data[name] = _build(source, value, here)
    return data


def _scalar(node: Node) -> Plain:
    text = _whole_text(str(node.value))
    kind = str(node.tag).rpartition(":")[2]
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            digits = text.replace("_", "")
            return int(digits) if digits.lstrip("+-").isdigit() else int(digits, 0)
        if kind == "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        pass  # A number that only YAML takes for one (.NaN, 4,301 digits): as text it meets the field's own rule.
    return text


def _whole_text(text: str) -> str:
    """JSON escapes characters beyond 16 bits as two halves; YAML leaves them apart."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _span(node: Node) -> Span:
    return _between(node.start_mark, node.end_mark)


def _between(start: StreamMark, end: StreamMark) -> Span:
    return Span(start.line, start.column, end.line, end.column)


def _after(text: str) -> Span:
    """The character that follows a text."""
    lines = split_lines(text)
    line, column = len(lines) - 1, len(lines[-1])
    return Span(line, column, line, column + 1)


def _syntax_error(source: Source, error: MarkedYAMLError) -> Diagnostic:
    explained = explain(source.lines, error)
    if explained is not None:
        message, hint, span = explained
        return source.diagnostic("config.syntax", message, hint, span, parsed=False)
    unclosed = error.problem == "found unexpected end of stream"
    mark = (error.context_mark if unclosed else error.problem_mark) or error.context_mark
    span = Span(mark.line, mark.column, mark.line, mark.column + 1) if mark else _START
    problem = str(error.problem or error.context)
    message = "cannot be read as YAML: " + _FRIENDLY.get(problem, problem)
    began = error.context_mark
    further = f"It began on line {began.line + 1}: {error.context}." if began and began.line != span.line else None
    return source.diagnostic("config.syntax", message, further or _WHERE_TO_LOOK, span, parsed=False)


def _unreadable_character(source: Source, text: str, error: ReaderError) -> Diagnostic:
    span = _after(text[: error.position])
    message = f"the character U+{ord(text[error.position]):04X} is not allowed"
    return source.diagnostic("config.control-character", message, "Remove it.", span, parsed=False)
