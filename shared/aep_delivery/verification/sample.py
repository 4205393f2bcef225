"""Choosing the files that are read to their end, where a delivery is too large to read all."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection

_SPACE = 1 << 64


def choose(keys: Collection[str], share: float) -> set[str]:
    """The keys to check, the same ones on every call: a key is chosen by its hash, not by chance.

    Args:
        keys: The object keys of a delivery.
        share: From 0 to 1. At least one key is chosen where there are any and `share` is above 0.

    Raises:
        ValueError: `share` is not from 0 to 1.
    """
    if not 0 <= share <= 1:
        raise ValueError("share must be from 0 to 1")
    if share == 1:
        return set(keys)
    if not keys or share == 0:
        return set()
    ranks = {key: _rank(key) for key in keys}
    chosen = {key for key, rank in ranks.items() if rank < math.floor(share * _SPACE)}
    return chosen or {min(ranks, key=ranks.__getitem__)}


def _rank(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
