"""Where Pulumi's CLI and its Docker plug-in are on this machine, and how to get them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moothall.pulumi_engine.errors import EngineError

CLI_VERSION = "3.256.0"  # the one that the conformance suite is run with; `tools/pulumi/go.mod` pins the same
PLUGIN_VERSION = "5.2.0"
FOLDER_VARIABLE = "MOOTHALL_PULUMI"
INSTALL = "tools/pulumi/install"


class NotInstalled(EngineError):
    """The CLI or the plug-in is not on this machine."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}, and --engine pulumi needs it.",
            hint=f"{INSTALL}  # or leave out --engine pulumi: the embedded engine needs nothing",
        )


@dataclass(frozen=True)
class Installation:
    """The CLI's program and the folder that holds plug-ins, in Pulumi's own layout."""

    program: Path
    plugins: Path

    @property
    def plugin(self) -> Path:
        """The program of the Docker plug-in."""
        return self.plugins / f"resource-docker-v{PLUGIN_VERSION}" / "pulumi-resource-docker"


def folder(environ: Mapping[str, str]) -> Path:
    """The folder that `tools/pulumi/install` fills: MOOTHALL_PULUMI, or one of the user's own data."""
    data = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(environ.get(FOLDER_VARIABLE) or Path(data) / "moothall" / "pulumi")


def find(environ: Mapping[str, str]) -> Installation:
    """The installation: of `folder`, else the `pulumi` on PATH with the user's plug-ins. Raises NotInstalled."""
    own_folder = folder(environ).absolute()  # the CLI runs in another folder than we do
    origin = f" (named by {FOLDER_VARIABLE})" if environ.get(FOLDER_VARIABLE) else ""
    if os.access(own_folder / "bin" / "pulumi", os.X_OK):
        installation = Installation(own_folder / "bin" / "pulumi", own_folder / "plugins")
    elif not origin and (program := shutil.which("pulumi", path=environ.get("PATH"))):
        home = Path(environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        installation = Installation(Path(program).absolute(), home.absolute() / "plugins")
    else:
        raise NotInstalled(f"Pulumi's CLI is not {f'in {own_folder}{origin}' if origin else 'on this machine'}")
    if not installation.plugin.exists():
        raise NotInstalled(f"Pulumi's Docker plug-in v{PLUGIN_VERSION} is not in {installation.plugins}{origin}")
    return installation
