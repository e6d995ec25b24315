"""What is concluded from what was seen: the parts of each check that need no engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from tests.verify.plans import plan, tenant

from moothall.failures import Inconclusive
from moothall.model.outcome import FAILED, PASSED
from moothall.model.planned import Active, BackupPlan, MirrorPlan
from moothall.postgres.replication import Side
from moothall.postgres.session import NotYetReady
from moothall.verify.checks import login, mirror, modules
from moothall.verify.checks.backup import describe_backup, lag, newest_full, overdue_backups
from moothall.verify.probe import TenantReply
from moothall.verify.reachability_scan import ALL_PORTS, Target, breaches, targets

DEPENDS = {
    "ir": (),
    "res": ("ir",),
    "party": ("country", "ir", "res"),
    "country": ("ir", "res"),
    "company": ("party",),
    "account": ("company", "party"),
    "sale": ("account",),
}


class TestModules:
    """Exactly the declared modules and what they depend on."""

    def seen(self, *extra: str, without: str = "", proof: str = "") -> TenantReply:
        """Return what a probe says of a tenant that has account, with changes."""
        has = {"ir", "res", "party", "country", "company", "account", *extra} - {without}
        return TenantReply("ok", 0.2, "", tuple(sorted(has)), {"account.move": proof})

    def test_the_closure_follows_dependencies_to_the_end(self) -> None:
        """And holds what every database has."""
        assert modules.closure(["company"], DEPENDS) == {"ir", "res", "party", "country", "company"}

    def test_an_unknown_module_is_not_guessed(self) -> None:
        """The image is another than the one planned."""
        with pytest.raises(Inconclusive, match="does not know payroll"):
            modules.closure(["payroll"], DEPENDS)

    def test_exactly_the_declared_ones(self) -> None:
        """Pass."""
        assert modules.verdict(tenant("p", "durham"), self.seen(), DEPENDS).status == PASSED

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"without": "account"}, "missing: account"),
            ({"without": "country"}, "missing: country"),
            ({"proof": "KeyError 'account.move'"}, "finance does not answer: account.move: KeyError 'account.move'"),
        ],
    )
    def test_a_lack_is_named(self, changes: dict[str, str], said: str) -> None:
        """The module, or the model that does not answer although its module is activated."""
        seen = modules.verdict(tenant("p", "durham"), self.seen(**changes), DEPENDS)
        assert (seen.status, seen.detail) == (FAILED, said)

    def test_a_module_too_many_is_named(self) -> None:
        """A council pays for what it declared, and sees nothing else."""
        seen = modules.verdict(tenant("p", "durham"), self.seen("sale"), DEPENDS)
        assert (seen.status, seen.detail) == (FAILED, "not declared: sale")

    def test_modules_that_could_not_be_read(self) -> None:
        """Are no verdict on the tenant; the reason is kept."""
        with pytest.raises(Inconclusive, match="because"):
            modules.verdict(tenant("p", "durham"), TenantReply("refused", 0.2, "because"), DEPENDS)


class TestLogin:
    """How a probe's answer becomes a verdict."""

    def test_a_login(self) -> None:
        """Passes with the time that it took."""
        seen = login.verdict(tenant("p", "durham"), TenantReply("ok", 0.21))
        assert (seen.status, seen.seconds) == (PASSED, 0.21)

    @pytest.mark.parametrize("outcome", ["refused", "not-ready"])
    def test_no_login(self, outcome: str) -> None:
        """Fails with the reason."""
        seen = login.verdict(tenant("p", "durham"), TenantReply(outcome, 30.0, "because"))
        assert seen.status == FAILED
        assert "because" in seen.detail

    def test_a_planned_tenant_is_skipped_and_a_planned_module_is_no_tenant(self) -> None:
        """With its date, or the lack of one, as the reason."""
        skipped = [task for task in login.tasks(plan()) if task.skip]
        assert [(task.id, task.skip) for task in skipped] == [
            ("login.northumberland.crm", "planned without a date, so not stood up")
        ]


