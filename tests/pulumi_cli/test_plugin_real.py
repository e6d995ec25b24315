"""The stand-in against the real Docker plug-in: the same requests to both, the same answers.

Only where there is a real one: `MOOTHALL_REAL_PLUGIN=…/pulumi-resource-docker`, and the Docker engine of the tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

import docker
import pytest
from tests.networks import subnet
from tests.pulumi_cli.real_pulumi import REAL_PLUGIN, launcher
from tests.pulumi_cli.standin.docker_schema import CONTAINER, NETWORK, VOLUME
from tests.pulumi_cli.standin.plugin_client import PluginClient, started
from tests.pulumi_cli.standin.plugin_lives import LIVES, NAME
from tests.pulumi_cli.standin.plugin_requests import ANSWERS, Chance
from tests.pulumi_engine.lab import HOST, IMAGE, LABEL

from moothall.pulumi_engine.protocol.values import UNKNOWN, UNKNOWN_TEXT

REQUESTS = int(os.environ.get("MOOTHALL_PLUGIN_REQUESTS", "400"))
pytestmark = [
    pytest.mark.pulumi,
    pytest.mark.skipif(not REAL_PLUGIN, reason="no real Docker plug-in: MOOTHALL_REAL_PLUGIN names its program"),
]
# Its own bookkeeping, and what is of the one object or of the time: ids and addresses.
OWN = ("id", "hostname", "__meta", "__pulumi_raw_state_delta", "networkDatas")
SUBNET = {"ipamConfigs": [{"subnet": subnet(NAME, 1)}]}


class Pair(NamedTuple):
    """The two plug-ins."""

    real: PluginClient
    standin: PluginClient


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both as programs, as the engine starts them."""
    with ExitStack() as stack:
        real = stack.enter_context(started(REAL_PLUGIN, HOST))
        yield Pair(real, stack.enter_context(started(launcher(tmp_path_factory.mktemp("plugin") / "plugin"), HOST)))


@pytest.fixture
def clear(client: docker.APIClient) -> Iterator[None]:
    """Nothing of the tests is there before, nothing after."""
    _clear_away(client)
    yield
    _clear_away(client)


@pytest.mark.parametrize("number", range(4))
def test_what_is_asked_before_anything_is_done(pair: Pair, number: int) -> None:
    """Check, the preview of a creation, and Diff, of inputs by chance."""
    chance, differ = Chance(number), []
    for _ in range(REQUESTS // 4):
        type_, first, then = chance.request()
        answers = [_before(plugin, type_, first, then, Chance(number)) for plugin in pair]
        if answers[0] != answers[1]:
            differ.append((type_, first, then, _difference(*answers)))
    assert not differ


@pytest.mark.parametrize("name", LIVES)
def test_a_container_from_its_making_to_its_end(
    name: str, pair: Pair, image: str, client: docker.APIClient, clear: None
) -> None:
    """Create, a look, a change, a look again, removal: the same answers, and the same container on the engine."""
    first, then = (_container(**how) for how in LIVES[name])
    _assert_live_alike(pair, CONTAINER, first, then, client)


@pytest.mark.parametrize(
    ("type_", "first", "then"),
    [
        (NETWORK, {**SUBNET}, {**SUBNET, "internal": True}),
        (NETWORK, {**SUBNET, "options": {"a": "b"}}, {}),
        (NETWORK, {**SUBNET, "internal": True, "attachable": True}, {**SUBNET, "internal": True}),
        (VOLUME, {}, {"driver": "local"}),
        (VOLUME, {"driverOpts": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}}, {"driver": "other"}),
    ],
)
def test_a_network_or_volume_from_its_making_to_its_end(
    type_: str, first: dict[str, Any], then: dict[str, Any], pair: Pair, client: docker.APIClient, clear: None
) -> None:
    """The same, without a change in place, which they do not have."""
    labels = [{"label": "z", "value": "1"}, {"label": "a", "value": "2"}]
    base = {"name": NAME, "labels": labels}
    _assert_live_alike(pair, type_, {**base, **first}, {**base, **then}, client)


def test_what_is_there_already_and_what_is_in_use(
    pair: Pair, image: str, client: docker.APIClient, clear: None
) -> None:
    """A name that is taken is refused; a volume and a network in use stay."""
    for plugin in pair:
        made = [_make(plugin, type_, {"name": NAME}) for type_ in (NETWORK, VOLUME)]
        inside = _container(
            networksAdvanced=[{"name": NAME}], mounts=[{"type": "volume", "source": NAME, "target": "/data"}]
        )
        container = _make(plugin, CONTAINER, inside)
        again = plugin.create(CONTAINER, container["inputs"])
        twice = plugin.create(NETWORK, made[0]["inputs"])
        held = [plugin.delete(type_, each["id"], each) for type_, each in zip((NETWORK, VOLUME), made, strict=True)]
        assert "is already in use by container" in again["error"]
        assert "already exists" in twice["error"]
        assert "last state: 'pending', timeout: 30s" in held[0]["error"]
        assert "last state: 'in_use', timeout: 30s" in held[1]["error"]
        assert plugin.delete(CONTAINER, container["id"], container) == {}
        assert plugin.delete(CONTAINER, container["id"], container) == {}
        _clear_away(client)


def _assert_live_alike(
    pair: Pair, type_: str, first: Mapping[str, Any], then: Mapping[str, Any], client: docker.APIClient
) -> None:
    told = []
    for plugin in pair:
        told.append(list(_life(plugin, type_, first, then, client)))
        _clear_away(client)
    for real, standin in zip(*told, strict=True):
        assert standin == real


