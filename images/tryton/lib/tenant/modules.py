"""Which modules a tenant gets, and which base set is nearest: pure questions about the lists in /srv."""

import json
from pathlib import Path

from tenant.wanted import Refused

SHIPPED = Path("/srv/modules.json")
BASE_SETS = Path("/srv/base-sets")


def closure(wanted: list[str]) -> set[str]:
    """Return the wanted modules with all that they depend on. Raises `Refused` for a module the image lacks."""
    depends = json.loads(SHIPPED.read_text())
    unknown = sorted(set(wanted) - depends.keys())
    if unknown:
        raise Refused(f"the image has no module {', '.join(unknown)}")
    found: set[str] = set()
    waiting = {"ir", "res", *wanted}
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting.update(set(depends[module]) - found)
    return found


def nearest_set(modules: set[str]) -> Path:
    """Return the dump of the largest base set that activates nothing beyond `modules`; the kernel's fits always."""
    sets = {path.with_suffix(".dump"): set(json.loads(path.read_text())) for path in sorted(BASE_SETS.glob("*.json"))}
    fitting = [path for path, activated in sets.items() if activated <= modules]
    return max(fitting, key=lambda path: len(sets[path]))
