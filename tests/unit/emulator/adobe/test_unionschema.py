from __future__ import annotations

from emulator.adobe import unionschema

from .activation import profile, write_profiles
from .conftest import Adobe


def test_the_union_schema_names_every_attribute(adobe: Adobe) -> None:
    odd = profile(9, nickname=None, tags=["a"], score=1.5, subscribed=True)
    write_profiles(adobe.lake, [profile(1), odd])
    query = [("property", "fullSchema==true"), ("property", "includeRelationshipDescriptors==true")]
    answer = adobe.get(unionschema.PROFILE_PATH, params=query)
    schema = answer.json()
    assert (answer.status_code, schema["title"], schema["type"]) == (200, "XDM Individual Profile", "object")
    found = schema["properties"]
    assert found["person"]["properties"]["name"]["properties"]["firstName"]["type"] == "string"
    assert found["loyalty"]["properties"]["points"]["type"] == "integer"
    assert [found[name]["type"] for name in ("tags", "score", "subscribed")] == ["array", "number", "boolean"]
    assert found["segmentMembership"]["meta:xdmType"] == found["identityMap"]["meta:xdmType"] == "map"
    assert "nickname" not in found


def test_namespaces_are_the_standard_ones_and_those_in_use(adobe: Adobe) -> None:
    write_profiles(adobe.lake)
    found = {item["code"]: item for item in adobe.get(unionschema.NAMESPACES_PATH).json()}
    assert {"Email", "ECID", "Phone_E.164", "CRMID"} <= set(found)
    assert (found["Email"]["custom"], found["Email"]["namespaceType"]) == (False, "Standard")
    assert (found["CRMID"]["custom"], found["CRMID"]["namespaceType"]) == (True, "Custom")
    assert adobe.post(unionschema.NAMESPACES_PATH, {}).status_code == 405
