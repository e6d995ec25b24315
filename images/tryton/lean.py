"""Compile Python files for little memory: without docstrings and without columns for tracebacks.

`python -OO` would leave out assertions too, which some packages check their input by. trytond's own files keep their
docstrings: it names models by them. Run it with PYTHONNODEBUGRANGES=1, which leaves out the columns.
"""

import ast
import importlib.util
import sys
from importlib._bootstrap_external import _code_to_timestamp_pyc
from pathlib import Path

DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def main(folders):
    """Compile all files below some folders; those that are not Python of this version are left alone."""
    for file in (file for folder in folders for file in Path(folder).rglob("*.py")):
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError):
            continue
        if "trytond" not in file.parts:
            leave_docstrings_out(tree)
        write(file, compile(tree, file, "exec", dont_inherit=True, optimize=0))


def leave_docstrings_out(tree):
    """Take docstrings out of what has them; what has nothing else passes."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            passes = [] if isinstance(node, ast.Module) else [ast.copy_location(ast.Pass(), node.body[0])]
            node.body = node.body[1:] or passes


def write(file, code):
    """Write what was compiled where Python looks for it."""
    compiled, found = Path(importlib.util.cache_from_source(file)), file.stat()
    compiled.parent.mkdir(exist_ok=True)
    compiled.write_bytes(_code_to_timestamp_pyc(code, int(found.st_mtime), found.st_size))


if __name__ == "__main__":
    main(sys.argv[1:])
