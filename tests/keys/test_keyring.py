"""The keyring: one key, made once, opened by the right passphrase only."""

from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from moothall.failures import OperationError
from moothall.keys.keyring import MakeCipher, open_keyring
from moothall.keys.keyring_file import keyring_path
from moothall.pulumi_engine.state.passphrase import Passphrase


class FernetCipher:
    """A real cipher with a real salt line: the salt is a Fernet key that the passphrase must match."""

    def __init__(self, passphrase: str, salt: str | None) -> None:
        """Make a new cipher, or the one of `salt`; refuses a passphrase that the salt was not made with."""
        made_with, key = salt.split(":") if salt else (passphrase, Fernet.generate_key().decode())
        if made_with != passphrase:
            raise ValueError("wrong passphrase")
        self.salt_line = f"{made_with}:{key}"
        self._fernet = Fernet(key)

    def encrypt(self, text: str) -> str:
        """Encrypt."""
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, text: str) -> str:
        """Decrypt."""
        return self._fernet.decrypt(text).decode()


def cipher(passphrase: str) -> MakeCipher:
    """Return what makes ciphers under this passphrase."""
    return lambda salt: FernetCipher(passphrase, salt)


def master_key(state: Path, partnership: str, cipher: MakeCipher, *, create: bool) -> bytes:
    """Open a keyring, and return its master key."""
    return open_keyring(state, partnership, cipher, create=create).master


def create_at(barrier: object, state: Path, answers: object) -> None:
    """Create the key together with another process and hand back what was got."""
    barrier.wait()  # type: ignore[attr-defined]
    answers.put(master_key(state, "p", cipher("right"), create=True))  # type: ignore[attr-defined]


def test_a_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    """The second call opens what the first one made."""
    first = master_key(tmp_path, "p", cipher("right"), create=True)
    assert len(first) == 32
    assert master_key(tmp_path, "p", cipher("right"), create=False) == first


def test_each_partnership_has_its_own_key(tmp_path: Path) -> None:
    """Two partnerships share a state directory, not a key."""
    assert master_key(tmp_path, "p", cipher("right"), create=True) != master_key(
        tmp_path, "q", cipher("right"), create=True
    )


def test_the_key_does_not_stand_in_the_file(tmp_path: Path) -> None:
    """The file holds the key encrypted, and nobody else may read it."""
    key = master_key(tmp_path, "p", cipher("right"), create=True)
    path = keyring_path(tmp_path, "p")
    assert key.hex() not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["p.json"]
    assert (tmp_path / ".gitignore").read_text() == "*\n"  # nor may it be committed


def test_two_processes_that_create_at_once_get_the_same_key(tmp_path: Path) -> None:
    """One of them wins, both use its key."""
    context = multiprocessing.get_context("spawn")
    for attempt in range(3):
        barrier, answers = context.Barrier(2), context.Queue()
        state = tmp_path / str(attempt)
        both = [context.Process(target=create_at, args=(barrier, state, answers)) for _ in range(2)]
        for process in both:
            process.start()
        got = [answers.get(timeout=60) for _ in both]
        for process in both:
            process.join()
        assert got[0] == got[1]


def test_no_key_is_made_unless_asked(tmp_path: Path) -> None:
    """Without `create` a missing key is a failure that names the file, and nothing is written."""
    with pytest.raises(OperationError, match=r"p\.json does not exist"):
        master_key(tmp_path, "p", cipher("right"), create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_passphrase_says_so(tmp_path: Path) -> None:
    """A wrong passphrase is told apart from a damaged file, and the file stays as it is."""
    master_key(tmp_path, "p", cipher("right"), create=True)
    before = keyring_path(tmp_path, "p").read_bytes()
    with pytest.raises(OperationError, match="passphrase does not open"):
        master_key(tmp_path, "p", cipher("wrong"), create=True)
    assert keyring_path(tmp_path, "p").read_bytes() == before


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"version": 3, "salt": "", "sealed": ""}', '{"version": [], "salt": ""}', "\x00"]
)
def test_a_damaged_file_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    """What cannot be read is never replaced by a new key: the old one might still be in a backup."""
    path = keyring_path(tmp_path, "p")
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(OperationError, match="cannot be read") as refused:
        master_key(tmp_path, "p", cipher("right"), create=True)
    assert "cp " in refused.value.hint
    assert path.read_text() == text


def test_a_key_of_another_length_is_refused(tmp_path: Path) -> None:
    """A file that decrypts to something else than 32 bytes is damaged."""
    path = keyring_path(tmp_path, "p")
    path.parent.mkdir()
    own = FernetCipher("right", None)
    path.write_text(json.dumps({"version": 1, "salt": own.salt_line, "master": own.encrypt("00ff")}))
    with pytest.raises(OperationError, match="2 bytes instead of 32"):
        master_key(tmp_path, "p", cipher("right"), create=False)


def test_the_state_files_cipher_fits(tmp_path: Path) -> None:
    """The passphrase format of Pulumi, in which the state is encrypted, serves the keyring too."""
    made = master_key(tmp_path, "p", lambda line: Passphrase("correct horse battery", line), create=True)
    assert master_key(tmp_path, "p", lambda line: Passphrase("correct horse battery", line), create=False) == made
    with pytest.raises(OperationError, match="passphrase was refused"):
        master_key(tmp_path, "p", lambda line: Passphrase("another horse, another", line), create=False)
