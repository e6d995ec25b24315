"""A stand-in for the real Docker plug-in, over Pulumi's provider protocol (`provider.proto`).

The real one is not to be had everywhere; with this one the real engine runs our programs on our states. It behaves as
the real one does, from a table of its own (`docker_schema.py`), not from the embedded engine's: `standin.py` says
what in it is guess, and `test_plugin_real.py` holds it against the real one where there is one.
Run as a program it serves on a free port and prints that port, as the engine expects of a plug-in.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from tests.pulumi_cli.standin.docker_check import Malformed, bare, checked, refusals
from tests.pulumi_cli.standin.docker_diff import differences
from tests.pulumi_cli.standin.docker_hand import PATIENCE, Hand, Refused
from tests.pulumi_cli.standin.docker_outcome import changed, failed, inputs_looked_at, looked_at, made
from tests.pulumi_cli.standin.docker_plan import needs_another, planned, planned_anew, recorded
from tests.pulumi_cli.standin.docker_schema import CONTAINER, TABLES, VOLUME
from tests.pulumi_cli.standin.docker_values import write
from tests.pulumi_cli.standin.standin import guess

from moothall.model.engines import Endpoint
from moothall.pulumi_engine.protocol.marshalling import from_struct, to_struct
from moothall.pulumi_engine.protocol.values import UNKNOWN, plain

VERSION = "5.2.0"
META = "__meta"
CHANGES, KINDS = provider_pb2.DiffResponse, provider_pb2.PropertyDiff.Kind
Connect = Callable[[Endpoint], Any]


class DockerPlugin(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider, as the engine starts one process for each. `connect` gives the client of an engine."""

    def __init__(self, connect: Connect, cancelled: threading.Event, patience: float = PATIENCE) -> None:
        self._connect = connect
        self._cancelled = cancelled
        self._patience = patience
        self._hand: Hand | None = None

    @property
    def hand(self) -> Hand:
        """The calls of the engine; there are some after Configure."""
        assert self._hand is not None
        return self._hand

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
        """A changed configuration is an update of the provider, never a replacement."""
        old, new = from_struct(request.olds), from_struct(request.news)
        paths = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        detailed = {key: _property(_what(old, new, key), inputs=True) for key in paths}
        return CHANGES(changes=_some(paths), diffs=paths, detailedDiff=detailed)

    def Configure(self, request: Any, context: Any) -> Any:
        """Connect, lazily. Secrets are not accepted: the engine sends them in clear and seals what it gets back."""
        given = from_struct(request.args)
        address = Endpoint(str(given["host"]), str(given.get("certPath", "")))
        self._hand = Hand(self._connect(address), self._patience)
        return provider_pb2.ConfigureResponse(supportsPreview=True, supports_autonaming_configuration=True)

    def Check(self, request: Any, context: Any) -> Any:
        """Bring the inputs into their types, write the defaults into them, and refuse what is wrong."""
        type_, name = _type(request.urn), request.urn.split("::")[3]
        generated = (
            f"{name}-{hashlib.sha256(request.randomSeed).hexdigest()[:7]}" if type_ in (CONTAINER, VOLUME) else ""
        )
        try:
            inputs = checked(TABLES[type_], plain(from_struct(request.news)), generated)
        except Malformed as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        blamed = [
            provider_pb2.CheckFailure(reason=f"{reason}. Examine values at '{path}'.")
            for path, reason in refusals(TABLES[type_], inputs, name)
        ]
        if blamed:
            guess("words")
        return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=blamed)

    def Diff(self, request: Any, context: Any) -> Any:
        """What will differ: the recorded outputs against what the wanted inputs make of them."""
        table, config = TABLES[_type(request.urn)], _values(request.news)
        old = recorded(table, _values(request.olds))
        new = planned(table, old, config)
        replaces = needs_another(table, old, new)
        found = [each._replace(replaces=each.replaces and replaces) for each in differences(table, old, new, config)]
        detailed = {write(each.path): _property(each.what, each.replaces) for each in found}
        if replaces and not any(each.replaces for each in found):
            detailed[META] = _property("UPDATE", True)
        blamed = [str(each.path[0]) for each in found if each.replaces] or ([META] if replaces else [])
        return CHANGES(
            changes=_some(found or replaces),
            replaces=blamed,
            diffs=sorted({str(each.path[0]) for each in found} | {*blamed}),
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=replaces and _goes_first(_type(request.urn), from_struct(request.news)),
            stables=[name for name, each in sorted(table.items()) if each.replaces and name not in blamed],
        )

    def Create(self, request: Any, context: Any) -> Any:
        """Make the object; one that is left half made is reported with its id."""
        type_ = _type(request.urn)
        table = TABLES[type_]
        wanted = planned_anew(table, _values(request.properties))
        if request.preview:
            return provider_pb2.CreateResponse(properties=_outputs(wanted, UNKNOWN))
        try:
            id_ = self.hand.create(type_, failed(table, wanted))
        except Refused as error:
            _fail(context, request.urn, "creating", error, _outputs(failed(table, wanted), error.left))
        answer = self.hand.read(type_, id_, failed(table, wanted)) or {}
        return provider_pb2.CreateResponse(id=id_, properties=_outputs(made(table, wanted, answer), id_))

    def Update(self, request: Any, context: Any) -> Any:
        """Change the object in place, as far as the plug-in does, and record all of the change."""
        table, config = TABLES[_type(request.urn)], _values(request.news)
        old = recorded(table, _values(request.olds))
        new = planned(table, old, config)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_outputs(new, request.id))
        try:
            if _type(request.urn) == CONTAINER:
                self.hand.update(request.id, old, new)
        except Refused as error:
            _fail(context, request.urn, "updating", Refused(error.message, request.id), _outputs(new, request.id))
        return provider_pb2.UpdateResponse(properties=_outputs(changed(table, old, new), request.id))

    def Delete(self, request: Any, context: Any) -> Any:
        """Remove the object."""
        type_ = _type(request.urn)
        try:
            self.hand.delete(type_, request.id, recorded(TABLES[type_], _values(request.properties)))
        except Refused as error:
            context.abort(grpc.StatusCode.UNKNOWN, _told(request.urn, "deleting", error))
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:
        """Look whether the object is there, and how it is."""
        type_ = _type(request.urn)
        table, old = TABLES[type_], recorded(TABLES[type_], _values(request.properties))
        answer = self.hand.read(type_, request.id, old)
        if answer is None:
            return provider_pb2.ReadResponse()
        found = looked_at(table, old, answer)
        inputs = inputs_looked_at(table, plain(from_struct(request.inputs)), found)
        return provider_pb2.ReadResponse(
            id=request.id, properties=_outputs(found, request.id), inputs=to_struct(inputs)
        )

    def Cancel(self, request: Any, context: Any) -> Any:
        """Steps under way end by themselves, as with the real plug-in; the engine begins no other."""
        self._cancelled.set()
        return empty_pb2.Empty()


