"""Write what every Tryton module of this image depends on, `{module: [depends]}`, as JSON on standard output.

Used by the Dockerfile; the tenant job and the tool's verification read the result.
"""

import configparser
import json
import sysconfig
from pathlib import Path


def depends(description: Path) -> list[str]:
    """Return the modules that a tryton.cfg names as needed; optional ones (`extras_depend`) are not."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(description, encoding="utf-8")
    return sorted(parser.get("tryton", "depends", fallback="").split())


trytond = Path(sysconfig.get_path("purelib")) / "trytond"
found = [trytond / "ir/tryton.cfg", trytond / "res/tryton.cfg", *trytond.glob("modules/*/tryton.cfg")]
print(json.dumps({path.parent.name: depends(path) for path in sorted(found)}, indent=1, sort_keys=True))
