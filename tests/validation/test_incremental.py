"""What is kept between runs changes how long an answer takes, and never the answer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moothall import cli
from moothall.cache import Cache, folder_of
from moothall.failures import INVALID, OK
from moothall.language.yaml import yaml12
from moothall.validation import documents

CASES = Path(__file__).parents[1] / "cases"
BASE = CASES / "valid" / "two-councils"
DAY = ("--as-of", "2007-06-01")
COUNCILS = Path("partnerships/dales/councils")
SHELF = "partnerships/dales"

Report = tuple[int, str]
Validate = Callable[..., Report]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test a user's cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def validate(capsys: pytest.CaptureFixture[str]) -> Validate:
    """Return the verb: exit code and whole output for a root."""

    def run(root: Path, *words: str) -> Report:
        code = cli.main(["validate", *DAY, "--root", str(root), *words])
        shown = capsys.readouterr()
        assert shown.err == ""
        return code, shown.out

    return run


def copied(root: Path, *layers: Path) -> Path:
    """Lay folders over each other at a root."""
    for layer in (BASE, *layers):
        shutil.copytree(layer, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".moothall"))
    return root


def kept(root: Path) -> list[Path]:
    """Return the files that are kept."""
    folder = folder_of(root)
    assert folder
    return sorted(folder.iterdir())


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*")), ids=lambda case: case.name)
def test_every_case_has_the_same_answer_again(case: Path, tmp_path: Path, validate: Validate) -> None:
    """With nothing kept, with something kept and without looking at it, the answer is the same to the byte."""
    root = copied(tmp_path / "root", case)
    fresh = validate(root, "--no-cache")

    assert [validate(root) for _ in range(3)] == [fresh] * 3
    assert validate(root, "--no-cache") == fresh


def test_what_is_right_is_not_read_again(tmp_path: Path) -> None:
    """The second run loads neither the YAML library nor the rules: what was kept is used at all."""
    root = copied(tmp_path / "root")
    program = (
        "import sys; from moothall.cli import main; code = main(sys.argv[1:]); "
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, "validate", *DAY, "--root", str(root)]
    first, second = (subprocess.run(command, capture_output=True, encoding="utf-8", check=True) for _ in range(2))

    assert first.stdout == second.stdout
    assert {"yaml", "jsonschema_rs", "moothall.language.rules"} <= set(first.stderr.split())
    assert not {"yaml", "jsonschema_rs", "moothall.language.rules"} & set(second.stderr.split())


def variants() -> dict[Path, list[str]]:
    """Return texts for some files: as they are, wrong alone, wrong together with others, and not YAML."""
    council = (BASE / COUNCILS / "alston.yaml").read_text(encoding="utf-8")
    other = (BASE / COUNCILS / "barton.yaml").read_text(encoding="utf-8")
    partnership = (BASE / SHELF / "partnership.yaml").read_text(encoding="utf-8")
    return {
        COUNCILS / "alston.yaml": [
            council,
            other,
            council.replace("site: ", "site: x"),
            council + "more: {}\n",
            "a: [\n",
            council.replace("joined: 20", "joined: 19"),
        ],
        COUNCILS / "barton.yaml": [
            other,
            council,
            other.replace("name: barton", "name: burton"),
            "",
            other + "# note\n",
        ],
        Path(SHELF) / "partnership.yaml": [partnership, partnership.replace("finance", "finances"), "kind: Council\n"],
        COUNCILS / "carlby.yaml": [council.replace("alston", "carlby"), "kind: Council\n"],
    }


EDITS = [(path, text) for path, texts in variants().items() for text in [*texts, None]]

OTHER = Path("partnerships/hills")
CLASHES = {
    "nothing": ("", ""),
    "a note": ("spec:", "# more than before\nspec:"),
    "the addresses of the dales": ("10.101.", "10.1."),
    "addresses that differ in their first part only": ("10.101.", "172.1."),
}


def beside(root: Path, clash: str, uids: str) -> None:
    """Put a second partnership beside the dales: theirs, with other addresses and uids unless they shall clash."""
    old, new = CLASHES[clash]
    shutil.rmtree(root / OTHER, ignore_errors=True)
    shutil.copytree(root / SHELF, root / OTHER)
    for path in (root / OTHER).rglob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace("dales", "hills")
        text = re.sub(r"10\.(\d+)\.(\d+\.\d+)/", lambda found: f"10.{int(found[1]) + 100}.{found[2]}/", text)
        text = re.sub(r"uid: .", f"uid: {uids}", text)
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")


@given(
    st.lists(st.tuples(st.sampled_from(sorted(CLASHES)), st.sampled_from("a5")), min_size=2, max_size=5),
    st.lists(st.sampled_from(EDITS), max_size=2),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_clash_between_partnerships_is_missed(
    tmp_path_factory: pytest.TempPathFactory,
    validate: Validate,
    steps: list[tuple[str, str]],
    edits: list[tuple[Path, str | None]],
) -> None:
    """Two partnerships that were each right before are still looked at together, in whatever order they come."""
    root = copied(tmp_path_factory.mktemp("root"))
    for clash, uids in steps:
        beside(root, clash, uids)
        assert validate(root) == validate(root, "--no-cache")
    for path, text in edits:
        (root / path).write_text(text or "", encoding="utf-8")
        assert validate(root) == validate(root, "--no-cache")


@given(st.lists(st.sampled_from(EDITS), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_edit_is_missed(
    tmp_path_factory: pytest.TempPathFactory, validate: Validate, edits: list[tuple[Path, str | None]]
) -> None:
    """After every edit, whatever was kept before, the answer is that of a run which keeps nothing."""
    root = copied(tmp_path_factory.mktemp("root"))
    validate(root)
    for path, text in edits:
        if text is None:
            (root / path).unlink(missing_ok=True)
        else:
            (root / path).write_text(text, encoding="utf-8")
        assert validate(root) == validate(root, "--no-cache")


def renewed(place: Path, text: str) -> None:
    """Put another file in the place of one, with its time, as an archive or a copy does."""
    before = place.stat()
    new = place.with_name(f".{place.name}")
    new.write_text(text, encoding="utf-8")
    os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
    new.replace(place)


def rewritten(place: Path, text: str) -> None:
    """Write a file and set its time back."""
    before = place.stat()
    place.write_text(text, encoding="utf-8")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))


def removed(place: Path, text: str) -> None:
    """Remove a file."""
    place.unlink()


def locked(place: Path, text: str) -> None:
    """Put something that is no file in the place of one."""
    place.unlink()
    place.mkdir()


@given(st.lists(st.tuples(st.sampled_from([renewed, rewritten, removed, locked]), st.booleans()), max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_in_a_file_decides(
    tmp_path_factory: pytest.TempPathFactory,
    validate: Validate,
    steps: list[tuple[Callable[[Path, str], None], bool]],
) -> None:
    """Whoever changes a file, and whatever it says of its size and time: the answer is that of a run with no cache."""
    root = copied(tmp_path_factory.mktemp("root"))
    place = root / COUNCILS / "alston.yaml"
    texts = [place.read_text(encoding="utf-8")]
    texts.append(texts[0].replace("kind: Council", "kind: Counsel"))
    for change, right in steps:
        assert validate(root) == validate(root, "--no-cache")
        if place.is_file():
            change(place, texts[not right])
    assert validate(root) == validate(root, "--no-cache")


def test_partnerships_that_are_as_they_were_are_not_parsed(
    tmp_path: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When one of two has changed, its files are read as YAML, and those of the module catalogue; however often."""
    root = copied(tmp_path / "root")
    beside(root, "nothing", "a")
    first = validate(root)
    before = [path.read_bytes() for path in kept(root)]
    assert validate(root) == first
    assert [path.read_bytes() for path in kept(root)] == before
    place = root / COUNCILS / "alston.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "# note\n", encoding="utf-8")
    parsed: set[str] = set()
    monkeypatch.setattr(documents, "parse", lambda path, text: parsed.add(path) or yaml12.parse(path, text))

    assert validate(root) == first

    assert {Path(path).parts[1] for path in parsed if path.startswith("partnerships/")} == {"dales"}


