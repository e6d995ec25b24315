"""What in the stand-in for the Docker plug-in is guess: nobody has seen the real one do it, or it is known to differ.

All else in it is fact: read in the public schema and sources of pulumi-docker 5.2 and of the provider below it, and
held against the real plug-in, request by request (`test_plugin_real.py`) and case by case (`test_conformance_real.py`).
The stand-in notes each guess that it plays, so that a conformance case can say which it stands on, and is held to it.
"""

from __future__ import annotations

GUESSES = {
    "empty objects": "in a difference, objects that say nothing (`capabilities: {}`), and members that say 0 or false",
    "inside": "what goes on in a container of the engine in memory: a job ends at once and well, health is always well",
    "order": "in which order several files, mounts or networks of one container are handed to the engine",
    "pull": "an image that is not on the engine is not pulled",
    "same ports": "the order of several ports with the same inner number and protocol",
    "ties": "which of several shortest changes of a list of texts is told, where texts are repeated or change places",
    "words": "the words of a refusal of inputs; the real ones have other names of attributes in them",
}
# Not played at all, and no case stands on it: that some requests take two seconds, and that what is in use is tried
# again every ten seconds only; services, and whatever needs a swarm.
played: set[str] = set()


def guess(word: str) -> None:
    """Note that one of the guesses is played now."""
    assert word in GUESSES
    played.add(word)
