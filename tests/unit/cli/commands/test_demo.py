from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from aep_delivery.cli.commands import demo

DEMO = """
import pathlib, sys, time
root = pathlib.Path(__file__).parent.parent
(root / "called").write_text(" ".join(sys.argv[1:]))
print("told")
if "--keep" in sys.argv:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        (root / "tidied").touch()
        sys.exit(0)
(root / "demo-output").mkdir()
(root / "demo-output" / "receipt.json").write_text('{"verdict": "VERIFIED"}')
sys.exit(int((root / "ends-with").read_text()))
"""


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone whose demo writes down how it was called."""
    for folder in ("demo", "emulator", "shared"):
        (tmp_path / folder).mkdir()
    (tmp_path / "demo" / "__main__.py").write_text(DEMO)
    (tmp_path / "template.yaml").touch()
    (tmp_path / "ends-with").write_text("0")
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    monkeypatch.setattr(demo, "find_spec", lambda name: name == "ministack")
    return tmp_path


@pytest.mark.parametrize("code", [0, 3])
def test_it_ends_as_the_demo_ends(offline, clone, capfd, code):
    (clone / "ends-with").write_text(str(code))
    result = offline("demo")
    assert (result.exit_code, (clone / "called").read_text()) == (code, "")
    assert capfd.readouterr().out == "told\n"


def test_its_options_are_the_demos(offline, clone, config_file):
    config, lake = config_file(), clone
    assert offline("demo", "--config", config, "--lake", lake, "--break", "truncate").exit_code == 0
    assert (clone / "called").read_text() == f"--config {config} --lake {lake} --break truncate"


def test_json_is_the_receipt(offline, clone, capfd):
    code, document = offline.json("demo")
    assert (code, document) == (0, {"verdict": "VERIFIED"})
    assert capfd.readouterr().out == "", "what the demo tells goes elsewhere"


@pytest.mark.parametrize("code", [1, 2])
def test_a_demo_without_a_verdict_is_an_error(offline, clone, code):
    (clone / "ends-with").write_text(str(code))
    status, document = offline.json("demo")
    assert (status, document["code"]) == (1, "cli.demo-failed")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--config", "none.yaml"], "cli.path-not-found"),
        (["--config", "{clone}/ends-with"], "cli.not-a-config"),
        (["--lake", "none"], "cli.path-not-found"),
        (["--keep", "--break", "delete"], "cli.usage"),
        (["--keep"], "cli.usage"),
        (["--break", "burn"], "cli.usage"),
    ],
)
def test_what_it_does_not_take(offline, clone, arguments, code):
    status, document = offline.json("demo", *(argument.format(clone=clone) for argument in arguments))
    assert (status, document["code"]) == (1, code)
    assert not (clone / "called").exists()


def test_without_a_clone_it_says_where_the_demo_is(offline, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "ROOT", tmp_path)
    status, document = offline.json("demo")
    assert (status, document["code"]) == (1, "cli.demo-missing")
    assert "Clone the project and call `make demo`" in document["hint"]


def test_without_the_emulators_it_says_how_to_get_them(offline, clone, monkeypatch):
    monkeypatch.setattr(demo, "find_spec", lambda name: None)
    status, document = offline.json("demo")
    assert (status, document["code"]) == (1, "cli.demo-missing")
    assert f"make --directory {clone} demo" in document["hint"]
    # Once they are there, in the clone's own environment, that is used.
    own = clone / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.symlink_to(sys.executable)
    assert json.loads(offline("demo", "--json").stdout) == {"verdict": "VERIFIED"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_lets_the_demo_tidy_up(clone, number):
    code = (
        "import pathlib, sys; from aep_delivery.cli.commands import demo; from aep_delivery.cli.main import program; "
        f"demo.ROOT = pathlib.Path({str(clone)!r}); demo.find_spec = lambda name: True; program('demo')(['demo', '--keep'])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as called:  # noqa: S603 - our own code
        deadline = time.monotonic() + 60
        while not (clone / "called").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        called.send_signal(number)
        assert called.wait(timeout=60) == 0
    assert (clone / "tidied").exists()