class TestIsolation:
    """Which targets there are, and what must not answer."""

    def found(self, name: str, networks: dict[str, str], labels: dict[str, str] | None = None) -> dict[str, Any]:
        """Return a line of the engine's list of containers."""
        endpoints = {network: {"IPAddress": address} for network, address in networks.items()}
        return {"Names": [f"/{name}"], "Labels": labels, "NetworkSettings": {"Networks": endpoints}}

    def test_every_address_of_every_planned_container_is_a_target(self) -> None:
        """On every network that it is on, with the ports of its role."""
        found = self.found("p.durham.relay", {"p.durham.network": "10.213.1.2", "link": "10.9.0.2"})
        assert [target.pair for target in targets(plan(), [found])] == [
            ("10.9.0.2", 443),
            ("10.9.0.2", 8443),
            ("10.213.1.2", 443),
            ("10.213.1.2", 8443),
        ]

    def test_a_stranger_on_a_planned_network_is_tried_on_all_ports(self) -> None:
        """Nobody knows what it does."""
        found = self.found("stranger", {"p.durham.network": "10.213.1.9"})
        assert {target.port for target in targets(plan(), [found])} == {*ALL_PORTS}

    @pytest.mark.parametrize(
        ("name", "networks", "labels"),
        [
            ("elsewhere", {"other": "10.1.1.1"}, {}),
            ("p.durham.application", {"p.durham.network": ""}, {}),
            ("probe", {"p.durham.network": "10.213.1.7"}, {"moothall.probe": "p"}),
        ],
    )
    def test_no_target(self, name: str, networks: dict[str, str], labels: dict[str, str]) -> None:
        """Containers of others, ones that do not run, and probes."""
        assert targets(plan(), [self.found(name, networks, labels)]) == ()

    def tried(self, *others: tuple[Target, str], own: str = "open") -> list[tuple[Target, str]]:
        """Return a sweep from durham in which its own relay did `own`."""
        relay = Target("p.durham.relay", "p.durham.network", "10.213.1.2", 443)
        return [(relay, own), (replace(relay, port=8443), "refused"), *others]

    def test_own_relay_only(self) -> None:
        """Is as it should be, whatever the relay's other ports do."""
        foreign = Target("p.derwentside.relay", "p.derwentside.network", "10.213.2.2", 443)
        assert breaches(plan(), "durham", self.tried((foreign, "silent"))) == []

    @pytest.mark.parametrize(
        ("outcome", "said"),
        [("open", "answers"), ("closes", "connects and closes without a byte"), ("refused", "is reached and refuses")],
    )
    def test_anything_else_that_is_reached(self, outcome: str, said: str) -> None:
        """Is named with what it did."""
        foreign = Target("p.derwentside.relay", "p.derwentside.network", "10.213.2.2", 443)
        assert breaches(plan(), "durham", self.tried((foreign, outcome))) == [
            f"p.derwentside.relay {said} at 10.213.2.2:443 (p.derwentside.network)"
        ]

    def test_the_own_relay_on_another_network(self) -> None:
        """Is as foreign as any."""
        link = Target("p.durham.relay", "link", "10.9.0.2", 443)
        assert len(breaches(plan(), "durham", self.tried((link, "open")))) == 1

    def test_silence_of_the_own_relay(self) -> None:
        """Makes all other silence worthless."""
        assert breaches(plan(), "durham", self.tried(own="silent")) == [
            "its own relay p.durham.relay was not reached, so silence proves nothing"
        ]


