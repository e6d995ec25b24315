"""What in the stand-in for the Docker plug-in is guess: nobody has seen the real one do it, or it is known to differ.

All else in it is fact: read in the public schema and sources of pulumi-docker 5.2 and of the provider below it, and held
against the real plug-in, request by request (`test_plugin_real.py`) and case by case (`test_conformance_real.py`). A
conformance case that stands on a guess says so by its word here.
"""

from __future__ import annotations

GUESSES = {
    "ties": "which of several shortest changes of a list of texts is told",
    "empty objects": "objects that say nothing (`capabilities: {}`, `tmpfsOptions: {}`) in a difference",
    "same inner port": "the order of several ports with the same inner number",
    "pull": "an image that is not on the engine is not pulled",
    "order of files": "the order in which files, mounts and networks are handed to the engine",
    "words": "the words of a refusal of inputs; the real ones have other names of attributes in them",
    "times": "that some requests take two seconds, and removals of what is in use are tried again every ten",
    "swarm": "services, cluster volumes, and networks of a swarm: not played",
    "memory": "what a Docker engine refuses, as far as `memory_daemon.py` plays it",
}