def test_an_edit_that_leaves_time_and_size_is_seen(tmp_path: Path, validate: Validate) -> None:
    """Neither of the two is enough to pass for the same file."""
    root = copied(tmp_path / "root")
    place = root / COUNCILS / "alston.yaml"
    before = place.stat()
    assert validate(root)[0] == OK

    place.write_text(place.read_text(encoding="utf-8").replace("kind: Council", "kind: Counsel"), encoding="utf-8")
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert (place.stat().st_size, place.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert validate(root)[0] == INVALID


def test_another_day_is_another_question(tmp_path: Path, validate: Validate) -> None:
    """What was right on one day is looked at again on the next."""
    root = copied(tmp_path / "root")
    validate(root)
    later = ("--as-of", "2107-06-01")

    assert validate(root, *later) == validate(root, *later, "--no-cache")


def flip(data: bytes, at: int) -> bytes:
    """Return the data with one bit changed."""
    at %= len(data) * 8
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]


DAMAGES: dict[str, Callable[[bytes, int], bytes]] = {
    "a bit": flip,
    "cut short": lambda data, at: data[: at % len(data)],
    "longer": lambda data, at: data + bytes([at % 256]),
    "something else": lambda data, at: os.urandom(at % 4096),
    "a pickle": lambda data, at: data[:16] + b"cos\nsystem\n(S'touch hacked'\ntR.",
}


