"""A council joins: its file is proposed, shown, and written if the definitions are valid with it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from moothall.failures import USAGE, OperationError
from moothall.language.edit.council_file import NewCouncil, council_file
from moothall.model.name import is_name
from moothall.model.outcome import Report
from moothall.model.written import Definitions, Folder
from moothall.operations.context import Context
from moothall.operations.definitions import check_name, valid_definitions
from moothall.operations.files import edit_transaction, proposal
from moothall.operations.files.keyboard import Keyboard
from moothall.settings.day import day
from moothall.validation.validate import ValidationResult

_MODELINE = "# yaml-language-server: $schema="


@dataclass(frozen=True)
class OnboardOptions:
    """Who joins, and what of the proposal shall be otherwise; None for what is proposed.

    `uses` are instances with their modules; none for what every tenant there has, else all that there are.
    """

    name: str
    title: str | None
    joined: date | None
    network: str | None
    uses: tuple[tuple[str, tuple[str, ...]], ...]
    interactive: bool
    yes: bool
    dry_run: bool


def onboard(context: Context, options: OnboardOptions) -> Report:
    """Return the new file, written once it is agreed to.

    Raises OperationError for a name that cannot be, InvalidDefinitions with the findings where the result would be
    invalid; nothing is written then.
    """
    with edit_transaction.definitions_lock(context, writes=not options.dry_run):
        return _write_council(context, options)


def _write_council(context: Context, options: OnboardOptions) -> Report:
    validation = valid_definitions(context)
    folder = _folder(context, validation.definitions)
    path = _path(options.name, folder)
    if path in validation.files or (context.root / path).exists():
        message = f"{path} is there already"
        raise OperationError(message, state="Nothing was written.", hint=f"git log -- {path}", exit_code=USAGE)
    keyboard = Keyboard(context.progress if options.interactive else None)
    council = _propose_council(context, options, validation.definitions, folder, keyboard)
    text = council_file(council, _modeline(context, validation, folder))
    return edit_transaction.change(context, validation, {path: (None, text)}, yes=options.yes, dry_run=options.dry_run)


def _propose_council(
    context: Context, options: OnboardOptions, definitions: Definitions, folder: Folder, keyboard: Keyboard
) -> NewCouncil:
    """Return the new council from the options, the operator's answers, and the proposal for the rest."""
    title = keyboard.ask("Title", options.title or proposal.title(options.name))
    joined = day(keyboard.ask("Joined", str(options.joined or context.as_of), day))
    sites = list(folder.partnership.sites)
    check_name("site", context.site, sites)
    site = keyboard.ask("Site", context.site or proposal.site(definitions, folder, joined), one_of(sites))
    network = keyboard.ask("Network", options.network or proposal.network(definitions, folder, site))
    uses = _uses(options, folder, keyboard)
    offered_modules = proposal.offered_modules(folder, uses)
    return NewCouncil(options.name, str(uuid.uuid4()), title, joined, site, network, uses, offered_modules)


def _uses(options: OnboardOptions, folder: Folder, keyboard: Keyboard) -> proposal.Uses:
    """Return the modules by instance; somebody at the keyboard is asked about every instance."""
    requested_modules = _modules_by_instance(options.uses)
    uses = {name: modules or proposal.modules(folder, name) for name, modules in requested_modules.items()}
    # Without modules means all there are, whatever else is named; where it means none, those that are.
    uses |= {
        name: proposal.modules(folder, name) or requested_modules[name] for name, modules in options.uses if not modules
    }
    if not keyboard.is_interactive:
        return uses
    for name, instance in folder.partnership.instances.items():
        named_modules = requested_modules.get(name)
        proposal_text = "no" if named_modules is None else ",".join(named_modules) or "all"
        answer = keyboard.ask(f"Use {name} ({', '.join(instance.offers)}; all or no)", proposal_text)
        uses.pop(name, None)
        if answer != "no":
            modules = [] if answer == "all" else [word.strip() for word in answer.split(",") if word.strip()]
            uses[name] = modules or proposal.modules(folder, name)
    return uses


def _modules_by_instance(uses: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Return the modules named for each instance, merged and without duplicates."""
    return {
        name: tuple(
            dict.fromkeys(
                module for other_name, other_modules in uses if other_name == name for module in other_modules
            )
        )
        for name, _ in uses
    }


def one_of(names: list[str]) -> Callable[[str], str]:
    """Return a check that raises ValueError for a word that is not one of the names."""

    def check(text: str) -> str:
        if text not in names:
            raise ValueError(f"{text!r} is not one of {', '.join(names)}")
        return text

    return check


def _folder(context: Context, definitions: Definitions) -> Folder:
    """Return the partnership that is joined."""
    by_name = {folder.partnership.metadata.name: folder for folder in definitions.folders}
    if context.partnership:
        return by_name[context.partnership]
    if len(by_name) != 1:
        message = f"which partnership? There is {', '.join(sorted(by_name)) or 'none'}"
        raise OperationError(message, state="Nothing was written.", hint="add --partnership NAME", exit_code=USAGE)
    return next(iter(by_name.values()))


def _path(name: str, folder: Folder) -> str:
    """Return the path of the new file below the root; OperationError for a name that cannot be one."""
    if not is_name(name):
        message = f"{name!r} is not a name: lower-case letters and digits in words joined by single hyphens"
        raise OperationError(
            message, state="Nothing was written.", hint="moothall onboard wear-valley", exit_code=USAGE
        )
    parent = folder.partnership.origin.document.path.rpartition("/")[0]
    return f"{parent}/councils/{name}.yaml"


def _modeline(context: Context, validation: ValidationResult, folder: Folder) -> str:
    """Return the line that tells editors the schema: that of a council beside it, or of the schemas below the root."""
    for council in folder.councils:
        first_line = validation.files[council.origin.document.path].split("\n", 1)[0].rstrip("\r")
        if first_line.startswith(_MODELINE):
            return first_line
    has_schema = (context.root / "schemas" / "council.schema.json").is_file()
    return f"{_MODELINE}../../../schemas/council.schema.json" if has_schema else ""
