"""Every rule: one file, one id, one tuple. To add one, write the file, list it, and describe it in docs/rules.md."""

from __future__ import annotations

from collections.abc import Iterator

from moothall.check.rules import (
    backup_at_own_site,
    backup_away_from_mirror,
    backup_network_unused,
    backup_without_network,
    dates_out_of_order,
    desk_address_clash,
    desk_port_clash,
    duplicate_link,
    duplicate_name,
    duplicate_uid,
    engine_name,
    file_name,
    link_to_itself,
    mirror_at_own_site,
    module_not_offered,
    network_full,
    network_host_bits,
    network_not_contained,
    network_overlap,
    network_reserved,
    network_too_small,
    no_route,
    unknown_council,
    unknown_instance,
    unknown_module,
    unknown_site,
)
from moothall.diagnostics import Diagnostic
from moothall.model.written import Definitions

RULES = (
    unknown_council,
    unknown_site,
    unknown_instance,
    unknown_module,
    module_not_offered,
    duplicate_name,
    duplicate_uid,
    duplicate_link,
    file_name,
    network_overlap,
    network_not_contained,
    network_reserved,
    network_too_small,
    network_full,
    network_host_bits,
    mirror_at_own_site,
    backup_at_own_site,
    backup_away_from_mirror,
    backup_without_network,
    backup_network_unused,
    link_to_itself,
    no_route,
    dates_out_of_order,
    desk_port_clash,
    desk_address_clash,
    engine_name,
)


def check(definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield what every rule finds."""
    for rule in RULES:
        yield from rule.check(definitions)