def _before(
    plugin: PluginClient, type_: str, first: Mapping[str, Any], then: Mapping[str, Any], chance: Chance
) -> dict[str, Any]:
    """What a plug-in says of a change before it is made."""
    checked = [plugin.check(type_, inputs) for inputs in (first, then)]
    told: dict[str, Any] = {"checked": [_checked(answer) for answer in checked]}
    if any("error" in answer or answer.get("failures") for answer in checked):
        return told
    old, new = (_unknown(answer["inputs"]) for answer in checked)
    foreseen = plugin.create(type_, old, preview=True).get("properties", {})
    told["foreseen"] = _without_own(foreseen)
    outputs = chance.recorded({key: _answered(key, value) for key, value in foreseen.items()}, old)
    told["differs"] = _told_of(plugin.diff(type_, "theid", {"inputs": old, "outputs": outputs}, new))
    return told


def _life(
    plugin: PluginClient, type_: str, first: Mapping[str, Any], then: Mapping[str, Any], client: docker.APIClient
) -> Iterator[Any]:
    """What a plug-in says of an object, and what an engine has of it, step by step."""
    inputs, wanted = (plugin.check(type_, each)["inputs"] for each in (first, then))
    made = plugin.create(type_, inputs)
    old = {"id": made.get("id"), "inputs": inputs, "outputs": made.get("properties", {})}
    yield "made", _plain_error(made, old), _without_own(old["outputs"]), _on_the_engine(type_, client)
    if not old["id"] or "error" in made:
        return
    yield "seen", _seen(plugin.read(type_, old["id"], old))
    difference = plugin.diff(type_, old["id"], old, wanted)
    yield "differs", _told_of(difference)
    if type_ == CONTAINER and not difference.get("replaces"):
        changed = plugin.update(type_, old["id"], old, wanted)
        new = {"id": old["id"], "inputs": wanted, "outputs": changed.get("properties", {})}
        yield "changed", _plain_error(changed, new), _without_own(new["outputs"]), _on_the_engine(type_, client)
        seen = plugin.read(type_, old["id"], new)
        yield "seen again", _seen(seen)
        recorded = {"inputs": seen["inputs"], "outputs": seen["properties"]}
        yield "differs again", _told_of(plugin.diff(type_, old["id"], recorded, wanted))
    yield "removed", plugin.delete(type_, old["id"], old), plugin.read(type_, old["id"], old)


def _make(plugin: PluginClient, type_: str, given: Mapping[str, Any]) -> dict[str, Any]:
    inputs = plugin.check(type_, given)["inputs"]
    made = plugin.create(type_, inputs)
    assert "error" not in made, made
    return {"id": made["id"], "inputs": inputs, "outputs": made["properties"]}


def _container(**how: Any) -> dict[str, Any]:
    base = {"name": NAME, "image": IMAGE, "command": ["sleep", "infinity"], "stopSignal": "SIGKILL"}
    return {**base, "labels": [{"label": LABEL, "value": NAME}], **how}


def _checked(answer: Mapping[str, Any]) -> Any:
    """Inputs, and which are blamed; the words are the real one's own."""
    if "error" in answer:
        return "refused"
    blamed = [each["reason"].split("Examine values at ")[-1] for each in answer.get("failures", ())]
    return answer["inputs"], sorted(blamed)


def _told_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {path: each.get("kind", "ADD") for path, each in answer.get("detailedDiff", {}).items()}
    replaces = sorted(set(answer.get("replaces", ())))
    told = {key: answer.get(key) for key in ("error", "changes", "diffs", "deleteBeforeReplace")}
    return {**told, "kinds": kinds, "replaces": replaces, "stables": sorted(answer.get("stables", ()))}


def _plain_error(answer: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    return str(answer.get("error", "")).replace(str(made["id"]), "ID").strip()


def _seen(answer: Mapping[str, Any]) -> Any:
    return _without_own(answer.get("properties", {})), answer.get("inputs")


def _without_own(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is of the one object, and without what says nothing: an absent list is now null and now empty."""
    return {key: value for key, value in values.items() if key not in OWN and value not in (None, [], {})}


def _answered(key: str, value: Any) -> Any:
    if value == UNKNOWN_TEXT:
        return ANSWERS.get(key)
    if key == "ports" and value:
        return [{**item, "external": 32768 if item["external"] == UNKNOWN_TEXT else item["external"]} for item in value]
    return value


def _unknown(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unknown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unknown(item) for item in value]
    return UNKNOWN if value == UNKNOWN_TEXT else value


def _difference(real: Mapping[str, Any], standin: Mapping[str, Any]) -> dict[str, Any]:
    return {key: (real.get(key), standin.get(key)) for key in real if real.get(key) != standin.get(key)}


def _on_the_engine(type_: str, client: docker.APIClient) -> Any:
    """What an engine has: of a container what it was told, what runs, and its files."""
    if type_ != CONTAINER:
        return None
    try:
        found = client.inspect_container(NAME)
    except docker.errors.NotFound:
        return None
    config = {key: value for key, value in found["Config"].items() if key != "Hostname" and value not in (None, {}, "")}
    host = {key: value for key, value in found["HostConfig"].items() if value not in (None, [], {}, "", 0, False)}
    host.pop("Mounts", None)  # the order of their members
    return config, host, found["State"]["Running"], sorted(found["NetworkSettings"]["Networks"])


def _clear_away(client: docker.APIClient) -> None:
    for item in client.containers(all=True, filters={"name": NAME}):
        client.remove_container(item["Id"], v=True, force=True)
    for item in client.networks(names=[NAME]):
        client.remove_network(item["Id"])
    for item in client.volumes(filters={"name": NAME})["Volumes"] or ():
        client.remove_volume(item["Name"], force=True)
