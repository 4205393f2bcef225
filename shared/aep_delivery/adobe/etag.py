"""Entity tags as Flow Service wants them back: exactly one pair of double quotes."""

from __future__ import annotations

import re

_NOT_ALLOWED = re.compile(r"[^\x21\x23-\x5b\x5d-\x7e]")
"""All but the ``etagc`` of RFC 9110, section 8.8.3, less the backslash, which Adobe's samples use for escaping."""


def normalise_etag(raw: str) -> str:
    r"""The header value for an entity tag in any of the spellings Adobe prints.

    The JSON string of an answer holds the quotes (``"\"7400453a-…\""``), some tutorials print it bare or escaped twice,
    and ``If-Match`` with anything but one pair of quotes is answered 412.

    Args:
        raw: The tag as an answer holds it.

    Returns:
        The tag within one pair of double quotes; normalising it again changes nothing.
    """
    return f'"{_NOT_ALLOWED.sub("", raw)}"'
