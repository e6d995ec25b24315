"""No module imports itself over others, inside a function or for its types either."""

from __future__ import annotations

from graphlib import TopologicalSorter

import grimp


def test_there_is_no_import_loop() -> None:
    """A loop is shown as it goes round."""
    graph = grimp.build_graph("moothall", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    assert len(imports) > 600
    TopologicalSorter(imports).prepare()
