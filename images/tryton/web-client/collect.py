"""Gather the web client: the 6 MB that a browser loads, out of the 56 MB that npm installs. Used by the Dockerfile.

Run as `collect.py NODE_MODULES TARGET`. What index.html and the style sheets name is taken, and nothing else.
"""

import re
import shutil
import sys
from pathlib import Path

OWN = ("index.html", "dist", "images", "sounds", "locale", "COPYRIGHT", "LICENSE")


def named_in_page(page: str) -> set[str]:
    """Return the paths below node_modules that the page loads."""
    return set(re.findall(r'(?:src|href)="node_modules/([^"]+)"', page))


def named_in_style(style: str) -> set[str]:
    """Return the paths below node_modules that the style sheet loads, without `?` and `#` parts."""
    return set(re.findall(r'url\("?\.\./node_modules/([^"?#)]+)', style))


def collect(modules: Path, target: Path) -> None:
    """Copy the client and the libraries that it names; a missing file stops the build."""
    client = modules / "tryton-sao"
    target.mkdir(parents=True)
    for name in OWN:
        source = client / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("*.po"))
        else:
            shutil.copy(source, target / name)
    needed = named_in_page((client / "index.html").read_text()) | named_in_style(
        (client / "dist/tryton-sao.css").read_text()
    )
    for path in sorted(needed):
        destination = target / "node_modules" / path
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(modules / path, destination)


if __name__ == "__main__":
    collect(Path(sys.argv[1]), Path(sys.argv[2]))
