"""Requests to a Docker plug-in made by chance from its table: inputs, and other inputs that they become."""

from __future__ import annotations

import random
from typing import Any

from tests.pulumi_cli.standin.docker_schema import CONTAINER, NETWORK, TABLES, VOLUME, Attribute

from moothall.pulumi_engine.protocol.values import UNKNOWN

WORDS = ("a", "b", "c", "A=1", "x-y", "size=1m")
FORMS = {
    "~restart": ("no", "always", "unless-stopped"),
    "~mount": ("volume", "bind", "tmpfs"),
    "~path": ("/a", "/b"),
    "~mode": ("0440", "0644"),
    "~cpus": ("0", "0-1"),
    "~label": ("z", "Z"),
    "~propagation": ("private", "shared"),
    "duration": ("5s", "0s", "1m0s"),
    "base64": ("YQ==", "YWI="),
}
ADDRESSES = ("0.0.0.0", "127.0.0.1")
REQUIRED: dict[str, dict[str, Any]] = {
    CONTAINER: {"name": "n", "image": "i"},
    NETWORK: {"name": "n"},
    VOLUME: {"name": "n"},
}
# Where the stand-in is known to guess, or where only one of two may be given.
LEFT_OUT = frozenset({"name", "image", "gpus", "deviceRequests"})


class Chance:
    """A source of requests; the same number gives the same ones. Where the stand-in guesses, there are none."""

    def __init__(self, number: int) -> None:
        self._random = random.Random(number)

    def request(self) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """A type, inputs, and the inputs that they become."""
        pick = self._random
        type_ = pick.choice((CONTAINER, CONTAINER, CONTAINER, NETWORK, VOLUME))
        table = TABLES[type_]
        names = [name for name, each in table.items() if not each.answer and name not in LEFT_OUT]
        names = pick.sample(names, min(len(names), pick.choice((1, 1, 2, 4))))
        first = {name: self._value(table[name], sure=True) for name in names}
        then = {name: self._other(table[name], value) for name, value in first.items()}
        return type_, {**REQUIRED[type_], **first}, {**REQUIRED[type_], **_said(then)}

    def recorded(self, outputs: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
        """Outputs as a state has them: now and then less, as other engines record it, or as after a refresh."""
        if self._random.random() < 0.5:
            outputs = {key: value for key, value in outputs.items() if value is not None and key in {*inputs, *ANSWERS}}
        if self._random.random() < 0.3:
            empty = {"dns": [], "dnsOpts": [], "groupAdds": [], "tmpfs": {}, "logOpts": {}, "sysctls": {}}
            outputs = {key: empty.get(key, value) if value is None else value for key, value in outputs.items()}
        return outputs

    def _value(self, attribute: Attribute, *, sure: bool) -> Any:
        pick = self._random
        if not sure and pick.random() < 0.06:
            return UNKNOWN
        if attribute.shape == "str":
            return self._text(attribute)
        if attribute.shape == "int":
            return pick.choice((0, 1, 2, 64))
        if attribute.shape == "bool":
            return pick.random() < 0.5
        if attribute.shape == "map":
            return {pick.choice(("/run", "k", "a.b", "x-y")): pick.choice(WORDS) for _ in range(pick.randint(0, 2))}
        if attribute.shape == "list":
            return pick.sample(WORDS, pick.randint(0, 3))
        if not attribute.is_block:
            return [pick.choice(WORDS) for _ in range(pick.randint(0, 3))]
        return self._object(attribute, sure) if attribute.one else self._objects(attribute, sure)

    def _text(self, attribute: Attribute) -> str:
        if attribute.name == "ip":
            return self._random.choice(ADDRESSES)
        return self._random.choice(FORMS.get(attribute.form) or (WORDS if attribute.required else (*WORDS, "")))

    def _objects(self, attribute: Attribute, sure: bool) -> list[Any]:
        found = [self._object(attribute, sure) for _ in range(self._random.randint(0, 3))]
        return list({item.get("internal", at): item for at, item in enumerate(found)}.values())

    def _object(self, attribute: Attribute, sure: bool) -> dict[str, Any]:
        """Some of the fields, and one at least that says something."""
        fields = [each for each in attribute.fields.values() if not each.answer]
        taken = [each for each in fields if each.required or self._random.random() < 0.4]
        # What is not known stands in objects, not in objects inside of them.
        given = {each.name: self._value(each, sure=sure or each.is_block) for each in taken}
        return given if _says_something(given) else self._object(attribute, sure)

    def _other(self, attribute: Attribute, value: Any) -> Any:
        kind = self._random.random()
        if kind < 0.15:
            return None
        if kind < 0.3:
            return self._value(attribute, sure=False)
        if isinstance(value, list):
            return self._other_list(attribute, list(value), kind)
        if isinstance(value, dict) and attribute.is_block:
            return self._other_object(attribute, value)
        return value

    def _other_list(self, attribute: Attribute, items: list[Any], kind: float) -> list[Any]:
        pick = self._random
        if kind < 0.5:
            if attribute.shape != "list":
                pick.shuffle(items)
        elif kind < 0.65 and items:
            items.pop(pick.randrange(len(items)))
        elif attribute.is_block and items:
            at = pick.randrange(len(items))
            items[at] = self._other_object(attribute, items[at])
        elif not attribute.is_block:
            items.insert(pick.randint(0, len(items)), pick.choice(WORDS) if attribute.is_set else f"new-{len(items)}")
        return items

    def _other_object(self, attribute: Attribute, value: dict[str, Any]) -> dict[str, Any]:
        changes = {name for name in value if self._random.random() < 0.4 and name != "internal"}
        fields = attribute.fields
        found = {
            name: self._value(fields[name], sure=fields[name].is_block) if name in changes else old
            for name, old in value.items()
        }
        return found if _says_something(found) else value


# What an engine answered, where only it can tell: of the objects that the requests are about there is none.
ANSWERS: dict[str, Any] = {
    "id": "theid",
    "bridge": "",
    "command": ["x"],
    "containerLogs": None,
    "driver": "bridge",
    "entrypoints": [],
    "envs": [],
    "exitCode": None,
    "healthcheck": None,
    "hostname": "h",
    "init": False,
    "internal": False,
    "ipamConfigs": [],
    "ipcMode": "private",
    "labels": [],
    "logDriver": "json-file",
    "mountpoint": "/x",
    "name": "auto",
    "networkDatas": [],
    "options": {},
    "platform": "linux",
    "runtime": "runc",
    "scope": "local",
    "securityOpts": [],
    "shmSize": 64,
    "stopSignal": "SIGTERM",
    "stopTimeout": 0,
}


def _says_something(given: dict[str, Any]) -> bool:
    """Not nothing, and no zero, which the real plug-in now takes for one and now for nothing."""
    zeros = any(type(value) in (bool, int) and not value for value in given.values())
    return not zeros and any(value not in (None, "", [], {}) for value in given.values())


def _said(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
