"""The versions in which Pulumi writes a deployment (`pkg/resource/stack/deployment.go`, `checkpoint.go`; v3.256.0).

Version 3 is the usual one. Version 4 is the same form and names the features that a reader has to know; Pulumi writes
it where a resource uses one of them, and version 3 again when none does any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from moothall.pulumi_engine.errors import StateCorrupt, StateTooNew
from moothall.pulumi_engine.protocol.values import Json
from moothall.pulumi_engine.state.snapshot import Resource

USUAL_VERSION, FEATURES_VERSION = 3, 4
TAINT = "taint"
KNOWN_FEATURES = frozenset({TAINT})
"""What is read and written here as Pulumi does. It knows `byteString`, `extensionParameterization`, `hooks`,
`refreshBeforeUpdate`, `replaceWith`, `snippets-prototype` and `views` too, of which no program of ours makes use."""


def format_of(resources: Iterable[Resource]) -> dict[str, Json]:
    """The members `version` and, where there are any, `features` of a deployment with these resources."""
    if any(resource.taint for resource in resources):
        return {"version": FEATURES_VERSION, "features": [TAINT]}
    return {"version": USUAL_VERSION}


def check(path: str, stack: str, whole: Mapping[str, Json]) -> None:
    """Raise StateTooNew for a deployment that only a newer reader understands, StateCorrupt for one of no version."""
    version, features = whole.get("version"), whole.get("features")
    if type(version) is int and version > FEATURES_VERSION:
        raise StateTooNew(path, stack, f"it is of version {version}")
    if version not in (USUAL_VERSION, FEATURES_VERSION):
        raise StateCorrupt(path, f"its version is {version!r:.20}, neither {USUAL_VERSION} nor {FEATURES_VERSION}")
    if version == USUAL_VERSION or features is None:  # as Pulumi reads it
        return
    if not isinstance(features, list) or not all(isinstance(word, str) for word in features):
        raise StateCorrupt(path, "its features are no list of words")
    if unknown := sorted(set(features) - KNOWN_FEATURES):
        raise StateTooNew(path, stack, f"it needs {_list_features(unknown)}")


def _list_features(words: list[str]) -> str:
    """The features by name; who wrote the file chose them, so no more is told than can be read."""
    return " and ".join(f"{word[:40]!r}" for word in words[:5])
