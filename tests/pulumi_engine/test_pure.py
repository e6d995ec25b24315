"""The small parts that need no engine: differences, paths, aliases, bodies, archives, redaction, the wire."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.pulumi_engine.protocol.aliases import AliasSpec, Identity, alias_urns
from moothall.pulumi_engine.protocol.marshalling import from_struct, to_struct
from moothall.pulumi_engine.protocol.resource_types import CONTAINER, KINDS, with_defaults
from moothall.pulumi_engine.protocol.values import UNKNOWN, Secret, plain, secret_texts, without_defaults
from moothall.pulumi_engine.provider.create_request import container_body, nanoseconds
from moothall.pulumi_engine.provider.uploads import archive
from moothall.pulumi_engine.state.redact import redact
from moothall.pulumi_engine.steps.diff import diff, matches, parse_path, without_ignored, write_path

KIND = KINDS[CONTAINER]
NAMES = st.text(st.characters(exclude_characters='\\*"'), min_size=1)
SEGMENTS = st.lists(st.one_of(NAMES, st.integers(0, 99)), min_size=1)

JSON = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)
FEW = settings(max_examples=40, deadline=None)


def changed(old: dict[str, object], new: dict[str, object]) -> list[str]:
    """The changed paths as text."""
    return [write_path(path) for path in diff(KIND, old, new)]


def test_import_is_cheap() -> None:
    """Importing the engine and its passphrase loads neither Pulumi nor Docker."""
    heavy = "{'pulumi', 'docker', 'grpc', 'requests', 'cryptography'}"
    modules = "moothall.pulumi_engine, moothall.pulumi_engine.state.passphrase"
    code = f"import sys, {modules}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@FEW
@given(SEGMENTS)
def test_paths_read_as_they_are_written(segments: list[str | int]) -> None:
    """For every path that begins with a name."""
    path = ("root", *segments)
    assert parse_path(write_path(path)) == path


@pytest.mark.parametrize(
    ("old", "new", "paths"),
    [
        ({"memory": 1}, {"memory": 2}, ["memory"]),
        ({}, {"healthcheck": {"tests": ["x"]}}, ["healthcheck"]),
        ({"healthcheck": {"retries": 1}}, {"healthcheck": {"retries": 2}}, ["healthcheck.retries"]),
        ({"healthcheck": {"tests": []}}, {"healthcheck": {"tests": [], "timeout": "0s"}}, []),
        ({"sysctls": {"a.b": "1"}}, {"sysctls": {"a.b": "2"}}, ['sysctls["a.b"]']),
        ({"command": ["a", "b"]}, {"command": ["b", "a"]}, ["command"]),
        ({"envs": ["a", "b"]}, {"envs": ["b", "a"]}, []),
        ({"envs": Secret(["a"])}, {"envs": ["a"]}, []),
        ({"envs": ["a"]}, {"envs": UNKNOWN}, ["envs"]),
        ({"dns": []}, {}, []),
        ({"ports": [{"internal": 1}]}, {"ports": [{"internal": 1, "ip": "0.0.0.0", "protocol": "tcp"}]}, []),
        (
            {"networksAdvanced": [{"name": "n", "aliases": ["x", "y"]}, {"name": "m"}]},
            {"networksAdvanced": [{"name": "m"}, {"name": "n", "aliases": ["y", "x"]}]},
            [],
        ),
    ],
)
def test_differences(old: dict[str, object], new: dict[str, object], paths: list[str]) -> None:
    """Defaults, secret marks and the order of sets do not count; everything else does."""
    assert changed(old, new) == paths


@FEW
@given(st.dictionaries(st.sampled_from(sorted(KIND.properties)), JSON))
def test_nothing_differs_from_itself(inputs: dict[str, object]) -> None:
    """Whatever the inputs are, also after the defaults were written out."""
    assert diff(KIND, inputs, inputs) == []
    assert diff(KIND, inputs, with_defaults(KIND, inputs)) == []


def test_ignored_paths_keep_the_old_value() -> None:
    """Top level, nested, by index, and everything."""
    old = {"a": 1, "b": {"c": 2, "d": 3}, "e": [{"f": 4}], "only-old": 5}
    new = {"a": 9, "b": {"c": 9, "d": 9}, "e": [{"f": 9}], "only-new": 9}

    assert without_ignored(old, new, ["a"])["a"] == 1
    assert without_ignored(old, new, ["b.c"])["b"] == {"c": 2, "d": 9}
    assert without_ignored(old, new, ["e[0].f"])["e"] == [{"f": 4}]
    assert "only-new" not in without_ignored(old, new, ["only-new"])
    assert without_ignored(old, new, ["only-old"])["only-old"] == 5
    assert without_ignored(old, new, ["*"]) == old


def test_paths_match_at_above_and_below() -> None:
    """`healthcheck` covers `healthcheck.interval` and the other way round."""
    assert matches(("healthcheck", "interval"), ["healthcheck"])
    assert matches(("healthcheck",), ["healthcheck.interval"])
    assert matches(("anything",), ["*"])
    assert not matches(("memory",), ["healthcheck"])


def test_aliases_of_a_renamed_parent_reach_its_children() -> None:
    """One own and one inherited alias make three former names; a child named after its parent goes along."""
    parent, old_parent = "urn:pulumi:s::p::t:i:New::new", "urn:pulumi:s::p::t:i:Old::old"
    me = Identity("s", "p", parent, "t:i:Child", "new-child")

    urns = alias_urns(me, [AliasSpec(name="kid")], {parent: [old_parent]})

    assert urns == (
        "urn:pulumi:s::p::t:i:New$t:i:Child::kid",
        "urn:pulumi:s::p::t:i:Old$t:i:Child::old-child",
        "urn:pulumi:s::p::t:i:Old$t:i:Child::kid",
    )
    assert me.urn_of(AliasSpec(parent="")) == "urn:pulumi:s::p::t:i:Child::new-child"


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("5s", 5), ("1m30s", 90), ("1.5s", 1.5), ("500ms", 0.5), ("1h", 3600), ("0", 0)]
)
def test_durations(text: str, seconds: float) -> None:
    """Go's notation."""
    assert nanoseconds(text) == int(seconds * 1_000_000_000)


