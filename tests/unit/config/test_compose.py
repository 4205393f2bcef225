from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.config.compose import Composed, compose
from aep_delivery.config.diagnostics import render
from aep_delivery.config.errors import ConfigError
from aep_delivery.config.load import load_config, load_config_files, read_config_files
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.runtime.errors import UserError

Data = dict[str, Any]

LEAVES = st.integers(0, 9) | st.text("ab$", max_size=3) | st.booleans() | st.lists(st.integers(0, 9), max_size=2)


def reader(files: Mapping[str, bytes]) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return read


def chain(*layers: Data, indent: int | None = None) -> dict[str, bytes]:
    """Files that extend each other, the first one at the top: 0.json, 1.json, …"""
    last = len(layers) - 1
    parts = [
        {**layer, **({"extends": f"{index + 1}.json"} if index < last else {})} for index, layer in enumerate(layers)
    ]
    return {f"{index}.json": json.dumps(part, indent=indent).encode() for index, part in enumerate(parts)}


def merged(*layers: Data) -> Any:
    composed = compose("0.json", reader(chain(*layers)))
    assert not composed.found
    return composed.data


def draw_layer(draw: st.DrawFn, shape: Data) -> Data:
    """Some of a shape's fields, with values of their own."""
    return {
        name: draw_layer(draw, below) if isinstance(below, dict) else draw(LEAVES)
        for name, below in shape.items()
        if draw(st.booleans())
    }


SHAPES = st.recursive(
    st.none(), lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, min_size=1, max_size=4), max_leaves=10
).filter(lambda shape: isinstance(shape, dict))


@st.composite
def layers(draw: st.DrawFn, count: int) -> list[Data]:
    shape = draw(SHAPES)
    return [draw_layer(draw, shape) for _ in range(count)]


@given(layers(3))
def test_merging_is_associative_where_files_agree_on_sections(three: list[Data]) -> None:
    near, middle, far = three
    assert merged(near, middle, far) == merged(merged(near, middle), far) == merged(near, merged(middle, far))


@given(layers(1))
def test_an_empty_file_changes_nothing(one: list[Data]) -> None:
    assert merged(*one, {}) == merged({}, *one) == merged(*one, *one) == one[0]


@given(layers(2))
def test_a_value_comes_from_the_nearest_file_that_has_it(two: list[Data]) -> None:
    def expected(near: Any, far: Any) -> Any:
        if not (isinstance(near, dict) and isinstance(far, dict)):
            return near
        return {
            name: expected(near[name], far[name]) if name in near and name in far else {**far, **near}[name]
            for name in {**far, **near}
        }

    assert merged(*two) == expected(*two)


def test_a_section_over_a_text_hides_all_that_lies_below() -> None:
    assert merged({"a": {"x": 1}}, {"a": "text"}, {"a": {"y": 2}}) == {"a": {"x": 1}}


def test_lists_are_replaced() -> None:
    assert merged({"a": [{"x": 1}]}, {"a": [{"y": 2}, {"z": 3}]}) == {"a": [{"x": 1}]}


def split(draw: st.DrawFn, config: Data, count: int) -> list[Data]:
    """A config torn into files: each field goes to one of them, or a wrong value of it into a file further down."""
    parts: list[Data] = [{} for _ in range(count)]
    for name, value in config.items():
        if isinstance(value, dict):
            for part, piece in zip(parts, split(draw, value, count), strict=True):
                if piece or draw(st.booleans()):
                    part[name] = piece
            continue
        owner = draw(st.integers(0, count - 1))
        parts[owner][name] = value
        for lower in parts[owner + 1 :]:
            if draw(st.booleans()):
                lower[name] = "overridden"
    return parts


@st.composite
def torn(draw: st.DrawFn, config: Data) -> list[Data]:
    return split(draw, config, draw(st.integers(1, 4)))


@given(data=st.data(), indent=st.sampled_from([None, 2]))
def test_a_config_torn_into_files_is_the_same_config(
    valid: Callable[..., Data], data: st.DataObject, indent: int | None
) -> None:
    config = valid(description="all of it", allow=["schedule-change"], run={"trigger": "NOW"})
    files = chain(*data.draw(torn(config)), indent=indent)
    composed, loaded = load_config_files("0.json", reader(files))
    assert loaded == DeliveryConfig.from_document(config)
    assert_places_hold(composed, files)


def assert_places_hold(composed: Composed, files: Mapping[str, bytes]) -> None:
    """Every place is that of the value: what stands there is the value's own text."""
    places = composed.positions()
    for name, value in composed.data.items():  # type: ignore[union-attr]
        if not isinstance(value, dict | list):
            file, line, column = places[name]
            assert files[file].decode().split("\n")[line - 1][column - 1 :].startswith(json.dumps(value))
    for file, line, column in places.values():
        assert column <= len(files[file].decode().split("\n")[line - 1])


