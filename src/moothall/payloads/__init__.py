"""Programs that run inside containers, as they are: the host reads their text and sends it there.

They use the Python packages of the image that they run in (psycopg, trytond, and the image's own `tenant`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def text_of(program: str) -> str:
    """Return the text of a program, by the name of its module below this package."""
    return files(__name__).joinpath(f"{program}.py").read_text(encoding="utf-8")


def sources(package: str) -> dict[str, str]:
    """Return the modules of a program that is a package, by the paths at which Python finds them under their names."""
    room = f"{__name__}.{package}"
    names = sorted(file.name for file in files(room).iterdir() if file.name.endswith(".py"))
    return {
        f"{room.replace('.', '/')}/{name}": files(room).joinpath(name).read_text(encoding="utf-8") for name in names
    }
