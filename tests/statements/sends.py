"""What the tests of the journal's statements send, alone or not."""

from uuid import UUID, uuid4

import pytest

from chat_service.messages.commands import Send

alone_or_not = pytest.mark.parametrize("count", [1, 3])


def hello(sender: int = 1, receiver: int = 2, client_id: UUID | None = None) -> Send:
    """A message."""
    return Send(sender, receiver, "Hello", client_id or uuid4())
