"""What the reference says of each code, carried along: it needs neither network nor documentation at hand."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from aep_delivery.cli.exits import MisuseError

_LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+)(#[^)]*)?\)")
_SITE_SUFFIX = ".html"
_MAX_MEANT = 3


class Explanation(BaseModel):
    """A code with what is said of it, in Markdown. Its links are relative to the folder of the documentation."""

    model_config = ConfigDict(frozen=True)

    code: str
    kind: str
    """What it is, in a sentence: an error of which class, a warning, a finding; empty for codes of the command line."""
    meaning: str
    """What is wrong, in general."""
    example: str
    """What is printed, in lines; ``<name>`` stands for what is put in."""
    advice: str
    """What to do; empty where the example's hint says it."""

    @property
    def page(self) -> str:
        """The section of the documentation, below its folder: ``reference/errors/config.md#configalias``."""
        return f"reference/errors/{self.code.partition('.')[0]}.md#{self.code.replace('.', '')}"

    def markdown(self, site: str | None = None) -> str:
        """The whole section but for its heading.

        Args:
            site: The address of the documentation as a site, for links to lead there. Without it they lead nowhere,
                and become names of pages.
        """
        advice = f"**What to do:** {self.advice}" if self.advice else ""
        example = f"```text\n{self.example}\n```"
        text = " ".join(filter(None, [self.kind, self.meaning]))
        linked = (_linked(part, site) for part in (text, advice))
        introduction, closing = linked
        return "\n\n".join(filter(None, [introduction, example, closing]))

    def lines(self) -> Iterator[str]:
        """The section for a terminal."""
        yield self.code
        yield ""
        yield _linked(" ".join(filter(None, [self.kind, self.meaning])), None)
        yield ""
        yield from (f"  {line}".rstrip() for line in self.example.splitlines())
        if self.advice:
            yield ""
            yield f"What to do: {_linked(self.advice, None)}"


@cache
def explanations() -> dict[str, Explanation]:
    """All of them, by their codes."""
    found: dict[str, dict[str, str]] = json.loads((files(__package__) / "codes.json").read_text(encoding="utf-8"))
    return {code: Explanation(code=code, **texts) for code, texts in found.items()}


def explanation(code: str) -> Explanation:
    """The explanation of a code, which may be in the brackets it is printed in.

    Raises:
        MisuseError: ``cli.code-unknown``.
    """
    known = explanations()
    bare = code.strip().removeprefix("[").removesuffix("]").lower()
    if bare in known:
        return known[bare]
    meant = _meant(bare, list(known))
    raise MisuseError(
        f"There is no code {code}" + (f", did you mean {' or '.join(meant)}?" if meant else "."),
        code="cli.code-unknown",
        hint="A code stands in brackets at the end of an error, a warning or a finding: [config.unknown-field].",
    )


def _meant(word: str, known: list[str]) -> list[str]:
    """The code that is spelled like this or, for half a code, those that share it."""
    misspelled = difflib.get_close_matches(word, known, n=1, cutoff=0.8)
    half = {*word.split(".")}
    shared = [each for each in known if half & {*each.split(".")}]
    return misspelled or shared[:_MAX_MEANT] or difflib.get_close_matches(word, known, n=1, cutoff=0.6)


def section_address(code: str, site: str) -> str | None:
    """Where a site has the explanation of a code; None for a code without one."""
    found = explanations().get(code)
    return _address(found.page, site) if found else None


def codes(incomplete: str) -> list[str]:
    """The codes that begin like this, for shells."""
    return [code for code in explanations() if code.startswith(incomplete)]


def _linked(text: str, site: str | None) -> str:
    def replaced(link: re.Match[str]) -> str:
        words, page, anchor = link[1], link[2], link[3] or ""
        return f"[{words}]({_address(page + anchor, site)})" if site else f"{words} (docs/{page})"

    return _LINK.sub(replaced, text)


def _address(page: str, site: str) -> str:
    path, mark, anchor = page.partition("#")
    return f"{site.rstrip('/')}/{path.removesuffix('.md')}{_SITE_SUFFIX}{mark}{anchor}"
