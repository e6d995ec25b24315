"""What a partnership's files say when all that was at one site is at another: sites and networks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from ipaddress import IPv4Network

from moothall.failures import REFUSED, OperationError
from moothall.language.edit.mappings import insert_key, remove_key, set_value
from moothall.language.edit.scalars import Value
from moothall.language.yaml.yaml12 import parse
from moothall.model.written import Folder, Site
from moothall.operations.files.edit_transaction import Changes
from moothall.source import Route
from moothall.validation.validate import Loaded

Settings = Mapping[Route, Value | None]
"""New values of a file, by where they stand; None for what goes."""


def moved(loaded: Loaded, folder: Folder, old: Site, new: Site, until: date | None) -> Changes:
    """Return the changes with which all that is at `old` is at `new`, and `old` is no more from the day `until` on.

    What is mirrored at `new` is at home there, without its mirror and backups, which were there too. Other networks
    keep their place in the address space of the site. Raises OperationError where they do not fit into the new one.
    """
    settings = {folder.partnership.origin.document.path: _of_partnership(folder, old, new, until)}
    for council in folder.councils:
        if council.site == old.name:
            spec: Settings = {("spec", "site"): new.name, ("spec", "network"): _shifted(council.network, old, new)}
            settings[council.origin.document.path] = spec
    texts = {path: (loaded.files[path], _with(path, loaded.files[path], each)) for path, each in settings.items()}
    return {path: (before, after) for path, (before, after) in texts.items() if before != after}


def _of_partnership(folder: Folder, old: Site, new: Site, until: date | None) -> Settings:
    found: dict[Route, Value | None] = {}
    for name, instance in folder.partnership.instances.items():
        route = ("spec", "instances", name)
        if instance.site == old.name and instance.mirror:
            found |= {
                (*route, "site"): new.name,
                (*route, "network"): instance.mirror.network,
                (*route, "mirror"): None,
            }
            found |= {(*route, "backup"): None} if instance.backup else {}
            continue
        for part in (instance.mirror, instance.backup):
            if part and part.site == old.name:
                found[*route, _key(part), "site"] = new.name
                if part.network:
                    found[*route, _key(part), "network"] = _shifted(part.network, old, new)
    if until and (old.until is None or old.until > until):
        found["spec", "sites", old.name, "until"] = until
    return found


def _key(part: object) -> str:
    return type(part).__name__.lower()


def _shifted(network: str, old: Site, new: Site) -> str:
    """Return the network at the same place of the other site's address space."""
    inside, before, after = IPv4Network(network), IPv4Network(old.network), IPv4Network(new.network)
    first = int(after.network_address) + int(inside.network_address) - int(before.network_address)
    shifted = IPv4Network((first, inside.prefixlen))
    if not shifted.subnet_of(after):
        what = f"{network} at {old.name} has no place in {new.network}, the address space of {new.name}"
        hint = f"widen the network of {new.name}"
        raise OperationError(what, state="Nothing was touched.", hint=hint, exit_code=REFUSED)
    return str(shifted)


def _with(path: str, text: str, settings: Settings) -> str:
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