WRONG = st.sampled_from(
    [
        {"name": "No Name"},
        {"sandbox": 7},
        {"version": None},
        {"notify": "me"},
        {"destination": {"path": "/x", "bucketNam": "y"}},
        {"destination": {"auth": {"type": "acess-key"}}},
        {"datasets": [{"id": "x", "name": "y"}, {}]},
        {"scheduleParams": {"interval": "${hours}"}},
        {"scheduleParams": "${undefined}"},
        {"variables": {"hours": "3"}},
        {"variables": {"a b": []}},
        {"allow": ["everything", "everything"]},
        {"description": "${open"},
    ]
)


@given(wrong=st.lists(WRONG, min_size=1, max_size=3), indent=st.sampled_from([None, 1]))
def test_every_diagnostic_points_into_a_file(valid: Callable[..., Data], wrong: list[Data], indent: int | None) -> None:
    files = chain(*wrong, valid(), indent=indent)
    try:
        load_config_files("0.json", reader(files))
    except ConfigError as error:
        places = [(int(found.source[0]), found.line, found.column) for found in error.diagnostics]
        assert places == sorted(places)
        for found in error.diagnostics:
            line = files[found.source].decode().split("\n")[found.line - 1]
            assert 1 <= found.column <= len(line)


@given(data=st.data())
def test_a_single_file_is_read_as_ever(valid: Callable[..., Data], data: st.DataObject) -> None:
    text = json.dumps(valid(description=data.draw(st.text("ab $ {}", max_size=10)).replace("${", "$${"))).encode()
    composed, config = load_config_files("crm.json", lambda _: text)
    assert config == load_config(text, "crm.json")
    assert [source.name for source in composed.sources] == ["crm.json"]
    assert {name for name, _, _ in composed.positions().values()} == {"crm.json"}
    found = {field: (line, column) for field, (_, line, column) in composed.positions().items()}
    assert found == composed.sources[0].positions()


def test_the_nearest_variable_decides(valid: Callable[..., Data]) -> None:
    base = valid(
        variables={"bucket": "flights-dev", "hours": 12, "sandbox": "dev"},
        destination__bucketName="${bucket}",
        destination__auth={"type": "access-key", "secret": "secret://${sandbox}/flights"},
        scheduleParams__interval="${hours}",
        sandbox="${sandbox}",
    )
    files = chain({"variables": {"sandbox": "stage", "hours": 3}}, {"variables": {"hours": 6}}, base)
    config = load_config_files("0.json", reader(files))[1]
    assert config.sandbox == "stage"
    assert config.destination.bucket_name == "flights-dev"
    assert config.destination.auth.secret_name == "stage/flights"
    assert config.schedule_params.interval == 3
    assert load_config(files["2.json"], "2.json").sandbox == "dev"


def test_a_base_in_a_folder_below_extends_from_there(valid: Callable[..., Data]) -> None:
    base = valid()
    del base["sandbox"]
    files = {
        "crm/eu.json": b'{"extends": "bases/eu.base.json", "sandbox": "prod"}',
        "crm/bases/eu.base.json": b'{"extends": "all/crm.base.json"}',
        "crm/bases/all/crm.base.json": json.dumps(base).encode(),
    }
    composed, config = load_config_files("crm/eu.json", reader(files))
    assert [source.name for source in composed.sources] == list(files)
    assert config.delivery_id == "prod/nyc-flights"


def test_a_single_file_has_nothing_to_extend() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(b"extends: crm.base.yaml", "crm.yaml")
    assert caught.value.code == "config.extends-not-found"
    assert caught.value.place == "crm.yaml:1:10"


def test_findings_in_several_files_are_counted_as_such(valid: Callable[..., Data]) -> None:
    files = chain({"sandbox": "Dev"}, valid(name="No Name", sandbox=None))
    with pytest.raises(ConfigError) as caught:
        load_config_files("0.json", reader(files))
    assert "(1 more finding in these files)" in caught.value.message


def test_files_that_grow_are_bounded(valid: Callable[..., Data]) -> None:
    variables = {"a": "x" * 512}
    text = json.dumps(valid(variables=variables, datasets=[{"name": "${a}" * 60_000}])).encode()
    with pytest.raises(ConfigError) as caught:
        load_config(text, "crm.json")
    assert caught.value.code == "config.too-long"
    assert len(caught.value.document().model_dump_json()) < 32_768


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({f"variable{index}": "x" for index in range(100)}, "config.variable-undefined"),
        ({f"variable{index}": "x" for index in range(101)}, "config.too-long"),
    ],
)
def test_many_unknown_variables_cost_little(valid: Callable[..., Data], variables: Data, code: str) -> None:
    datasets = [{"name": f"${{variabel{index}}}"} for index in range(6000)]
    text = json.dumps(valid(variables=variables, datasets=datasets)).encode()
    start = time.process_time()
    with pytest.raises(ConfigError) as caught:
        load_config(text, "crm.json")
    assert time.process_time() - start < 20
    assert caught.value.code == code
    assert len(caught.value.diagnostics) <= 100
    assert len(caught.value.document().model_dump_json()) < 32_768


