"""Changing which of an instance's two servers is the primary: steps that look at what is so before they act.

Every step may be interrupted and made again. The functions take a plan's mirror, the engines and the vault, and know
nothing of the command line; what the world refuses is `CouldNotRun` of the `verify` room, in one sentence.
"""

from moothall.switch.server import PRIMARY, Server, State, servers
from moothall.switch.steps import Handover, Lost, follow, hand_over, logins
from moothall.switch.terms import terms
from moothall.switch.waking import cut, wake

__all__ = [
    "PRIMARY",
    "Handover",
    "Lost",
    "Server",
    "State",
    "cut",
    "follow",
    "hand_over",
    "logins",
    "servers",
    "terms",
    "wake",
]