@given(st.sampled_from(sorted(DAMAGES)), st.integers(0, 1 << 20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_as_good_as_nothing(
    tmp_path_factory: pytest.TempPathFactory, validate: Validate, damage: str, at: int
) -> None:
    """A file that is not as it was written, to the bit, is not used, and the next run has mended it."""
    root = copied(tmp_path_factory.mktemp("root"), CASES / "invalid" / "unknown-site")
    fresh = validate(root)
    whole = {path: path.read_bytes() for path in kept(root)}
    for path, data in whole.items():
        path.write_bytes(DAMAGES[damage](data, at))

    assert validate(root) == fresh
    assert {path: path.read_bytes() for path in kept(root)}.keys() == whole.keys()
    assert validate(root) == fresh


def test_only_what_this_user_and_this_code_have_sealed_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of another user's, of other code or of another shelf is not even decoded."""
    mine = Cache(tmp_path, b"code")
    mine.shelf("one").put(b"key", ("data", b""))
    mine.save()
    (place,) = tmp_path.iterdir()
    assert Cache(tmp_path, b"code").shelf("one").get(b"key") == ("data", b"")

    assert Cache(tmp_path, b"other code").shelf("one").get(b"key") is None
    other = Cache(tmp_path, b"code")
    other.shelf("two").put(b"key", ("", b""))
    other.save()
    for path in tmp_path.iterdir():
        path.write_bytes(place.read_bytes())
    assert Cache(tmp_path, b"code").shelf("two").get(b"key") is None

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "somebody"))
    assert Cache(tmp_path, b"code").shelf("one").get(b"key") is None


def _seal(root: Path) -> Path:
    """Keep something, and return where the secret is that seals it."""
    kept = Cache(root, b"code")
    kept.shelf("one").put(b"key", ("data", b""))
    kept.save()
    assert Cache(root, b"code").shelf("one").get(b"key") == ("data", b"")
    return Path(os.environ["XDG_CACHE_HOME"]) / "moothall" / "key"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o602])
def test_a_secret_that_others_may_open_is_made_anew(tmp_path: Path, mode: int) -> None:
    """What was sealed with it may be anybody's, and is not even decoded."""
    secret = _seal(tmp_path)
    before = secret.read_bytes()
    secret.chmod(mode)

    assert Cache(tmp_path, b"code").shelf("one").get(b"key") is None
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_bytes() != before


