"""PostgreSQL's index for search, which messages join some time after they were sent (docs/adr/0019)."""

import structlog
from sqlalchemy import BigInteger, text
from sqlalchemy.exc import DBAPIError

from chat_service.search import chunks
from shared.background import Repeating
from shared.database import Database

log = structlog.get_logger(__name__)

EVERY_SECONDS = 2.0
NOT_PERMITTED = "42501"
# Whoever sends has a transaction's number before they have a message's id, because they lock people first.
SEEN = text(
    """
    SELECT (SELECT coalesce(max(id), 0) FROM messages) AS newest_id,
           (SELECT until_id FROM search_progress) AS until_id,
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS all_ended_before,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS none_begun_from
    """
).columns(newest_id=BigInteger, until_id=BigInteger, all_ended_before=BigInteger, none_begun_from=BigInteger)
# Null where there is no such index: `to_regclass` looks it up without failing.
TIDY = text("SELECT gin_clean_pending_list(to_regclass('ix_search_chunks_text')) AS pages").columns(pages=BigInteger)


class SearchIndex:
    """Makes chunks of messages, block by block; all processes do, in turns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = (0, 0)
        """The newest id when it was looked at last, and from where on no transaction had begun then."""
        self._settled_id = 0
        self._may_tidy = True
        self._adding = Repeating("search index", self.add, every=EVERY_SECONDS)

    async def start(self) -> None:
        """Begin."""
        if not self._database.is_sqlite:
            await self._adding.start()

    async def stop(self) -> None:
        """End."""
        await self._adding.stop()

    async def add(self) -> None:
        """Add all blocks that are complete."""
        if await self._is_due():
            while await self._add_block():
                await self._tidy()

    async def _is_due(self) -> bool:
        """Ids up to the newest are settled once all transactions that ran when it was seen have ended."""
        (now,) = await self._database.fetch(SEEN, {}, reads=True)
        newest_id, none_begun_from = self._seen
        if now.all_ended_before >= none_begun_from:
            self._settled_id = newest_id
            self._seen = now.newest_id, now.none_begun_from
        return bool(now.until_id + chunks.BLOCK <= self._settled_id)

    async def _add_block(self) -> bool:
        async with self._database.transaction() as connection:
            return await chunks.add_block(connection, self._settled_id)

    async def _tidy(self) -> None:
        """Sort in what was added, if the index is this role's own. Left alone, PostgreSQL does it much later."""
        if not self._may_tidy:
            return
        try:
            await self._database.fetch(TIDY, {})
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != NOT_PERMITTED:
                raise
            self._may_tidy = False
            log.warning("the search index is another role's: PostgreSQL sorts in by itself", error=repr(error))
