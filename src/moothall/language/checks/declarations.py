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
from moothall.language.checks.fixes import replacement_fix
from moothall.language.checks.nearest import NameIndex
from moothall.language.facts import symbols
from moothall.language.facts.symbols import Reference
from moothall.language.rules.names import unknown_council, unknown_instance, unknown_module, unknown_site
from moothall.model.written import Definitions, Folder
from moothall.source import Span

RULES = frozenset(rule.RULE for rule in (unknown_council, unknown_instance, unknown_module, unknown_site))

_MOST = 5
"""Places that are shown beside a declaration."""


class _Names(NamedTuple):
    """One set of names: the references to them, the names that files have, and the spans of the other declarations."""

    rule: str
    references: list[Reference]
    certain_names: frozenset[str]
    declarations: Mapping[str, Span]


class _Slip(NamedTuple):
    """A name that is declared and referred to by nobody, and one that is so near that it may be the right one."""

    declared_name: str
    other: str


def with_fixes(definitions: Definitions, findings: list[Diagnostic]) -> list[Diagnostic]:
    """Return the findings of `RULES` among the findings with the fixes that are certain, and all others."""
    findings_by_place = {(finding.rule, finding.primary.span): finding for finding in findings if finding.rule in RULES}
    other_findings = [finding for finding in findings if finding.rule not in RULES]
    for names in _name_sets(definitions):
        _settle(names, findings_by_place)
    return [*findings_by_place.values(), *other_findings]


def _name_sets(definitions: Definitions) -> Iterator[_Names]:
    for folder in definitions.folders:
        yield _sites(folder)
        yield _services(folder)
        yield _parties(folder)
    modules = symbols.modules(definitions)
    yield _Names(unknown_module.RULE, list(unknown_module.references(definitions)), modules, {})


def _sites(folder: Folder) -> _Names:
    declarations = {name: site.origin.key() for name, site in folder.partnership.sites.items()}
    return _Names(unknown_site.RULE, list(unknown_site.references(folder)), frozenset(), declarations)


def _services(folder: Folder) -> _Names:
    references = [
        *unknown_instance.partnership_references(folder.partnership),
        *unknown_instance.council_references(folder),
    ]
    declarations = {name: service.origin.key() for name, service in symbols.services(folder.partnership).items()}
    return _Names(unknown_instance.RULE, references, frozenset(), declarations)


def _parties(folder: Folder) -> _Names:
    references = [*unknown_council.references(folder), *unknown_council.owners(folder.partnership)]
    declarations = {name: body.origin.key() for name, body in folder.partnership.organisations.items()}
    return _Names(unknown_council.RULE, references, symbols.councils(folder), declarations)


def _settle(names: _Names, findings_by_place: dict[tuple[str, Span], Diagnostic]) -> None:
    """Give the findings about a set of names their fixes; those about a declaration's slip become one, there."""
    times = Counter(reference.name for reference in names.references)
    existing_names = names.certain_names | names.declarations.keys()
    near = NameIndex(existing_names)
    slips: dict[_Slip, list[Span]] = {}
    for name, span, excluded_names in names.references:
        match = None if name in existing_names else near.certain_match(name, excluded_names)
        if match is None:
            continue
        key = (names.rule, span)
        if match in names.certain_names or times[match]:
            findings_by_place[key] = findings_by_place[key]._replace(fix=replacement_fix(span, name, match))
        else:
            slips.setdefault(_Slip(match, name), []).append(span)
    for slip, spans in slips.items():
        declaration = names.declarations[slip.declared_name]
        if len(spans) > 1:
            findings_by_place[names.rule, declaration] = _declaration_finding(names.rule, slip, declaration, spans)
            for span in spans:
                del findings_by_place[names.rule, span]
        else:
            key = (names.rule, spans[0])
            label = Label(declaration, f"{DECLARED}, and named nowhere")
            findings_by_place[key] = findings_by_place[key]._replace(related=(label,))


def _declaration_finding(rule: str, slip: _Slip, declaration: Span, spans: list[Span]) -> Diagnostic:
    summary = f'nothing refers to "{slip.declared_name}", and {len(spans)} places name "{slip.other}"'
    detail = f"Write {slip.other} here if that is its name, or {slip.declared_name} in those places."
    return error(rule, summary, detail, declaration, *(Label(span, "named here") for span in spans[:_MOST]))
