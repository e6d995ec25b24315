"""Our Docker provider, served over Pulumi's provider protocol (`provider.proto`) as the plug-in `docker`.

The real plug-in is not to be had everywhere; with this one the real engine runs our programs on our states. It has the
properties, defaults, diff and replace rules of `moothall.engine.kinds`, and marks defaults in inputs as the real one.
Run as a program it serves on a free port and prints that port, as the engine expects of a plug-in.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from moothall.engine.diff import diff, replacing, write_path
from moothall.engine.errors import EngineError
from moothall.engine.kinds import KINDS, Kind, check, outputs, with_defaults
from moothall.engine.provider import Connect, EngineAddress, Provider, StepFailed
from moothall.engine.values import UNKNOWN, plain, without_defaults
from moothall.engine.wire import from_struct, to_struct

VERSION = "5.2.0"
# The defaults that the real plug-in writes into inputs; its other defaults are in the outputs alone.
INPUT_DEFAULTS = frozenset(
    [
        "containerReadRefreshTimeoutMilliseconds",
        "mustRun",
        "networkMode",
        "removeVolumes",
        "restart",
        "start",
        "waitTimeout",
    ]
) | {"ipamDriver"}
Difference = provider_pb2.DiffResponse
PropertyDiff = provider_pb2.PropertyDiff


class DockerPlugin(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider, as the engine starts one process for each."""

    def __init__(self, connect: Connect, cancelled: threading.Event) -> None:
        self._connect = connect
        self._cancelled = cancelled
        self._engine: Provider | None = None

    @property
    def engine(self) -> Provider:
        """The container engine; there is one after Configure."""
        assert self._engine is not None
        return self._engine

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """The version that programs ask for."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: Any) -> Any:
        """An engine that did not start this process has found it."""
        return empty_pb2.Empty()

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Take the configuration as it is."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """A changed host is an update of the provider, never a replacement."""
        old, new = from_struct(request.olds), from_struct(request.news)
        changed = [key for key in sorted({*old, *new} - {"version"}) if old.get(key) != new.get(key)]
        return Difference(changes=Difference.DIFF_SOME if changed else Difference.DIFF_NONE, diffs=changed)

    def Configure(self, request: Any, context: Any) -> Any:
        """Connect, lazily."""
        given = from_struct(request.args)
        self._engine = self._connect(EngineAddress(str(given["host"]), str(given.get("certPath", ""))))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        """Write the defaults into the inputs, and refuse what is not implemented."""
        kind, news = _kind(request.urn), from_struct(request.news)
        failures = []
        try:
            check(kind, news, request.urn)
        except EngineError as error:
            failures.append(provider_pb2.CheckFailure(reason=str(error)))
        return provider_pb2.CheckResponse(inputs=to_struct(_marked(kind, news)), failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        """What differs between the recorded and the wanted inputs."""
        kind = _kind(request.urn)
        old = without_defaults(from_struct(request.old_inputs))
        new = without_defaults(from_struct(request.news))
        paths = diff(kind, old, new)
        replaces = replacing(kind, paths, new, ())
        detailed = {
            write_path(path): PropertyDiff(kind=_diff_kind(path, old, new, path in replaces), inputDiff=True)
            for path in paths
        }
        return Difference(
            changes=Difference.DIFF_SOME if paths else Difference.DIFF_NONE,
            replaces=_tops(replaces),
            diffs=_tops(paths),
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=True,
        )

    def Create(self, request: Any, context: Any) -> Any:
        """Make the object; one that is left half made is reported with its id."""
        kind, given = _kind(request.urn), without_defaults(from_struct(request.properties))
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(outputs(kind, given, UNKNOWN)))
        try:
            id_ = self.engine.create(kind.type, with_defaults(kind, plain(given)))
        except StepFailed as error:
            _fail(context, error, kind, given)
        return provider_pb2.CreateResponse(id=id_, properties=to_struct(outputs(kind, given, id_)))

    def Update(self, request: Any, context: Any) -> Any:
        """Change the object in place."""
        kind, new = _kind(request.urn), without_defaults(from_struct(request.news))
        if not request.preview:
            old = without_defaults(from_struct(request.old_inputs))
            changed = frozenset(_tops(diff(kind, old, new)))
            try:
                self.engine.update(kind.type, request.id, with_defaults(kind, plain(new)), changed)
            except StepFailed as error:
                context.abort(grpc.StatusCode.UNKNOWN, error.message)
        return provider_pb2.UpdateResponse(properties=to_struct(outputs(kind, new, request.id)))

    def Delete(self, request: Any, context: Any) -> Any:
        """Remove the object."""
        try:
            self.engine.delete(_kind(request.urn).type, request.id, from_struct(request.properties))
        except StepFailed as error:
            context.abort(grpc.StatusCode.UNKNOWN, error.message)
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:
        """Whether the object is still there; its properties are taken to be as recorded."""
        there = self.engine.facts().with_id(_kind(request.urn).type, request.id)
        if there is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Cancel(self, request: Any, context: Any) -> Any:
        """Steps under way end by themselves, as with the real plug-in; the engine begins no other."""
        self._cancelled.set()
        return empty_pb2.Empty()


def serve(connect: Connect, cancelled: threading.Event) -> tuple[grpc.Server, int]:
    """Serve on a free port of this machine; the server and its port. `cancelled` is set when a run is to be stopped."""
    server = grpc.server(futures.ThreadPoolExecutor(16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(DockerPlugin(connect, cancelled), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _kind(urn: str) -> Kind:
    return KINDS[urn.split("::")[2].rsplit("$", maxsplit=1)[-1]]


def _tops(paths: list[tuple[str | int, ...]]) -> list[str]:
    return sorted({str(path[0]) for path in paths})


def _marked(kind: Kind, news: Mapping[str, Any]) -> dict[str, Any]:
    whole = with_defaults(kind, news)
    added = {name: whole[name] for name in sorted(INPUT_DEFAULTS & kind.defaults.keys() - news.keys())}
    nested = {name: _nested(kind, name, value) for name, value in news.items()}
    return {**nested, **added, "__defaults": list(added)}


def _nested(kind: Kind, name: str, value: Any) -> Any:
    form = kind.properties.get(name)
    if form is None or form.fields is None:
        return value
    if isinstance(value, list):
        return [_nested(kind, name, item) for item in value]
    if not isinstance(value, Mapping):
        return value
    added = {key: default for key, default in form.nested_defaults if key not in value}
    return {**value, **added, "__defaults": sorted(added)}


def _diff_kind(path: tuple[str | int, ...], old: Any, new: Any, replaces: bool) -> Any:
    there = [_has(side, path) for side in (old, new)]
    word = "UPDATE" if all(there) else "DELETE" if there[0] else "ADD"
    return PropertyDiff.Kind.Value(f"{word}_REPLACE" if replaces else word)


def _has(side: Any, path: tuple[str | int, ...]) -> bool:
    for segment in path:
        if not (isinstance(side, Mapping) and segment in side):
            return False
        side = side[segment]
    return True


def _fail(context: Any, error: StepFailed, kind: Kind, given: Mapping[str, Any]) -> None:
    """Report a failed creation; an object that was left is an `ErrorResourceInitFailed`, as with the real plug-in."""
    if error.left_id:
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=error.message)
        left = provider_pb2.ErrorResourceInitFailed(
            id=error.left_id, properties=to_struct(outputs(kind, given, error.left_id)), reasons=[error.message]
        )
        status.details.add().Pack(left)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, error.message)


def main() -> None:
    """Serve until the engine ends this process."""
    from moothall.engine.docker_engine.engine import connect

    _, port = serve(connect, threading.Event())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
