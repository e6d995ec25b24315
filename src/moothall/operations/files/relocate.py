"""The changes of a partnership's files that move everything from one site to another: sites and networks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Network

from moothall.failures import REFUSED, OperationError
from moothall.language.edit.mappings import insert_key, remove_key, set_value
from moothall.language.edit.scalars import Value
from moothall.language.yaml.yaml12 import parse
from moothall.model.written import Council, Folder, Site
from moothall.operations.files.edit_transaction import Changes
from moothall.source import Route
from moothall.validation.validate import ValidationResult

Settings = Mapping[Route, Value | None]
"""New values of a file, by where they stand; None for what goes."""


def relocation_changes(
    validation: ValidationResult, folder: Folder, old: Site, new: Site, until: date | None
) -> Changes:
    """Return the changes with which all that is at `old` is at `new`, and `old` is no more from the day `until` on.

    What is mirrored at `new` is at home there, without its mirror and backups, which were there too. Other networks
    keep their place in the address space of the site. Raises OperationError where they do not fit into the new one.
    """
    settings = {folder.partnership.origin.document.path: _of_partnership(folder, old, new, until)}
    for council in folder.councils:
        spec: Settings = _of_servers(council, old, new)
        if council.site == old.name:
            network = _shift_network(council.network, old, new)
            spec = {("spec", "site"): new.name, ("spec", "network"): network, **spec}
        if spec:
            settings[council.origin.document.path] = spec
    texts = {
        path: (validation.files[path], _set_values(path, validation.files[path], file_settings))
        for path, file_settings in settings.items()
    }
    return {path: (before, after) for path, (before, after) in texts.items() if before != after}


def _of_partnership(folder: Folder, old: Site, new: Site, until: date | None) -> Settings:
    settings: dict[Route, Value | None] = {}
    for name, instance in folder.partnership.instances.items():
        route = ("spec", "instances", name)
        if instance.site == old.name and instance.mirror:
            settings |= {
                (*route, "site"): new.name,
                (*route, "network"): instance.mirror.network,
                (*route, "mirror"): None,
            }
            settings |= {(*route, "backup"): None} if instance.backup else {}
            continue
        for part in (instance.mirror, instance.backup):
            if part and part.site == old.name:
                settings[*route, _key(part), "site"] = new.name
                if part.network:
                    settings[*route, _key(part), "network"] = _shift_network(part.network, old, new)
    logs = folder.partnership.logs
    if logs and logs.site == old.name:
        settings["spec", "logs", "site"] = new.name
    if until and (old.until is None or old.until > until):
        settings["spec", "sites", old.name, "until"] = until
    return settings


def _of_servers(council: Council, old: Site, new: Site) -> Settings:
    """Return the networks of the servers that the council has for itself; where a mirror was, there is one already."""
    settings: dict[Route, Value | None] = {}
    for use in council.uses.values():
        route = ("spec", "uses", use.instance, "networks")
        if old.name in use.networks:
            if new.name not in use.networks:
                settings[*route, new.name] = _shift_network(use.networks[old.name], old, new)
            settings[*route, old.name] = None
    return settings


def _key(part: object) -> str:
    return type(part).__name__.lower()


def _shift_network(network: str, old: Site, new: Site) -> str:
    """Return the network at the same place of the other site's address space."""
    moved_network, old_space, new_space = IPv4Network(network), IPv4Network(old.network), IPv4Network(new.network)
    first = int(new_space.network_address) + int(moved_network.network_address) - int(old_space.network_address)
    new_network = IPv4Network((first, moved_network.prefixlen))
    if not new_network.subnet_of(new_space):
        message = f"{network} at {old.name} has no place in {new.network}, the address space of {new.name}"
        hint = f"widen the network of {new.name}"
        raise OperationError(message, state="Nothing was touched.", hint=hint, exit_code=REFUSED)
    return str(new_network)


def _set_values(path: str, text: str, settings: Settings) -> str:
    """Return the text of a sound file with other values; a key that is not there is added to its mapping."""
    for route, value in settings.items():
        document, _ = parse(path, text)
        assert document  # it was sound, and every edit leaves YAML
        *parent, key = route
        if value is None:
            text = remove_key(text, document, route)
        elif route in document.places:
            text = set_value(text, document, route, value)
        else:
            text = insert_key(text, document, tuple(parent), str(key), value)
    return text
