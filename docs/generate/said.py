"""What the product says for a code: read from its source, where the error is made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_SOURCE = ROOT / "shared" / "aep_delivery"
_CODE = re.compile(r"[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
_HOLE = "…"
"""What stands for a value that is known at run time only."""


@dataclass(frozen=True)
class Said:
    """The words of one place in the source.

    Attributes:
        message: The sentence, with ``<name>`` for each value that is put into it.
        hint: What to do; empty where the place gives none.
    """

    message: str
    hint: str


@cache
def said() -> dict[str, list[Said]]:
    """The words for each code that is made with its own name, in the order of the source; the fullest first."""
    found: dict[str, list[Said]] = {}
    for path in sorted(_SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        known = dict(_assigned(tree.body))
        for scope in (tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))):
            names = known
            if isinstance(scope, ast.FunctionDef):
                names = {**known, **dict(_given(scope, tree)), **dict(_assigned(ast.walk(scope)))}
            for code, words in (made for node in ast.walk(scope) for made in _made(node, names)):
                if words not in found.setdefault(code, []):
                    found[code].append(words)
    return {code: sorted(words, key=lambda each: (not each.message, not each.hint)) for code, words in found.items()}


def _assigned(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """The names that are given a value, each with what it is given."""
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _given(function: ast.FunctionDef, tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The parameters of a function that makes errors for others, each with what the first of them gives."""
    parameters = [parameter.arg for parameter in (*function.args.posonlyargs, *function.args.args)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name:
            yield from zip(parameters, node.args, strict=False)
            yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg)
            return


def _made(node: ast.AST, names: dict[str, ast.expr]) -> Iterator[tuple[str, Said]]:
    """The codes, message and hint among the arguments of a call that makes an error, or in a row of a table."""
    match node:
        case ast.Call(args=arguments, keywords=keywords):
            given = {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
        case ast.Tuple(elts=arguments):
            given = {}
        case _:
            return
    texts = [text for argument in arguments if (text := _text(argument, names))]
    sentences = [text for text in texts if " " in text]
    message = (_text(given["message"], names) if "message" in given else None) or next(iter(sentences), "")
    hint = _text(given["hint"], names) if "hint" in given else next(iter(sentences[1:]), "")
    if not (message or hint):
        return
    named = _codes(given["code"]) if "code" in given else [text for text in texts[:1] if _CODE.fullmatch(text)]
    for code in named:
        yield code, Said(message, hint or "")


def _codes(node: ast.expr) -> list[str]:
    """The code that is given, or the codes between which a condition decides."""
    constants = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return [value for value in constants if isinstance(value, str) and _CODE.fullmatch(value)]


def _text(node: ast.expr, names: dict[str, ast.expr]) -> str | None:  # noqa: PLR0911 - one case for each kind of node
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.JoinedStr(values=values):
            return "".join(_text(value, names) or "" for value in values)
        case ast.FormattedValue(value=value):
            return f"<{_name(value)}>"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return f"{_text(left, names) or _HOLE}{_text(right, names) or _HOLE}"
        case ast.Name(id=name) if name in names:
            return _text(names[name], {})
        case ast.IfExp(body=body):
            return _text(body, names)
        case _:
            return None


def _name(node: ast.expr) -> str:  # noqa: PLR0911 - one case for each kind of node
    """What a value is called: the last name of the expression, or of what a method is called on."""
    match node:
        case ast.Call(func=ast.Attribute(attr="join"), args=[joined]):
            return _name(joined)
        case ast.Call(func=ast.Attribute(value=value)) | ast.Subscript(value=value):
            return _name(value)
        case ast.Call(args=[first, *_]) | ast.GeneratorExp(elt=first) | ast.Starred(value=first):
            return _name(first)
        case ast.IfExp(body=first) | ast.BoolOp(values=[first, *_]) | ast.BinOp(left=first):
            return _name(first)
        case ast.Attribute(attr="__name__"):
            return "kind"
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name.strip("_").lower().replace("_", " ")
        case _:
            return _HOLE
