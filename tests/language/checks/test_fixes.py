"""Which corrections count as certain, and what they would write."""

from __future__ import annotations

import pytest

from moothall import paths
from moothall.language.checks.nearest import certain_match
from moothall.language.schema.shape import shape
from moothall.language.yaml.yaml12 import parse

REAL = (paths.PROJECT / "tests/cases/valid/two-councils/partnerships/dales/partnership.yaml").read_text(
    encoding="utf-8"
)


@pytest.mark.parametrize(
    ("written", "names", "meant"),
    [
        ("hil-dc", ["hill-dc", "vale-dc"], "hill-dc"),
        ("hilll-dc", ["hill-dc"], "hill-dc"),
        ("hilk-dc", ["hill-dc"], "hill-dc"),
        ("hlil-dc", ["hill-dc"], "hill-dc"),
        ("Hill_DC", ["hill-dc"], "hill-dc"),
        ("HILL", ["hill", "hall"], "hill"),
        ("hull", ["hill", "hall"], None),
        ("site-3", ["site-1"], None),
        ("site-12", ["site-1"], None),
        ("crp", ["erp"], None),
        ("finances", ["finance"], "finance"),
        ("", ["a"], None),
        ("hild-cd", ["hill-dc"], None),
        ("hill-dc", [], None),
        ("payroll-b", ["payroll-a"], None),
        ("payroll-b-2", ["payroll-a-2"], None),
        ("hill-dr", ["hill-dc"], None),
        ("durham-esat", ["durham-east"], "durham-east"),
        ("pay-roll", ["payroll"], "payroll"),
    ],
)
def test_one_slip_with_one_candidate_is_certain(written: str, names: list[str], meant: str | None) -> None:
    """A letter dropped, added, changed or swapped; not a digit, not a short word, not one of several."""
    assert certain_match(written, names) == meant


def fixed(before: str, after: str) -> str | None:
    """Return what the first fix would write after `before` is replaced by `after` in a sound file, None without one."""
    assert REAL.count(before) == 1
    text = REAL.replace(before, after)
    document, _ = parse("partnership.yaml", text)
    assert document
    for finding in shape(document, "partnership", paths.SCHEMAS):
        if finding.fix:
            lines = text.split("\n")
            span = finding.fix.span
            start = sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1
            end = sum(len(line) + 1 for line in lines[: span.end_line - 1]) + span.end_column - 1
            return text[:start] + finding.fix.text + text[end:]
    return None


OFFERS = "      offers: [finance, procurement]\n"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("published-port: 8443", "published-prot: 8443"),
        ("published-port: 8443", "published_port: 8443"),
        ("published-port: 8443", 'published-port: "8443"'),
        ("published-port: 8443", "published-port: '8443'"),
        ("transit: true", 'transit: "true"'),
        ("kind: Partnership", "kind: partnership"),
        ("product: tryton", "product: Tryton"),
        ("[finance, procurement]", "[finance, finance, procurement]"),
        ("[finance, procurement]", "[finance, procurement, finance]"),
        (OFFERS, "      offers: [finance, procurement  , 'finance' ]\n"),
        (OFFERS, "      offers:\n      - finance\n      - procurement\n      - finance # again\n"),
    ],
)
def test_a_certain_fix_restores_the_file(right: str, wrong: str) -> None:
    """Applied to the only mistake it gives a file without one; where spelling was free, the data is right."""
    after = fixed(right, wrong)

    assert after
    document, _ = parse("partnership.yaml", after)
    original, _ = parse("partnership.yaml", REAL)
    assert document and original
    assert document.data == original.data


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("published-port: 8443", 'published-port: "08443"'),
        ("published-port: 8443", 'published-port: "84430"'),
        ("published-port: 8443", "published-port: >-\n        8443"),
        ("title: The Dales", "title: 0x10"),
        ("title: The Dales", "title: 1.50"),
        ("agreed: 2006-10-10", "agreed: 2006"),
        ("kind: Partnership", "kind: Parnershi"),
        ("[finance, procurement]", "[payroll-a, payroll-a]"),
        ("[finance, procurement]", "[finance-1, finance-1]"),
        ("published-port: 8443", "published-prot: 8443\n      published-porr: 8444"),
        (OFFERS, "      offers: [finance, procurement,\n        finance] # why\n"),
    ],
)
def test_what_is_not_certain_has_no_fix(right: str, wrong: str) -> None:
    """More than one text could be meant, or the corrected value would be as wrong as before."""
    assert fixed(right, wrong) is None


def test_a_number_as_a_title_is_put_in_quotes() -> None:
    """Only where its digits stand in the file as they do in the value."""
    assert 'title: "1974"\n' in (fixed("title: The Dales", "title: 1974") or "")


def test_quotes_stay_where_a_word_had_them() -> None:
    """In JSON's way of writing, a key without quotes would swallow its value."""
    after = fixed("{owner: alston, run-by: barton,", '{owner: alston, "run_by":"barton",')
    assert after and '"run-by":"barton"' in after


def test_the_base_of_these_tests_is_sound() -> None:
    """Otherwise the first fix could be for something else."""
    document, _ = parse("partnership.yaml", REAL)
    assert document and not shape(document, "partnership", paths.SCHEMAS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("8443.0", "8443"),
        ("8443.00", "8443"),
        ("8.443e3", None),
        ("2.0", None),
        ("8443e0", None),
        ("8443.5", None),
        ("1e300", None),
        ("9" * 17 + ".", None),
    ],
)
def test_a_whole_number_is_written_without_a_point(written: str, meant: str | None) -> None:
    """It is wrong however it is written; mended where the value is one that may stand there."""
    document, _ = parse("partnership.yaml", REAL.replace("8443", written))
    assert document

    (finding,) = shape(document, "partnership", paths.SCHEMAS)

    assert finding.rule == "wrong-type"
    assert (finding.fix and finding.fix.text) == meant


@pytest.mark.parametrize("digits", [19, 4301, 100_000])
def test_more_digits_than_python_reads(digits: int) -> None:
    """They are told like any other text."""
    document, _ = parse("partnership.yaml", REAL.replace("8443", f'"{"9" * digits}"'))
    assert document

    (finding,) = shape(document, "partnership", paths.SCHEMAS)

    assert (finding.rule, finding.fix) == ("wrong-type", None)
