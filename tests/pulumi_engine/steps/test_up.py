"""Up and preview on the real engine: making, waiting, failing, recording."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from tests.pulumi_engine.lab import FOREVER, LABEL, Lab, Told, Words, ops
from tests.pulumi_engine.programs import small_stack

from moothall import pulumi_engine
from moothall.model.engines import Endpoint
from moothall.pulumi_engine.provider.engine import connect

if TYPE_CHECKING:
    import docker

pytestmark = pytest.mark.live


def exec_in(client: docker.APIClient, container: str, *words: str) -> str:
    """What a command inside a container prints."""
    made = client.exec_create(container, list(words), user="0")
    return str(client.exec_start(made).decode().strip())


def test_everything_is_made_as_asked(lab: Lab, client: docker.APIClient) -> None:
    """Networks with alias and address, files of an uploader for a read-only container, root:root with their mode."""

    gateway, own, far = (str(ip_network(lab.subnet(1))[host]) for host in (1, 9, 12))

    def declare(w: Words) -> None:
        d = w.docker
        config = d.NetworkIpamConfigArgs(subnet=w.subnet(1), gateway=gateway)
        network = w.network("net", ipam_configs=[config], internal=True)
        upload = d.ContainerUploadArgs(file="/cfg/deep/key", content="k\n", permissions="0440")
        volume, uploader = w.uploaded("files", [upload])
        w.container(
            "app",
            w.pulumi.ResourceOptions(depends_on=[uploader]),
            networks_advanced=w.joined(network, aliases=["desk"], ipv4_address=own),
            mounts=w.mounted(volume, "/cfg", read_only=True),
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
            hosts=[d.ContainerHostArgs(host="far", ip=far)],
            log_driver="json-file",
            log_opts={"max-size": "1m"},
            init=True,
        )

    assert lab.up(declare).status == "succeeded"

    found = client.inspect_container(lab.name("app"))
    host, config = found["HostConfig"], found["Config"]
    joined = found["NetworkSettings"]["Networks"]
    assert list(joined) == [lab.name("net")]
    assert joined[lab.name("net")]["IPAddress"] == own
    assert "desk" in joined[lab.name("net")]["Aliases"]
    assert host["RestartPolicy"]["Name"] == "no"
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"]) == (16 << 20, 16 << 20, 500_000_000)
    assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], ["CAP_CHOWN"])
    assert (config["StopTimeout"], config["StopSignal"], config["User"]) == (4, "SIGKILL", "65534:65534")
    assert exec_in(client, lab.name("app"), "stat", "-c", "%a %u:%g", "/cfg/deep/key") == "440 0:0"
    assert exec_in(client, lab.name("app"), "cat", "/cfg/deep/key") == "k"


def test_secrets_are_sealed_in_the_state_and_keep_their_ciphertext(lab: Lab) -> None:
    """The text is nowhere in the files; a change elsewhere leaves the ciphertext as it was; it reads back."""
    lab.up(small_stack("1", lab.subnet(1)))
    before = lab.resources()["cfg"]["inputs"]["uploads"][0]["content"]
    lab.up(small_stack("2", lab.subnet(1)))
    after = lab.resources()["cfg"]["inputs"]["uploads"][0]["content"]

    assert before == after
    assert lab.resources()["cfg"]["outputs"]["uploads"][0]["content"] == after
    texts = [path.read_text() for path in lab.root.rglob("*") if path.is_file()]
    assert len(texts) >= 3
    assert not any("the-very-secret-key" in text for text in texts)


def test_an_up_that_changes_nothing_leaves_the_file_as_it_was(lab: Lab) -> None:
    """Not a byte of the checkpoint differs, so callers can tell by its digest."""
    lab.up(small_stack("1", lab.subnet(1)))
    digest = pulumi_engine.checkpoint_digest("bench", "dev", lab.backend)

    assert lab.up(small_stack("1", lab.subnet(1))).changes == ()
    assert pulumi_engine.checkpoint_digest("bench", "dev", lab.backend) == digest


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


@pytest.mark.parametrize("end", ["", "echo; echo the end;"])
def test_a_job_that_writes_without_end_is_not_quoted_without_end(lab: Lab, end: str) -> None:
    """Of its last lines those are quoted that are whole in so many characters."""
    endless = f"head -c 3000000 /dev/zero | tr '\\0' x; {end} exit 3"

    (failure,) = lab.up(lambda w: w.job("job", endless)).failures

    assert failure.message.splitlines()[1:] == (["the end"] if end else [])


def test_how_a_container_ended_can_be_asked(lab: Lab, client: docker.APIClient) -> None:
    """One that runs, never ran or is gone has not ended."""

    def declare(w: Words) -> None:
        w.job("job", "exit 0")
        w.container("app")
        w.container("idle", start=False, must_run=False)

    lab.up(declare)
    engine_ = connect(Endpoint(lab.host))
    codes = {name: engine_.exit_code(lab.resources()[name]["id"]) for name in ("job", "app", "idle")}
    client.stop(lab.resources()["app"]["id"], timeout=0)

    assert codes == {"job": 0, "app": None, "idle": None}
    assert engine_.exit_code(lab.resources()["app"]["id"]) == 137
    assert engine_.exit_code("nobody") is None


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