def test_a_secret_of_somebody_else_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it touched: in a cache that users share nobody takes it from another."""
    secret = _seal(tmp_path)
    before = secret.read_bytes()
    monkeypatch.setattr(os, "geteuid", lambda: secret.stat().st_uid + 1)
    stranger = Cache(tmp_path, b"code")
    stranger.shelf("one").put(b"key", ("other", b""))
    stranger.save()

    assert Cache(tmp_path, b"code").shelf("one").get(b"key") is None
    monkeypatch.undo()
    assert secret.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_what_is_no_secret_any_more_is_made_again(tmp_path: Path, content: bytes) -> None:
    """A full disk or a power cut may have left it empty: that is no end of the cache for good."""
    secret = _seal(tmp_path)
    secret.write_bytes(content)

    assert Cache(tmp_path, b"code").shelf("one").get(b"key") is None
    assert _seal(tmp_path) == secret
    assert len(secret.read_bytes()) == 32
    assert [path.name for path in secret.parent.glob("*key*")] == ["key"]


@pytest.mark.parametrize("put", [os.mkfifo, os.mkdir, lambda place: os.symlink("/dev/zero", place)])
def test_what_stands_in_the_way(tmp_path: Path, validate: Validate, put: Callable[[Path], None]) -> None:
    """Something else in the place of a file that is kept is passed over."""
    root = copied(tmp_path / "root")
    fresh = validate(root)
    for path in kept(root):
        path.unlink()
        put(path)

    assert [validate(root) for _ in range(2)] == [fresh] * 2


def test_a_place_that_cannot_be_written(tmp_path: Path, validate: Validate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a place for it nothing is kept and nobody is told; a home that is not there is not made."""
    root = copied(tmp_path / "root")
    fresh = validate(root, "--no-cache")

    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert validate(root) == fresh
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    assert validate(root) == fresh
    assert not (tmp_path / "nobody").exists()


def test_looking_leaves_nothing_in_the_state(tmp_path: Path, validate: Validate) -> None:
    """What is kept is the user's; the folder of state holds state alone."""
    root = copied(tmp_path / "root")
    validate(root)

    assert kept(root)
    assert not (root / ".moothall").exists()


def test_roots_that_are_no_more_are_forgotten(tmp_path: Path, validate: Validate) -> None:
    """However many roots there were, no more than a hundred are kept, those looked at last."""
    root = copied(tmp_path / "root")
    validate(root)
    [mine] = [path.parent for path in kept(root)[:1]]
    for number in range(150):
        old = mine.parent / f"{number:032x}"
        old.mkdir()
        (old / "shelf").write_text("old")
        os.utime(old, (number, number))
    (root / COUNCILS / "alston.yaml").write_text("# changed\n" + (root / COUNCILS / "alston.yaml").read_text())
    validate(root)

    left = set(mine.parent.iterdir())
    assert mine in left
    assert 50 <= len(left) <= 101


def test_it_does_not_grow(tmp_path: Path, validate: Validate) -> None:
    """However often a file is changed, no more is kept than half as much again as is used, and no file is left over."""
    root = copied(tmp_path / "root")
    validate(root)
    files, size = len(kept(root)), sum(path.stat().st_size for path in kept(root))
    place = root / COUNCILS / "alston.yaml"
    text = place.read_text(encoding="utf-8")
    for number in range(30):
        place.write_text(f"{text}# {number}\n", encoding="utf-8")
        validate(root)

    assert len(kept(root)) == files
    assert sum(path.stat().st_size for path in kept(root)) < 3 * size


def test_runs_at_the_same_time(tmp_path: Path, validate: Validate) -> None:
    """Runs that write the same files at once all say the same, and leave files that are whole."""
    root = copied(tmp_path / "root", CASES / "invalid" / "unknown-site")
    fresh = validate(root, "--no-cache")
    command = [sys.executable, "-m", "moothall", "validate", *DAY, "--root", str(root)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") for _ in range(6)]

    assert {process.communicate()[0] for process in running} == {fresh[1]}
    assert not [path for path in kept(root) if "." in path.name]
    assert validate(root) == fresh
