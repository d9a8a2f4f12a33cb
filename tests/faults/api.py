"""One person's REST calls, with the three outcomes that matter: it is so, it is refused, nobody knows."""

from typing import Any

import httpx2

from tests.faults.history import History

SECONDS = 5.0


class Unknown(Exception):
    """No answer, or one that leaves open whether it happened. To try again is safe."""


class Refused(Exception):
    """The server says no, and nothing has happened."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def open_http(base_url: str) -> httpx2.AsyncClient:
    """Connections that all people share; a proxy in the environment is not asked."""
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
    return httpx2.AsyncClient(base_url=base_url, timeout=SECONDS, limits=limits, trust_env=False)


class Api:
    """Calls as one person."""

    def __init__(self, http: httpx2.AsyncClient, history: History, token: str) -> None:
        self._http = http
        self._history = history
        self.headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of a 2xx (`None` without a body)."""
        try:
            response = await self._http.request(method, path, headers=self.headers, **options)
        except (httpx2.HTTPError, OSError) as error:
            self._history.statuses[type(error).__name__] += 1
            raise Unknown(type(error).__name__) from None
        status = response.status_code
        if status >= 500:
            self._history.statuses[str(status)] += 1
            raise Unknown(str(status))
        if status >= 400:
            code = str(response.json().get("code"))
            self._history.statuses[f"{status} {code}"] += 1
            raise Refused(code)
        return response.json() if response.content else None