def test_a_secret_in_a_variable_is_not_shown_on_a_shared_line(valid: Callable[..., Data]) -> None:
    config = valid(
        variables={"key": "CANARY hunter2"},
        destination__auth={"type": "access-key", "secret": "${key}"},
        name="No Name",
    )
    with pytest.raises(ConfigError) as caught:
        load_config(json.dumps(config).encode(), "crm.json")
    assert {found.code for found in caught.value.diagnostics} == {"config.delivery-name", "config.secret-reference"}
    for shown in (caught.value.document().model_dump_json(), repr(caught.value.diagnostics)):
        assert "CANARY" not in shown


def test_configs_on_a_disk(tmp_path: Path, valid: Callable[..., Data]) -> None:
    base = valid()
    del base["sandbox"]
    (tmp_path / "crm.base.json").write_text(json.dumps(base))
    (tmp_path / "crm.yaml").write_text("extends: crm.base.json\nsandbox: dev\n")
    composed, config = read_config_files(tmp_path / "crm.yaml")
    assert config.delivery_id == "dev/nyc-flights"
    assert composed.positions()["sandbox"] == ((tmp_path / "crm.yaml").as_posix(), 2, 10)
    assert composed.positions()["name"][0] == (tmp_path / "crm.base.json").as_posix()


@pytest.mark.parametrize("name", ["none.yaml", "."])
def test_a_config_that_is_not_on_the_disk(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError) as caught:
        read_config_files(tmp_path / name)
    assert (caught.value.code, caught.value.place) == ("config.not-found", str(tmp_path / name))


def test_a_base_that_is_a_folder_is_no_base(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").mkdir()
    (tmp_path / "crm.yaml").write_text("extends: base.yaml\n")
    with pytest.raises(ConfigError) as caught:
        read_config_files(tmp_path / "crm.yaml")
    assert caught.value.code == "config.extends-not-found"


EXAMPLES = Path(__file__).parents[3] / "examples" / "environments"


def test_the_example_promotes() -> None:
    _, dev = read_config_files(EXAMPLES / "nyc-flights.dev.yaml")
    _, prod = read_config_files(EXAMPLES / "nyc-flights.prod.yaml")
    assert (dev.delivery_id, prod.delivery_id) == ("dev/nyc-flights", "prod/nyc-flights")
    assert dev.datasets == prod.datasets
    assert (dev.destination.bucket_name, prod.destination.bucket_name) == ("flights-dev", "flights-prod")
    assert (dev.destination.auth.secret_name, prod.destination.auth.secret_name) == ("flights-dev", "flights-prod")
    assert (dev.destination.path, prod.destination.path) == ("exports/flights", "exports/flights/verified")
    assert (dev.schedule_params.interval, prod.schedule_params.interval) == (12, 3)
    assert (dev.run.trigger, dev.drift, prod.run.trigger, prod.drift) == ("NOW", "report", "SCHEDULED", "repair")
    assert dev.description == "Flights and airlines for the dev warehouse"


def test_the_examples_base_alone_lacks_its_sandbox_only() -> None:
    with pytest.raises(ConfigError) as caught:
        read_config_files(EXAMPLES / "nyc-flights.base.yaml")
    assert [(found.code, found.path) for found in caught.value.diagnostics] == [("config.missing-field", "sandbox")]


HOW_TO = Path(__file__).parents[3] / "docs" / "how-to" / "promote-between-sandboxes.md"


def test_the_how_to_shows_the_examples_lines() -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```", HOW_TO.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    files = [EXAMPLES / f"nyc-flights.{name}.yaml" for name in ("base", "dev", "prod")]
    for block, file in zip(shown, files, strict=True):
        lines = iter(re.sub(r" +#.*", "", file.read_text(encoding="utf-8")).splitlines())
        assert all(line in lines for line in block.splitlines()), file.name


def test_the_how_to_shows_what_a_wrong_variable_prints() -> None:
    files = {path.name: path.read_bytes() for path in EXAMPLES.iterdir()}
    files["nyc-flights.prod.yaml"] = files["nyc-flights.prod.yaml"].replace(b"hours: 3", b"hours: 4")
    with pytest.raises(ConfigError) as caught:
        load_config_files("nyc-flights.prod.yaml", reader(files))
    assert render(caught.value.diagnostics) in HOW_TO.read_text(encoding="utf-8")
