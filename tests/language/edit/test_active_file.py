"""The record of what is failed over, as `failover` writes it."""

from __future__ import annotations

from moothall import paths
from moothall.language.edit.active_file import text
from moothall.language.files import decode
from moothall.language.files.sources import decode_text
from moothall.language.schema.shape import shape
from moothall.language.yaml.yaml12 import parse
from moothall.model.written import Active
from moothall.source import Document, Origin

NOWHERE = Origin(Document("", {}, {}))


def active(instance: str, why: str) -> Active:
    """Return that an instance is served by the other site."""
    return Active(instance, "vale", "2007-06-01T12:00:00Z", 2, why, NOWHERE)


def test_it_says_who_wrote_it_and_has_instances_by_name() -> None:
    """Words of people and times stand in quotes."""
    actives = {name: active(name, "a test") for name in ("payments", "ledger")}

    assert text(actives) == (
        "# yaml-language-server: $schema=../../schemas/active.schema.json\n"
        "# Written by `moothall failover` and `moothall failback`: commit it, and do not edit it.\n"
        "apiVersion: moothall/v1\nkind: Active\nspec:\n  instances:\n"
        '    ledger:\n      site: vale\n      since: "2007-06-01T12:00:00Z"\n      timeline: 2\n      why: "a test"\n'
        '    payments:\n      site: vale\n      since: "2007-06-01T12:00:00Z"\n      timeline: 2\n      why: "a test"\n'
    )


def test_it_can_be_read_whatever_somebody_gave_as_the_reason() -> None:
    """A control of direction stood there in clear, and no command read the definitions any more."""
    why = 'lost \u202e"power"\u200b: #2\n\x7f'

    [data, refused] = decode_text("active.yaml", text({"ledger": active("ledger", why)}).encode())
    assert refused is None and data
    document, findings = parse("active.yaml", data)

    assert document and not findings
    assert not shape(document, "active", paths.SCHEMAS)
    assert decode.active(document)["ledger"].why == why