class TestMirror:
    """Both servers must agree that one streams to the other."""

    PLAN = MirrorPlan(
        "erp",
        "ERP",
        "morpeth",
        "durham-dc",
        "primary",
        "standby",
        {"morpeth": "morpeth", "durham-dc": "durham_dc"},
        60,
        900,
        False,
        None,
    )
    PRIMARY = Side("7", False, "streaming", 0, 0.0, False)
    STANDBY = Side("7", True, "streaming", 0, 0.0, False)

    def test_streaming(self) -> None:
        """Passes and states the lag."""
        seen = mirror.verdict(self.PLAN, replace(self.PRIMARY, lag_bytes=168, lag_seconds=0.004), self.STANDBY)
        assert (seen.status, seen.detail) == (PASSED, "streaming, 168 bytes and 0.004 s behind")

    def test_nothing_may_be_lost(self) -> None:
        """Then the primary has to wait for the standby, however little that is behind."""
        agreed = replace(self.PLAN, recovery_point_seconds=0)

        assert mirror.verdict(agreed, self.PRIMARY, self.STANDBY).status == FAILED
        waiting = replace(self.PRIMARY, waits=True, lag_seconds=0.018)
        assert mirror.verdict(agreed, waiting, self.STANDBY).status == PASSED

    def test_failed_over(self) -> None:
        """The other site is the primary then, and since when is said."""
        active = replace(self.PLAN, active=Active("durham-dc", "2026-11-22T03:14:15Z", 2, "lost"))

        seen = mirror.verdict(active, self.PRIMARY, self.STANDBY)
        wrong = mirror.verdict(active, self.PRIMARY, replace(self.STANDBY, recovers=False))

        assert seen.status == PASSED
        assert "failed over to durham-dc since 2026-11-22T03:14:15Z" in seen.detail
        assert "the server at morpeth is no standby" in wrong.detail

    @pytest.mark.parametrize(
        ("primary", "standby", "said"),
        [
            ({}, {"recovers": False}, "no standby"),
            ({"recovers": True}, {}, "itself a standby"),
            ({}, {"system": "8"}, "different databases"),
            ({}, {"state": ""}, "receives nothing (no receiver)"),
            ({"state": ""}, {}, "sends nothing (nobody connected)"),
            ({"state": "catchup"}, {}, "sends nothing (catchup)"),
            ({"lag_seconds": 61.0}, {}, "is 61 s behind, and 60 s were agreed"),
        ],
    )
    def test_not_streaming(self, primary: dict[str, Any], standby: dict[str, Any], said: str) -> None:
        """Fails and says on which side."""
        seen = mirror.verdict(self.PLAN, replace(self.PRIMARY, **primary), replace(self.STANDBY, **standby))
        assert seen.status == FAILED
        assert said in seen.detail

    @pytest.mark.parametrize("times", [0, 1, 5])
    def test_a_server_that_starts_is_waited_for(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        """After its machine was away it replays its log before it lets anybody in."""
        answers = [NotYetReady("it starts")] * times
        monkeypatch.setattr(mirror, "LOOK_SECONDS", 0.0)

        def read(plan: object, context: object) -> tuple[Side, Side]:
            if answers:
                raise answers.pop()
            return self.PRIMARY, self.STANDBY

        monkeypatch.setattr(mirror, "_read_sides", read)
        [task] = mirror.tasks(replace(plan(), mirrors=(self.PLAN,)))
        assert task.look(cast("Any", None)).status == PASSED

    @pytest.mark.parametrize("error", [NotYetReady("it starts for ever"), Inconclusive("nobody is there")])
    def test_nobody_is_waited_for_in_vain(self, monkeypatch: pytest.MonkeyPatch, error: Inconclusive) -> None:
        """Neither for ever, nor where no server starts."""
        monkeypatch.setattr(mirror, "LOOK_SECONDS", 0.0)
        monkeypatch.setattr(mirror, "START_SECONDS", 0.0 if isinstance(error, NotYetReady) else 600.0)

        def read(plan: object, context: object) -> tuple[Side, Side]:
            raise error

        monkeypatch.setattr(mirror, "_read_sides", read)
        [task] = mirror.tasks(replace(plan(), mirrors=(self.PLAN,)))
        with pytest.raises(type(error)):
            task.look(cast("Any", None))


class TestBackup:
    """The newest sound full backup of the right stanza."""

    def backup(self, stop: int, **changes: object) -> dict[str, Any]:
        """Return a backup as `pgbackrest info` lists it."""
        info = {"size": 30_000_000, "repository": {"size": 4_000_000}}
        return {
            "type": "full",
            "label": f"{stop}F",
            "error": False,
            "timestamp": {"stop": stop},
            "info": info,
        } | changes

    def test_the_newest_counts(self) -> None:
        """Whatever the order."""
        stanzas = [{"name": "erp", "backup": [self.backup(200), self.backup(100)]}]
        assert newest_full(stanzas, "erp") == self.backup(200)

    @pytest.mark.parametrize(
        "stanzas",
        [
            [],
            [{"name": "erp", "backup": []}],
            [{"name": "crm", "backup": [{"type": "full"}]}],
            [{"name": "erp", "backup": [{"type": "incr"}]}],
            [{"name": "erp", "backup": [{"type": "full", "error": True}]}],
        ],
    )
    def test_none(self, stanzas: list[dict[str, Any]]) -> None:
        """None at all, another stanza's, an incremental one or one with errors is no full backup."""
        assert newest_full(stanzas, "erp") is None

    @pytest.mark.parametrize(
        ("age", "said"), [(0, "0 min"), (-5, "0 min"), (7199, "119 min"), (7200, "2 h"), (172800, "2 days")]
    )
    def test_age_and_size_are_stated(self, age: int, said: str) -> None:
        """In the unit that fits."""
        text = f"full backup 100F, {said} old, 30.0 MB kept in 4.0 MB"
        assert describe_backup(self.backup(100), 100 + age) == text

    @pytest.mark.parametrize(
        ("full", "incremental", "said"),
        [
            (1000, 0, []),
            (7 * 86400, 3600 + 900 + 600, []),
            (86400, 3600 + 900 + 601, ["the newest backup is 85 min old, and one is due every 60 min"]),
            (10 * 86400, 0, ["the newest full backup is 10 days old, and one is due every 7 days"]),
        ],
    )
    def test_overdue(self, full: int, incremental: int, said: list[str]) -> None:
        """Later than due by more than it may take: each kind for itself."""
        now = 100 * 86400
        backups = [self.backup(now - full), self.backup(now - incremental, type="incr")]
        target = BackupPlan("erp", "durham-dc", "repository", "erp", 3600, 7 * 86400, 14 * 86400)
        assert overdue_backups(target, [{"name": "erp", "backup": backups}], backups[0], now) == said

    def test_archive_lag(self) -> None:
        """Pieces may wait, but not for long."""
        assert lag(3, 299) == lag(0, 0) == []
        assert lag(3, 301) == ["3 pieces of the write-ahead log wait to be archived, the oldest for 5 min"]
