"""What fails before the first byte is an answer; a broken one would be kept by caches and shown by browsers."""

from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request

from chat_service.files.delivery import Delivery
from chat_service.files.service import StoredFile
from shared.errors import NotFound, Problem, Unavailable

FILE = StoredFile("ab/cd", "a.txt", "text/plain", 6, '"etag"')


class Broken:
    """A storage that fails when it is asked for the first bytes."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def read(self, _key: str, _start: int, _end: int) -> AsyncIterator[bytes]:
        raise self._error
        yield b""


@pytest.mark.parametrize(("error", "told"), [(Unavailable(), Unavailable), (FileNotFoundError(), NotFound)])
async def test_a_file_that_cannot_be_read_is_told(error: Exception, told: type[Problem]) -> None:
    request = Request({"type": "http", "method": "GET", "headers": []})
    with pytest.raises(told):
        await Delivery(Broken(error), by_gateway=False).answer(request, FILE)  # type: ignore[arg-type]
