"""A list that is read while messages come tells of one moment.

Otherwise it counts a message as unread that its `last_message` does not know of yet, and a client that then gets the
event of that message counts it again.
"""

import asyncio
from random import Random

from tests.delivery.party import Party, chat_urls, new_client_id
from tests.harness.servers import Embedded, Stack

MESSAGES = 60
READERS = 3


async def test_a_list_of_conversations_is_of_one_moment(site: Embedded | Stack, people: Party) -> None:
    ann, bob = await people.join(), await people.join()
    is_over = asyncio.Event()
    different: list[tuple[str, int]] = []

    async def write() -> None:
        for number in range(1, MESSAGES + 1):
            body = {
                "receiver_id": bob.id,
                "text": str(number),
                "client_id": new_client_id(Random(f"{ann.id} {number}")),
            }
            await ann.api.call("POST", "/api/messages", json=body)
        is_over.set()

    async def read(url: str) -> int:
        count = 0
        while not is_over.is_set():
            for item in (await bob.get(f"{url}/api/conversations"))["items"]:
                count += 1
                if item["last_message"]["text"] != str(item["unread_count"]):
                    different.append((item["last_message"]["text"], item["unread_count"]))
        return count

    urls = chat_urls(site)
    reading = [asyncio.create_task(read(urls[number % len(urls)])) for number in range(READERS)]
    await write()
    reads = sum(await asyncio.gather(*reading))

    assert reads > MESSAGES / 10
    assert not different, f"{len(different)} of {reads}: (number of the last message, unread)"
