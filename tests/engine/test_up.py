"""Up and preview on the real engine: making, waiting, failing, refusing, drifting."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from lab import FOREVER, IMAGE, LABEL, Lab, Told, Words, ops, step_of
from programs import small_stack

from moothall import engine

if TYPE_CHECKING:
    import docker

pytestmark = pytest.mark.live
SUBNET = "10.213.30.0/24"


def protected(w: Words, **more: Any) -> Any:
    """The option protect."""
    return w.pulumi.ResourceOptions(protect=True, **more)


def exec_in(client: docker.APIClient, container: str, *words: str) -> str:
    """What a command inside a container prints."""
    made = client.exec_create(container, list(words), user="0")
    return str(client.exec_start(made).decode().strip())


def test_everything_is_made_as_asked(lab: Lab, client: docker.APIClient) -> None:
    """Networks with alias and address, uploads into a read-only container, root:root with their mode."""

    def declare(w: Words) -> None:
        d = w.docker
        config = d.NetworkIpamConfigArgs(subnet=SUBNET, gateway="10.213.30.1")
        network = w.network("net", ipam_configs=[config], internal=True)
        w.container(
            "app",
            networks_advanced=w.joined(network, aliases=["desk"], ipv4_address="10.213.30.9"),
            volumes=[d.ContainerVolumeArgs(container_path="/cfg")],
            uploads=[d.ContainerUploadArgs(file="/cfg/deep/key", content="k\n", permissions="0440")],
            read_only=True,
            tmpfs={"/run": "size=1m"},
            user="65534:65534",
            group_adds=["0"],
            capabilities=d.ContainerCapabilitiesArgs(drops=["ALL"], adds=["CAP_CHOWN"]),
            security_opts=["no-new-privileges"],
            memory=16,
            memory_swap=16,
            cpus="0.5",
            shm_size=8,
            ulimits=[d.ContainerUlimitArgs(name="nofile", soft=64, hard=64)],
            stop_timeout=4,
            hosts=[d.ContainerHostArgs(host="far", ip="10.213.30.77")],
            log_driver="json-file",
            log_opts={"max-size": "1m"},
            init=True,
        )

    assert lab.up(declare).status == "succeeded"

    found = client.inspect_container(lab.name("app"))
    host, config = found["HostConfig"], found["Config"]
    joined = found["NetworkSettings"]["Networks"]
    assert list(joined) == [lab.name("net")]
    assert joined[lab.name("net")]["IPAddress"] == "10.213.30.9"
    assert "desk" in joined[lab.name("net")]["Aliases"]
    assert host["RestartPolicy"]["Name"] == "no"
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (16 << 20, 16 << 20, 500_000_000)
    assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], ["CAP_CHOWN"])
    assert (config["StopTimeout"], config["StopSignal"], config["User"]) == (4, "SIGKILL", "65534:65534")
    assert exec_in(client, lab.name("app"), "stat", "-c", "%a %u:%g", "/cfg/deep/key") == "440 0:0"
    assert exec_in(client, lab.name("app"), "cat", "/cfg/deep/key") == "k"


def test_secrets_are_sealed_in_the_state_and_keep_their_ciphertext(lab: Lab) -> None:
    """The text is nowhere in the files; a change elsewhere leaves the ciphertext as it was; it reads back."""
    lab.up(small_stack("1", SUBNET))
    before = lab.resources()["app"]["inputs"]["uploads"][0]["content"]
    lab.up(small_stack("2", SUBNET))
    after = lab.resources()["app"]["inputs"]["uploads"][0]["content"]

    assert before == after
    assert lab.resources()["app"]["outputs"]["uploads"][0]["content"] == after
    texts = [path.read_text() for path in lab.root.rglob("*") if path.is_file()]
    assert len(texts) >= 3
    assert not any("the-very-secret-key" in text for text in texts)


def test_an_up_that_changes_nothing_leaves_the_file_as_it_was(lab: Lab) -> None:
    """Not a byte of the checkpoint differs, so callers can tell by its digest."""
    lab.up(small_stack("1", SUBNET))
    digest = engine.checkpoint_digest("bench", "dev", lab.backend)

    assert lab.up(small_stack("1", SUBNET)).changes == ()
    assert engine.checkpoint_digest("bench", "dev", lab.backend) == digest


def test_a_preview_writes_and_makes_nothing(lab: Lab, client: docker.APIClient) -> None:
    """All steps are foreseen, also those whose inputs are not known yet, and no file and no object is there."""

    def declare(w: Words) -> None:
        first = w.container("first")
        w.container("second", envs=[first.id.apply(lambda id_: f"FIRST={id_}")])

    foreseen = lab.preview(declare)

    assert ops(foreseen) == {"bench-dev": "create", "engine": "create", "first": "create", "second": "create"}
    assert list(lab.root.iterdir()) == []
    assert client.containers(all=True, filters={"label": f"{LABEL}={lab.owner()[1]}"}) == []


def test_a_job_that_fails_fails_the_up_and_is_tried_again(lab: Lab) -> None:
    """Its last lines are in the message, its secrets are not, and what needs it is not tried."""
    told = Told()

    def declare(script: str) -> Any:
        def program(w: Words) -> None:
            key = w.docker.ContainerUploadArgs(file="/key", content=w.pulumi.Output.secret("hush-hush-hush"))
            job = w.job("job", script, uploads=[key])
            w.container("app", w.pulumi.ResourceOptions(depends_on=[job]))

        return program

    failing = declare("seq 30; cat /key; exit 3")
    done = lab.up(failing, observer=told)

    assert done.status == "failed"
    (failure,) = done.failures
    assert failure.name == "job"
    assert "exit code 3" in failure.message
    assert "30" in failure.message.splitlines()
    assert "hush" not in failure.message
    assert ("failed", "job") in told.events
    assert "app" not in lab.resources()
    assert lab.resources()["job"]["initErrors"] == [failure.message]
    assert ops(lab.preview(failing)) == {"job": "replace", "app": "create"}
    assert lab.up(declare("true")).status == "succeeded"
    assert ops(lab.preview(declare("true"))) == {}


def test_a_container_that_ends_at_once_fails_the_up(lab: Lab) -> None:
    """It is not green for having been started, and the next up says so again."""

    def declare(w: Words) -> None:
        w.container("app", command=["sh", "-c", "echo no good; exit 4"])
        w.container("other")

    done = lab.up(declare)

    assert done.status == "failed"
    assert "no good" in done.failures[0].message
    assert "other" in lab.resources()
    assert lab.up(declare).status == "failed"


@pytest.mark.parametrize(("test", "word"), [("false", "unhealthy"), ("sleep 60", "not healthy within 2 s")])
def test_waiting_for_health(lab: Lab, test: str, word: str) -> None:
    """An unhealthy container fails as soon as it is known; one that does not say fails after the time given."""

    def declare(w: Words, test: str = test) -> None:
        check = w.docker.ContainerHealthcheckArgs(tests=["CMD-SHELL", test], interval="300ms", retries=1, timeout="30s")
        w.container("app", healthcheck=check, wait=True, wait_timeout=30 if test == "false" else 2)

    done = lab.up(declare)
    assert done.status == "failed"
    assert word in done.failures[0].message
    assert lab.up(lambda w: declare(w, "true")).status == "succeeded"


def test_what_is_not_ours_is_never_touched(lab: Lab, client: docker.APIClient) -> None:
    """A foreign volume of a wanted name stops the up before anything, also the preview says so."""
    client.create_volume(lab.name("data"), labels={LABEL: f"{lab.prefix}.another"})

    def declare(w: Words) -> None:
        w.network("net")
        w.volume("data")

    for operation in (lab.preview, lab.up):
        with pytest.raises(engine.NotOwned) as caught:
            operation(declare)
        assert (caught.value.kind, caught.value.name) == ("volume", lab.name("data"))
        assert caught.value.owner == f"{lab.prefix}.another"
    assert client.networks(names=[lab.name("net")]) == []


def test_protection_stops_before_anything_is_touched(lab: Lab, client: docker.APIClient) -> None:
    """Neither a replacement nor a delete, and the harmless part of the change is not made either."""
    lab.up(lambda w: w.volume("data", protected(w)))

    def replacing(w: Words) -> None:
        w.network("net")
        w.volume("data", protected(w), driver_opts={"type": "tmpfs", "device": "tmpfs"})

    for declare in (replacing, lambda w: w.network("net")):
        with pytest.raises(engine.Protected):
            lab.up(declare)
    assert client.networks(names=[lab.name("net")]) == []


def test_protection_of_a_dependant_counts(lab: Lab) -> None:
    """A protected container on a network that would be replaced stops the replacement."""

    def declare(subnet: str) -> Any:
        def program(w: Words) -> None:
            network = w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=subnet)])
            w.container("app", protected(w), networks_advanced=w.joined(network))

        return program

    lab.up(declare("10.213.31.0/24"))
    with pytest.raises(engine.Protected):
        lab.up(declare("10.213.32.0/24"))
    lab.destroy(with_data=True)


def test_retained_volumes_stay_and_are_taken_up_again(lab: Lab, client: docker.APIClient) -> None:
    """retainOnDelete forgets the volume; the same program adopts it with its data."""

    def declare(w: Words) -> None:
        w.volume("data", w.pulumi.ResourceOptions(retain_on_delete=True))

    lab.up(declare)
    made = client.inspect_volume(lab.name("data"))["CreatedAt"]
    gone = lab.up(lambda w: None)

    assert step_of(gone, "data").retained
    assert "data" not in lab.resources()
    assert lab.up(declare).status == "succeeded"
    assert client.inspect_volume(lab.name("data"))["CreatedAt"] == made


def test_vanished_and_stopped_objects_come_back(lab: Lab, client: docker.APIClient) -> None:
    """A removed container is made, a stopped one is started; preview says which, and so does survey."""

    def declare(w: Words) -> None:
        w.container("gone")
        w.container("still")
        w.container("asleep", must_run=False, start=False)

    lab.up(declare)
    client.remove_container(lab.name("gone"), force=True)
    client.stop(lab.name("still"), timeout=0)
    client.start(lab.name("asleep"))

    (surveyed,) = engine.survey("bench", lab.backend).stacks
    assert {(drift.name, drift.trouble) for drift in surveyed.drift} == {
        (lab.name("gone"), "missing"),
        (lab.name("still"), "not running"),
        (lab.name("asleep"), "running"),
    }
    foreseen = lab.preview(declare)
    assert ops(foreseen) == {"gone": "create", "still": "update", "asleep": "update"}
    assert step_of(foreseen, "still").diff == ("mustRun",)
    assert lab.up(declare).status == "succeeded"
    assert ops(lab.preview(declare)) == {}
    assert engine.survey("bench", lab.backend).stacks[0].drift == ()


def test_an_engine_that_does_not_answer_loses_nothing(lab: Lab) -> None:
    """EngineUnreachable names the host, the state stays, and survey counts nothing as gone."""
    lab.up(lambda w: w.volume("data"))
    checkpoint = lab.backend.checkpoint("bench", "dev")
    lab.host = "unix:///run/no-such-engine.sock"
    text = checkpoint.read_text()

    with pytest.raises(engine.EngineUnreachable, match="no-such-engine"):
        lab.up(lambda w: w.volume("data"))
    assert checkpoint.read_text() == text
    checkpoint.write_text(text.replace("unix:///var/run/docker.sock", lab.host))
    (surveyed,) = engine.survey("bench", lab.backend).stacks
    assert (surveyed.unreachable, surveyed.drift) == (lab.host, ())


def test_two_ups_on_one_stack(lab: Lab) -> None:
    """Exactly one works, the other is told who holds the lock; afterwards there is no lock."""
    results: list[str] = []
    together = threading.Barrier(2)

    def declare(w: Words) -> None:
        w.job("job", "sleep 1")

    def work() -> None:
        together.wait()
        try:
            results.append(lab.up(declare).status)
        except engine.Locked as locked:
            results.append("locked" if locked.pid else "locked by nobody")

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["locked", "succeeded"]
    assert list(lab.backend.locks("bench", "dev").iterdir()) == []


def test_two_stacks_at_once(lab: Lab, client: docker.APIClient) -> None:
    """Programs in threads of one process do not mix."""
    stacks = ("one", "two", "three")
    outcomes: dict[str, engine.Outcome] = {}

    def work(stack: str) -> None:
        outcomes[stack] = lab.up(lambda w: w.container(f"app-{stack}", envs=[f"WHO={stack}"]), stack)

    threads = [threading.Thread(target=work, args=(stack,)) for stack in stacks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {stack: outcome.status for stack, outcome in outcomes.items()} == dict.fromkeys(stacks, "succeeded")
    for stack in stacks:
        found = client.inspect_container(lab.name(f"app-{stack}"))["Config"]
        assert found["Labels"][LABEL] == lab.owner(stack)[1]
        assert f"WHO={stack}" in found["Env"]


def test_interrupted(lab: Lab) -> None:
    """What runs ends and is recorded, nothing new begins, and the next up goes on."""
    stop = threading.Event()

    class Stopping(Told):
        """An observer that asks to stop as soon as something begins."""

        def step_started(self, stack: str, step: Any) -> None:
            """Ask to stop."""
            stop.set()

    def declare(w: Words) -> None:
        first = w.job("first", "sleep 0.2")
        w.container("second", w.pulumi.ResourceOptions(depends_on=[first]))

    done = lab.up(declare, observer=Stopping(), stop=stop)

    assert done.status == "interrupted"
    assert "first" in lab.resources()
    assert "second" not in lab.resources()
    assert ops(lab.up(declare)) == {"second": "create"}


def test_destroy_keeps_data_unless_told(lab: Lab, client: docker.APIClient) -> None:
    """Without data the protected volume stays with what its record needs; with data all goes."""
    lab.up(small_stack("1", SUBNET))

    foreseen = engine.destroy_preview("bench", "dev", lab.backend, with_data=False)
    done = lab.destroy(with_data=False)
    assert ops(foreseen) == ops(done) == {"job": "delete", "app": "delete", "net": "delete"}
    assert set(lab.resources()) == {"bench-dev", "engine", "data"}
    client.inspect_volume(lab.name("data"))
    assert ops(lab.up(small_stack("1", SUBNET))) == {"job": "create", "app": "create", "net": "create"}
    assert lab.destroy(with_data=True).status == "succeeded"
    assert lab.resources() == {}
    assert client.volumes(filters={"name": lab.name("data")})["Volumes"] in (None, [])


def test_destroy_leaves_foreign_objects_alone(lab: Lab, client: docker.APIClient) -> None:
    """A volume that somebody else has made under a recorded name is not deleted."""
    lab.up(lambda w: w.volume("data"))
    client.remove_volume(lab.name("data"))
    client.create_volume(lab.name("data"), labels={LABEL: f"{lab.prefix}.another"})

    with pytest.raises(engine.NotOwned):
        lab.destroy(with_data=True)
    client.inspect_volume(lab.name("data"))


def test_stopping_is_graceful(lab: Lab, client: docker.APIClient) -> None:
    """The stop signal is given and waited for before the container goes."""
    script = "trap 'echo bye > /data/last; exit 0' TERM; while :; do sleep 0.1; done"

    def declare(w: Words) -> None:
        volume = w.volume("data", protected(w))
        w.container("app", command=["sh", "-c", script], stop_signal="SIGTERM", mounts=w.mounted(volume))

    lab.up(declare)
    lab.destroy(with_data=False)
    binds = client.create_host_config(binds=[f"{lab.name('data')}:/data"])
    reader = client.create_container(IMAGE, ["cat", "/data/last"], labels={LABEL: lab.owner()[1]}, host_config=binds)
    client.start(reader)
    client.wait(reader)
    assert client.logs(reader) == b"bye\n"


@pytest.mark.parametrize(
    ("how", "subject"),
    [
        ({"privileged": True}, "privileged"),
        ({"logs": True}, "logs=True"),
        ({"wait": True}, "wait without a healthcheck"),
        ({"mounts": "labels"}, "mounts.volumeOptions"),
        ({"networks": "host"}, "networkMode host"),
    ],
)
def test_what_is_not_implemented_is_refused_by_name(lab: Lab, how: dict[str, Any], subject: str) -> None:
    """Never ignored."""

    def declare(w: Words) -> None:
        given = dict(how)
        if given.pop("mounts", None):
            options = w.docker.ContainerMountVolumeOptionsArgs(no_copy=True)
            given["mounts"] = [
                w.docker.ContainerMountArgs(type="volume", source="v", target="/v", volume_options=options)
            ]
        if given.pop("networks", None):
            given |= {"network_mode": "host", "networks_advanced": w.joined("somewhere")}
        w.container("app", **given)

    with pytest.raises(engine.Unsupported, match=subject):
        lab.preview(declare)


def test_options_that_are_not_implemented_are_refused_by_name(lab: Lab) -> None:
    """Each resource option outside of what the engine does, a foreign type, and the default provider."""

    def with_option(**option: Any) -> Any:
        return lambda w: w.volume("data", w.pulumi.ResourceOptions(**option))

    def default_provider(w: Words) -> None:
        w.docker.Volume("data", name="data")

    cases = {
        "import": with_option(import_="x"),
        "customTimeouts": lambda w: with_option(custom_timeouts=w.pulumi.CustomTimeouts(create="1m"))(w),
        "deleteBeforeReplace": with_option(delete_before_replace=False),
        "default Docker provider": default_provider,
        "remoteImage": lambda w: w.docker.RemoteImage("i", name="x", opts=w.options()),
        "getNetwork": lambda w: w.docker.get_network(name="bridge"),
    }
    for subject, declare in cases.items():
        with pytest.raises(engine.Unsupported, match=subject):
            lab.preview(declare)


def test_a_missing_image_is_named(lab: Lab) -> None:
    """Nothing is pulled."""
    done = lab.up(lambda w: w.container("app", image="no.such/image:ever"))

    assert "no.such/image:ever is not on the engine" in done.failures[0].message


def test_a_bug_of_the_program_comes_through(lab: Lab) -> None:
    """The exception of the program is raised as it is, and nothing is made."""

    def declare(w: Words) -> None:
        w.volume("data")
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        lab.up(declare)
    assert not lab.backend.checkpoint("bench", "dev").exists()


def test_outputs(lab: Lab) -> None:
    """Outputs of the stack are recorded, secret ones sealed, and applies on ids see the real ones."""

    def declare(w: Words) -> None:
        app = w.container("app", w.pulumi.ResourceOptions(additional_secret_outputs=["hostname"]), command=FOREVER)
        w.pulumi.export("short", app.id.apply(lambda id_: id_[:12]))
        w.pulumi.export("hidden", w.pulumi.Output.secret("hide me"))

    lab.up(declare)
    stack, app = lab.resources()["bench-dev"], lab.resources()["app"]
    assert stack["outputs"]["short"] == app["id"][:12]
    assert stack["outputs"]["hidden"]["ciphertext"].startswith("v1:")
    assert app["additionalSecretOutputs"] == ["hostname"]


@pytest.mark.parametrize("operation", ["replace", "delete", "destroy"])
def test_a_network_that_others_use_is_not_taken_away(lab: Lab, operation: str) -> None:
    """The containers of other stacks are named, and nothing is touched, not even our own container on it."""

    def declare(subnet: str) -> Any:
        def program(w: Words) -> None:
            network = w.network("net", ipam_configs=[w.docker.NetworkIpamConfigArgs(subnet=subnet)])
            w.container("ours", networks_advanced=w.joined(network))

        return program

    lab.up(declare("10.213.33.0/24"))
    lab.up(lambda w: w.container("theirs", networks_advanced=w.joined(lab.name("net"))), "other")

    with pytest.raises(engine.InUse, match=lab.name("theirs")):
        if operation == "destroy":
            lab.destroy(with_data=True)
        else:
            lab.up(declare("10.213.34.0/24") if operation == "replace" else (lambda w: None))
    assert ops(lab.preview(declare("10.213.33.0/24"))) == {}