def serve(connect: Connect, cancelled: threading.Event, patience: float = PATIENCE) -> tuple[grpc.Server, int]:
    """Serve on a free port of this machine; the server and its port. `cancelled` is set when a run is to be stopped."""
    server = grpc.server(futures.ThreadPoolExecutor(16))
    plugin = DockerPlugin(connect, cancelled, patience)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(plugin, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def _type(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", maxsplit=1)[-1]


def _values(struct: Any) -> Any:
    return bare(plain(from_struct(struct)))


def _outputs(values: Mapping[str, Any], id_: Any) -> Any:
    return to_struct({**values, "id": id_})


def _what(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> str:
    return "ADD" if key not in old else "DELETE" if key not in new else "UPDATE"


def _property(what: str, replaces: bool = False, *, inputs: bool = False) -> Any:
    kind = KINDS.Value(f"{what}_REPLACE" if replaces else what)
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=inputs)


def _some(found: Any) -> Any:
    return CHANGES.DIFF_SOME if found else CHANGES.DIFF_NONE


def _goes_first(type_: str, news: Mapping[str, Any]) -> bool:
    """Whether the old object has to go before the new one comes: unless the plug-in chose its name."""
    return type_ == CONTAINER or ("name" in news and "name" not in news.get("__defaults", ()))


def _told(urn: str, doing: str, error: Refused) -> str:
    return f"{doing} {urn}: 1 error occurred:\n\t* {error.message}\n\n"


def _fail(context: Any, urn: str, doing: str, error: Refused, properties: Any) -> None:
    """Report a failure; of an object that is there all the same, as an `ErrorResourceInitFailed`."""
    if not error.left:
        context.abort(grpc.StatusCode.UNKNOWN, f"1 error occurred:\n\t* {error.message}\n\n")
    message = _told(urn, doing, error)
    left = provider_pb2.ErrorResourceInitFailed(id=error.left, properties=properties, reasons=[message])
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(left)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)


def main() -> None:
    """Serve until the engine ends this process."""
    from moothall.pulumi_engine.provider.calls import engine_at

    _, port = serve(lambda address: engine_at(address)._client, threading.Event())
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
