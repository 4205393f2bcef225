"""The pages with a section for each code: what it means, what is printed, what to do.

What a code means is written by hand, in the tables of reference/errors.md, reference/verdicts.md and reference/cli.md.
The rest is read from the source and from the tests.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from docs.generate.advice import ADOBE, ADVICE, FINDING, OF_KIND, SAID, VERDICT
from docs.generate.examples import examples
from docs.generate.said import ROOT, Said, said

_REFERENCE = ROOT / "docs" / "reference"
_TABLES = ("errors.md", "verdicts.md", "cli.md")
_ROW = re.compile(r"\| `([a-z]+(?:-[a-z]+)*\.[a-z0-9-]+)` \| (?:(`\w+`|never) \| )?(.+) \|")
_WHERE = "<place>: "
_FOLDER = "reference/errors"
_LINK = re.compile(r"(?<=\]\()(?![a-z]+:)([^)]+)(?=\))")


@dataclass(frozen=True)
class Told:
    """A row of a table.

    Attributes:
        code: The code.
        kind: The class of an error, the verdict a finding asks for (*never*: none), *warning*; or empty.
        meaning: In Markdown.
        page: The page of the table, below reference/.
        section: The heading above it.
    """

    code: str
    kind: str
    meaning: str
    page: str
    section: str


@dataclass(frozen=True)
class Explained:
    """A code with all that is said of it, in Markdown.

    Attributes:
        kind: What it is, in a sentence; empty for codes of the command line.
        meaning: What is wrong, in general.
        example: What is printed, in lines.
        advice: What to do; empty where the example says it.
    """

    kind: str
    meaning: str
    example: str
    advice: str


def told() -> Iterator[Told]:
    """Every code of the tables, in their order."""
    for page in _TABLES:
        section = ""
        for line in (_REFERENCE / page).read_text("utf-8").splitlines():
            if line.startswith("## "):
                section = line.removeprefix("## ")
            elif row := _ROW.fullmatch(line):
                yield Told(row[1], (row[2] or _kind(section)).strip("`"), row[3], page, section)


def pages() -> dict[str, str]:
    """The pages: path below docs/ → content. One for each first word of the codes, so a code alone says where it is."""
    groups: dict[str, list[Told]] = {}
    for each in told():
        groups.setdefault(each.code.partition(".")[0], []).append(each)
    written = {f"{_FOLDER}/{group}.md": _page(group, found) for group, found in groups.items()}
    return {f"{_FOLDER}/index.md": _index(groups), **written}


def packaged() -> str:
    """All sections as the JSON that the product carries, whose wheel has no docs/. Links are relative to docs/."""
    codes = {
        each.code: {
            name: _LINK.sub(lambda link: posixpath.normpath(f"{_FOLDER}/{link[1]}"), text)
            for name, text in asdict(_explained(each)).items()
        }
        for each in sorted(told(), key=lambda each: each.code)
    }
    return json.dumps(codes, indent=1, ensure_ascii=False) + "\n"


def link_of(code: str) -> str:
    """Where a code is explained: a path below docs/, with the anchor that GitHub and the site give the heading."""
    return f"{_FOLDER}/{code.partition('.')[0]}.md#{code.replace('.', '')}"


def _kind(section: str) -> str:
    """Of a table without a column for it."""
    return {"Config": "UserError", "Warnings of the plan": "warning"}.get(section, "")


def _index(groups: dict[str, list[Told]]) -> str:
    lines = [
        "# Each code",
        "",
        "<!-- Written by `make pages`. -->",
        "",
        (
            "Every error, warning and finding, with an example of what is printed and what to do. The first word of a"
            " code is its page. In short: [errors and warnings](../errors.md), [findings](../verdicts.md#findings),"
            " [the command line](../cli.md#errors)."
        ),
        "",
    ]
    for group, found in sorted(groups.items()):
        codes = sorted(each.code for each in found)
        links = " · ".join(f"[{code.partition('.')[2]}]({group}.md#{code.replace('.', '')})" for code in codes)
        lines += [f"**[{group}]({group}.md)** {links}", ""]
    return "\n".join(lines)


def _page(group: str, found: list[Told]) -> str:
    tables = sorted({(each.page, each.section) for each in found})
    origins = ", ".join(f"[{section}](../{page}#{_anchor(section)})" for page, section in tables)
    head = [
        f"# `{group}.…`",
        "",
        "<!-- Written by `make pages`. -->",
        "",
        (
            f"In short: {origins}. In the examples `<name>` stands for what is put in;"
            " a *hint*, or a line that begins with `=`, says how to mend it."
        ),
        "",
    ]
    sections = [line for each in sorted(found, key=lambda each: each.code) for line in _section(each)]
    return "\n".join([*head, *sections])


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _section(each: Told) -> list[str]:
    found = _explained(each)
    introduction = " ".join(filter(None, [found.kind, found.meaning]))
    lines = [f"## {each.code}", "", introduction, "", "```text", found.example, "```", ""]
    return [*lines, f"**What to do:** {found.advice}", ""] if found.advice else lines


def _explained(each: Told) -> Explained:
    words = _words(each)
    # The tables lie one folder higher.
    meaning = _LINK.sub(lambda link: link[1] if link[1].startswith("#") else f"../{link[1]}", each.meaning)
    example = examples().get(each.code) or _printed(each, words)
    advice = ADVICE.get(each.code) or _advice(each)
    if not (advice or words.hint or "      = " in example):
        raise LookupError(f"nothing says what to do about {each.code}: add a line to docs/generate/advice.py")
    return Explained(_what(each), meaning, example, advice)


def _what(each: Told) -> str:
    if each.page == "verdicts.md":
        asks = "never decides the verdict" if each.kind == "never" else f"as an error it asks for `{each.kind}`"
        return f"A finding; {asks}."
    return {"": "", "warning": "A warning."}.get(each.kind, f"`{each.kind}`.")


def _advice(each: Told) -> str:
    if each.page == "verdicts.md":
        return FINDING if each.kind == "never" else VERDICT.format(verdict=each.kind, anchor=each.kind.lower())
    return OF_KIND.get(each.kind, "")


def _words(each: Told) -> Said:
    if each.code in SAID:
        return SAID[each.code]
    known = said().get(each.code, [])
    if not known or not known[0].message:
        of_adobe = each.code.startswith("adobe.")
        if not of_adobe and each.code not in examples():
            raise LookupError(f"what is printed for {each.code} cannot be read: add a line to docs/generate/advice.py")
        return Said(ADOBE.message if of_adobe else "", known[0].hint if known else "")
    return known[0]


def _printed(each: Told, words: Said) -> str:
    """As the command line, the receipt and the log of a step have it."""
    if each.kind == "warning" or each.page == "verdicts.md":
        return f"{'warning' if each.kind in ('warning', 'never') else 'error'}: {words.message} [{each.code}]"
    hint = f"\n  hint: {words.hint}" if words.hint else ""
    return f"{_WHERE}{words.message} [{each.code}]{hint}"
