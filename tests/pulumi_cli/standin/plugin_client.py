"""A client of a plug-in of Pulumi over its provider protocol: one method a request, answers as plain values."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from moothall.pulumi_engine.protocol.marshalling import to_struct

SECONDS = 120


class PluginClient:
    """A configured plug-in. A request that it refuses is answered by `{"error": …}`, with the id of what is left."""

    def __init__(self, port: int, host: str) -> None:
        options = [("grpc.max_receive_message_length", -1)]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        args = to_struct({"host": host})
        request = provider_pb2.ConfigureRequest(
            args=args, variables={"docker:config:host": host}, acceptSecrets=True, acceptResources=True
        )
        self._stub.Configure(request, timeout=SECONDS)

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def check(self, type_: str, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The inputs as the plug-in records them, or why it refuses them."""
        request = provider_pb2.CheckRequest(
            **_subject(type_),
            olds=to_struct(olds or {}),
            news=to_struct(news),
            randomSeed=b"1" * 32,
        )
        return self._ask(self._stub.Check, request)

    def diff(self, type_: str, id_: str, old: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """What differs between a recorded object (`old`: its inputs and its outputs) and wanted inputs."""
        request = provider_pb2.DiffRequest(
            **_subject(type_),
            id=id_,
            olds=to_struct(old["outputs"]),
            old_inputs=to_struct(old["inputs"]),
            news=to_struct(news),
        )
        return self._ask(self._stub.Diff, request)

    def create(self, type_: str, inputs: Mapping[str, Any], *, preview: bool = False) -> dict[str, Any]:
        """Make an object."""
        request = provider_pb2.CreateRequest(**_subject(type_), properties=to_struct(inputs), preview=preview)
        return self._ask(self._stub.Create, request)

    def read(self, type_: str, id_: str, old: Mapping[str, Any]) -> dict[str, Any]:
        """What is there now."""
        request = provider_pb2.ReadRequest(
            **_subject(type_),
            id=id_,
            properties=to_struct(old["outputs"]),
            inputs=to_struct(old["inputs"]),
        )
        return self._ask(self._stub.Read, request)

    def update(
        self, type_: str, id_: str, old: Mapping[str, Any], news: Mapping[str, Any], *, preview: bool = False
    ) -> dict[str, Any]:
        """Change an object."""
        request = provider_pb2.UpdateRequest(
            **_subject(type_),
            id=id_,
            olds=to_struct(old["outputs"]),
            old_inputs=to_struct(old["inputs"]),
            news=to_struct(news),
            preview=preview,
        )
        return self._ask(self._stub.Update, request)

    def delete(self, type_: str, id_: str, old: Mapping[str, Any]) -> dict[str, Any]:
        """Remove an object."""
        request = provider_pb2.DeleteRequest(
            **_subject(type_),
            id=id_,
            properties=to_struct(old["outputs"]),
            old_inputs=to_struct(old["inputs"]),
        )
        return self._ask(self._stub.Delete, request)

    def _ask(self, method: Any, request: Any) -> dict[str, Any]:
        try:
            answer = method(request, timeout=SECONDS)
        except grpc.RpcError as error:
            return _refusal(error)
        return {} if isinstance(answer, empty_pb2.Empty) else _plain(answer)


@contextmanager
def started(program: Path | str, host: str, *args: str) -> Iterator[PluginClient]:
    """A client of this program, which ends with the context."""
    process = subprocess.Popen([str(program), *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        client = PluginClient(int(process.stdout.readline()), host)
        yield client
        client.close()
    finally:
        process.terminate()
        process.wait()


def _subject(type_: str) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:dev::bench::{type_}::it", "type": type_, "name": "it"}


def _refusal(error: Any) -> dict[str, Any]:
    found = {"error": error.details()}
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            found |= _left_behind(value)
    return found


def _left_behind(details: bytes) -> dict[str, Any]:
    for detail in status_pb2.Status.FromString(details).details:
        left = provider_pb2.ErrorResourceInitFailed()
        if detail.Is(left.DESCRIPTOR):
            detail.Unpack(left)
            return _plain(left)
    return {}


def _plain(message: Any) -> dict[str, Any]:
    """A message as plain values; numbers that are whole are int, as in JSON."""
    found: dict[str, Any] = MessageToDict(message)
    return {key: _whole(value) for key, value in found.items()}


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
