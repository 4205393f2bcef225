"""A config that was found in a sandbox, as a file that people go on writing."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from aep_delivery.cli.new_file import SCHEMA_FILE, unwritable, write_new
from aep_delivery.planning.adopting import Adoptable
from aep_delivery.verification.receipt.figures import visible

_COMMENTS = {
    ("adopt",): "Which dataflow this describes. Applying marks it as this delivery's, and changes nothing else.",
    ("names",): "As they are called in Adobe. Without a name here, the entity is renamed after the delivery.",
    ("destination", "auth"): "The base connection is used, never changed and never removed.\n"
    "Files are read back as the stack itself; where it may not, add a secret: secret://...",
    ("scheduleParams",): "The schedule as it is. What is left out stays as Adobe has it.",
}


def adopted_text(found: Adoptable) -> str:
    """The file: the config, with comments, in a form that ``load_config`` reads back as it is."""
    document = _commented(found.config)
    document.yaml_set_start_comment(
        f"yaml-language-server: $schema={SCHEMA_FILE}\n\n"
        f"The dataflow {visible(found.flow_name)!r} as it was found in Adobe.\n"
    )
    for path, comment in _COMMENTS.items():
        *above, field = path
        section = document
        for name in above:
            section = section[name]
        if field in section:
            section.yaml_set_comment_before_after_key(field, before=comment, indent=2 * len(above))
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    written = StringIO()
    yaml.dump(document, written)
    return written.getvalue()


def write_adopted(folder: Path, found: Iterable[Adoptable], *, force: bool) -> Iterable[tuple[Adoptable, Path, bool]]:
    """Write a file for each, called after the delivery.

    Args:
        folder: Made where it is missing.
        found: What to write.
        force: Whether a file that is there already is replaced.

    Yields:
        What was found, its file, and whether it was written: False where there is a file already.

    Raises:
        UserError: ``cli.file-unwritable``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None
    for one in found:
        path = folder / f"{one.name}.yaml"
        yield one, path, write_new(path, adopted_text(one), force=force)


def _commented(value: Any) -> Any:
    """The same document in the form that carries comments, its texts with ``${`` spelled so that it is no variable."""
    if isinstance(value, dict):
        return CommentedMap((name, _commented(item)) for name, item in value.items())
    if isinstance(value, list):
        return CommentedSeq(_commented(item) for item in value)
    if not isinstance(value, str):
        return value
    text = value.replace("${", "$${")
    # What does not print has to be escaped: U+0085 alone would be folded like a line break.
    return text if text.isprintable() else DoubleQuotedScalarString(text)
