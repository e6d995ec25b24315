"""Take a council on: propose its file, show it, and write it if the definitions are valid with it."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Callable, Sequence

from moothall.edit.council_file import NewCouncil, council_file
from moothall.failures import USAGE, Failure
from moothall.model.name import is_name
from moothall.model.outcome import Answer
from moothall.model.uses import Uses
from moothall.model.written import Definitions, Folder
from moothall.operations import session
from moothall.operations.files import edit_transaction, proposal
from moothall.operations.files.keyboard import Keyboard
from moothall.pipeline import Loaded
from moothall.ports import Progress
from moothall.settings.day import day

HELP = (
    "Propose the file of a new council (identity, site, next free network, modules), show it, ask, and write it. "
    "A file with which the definitions would be invalid is refused."
)
USES = Uses(("partnership", "site"), sound=True)
_MODELINE = "# yaml-language-server: $schema="


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add who joins, and what of the proposal shall be otherwise; --partnership and --site are common to all verbs."""
    parser.add_argument("joining", metavar="NAME", help="the name of the new council, like wear-valley")
    parser.add_argument("--title", metavar="TEXT", help="what people call it")
    parser.add_argument("--joined", metavar="DATE", type=day, help="the day it joins, that of --as-of if left out")
    parser.add_argument("--network", metavar="CIDR", help="its network, the next free one at its site if left out")
    parser.add_argument(
        "--uses",
        metavar="INSTANCE[:MODULE,...]",
        action="append",
        default=[],
        type=use,
        help="an instance it uses; without modules what every tenant there has, else all there are. May be repeated",
    )
    parser.add_argument("--interactive", action="store_true", help="ask for each value, with the proposal as default")
    edit_transaction.arguments(parser)


def run(options: argparse.Namespace, progress: Progress) -> Answer:
    """Return the new file.

    Raises Failure for a name that cannot be, Stopped with the findings where the result would be invalid; nothing is
    written then.
    """
    with edit_transaction.alone(options, progress, writes=not options.dry_run):
        return _written(options, progress)


def _written(options: argparse.Namespace, progress: Progress) -> Answer:
    loaded = session.sound(options)
    folder = _folder(options, loaded.definitions)
    path = _path(options.joining, folder)
    if path in loaded.files or (options.root / path).exists():
        what = f"{path} is there already"
        raise Failure(what, left="Nothing was written.", mend=f"git log -- {path}", exit_code=USAGE)
    keyboard = Keyboard(progress if options.interactive else None)
    council = _proposed(options, loaded.definitions, folder, keyboard)
    text = council_file(council, _modeline(options, loaded, folder))
    return edit_transaction.change(options, progress, loaded, {path: (None, text)})


def use(text: str) -> tuple[str, tuple[str, ...]]:
    """Return instance and modules of a word like `erp:finance,procurement`; no modules for `erp`."""
    instance, _, modules = text.partition(":")
    return instance, tuple(module for module in modules.split(",") if module)


def _proposed(options: argparse.Namespace, definitions: Definitions, folder: Folder, keyboard: Keyboard) -> NewCouncil:
    """Return what shall be written: what is given, what is typed, and the proposal for the rest."""
    title = keyboard.ask("Title", options.title or proposal.title(options.joining))
    joined = day(keyboard.ask("Joined", str(options.joined or options.as_of), day))
    sites = list(folder.partnership.sites)
    session.known("site", options.site, sites)
    site = keyboard.ask("Site", options.site or proposal.site(definitions, folder, joined), one_of(sites))
    network = keyboard.ask("Network", options.network or proposal.network(definitions, folder, site))
    uses = _uses(options, folder, keyboard)
    offered = proposal.offered(folder, uses)
    return NewCouncil(options.joining, str(uuid.uuid4()), title, joined, site, network, uses, offered)


def _uses(options: argparse.Namespace, folder: Folder, keyboard: Keyboard) -> proposal.Uses:
    """Return the modules by instance; somebody at the keyboard is asked about every instance."""
    said = _said(options.uses)
    uses = {name: modules or proposal.modules(folder, name) for name, modules in said.items()}
    # Without modules means all there are, whatever else is named; where it means none, those that are.
    uses |= {name: proposal.modules(folder, name) or said[name] for name, modules in options.uses if not modules}
    if not keyboard.there:
        return uses
    for name, instance in folder.partnership.instances.items():
        given = said.get(name)
        default = "no" if given is None else ",".join(given) or "all"
        typed = keyboard.ask(f"Use {name} ({', '.join(instance.offers)}; all or no)", default)
        uses.pop(name, None)
        if typed != "no":
            modules = [] if typed == "all" else [word.strip() for word in typed.split(",") if word.strip()]
            uses[name] = modules or proposal.modules(folder, name)
    return uses


def _said(uses: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """Return the modules that were named for each instance, however often it was; each once."""
    return {name: tuple(dict.fromkeys(m for other, ms in uses if other == name for m in ms)) for name, _ in uses}


def one_of(names: list[str]) -> Callable[[str], str]:
    """Return a check that raises ArgumentTypeError for a word that is not one of the names."""

    def check(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(names)}")
        return text

    return check


def _folder(options: argparse.Namespace, definitions: Definitions) -> Folder:
    """Return the partnership that is joined."""
    by_name = {folder.partnership.metadata.name: folder for folder in definitions.folders}
    if options.partnership:
        return by_name[options.partnership]
    if len(by_name) != 1:
        what = f"which partnership? There is {', '.join(sorted(by_name)) or 'none'}"
        raise Failure(what, left="Nothing was written.", mend="add --partnership NAME", exit_code=USAGE)
    return next(iter(by_name.values()))


def _path(name: str, folder: Folder) -> str:
    """Return the path of the new file below the root; Failure for a name that cannot be one."""
    if not is_name(name):
        what = f"{name!r} is not a name: lower-case letters and digits in words joined by single hyphens"
        raise Failure(what, left="Nothing was written.", mend="moothall onboard wear-valley", exit_code=USAGE)
    parent = folder.partnership.origin.document.path.rpartition("/")[0]
    return f"{parent}/councils/{name}.yaml"


def _modeline(options: argparse.Namespace, loaded: Loaded, folder: Folder) -> str:
    """Return the line that tells editors the schema: that of a council beside it, or of the schemas below the root."""
    for council in folder.councils:
        first = loaded.files[council.origin.document.path].split("\n", 1)[0].rstrip("\r")
        if first.startswith(_MODELINE):
            return first
    own = (options.root / "schemas" / "council.schema.json").is_file()
    return f"{_MODELINE}../../../schemas/council.schema.json" if own else ""
