"""Programs that more than one test file uses."""

from __future__ import annotations

from tests.pulumi_engine.lab import Declare, Words


def small_stack(env: str, subnet: str) -> Declare:
    """A network, a protected volume, a service with a secret file on both, which an uploader gives it, and a job."""

    def declare(w: Words) -> None:
        d = w.docker
        network = w.network("net", ipam_configs=[d.NetworkIpamConfigArgs(subnet=subnet)])
        volume = w.volume("data", w.pulumi.ResourceOptions(protect=True, retain_on_delete=True))
        secret = d.ContainerUploadArgs(file="/cfg/key", content=w.pulumi.Output.secret("the-very-secret-key"))
        files, uploader = w.uploaded("cfg", [secret])
        service = w.container(
            "app",
            w.pulumi.ResourceOptions(depends_on=[uploader]),
            envs=[f"A={env}"],
            read_only=True,
            networks_advanced=w.joined(network, aliases=["app"]),
            mounts=[*w.mounted(volume), *w.mounted(files, "/cfg", read_only=True)],
        )
        w.job(
            "job", f"echo {env} >> /data/runs", w.pulumi.ResourceOptions(depends_on=[service]), mounts=w.mounted(volume)
        )
        w.pulumi.export("app", service.name)

    return declare
