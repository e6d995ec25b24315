"""The other end of Pulumi's SDK: turns its requests into goals, and answers into its responses.

The method names and messages are those of `pulumi.runtime.proto` (resource.proto, engine.proto). What a request asks
for and this engine does not do is refused by name.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, resource_pb2

from moothall.pulumi_engine.errors import EngineError, Unsupported
from moothall.pulumi_engine.protocol.aliases import AliasSpec, Identity, alias_urns
from moothall.pulumi_engine.protocol.goal import Goal, GoalResult
from moothall.pulumi_engine.protocol.marshalling import from_struct, to_struct
from moothall.pulumi_engine.protocol.urns import PROVIDER_TYPE, STACK_TYPE, make_urn
from moothall.pulumi_engine.protocol.values import UNKNOWN_TEXT, Value

FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
)
# Options of a request that this engine does not carry out: field and the name by which a program knows it.
REFUSED_OPTIONS = {
    "remote": "a remote component",
    "importId": "the option import",
    "deletedWith": "the option deletedWith",
    "replace_with": "the option replaceWith",
    "customTimeouts": "the option customTimeouts",
    "transforms": "the option transforms",
    "state_migrations": "the option stateMigrations",
    "hideDiffs": "the option hideDiffs",
    "envVarMappings": "the option envVarMappings",
    "pluginDownloadURL": "the option pluginDownloadURL",
    "pluginChecksums": "plug-in checksums",
    "packageRef": "parameterised packages",
    "replacement_trigger": "the option replacementTrigger",
    "hooks": "resource hooks",
}


class Registrar(Protocol):
    """Who decides about goals."""

    def register(self, goal: Goal) -> GoalResult:
        """Decide about a goal and return its result."""

    def register_outputs(self, urn: str, outputs: Mapping[str, Value]) -> None:
        """Take note of a component's outputs."""


class Monitor:
    """Pulumi's resource monitor, in process. Requests come from executor threads."""

    def __init__(self, project: str, stack: str, registrar: Registrar) -> None:
        self._project = project
        self._stack = stack
        self._registrar = registrar
        self._aliases: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self.refusals: list[EngineError] = []

    def GetDeploymentInfo(self, request: Empty) -> resource_pb2.DeploymentInfo:
        """Which optional parts of the protocol the engine knows."""
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:
        """A resource that the program wants; answers when it is there."""
        urn = ""
        try:
            goal = self._goal(request)
            urn = goal.urn
            answer = self._registrar.register(goal)
        except EngineError as error:
            self.refusals.append(error)
            answer = GoalResult(urn, failed=True)
        result = resource_pb2.FAIL if answer.failed else resource_pb2.SUCCESS
        return resource_pb2.RegisterResourceResponse(
            urn=answer.urn, id=answer.id, object=to_struct(answer.outputs), result=result
        )

    def RegisterResourceOutputs(self, request: Any) -> Empty:
        """The outputs of a component or of the stack."""
        self._registrar.register_outputs(request.urn, from_struct(request.outputs))
        return Empty()

    def SignalAndWaitForShutdown(self, request: Empty) -> Empty:
        """The program has registered everything."""
        return Empty()

    def Invoke(self, request: Any) -> Any:
        """A function of a provider: none is offered."""
        raise self._refuse(f"the function {request.tok}")

    Call = Invoke

    def ReadResource(self, request: Any) -> Any:
        """An existing resource to be read: not offered."""
        raise self._refuse(f"reading an existing {request.type}")

    ExistsResource = ReadResource

    def _refuse(self, subject: str) -> Unsupported:
        error = Unsupported(subject)
        self.refusals.append(error)
        return error

    def _goal(self, request: Any) -> Goal:
        urn = make_urn(self._stack, self._project, request.parent, request.type, request.name)
        _refuse_options(request, urn)
        inputs = from_struct(request.object)
        if request.type == PROVIDER_TYPE and request.version:
            inputs["version"] = request.version
        return Goal(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=request.custom,
            inputs=inputs,
            parent=request.parent,
            provider=request.provider.replace(UNKNOWN_TEXT, ""),
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={
                key: sorted(deps.urns) for key, deps in sorted(request.propertyDependencies.items())
            },
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            ignore_changes=tuple(request.ignoreChanges),
            replace_on_changes=tuple(request.replaceOnChanges),
            additional_secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
            aliases=self._alias_urns(request, urn),
        )

    def _alias_urns(self, request: Any, urn: str) -> tuple[str, ...]:
        identity = Identity(self._stack, self._project, request.parent, request.type, request.name)
        specs = [_alias_spec(alias) for alias in request.aliases]
        with self._lock:
            urns = alias_urns(
                identity, [*specs, *(AliasSpec(urn=urn_alias) for urn_alias in request.aliasURNs)], self._aliases
            )
            self._aliases[urn] = urns
        return urns


class EngineLog:
    """Pulumi's engine service: takes the program's log messages."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def Log(self, request: Any) -> Empty:
        """Pass on what matters; debug messages are dropped."""
        if request.severity != engine_pb2.DEBUG:
            self._tell(request.message)
        return Empty()

    def RequirePulumiVersion(self, request: Any) -> Any:
        """Accept any version: the protocol is the installed SDK's own."""
        return engine_pb2.RequirePulumiVersionResponse()


def _refuse_options(request: Any, urn: str) -> None:
    for field, name in REFUSED_OPTIONS.items():
        value = getattr(request, field)
        if field in ("customTimeouts", "replacement_trigger", "hooks"):
            value = request.HasField(field) and value.ByteSize()
        if value:
            raise Unsupported(name, urn)
    if request.deleteBeforeReplaceDefined and not request.deleteBeforeReplace:
        raise Unsupported("the option deleteBeforeReplace=False: names are fixed", urn)
    if request.custom and request.type.startswith("pulumi:providers:") and request.type != PROVIDER_TYPE:
        raise Unsupported(f"the provider {request.type}", urn)
    if request.type == STACK_TYPE and request.parent:
        raise Unsupported("a stack inside a stack", urn)


def _alias_spec(alias: Any) -> AliasSpec:
    if alias.WhichOneof("alias") == "urn":
        return AliasSpec(urn=alias.urn)
    spec = alias.spec
    parent = "" if spec.noParent else spec.parentUrn or None
    return AliasSpec(name=spec.name, type=spec.type, stack=spec.stack, project=spec.project, parent=parent)
