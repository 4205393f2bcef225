"""All kinds of damage, from the modules that hold them."""

from __future__ import annotations

from tests.proof.corruption import (
    damage_bytes,
    damage_csv,
    damage_gzip,
    damage_json,
    damage_manifests,
    damage_openpgp,
    damage_parquet,
    damage_runs,
    damage_sets,
)
from tests.proof.corruption.kinds import KINDS, Kind

_TOLD = {
    damage_bytes: "Any file",
    damage_gzip: "Gzip",
    damage_parquet: "Parquet",
    damage_json: "JSON",
    damage_csv: "CSV",
    damage_openpgp: "Encrypted files",
    damage_sets: "The set of files",
    damage_manifests: "Manifests",
    damage_runs: "The run, and what changes meanwhile",
}
GROUPS = {module.__name__.rpartition("_")[2]: told for module, told in _TOLD.items()}
"""What damage is done to: a word for the code, and one for people."""


def kinds_of(group: str) -> list[Kind]:
    """All kinds of one group."""
    return [kind for kind in KINDS if kind.group == group]