@pytest.mark.parametrize("text", ["5", "s", "5x", "five", ""[:0] + "-5s"])
def test_bad_durations(text: str) -> None:
    """Refused."""
    with pytest.raises(ValueError, match="not a duration"):
        nanoseconds(text)


def test_the_body_of_a_create_call() -> None:
    """What is not asked for is left to the image; a restart policy is always named."""
    least = container_body({"image": "i"})
    assert least == {
        "Image": "i",
        "Labels": {},
        "HostConfig": {
            "NetworkMode": "bridge",
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
            "AutoRemove": False,
            "ReadonlyRootfs": False,
        },
    }
    more = container_body(
        {
            "image": "i",
            "memory": 2,
            "memorySwap": -1,
            "ports": [{"internal": 80, "external": 8080, "ip": "127.0.0.1"}],
            "volumes": [{"containerPath": "/cfg"}, {"containerPath": "/d", "volumeName": "v", "readOnly": True}],
        }
    )
    assert (more["HostConfig"]["Memory"], more["HostConfig"]["MemorySwap"]) == (2 << 20, -1)
    assert more["HostConfig"]["PidsLimit"] == 64
    assert more["HostConfig"]["PortBindings"] == {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}
    assert (more["Volumes"], more["HostConfig"]["Binds"]) == ({"/cfg": {}}, ["v:/d:ro"])


def entries(packed: bytes) -> list[tuple[str, int, int, int]]:
    """Name, mode and owner of what is in an archive."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        return [(member.name, member.mode, member.uid, member.gid) for member in tar]


def test_uploads_are_packed_for_the_root() -> None:
    """Owned by root, with their mode, by their whole path."""
    packed = archive([{"file": "/cfg/a", "content": "A", "permissions": "0400"}, {"file": "/cfg/x/b", "content": "B"}])

    assert entries(packed) == [("cfg/a", 0o400, 0, 0), ("cfg/x/b", 0o644, 0, 0)]


def test_redaction() -> None:
    """A whole secret, a line of one and a long word of one go; short words stay readable."""
    secret = "user = app\npassword = Zm9vYmFyYmF6cXV4\n"
    text = "app said: password = Zm9vYmFyYmF6cXV4; also Zm9vYmFyYmF6cXV4 alone"

    assert redact(text, [secret]) == "app said: [secret]; also [secret] alone"
    assert redact("nothing here", [secret]) == "nothing here"
    named = "server = hampshire-oxfordshire.oxford\npassword = QmFzZTY0IHNlY3JldA\n"
    assert (
        redact("hampshire-oxfordshire.oxford: QmFzZTY0IHNlY3JldA", [named]) == "hampshire-oxfordshire.oxford: [secret]"
    )


@FEW
@given(st.dictionaries(st.text(), JSON))
def test_the_wire_gives_back_what_it_was_given(values: dict[str, object]) -> None:
    """With secrets and unknowns inside."""
    marked = {**values, "s": Secret({"inner": [UNKNOWN, 1]})}
    assert from_struct(to_struct(marked)) == marked


def test_marks() -> None:
    """Taking marks off, and finding what was marked."""
    value = {"a": Secret({"b": ["x", 1]}), "c": "y"}
    assert plain(value) == {"a": {"b": ["x", 1]}, "c": "y"}
    assert secret_texts(value) == {"x"}
    assert "x" not in repr(value)
    assert without_defaults({"__defaults": ["n"], "n": 1, "l": [{"__defaults": [], "k": 2}]}) == {"l": [{"k": 2}]}
