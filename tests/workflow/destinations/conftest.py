"""One installation with every kind of storage beside it, and every example delivered in it, a few at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aep_delivery.config.load import load_config
from emulator.installation import Installation, install

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SPEED = 60
AT_ONCE = 2
"""Every step of every execution is a process: more of them would only wait for each other."""
VARIANTS = {
    "adobe-campaign-bucket": ("access-key", "bucketName: campaign\n  path: import"),
    "adobe-campaign-container": ("connection-string", "container: campaign\n  path: import"),
    "adobe-campaign-ssh-key": ("sftp-ssh-key", "remotePath: /import/adobe"),
}
"""Other ways into Adobe Campaign than the example's: kind of auth, place."""
BY_HAND = sorted(path for path in EXAMPLES.glob("*.yaml") if "trigger: NOW" in path.read_text())
"""The examples that ask for a run at once; the others wait for their schedule."""


@dataclass(frozen=True)
class Delivered:
    """How the delivery of one example ended."""

    document: dict[str, Any]
    status: str
    error: str
    receipt: dict[str, Any] = field(repr=False)


@pytest.fixture(scope="session")
def flights_lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the examples name: a few flights, and the profiles and audiences of the examples' own lake."""
    lake = tmp_path_factory.mktemp("flights-lake")
    shutil.copytree(EXAMPLES / "lake", lake, dirs_exist_ok=True)
    names = ("Flights 2013", "Weather 2013", "Planes", "Airports", "Airlines")
    for name in names:
        folder = lake / name.lower().replace(" ", "-")
        folder.mkdir()
        (folder / "dataset.json").write_text(json.dumps({"name": name}))
        (folder / "rows.json").write_text("".join(json.dumps({"id": n, "of": name}) + "\n" for n in range(50)))
    return lake


def configs() -> dict[str, str]:
    """The text of each config: the examples, and variants of them."""
    texts = {path.stem: path.read_text() for path in BY_HAND}
    campaign = texts["adobe-campaign"]
    for name, (auth, place) in VARIANTS.items():
        texts[name] = _changed(
            campaign,
            ("name: adobe-campaign", f"name: {name}"),
            ("type: sftp-password ", f"type: {auth} "),
            ("secret://adobe-campaign", f"secret://{name}"),
            ("remotePath: import/adobe", place),
        )
    for name in ("oracle-eloqua", "oracle-responsys", "salesforce-marketing-cloud"):
        # The pair that Adobe's tutorials print: mode S3 beside credentials for SFTP.
        texts[f"{name}-mode-s3"] = _changed(
            texts[name],
            (f"name: {name}", f"name: {name}-mode-s3"),
            (f"secret://{name}", f"secret://{name}-mode-s3"),
            ("remotePath: import/adobe", "mode: S3\n  bucketName: bucket\n  path: import"),
        )
    return texts


def _changed(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="session")
def documents() -> dict[str, dict[str, Any]]:
    """The configs, normalised."""
    return {name: load_config(text.encode(), f"{name}.yaml").document() for name, text in configs().items()}


@pytest.fixture(scope="session")
def everywhere(flights_lake: Path, documents: dict[str, dict[str, Any]]) -> Iterator[Installation]:
    """An installation that reaches every destination of the examples."""
    wanted = [document["destination"] for document in documents.values()]
    with install(flights_lake, destinations=wanted, wait_scale=1 / SPEED, adhoc_ready_after=0.0) as installation:
        made: set[str] = set()
        for destination in wanted:
            # Several share a place and a secret.
            told = json.dumps([destination.get(name) for name in ("auth", "bucketName", "container")])
            if told not in made:
                made.add(told)
                installation.provide(destination)
        yield installation


@pytest.fixture(scope="session")
def delivered(everywhere: Installation, documents: dict[str, dict[str, Any]]) -> dict[str, Delivered]:
    """Every config, delivered."""
    texts = configs()

    def deliver(name: str) -> Delivered:
        everywhere.drop(f"{name}.yaml", texts[name].encode())
        execution = everywhere.execution_of(f"{name}.yaml", seconds=120)
        state = everywhere.finished(execution, seconds=300)
        folder = f"/{execution.rpartition(':')[2]}/receipt.json"
        receipt = next((key for key in everywhere.documents() if key.endswith(folder)), None)
        return Delivered(
            documents[name],
            state["status"],
            f"{state.get('error', '')}: {state.get('cause', '')}",
            json.loads(everywhere.document(receipt)) if receipt else {},
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(documents, pool.map(deliver, documents), strict=True))
