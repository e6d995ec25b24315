"""Whether an unknown name or the declaration beside it is the slip: a fix follows what two places agree on.

A name that is declared and referred to, or that its own file has, is sure. One that nobody refers to may be misspelt
itself: then nothing is changed, and where several places agree on another name it is said at the declaration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from moothall.diagnostics import Diagnostic, Label
from moothall.language.checks.finding import DECLARED, error
from moothall.language.checks.fixes import reworded
from moothall.language.checks.nearest import Near
from moothall.language.facts import symbols
from moothall.language.facts.symbols import Reference
from moothall.language.rules.names import unknown_council, unknown_instance, unknown_module, unknown_site
from moothall.model.written import Definitions, Folder
from moothall.source import Span

RULES = frozenset(rule.RULE for rule in (unknown_council, unknown_instance, unknown_module, unknown_site))

_MOST = 5
"""Places that are shown beside a declaration."""


class _Names(NamedTuple):
    """One set of names: who refers to them, those that files have, and where the others are declared."""

    rule: str
    references: list[Reference]
    sure: frozenset[str]
    declared: Mapping[str, Span]


class _Slip(NamedTuple):
    """A name that is declared and referred to by nobody, and one that is so near that it may be the right one."""

    declared: str
    other: str


def mended(definitions: Definitions, findings: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings of `RULES` among the findings with the fixes that are certain, and all others."""
    found = {(finding.rule, finding.primary.span): finding for finding in findings if finding.rule in RULES}
    others = [finding for finding in findings if finding.rule not in RULES]
    for names in _each(definitions):
        _settle(names, found)
    return [*found.values(), *others]


def _each(definitions: Definitions) -> Iterator[_Names]:
    for folder in definitions.folders:
        yield _sites(folder)
        yield _services(folder)
        yield _parties(folder)
    modules = symbols.modules(definitions)
    yield _Names(unknown_module.RULE, list(unknown_module.references(definitions)), modules, {})


def _sites(folder: Folder) -> _Names:
    declared = {name: site.origin.key() for name, site in folder.partnership.sites.items()}
    return _Names(unknown_site.RULE, list(unknown_site.references(folder)), frozenset(), declared)


def _services(folder: Folder) -> _Names:
    references = [*unknown_instance.of_partnership(folder.partnership), *unknown_instance.of_councils(folder)]
    declared = {name: service.origin.key() for name, service in symbols.services(folder.partnership).items()}
    return _Names(unknown_instance.RULE, references, frozenset(), declared)


def _parties(folder: Folder) -> _Names:
    references = [*unknown_council.references(folder), *unknown_council.owners(folder.partnership)]
    declared = {name: body.origin.key() for name, body in folder.partnership.organisations.items()}
    return _Names(unknown_council.RULE, references, symbols.councils(folder), declared)


def _settle(names: _Names, found: dict[tuple[str, Span], Diagnostic]) -> None:
    """Give the findings about a set of names their fixes; those about a declaration's slip become one, there."""
    times = Counter(reference.name for reference in names.references)
    exist = names.sure | names.declared.keys()
    near = Near(exist)
    slips: dict[_Slip, list[Span]] = {}
    for name, span, taken in names.references:
        meant = None if name in exist else near.certain(name, taken)
        if meant is None:
            continue
        key = (names.rule, span)
        if meant in names.sure or times[meant]:
            found[key] = found[key]._replace(fix=reworded(span, name, meant))
        else:
            slips.setdefault(_Slip(meant, name), []).append(span)
    for slip, spans in slips.items():
        declared = names.declared[slip.declared]
        if len(spans) > 1:
            found[names.rule, declared] = _at_declaration(names.rule, slip, declared, spans)
            for span in spans:
                del found[names.rule, span]
        else:
            key = (names.rule, spans[0])
            label = Label(declared, f"{DECLARED}, and named nowhere")
            found[key] = found[key]._replace(related=(label,))


def _at_declaration(rule: str, slip: _Slip, declared: Span, spans: list[Span]) -> Diagnostic:
    summary = f'nothing refers to "{slip.declared}", and {len(spans)} places name "{slip.other}"'
    detail = f"Write {slip.other} here if that is its name, or {slip.declared} in those places."
    return error(rule, summary, detail, declared, *(Label(span, "named here") for span in spans[:_MOST]))
