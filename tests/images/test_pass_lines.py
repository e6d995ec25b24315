"""What of a server's log goes to the store: the image's own program, between two pipes."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path

from tests.waiting import wait_until

PROGRAM = Path(__file__).parents[2] / "images" / "postgres" / "bin" / "pass-lines"
SHARE = 8 << 20
"""Bytes of one role at one address that go to the store in a day."""


def line(message: str, **members: object) -> dict[str, object]:
    """Return what PostgreSQL says of somebody who has come in."""
    said = {"timestamp": "2026-06-01 12:00:00.000 GMT", "user": "durham", "dbname": "durham", "pid": 7}
    said |= {"remote_host": "10.20.30.4", "line_num": 3, "error_severity": "LOG", "message": message}
    return {key: value for key, value in {**said, **members}.items() if value is not None}


def passed(folder: Path, lines: Iterable[dict[str, object]]) -> tuple[list[dict[str, object]], str]:
    """Return what is sent on of these lines, and what is shown."""
    said, sent = folder / "said", folder / "sent"
    for pipe in (said, sent):
        os.mkfifo(pipe)
    reader, pieces = os.open(sent, os.O_RDWR), list[bytes]()
    end = line("the end", remote_host=None)

    def drain() -> None:
        while b"the end" not in b"".join(pieces[-2:]):
            pieces.append(os.read(reader, 1 << 16))

    with (folder / "shown").open("wb") as shown:
        passing = subprocess.Popen(["perl", str(PROGRAM), str(said), str(sent)], stderr=shown)
    draining = threading.Thread(target=drain)
    draining.start()
    with said.open("w") as file:
        file.writelines(json.dumps(each, separators=(",", ":")) + "\n" for each in (*lines, end))
    draining.join()
    passing.terminate()
    wait_until(lambda: passing.poll() is not None, "it ends when asked to")
    os.close(reader)
    *others, last = map(json.loads, b"".join(pieces).splitlines())
    assert last == end
    return others, (folder / "shown").read_text()


def test_who_came_and_what_administrators_did_is_sent(tmp_path: Path) -> None:
    """What a session's statements said, or had said, stays in the container."""
    told = [
        line("connection authorized: user=durham database=durham"),
        line('password authentication failed for user "ann"', user="ann", error_severity="FATAL"),
        line("statement: DROP DATABASE weardale", user="postgres", remote_host="[local]", line_num=9),
        line("moothall: role durham is had", user="provisioner", context="PL/pgSQL function moothall.have_tenant"),
        line("disconnection: session time: 0:00:01.000", line_num=4),
    ]
    kept_here = [
        line('relation "salaries" does not exist', error_severity="ERROR"),
        line("connection authorized: user=postgres", context="PL/pgSQL function inline_code_block line 1 at RAISE"),
    ]
    sent, shown = passed(tmp_path, [*told, *kept_here])
    assert sent == told
    assert all(str(each["message"]) in shown.replace('\\"', '"') for each in (*told, *kept_here))


def test_no_role_uses_up_what_the_store_takes_of_a_server(tmp_path: Path) -> None:
    """It is told once that there was more of it; others, and administrators, are heard as before."""
    long = "disconnection: " + "x" * 3000
    others = [
        line("connection authorized: user=durham", remote_host="10.20.30.5"),
        line("connection authorized: user=weardale", user="weardale"),
        line("no such role", user="durham", error_severity="FATAL"),
        line("statement: ALTER ROLE durham NOLOGIN", user="postgres", remote_host="[local]", line_num=9),
    ]
    flood = [line(long, line_num=4) for _ in range(SHARE // 3000 + 100)]
    sent, _ = passed(tmp_path, [*flood, *others])
    assert sent[-4:] == others
    assert sent[-5] == {"message": "durham at 10.20.30.4 has said too much: no more of that is sent today"}
    assert all(each["message"] == long for each in sent[:-5])
    assert SHARE * 0.9 < len(json.dumps(sent[:-5])) < SHARE * 1.1


def test_who_is_refused_uses_up_nobodys_share(tmp_path: Path) -> None:
    """Whichever name he gives himself."""
    names = (f"{number}-{'x' * 3000}" for number in range(SHARE // 3000 + 100))
    refused = [line("no such role", user=name, error_severity="FATAL") for name in names]
    own = line("connection authorized: user=durham")
    sent, _ = passed(tmp_path, [*refused, own])
    assert sent[-2:] == [
        {"message": "somebody refused at 10.20.30.4 has said too much: no more of that is sent today"},
        own,
    ]
