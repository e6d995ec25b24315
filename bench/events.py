"""The baseline of reading: libyaml's events of every file below a root, from Python, and nothing done with them."""

from __future__ import annotations

import sys
from pathlib import Path

from yaml._yaml import CParser
from yaml.events import StreamEndEvent


def main(root: Path) -> None:
    """Parse all files one after the other in this process."""
    for path in sorted(root.glob("partnerships/**/*.yaml")):
        parser = CParser(path.read_text(encoding="utf-8"))
        while not isinstance(parser.get_event(), StreamEndEvent):
            pass


if __name__ == "__main__":
    main(Path(sys.argv[1]))
