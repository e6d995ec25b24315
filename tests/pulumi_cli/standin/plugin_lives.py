"""Containers from their making to their end: what they are made from, and what is changed in them."""

from __future__ import annotations

from typing import Any

NAME = "mhe-plugin"
LIVES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as it is": ({}, {}),
    "memory": ({"memory": 16, "memorySwap": 16}, {"memory": 24, "memorySwap": 24}),
    "memory gone": ({"memory": 16, "memorySwap": 16}, {}),
    "memory without swap": ({"memory": 16}, {"memory": 24}),
    "memory over swap": ({"memory": 16, "memorySwap": 16}, {"memory": 24, "memorySwap": 16}),
    "swap without a limit": ({"memory": 16, "memorySwap": 16}, {"memory": 16, "memorySwap": -1}),
    "shares": ({"cpuShares": 5}, {"cpuShares": 7}),
    "shares gone": ({"cpuShares": 5}, {}),
    "reservation": ({}, {"memoryReservation": 8}),
    "restart": ({}, {"restart": "on-failure", "maxRetryCount": 2}),
    "put to sleep": ({}, {"mustRun": False, "start": False}),
    "woken": ({"mustRun": False, "start": False}, {}),
    "must run, is not started": ({"mustRun": False, "start": False}, {"start": False}),
    "grace": ({}, {"destroyGraceSeconds": 3}),
    "health": ({"healthcheck": {"tests": ["CMD", "true"], "interval": "5s"}}, {}),
    "health's times": (
        {"healthcheck": {"tests": ["CMD", "true"], "interval": "5s", "timeout": "90s", "startPeriod": "1h"}},
        {"healthcheck": {"tests": ["CMD", "true"], "interval": "7s", "timeout": "1500ms"}},
    ),
    "tmpfs": ({"tmpfs": {"/run": "size=1m"}}, {"tmpfs": {"/run": "size=2m"}}),
    "init": ({}, {"init": True}),
    "mounts": (
        {"mounts": [{"type": "volume", "source": f"{NAME}-1", "target": "/a"}]},
        {"mounts": [{"type": "volume", "source": f"{NAME}-2", "target": "/a", "readOnly": True}]},
    ),
    "sets": (
        {
            "dnsOpts": ["timeout:1", "attempts:1"],
            "envs": ["B=1", "A=1"],
            "groupAdds": ["9", "7"],
            "securityOpts": ["no-new-privileges"],
            "ulimits": [{"name": "nofile", "hard": 64, "soft": 64}],
            "hosts": [{"host": "a", "ip": "1.1.1.1"}],
        },
        {"dnsOpts": ["attempts:1", "timeout:1"], "envs": ["A=1", "B=1"], "destroyGraceSeconds": 1},
    ),
    "abilities": ({"capabilities": {"adds": ["CHOWN"], "drops": ["ALL"]}}, {"capabilities": {"drops": ["ALL"]}}),
    "files": (
        {"uploads": [{"file": "/tmp/a", "content": "a"}, {"file": "/new/b", "content": "b", "permissions": "0440"}]},
        {"uploads": [{"file": "/tmp/a", "content": "c"}]},
    ),
    "a port": ({"ports": [{"internal": 80, "external": 45231, "ip": "127.0.0.1"}]}, {}),
    "a job": ({"command": ["true"], "attach": True, "mustRun": False}, {"attach": False, "mustRun": False}),
    "a job that fails": ({"command": ["sh", "-c", "exit 3"], "attach": True, "mustRun": False}, {"mustRun": False}),
    "many": (
        {"user": "1000", "workingDir": "/tmp", "shmSize": 8, "cpus": "0.5", "stopTimeout": 3, "readOnly": True},
        {"sysctls": {"net.ipv4.ip_forward": "0"}, "logOpts": {"max-size": "1m"}, "hostname": "host"},
    ),
    "no command": ({"command": ["nonesuch"]}, {}),
    "no network": ({"networksAdvanced": [{"name": f"{NAME}-none"}]}, {}),
    "files below a read-only root": ({"readOnly": True, "uploads": [{"file": "/tmp/a", "content": "a"}]}, {}),
    "an empty file": ({"uploads": [{"file": "/tmp/a", "content": ""}]}, {}),
    "health is waited for": ({"wait": True, "healthcheck": {"tests": ["CMD", "true"], "interval": "1s"}}, {}),
    "health that never comes": (
        {"wait": True, "waitTimeout": 2, "healthcheck": {"tests": ["CMD", "false"], "interval": "1s"}},
        {},
    ),
    "no health": ({"wait": True}, {}),
}
