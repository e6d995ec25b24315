"""Pulumi's host of Python programs, for its CLI in somebody's hands (`pulumi … --client 127.0.0.1:PORT`).

The host that comes with the CLI is no part of its Go module; this is the one that Pulumi's SDK has for its Automation
API, which runs the same program the same way. `python language_host.py PROGRAM` prints its port, and serves until its
input ends.
"""

from __future__ import annotations

import runpy
import sys
from concurrent import futures

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc


def main(program: str) -> None:
    """Serve a program on a free port of this machine."""
    server = grpc.server(futures.ThreadPoolExecutor(4))
    host = LanguageServer(lambda: runpy.run_path(program, run_name="__main__"))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(None)


if __name__ == "__main__":
    main(sys.argv[1])
