"""The process that decodes images, so that a hostile one can harm nothing else.

It is started as `python -m chat_service.files.decoder FD`.

Over the UNIX socket FD it gets a request (a line of JSON) with three open files: the source, where to write what will
be served, and the thumbnail. It answers with a line of JSON. It ends with the socket.
"""

import json
import os
import resource
import socket
import sys
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

from chat_service.files.images import Undecodable, convert

MAX_REQUEST_BYTES = 4096
MEMORY_BYTES = 2 * 1024**3
"""Of addresses, more than is ever in use: fifty million pixels take 200 MB, and an encoder twice that."""
LOWEST_PRIORITY = 19


def main() -> None:
    """Decode until the other end closes."""
    _confine()
    channel = socket.socket(fileno=int(sys.argv[1]))
    while True:
        request, descriptors, _, _ = socket.recv_fds(channel, MAX_REQUEST_BYTES, 3)
        if not request:
            return
        channel.sendall(json.dumps(_answer(json.loads(request), descriptors)).encode() + b"\n")


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    os.nice(LOWEST_PRIORITY)


def _answer(content_type: str, descriptors: list[int]) -> dict[str, Any] | None:
    with ExitStack() as files:
        source = files.enter_context(os.fdopen(descriptors[0], "rb"))
        target = files.enter_context(os.fdopen(descriptors[1], "wb"))
        thumbnail = files.enter_context(os.fdopen(descriptors[2], "wb"))
        try:
            return asdict(convert(source, target, thumbnail, content_type))
        except Undecodable:
            return None


if __name__ == "__main__":
    main()
