"""The view of `state export`: a state in the form of Pulumi's own `stack export`, which others read, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

KIND = "deployment"


class DeploymentView(TypedDict):
    """A deployment in a version of the form, with the `features` that it needs.

    Source: `sdk/go/common/apitype/core.go`, `UntypedDeployment`.
    """

    version: int
    features: NotRequired[list[str]]
    deployment: dict[str, Any]


def view(deployment: Mapping[str, Any]) -> DeploymentView:
    """Return what the engine exported."""
    return cast("DeploymentView", deployment)
