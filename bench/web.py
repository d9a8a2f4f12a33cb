"""The load generator's HTTP: one request at a time on one kept-alive connection, as little work as possible."""

import asyncio
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode


class Answer:
    """A status, headers (lower case) and a body."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:  # noqa: ANN401 -- JSON is anything
        """The body, which must be that of a success."""
        assert self.status < 300, f"{self.status} {self.body[:200]!r}"
        return json.loads(self.body)


class Web:
    """A connection to a port of this machine."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._port = port
        self._common = f"Host: 127.0.0.1:{port}\r\n" + (f"Authorization: Bearer {token}\r\n" if token else "")

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    async def get(self, path: str) -> Answer:
        """GET."""
        return await self.request("GET", path)

    async def post_json(self, path: str, value: object) -> Answer:
        """POST JSON."""
        return await self.request("POST", path, json.dumps(value).encode(), "application/json")

    async def post_form(self, path: str, fields: dict[str, str], *, address: str = "") -> Answer:
        """POST a form, as a proxy does for a client of that address."""
        body = urlencode(fields).encode()
        return await self.request("POST", path, body, "application/x-www-form-urlencoded", address=address)

    async def request(
        self, method: str, path: str, body: bytes = b"", kind: str = "", *, keep: bool = True, address: str = ""
    ) -> Answer:
        """The answer; without `keep` its body is read and thrown away, and only its length is told in the headers."""
        about = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if method != "GET" else ""
        if address:
            about += f"X-Forwarded-For: {address}\r\n"
        self._writer.write(f"{method} {path} HTTP/1.1\r\n{self._common}{about}\r\n".encode())
        if body:
            self._writer.write(body)
            await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = dict(_header(line) for line in head[1:] if line)
        length = int(headers.get("content-length", "0"))
        if keep:
            return Answer(status, headers, await self._reader.readexactly(length))
        while length > 0:
            part = await self._reader.read(min(length, 1 << 20))
            assert part, "the connection ended within a body"
            length -= len(part)
        return Answer(status, headers, b"")


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
