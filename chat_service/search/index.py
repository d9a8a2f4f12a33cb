"""PostgreSQL's index for search, which new messages join in two steps (docs/adr/0017)."""

import structlog
from sqlalchemy import BigInteger, text
from sqlalchemy.exc import DBAPIError

from shared.background import Repeating
from shared.database import Database

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0
NOT_PERMITTED = "42501"
# Null where there is no such index: `to_regclass` looks it up without failing.
TIDY = text("SELECT gin_clean_pending_list(to_regclass('ix_messages_search')) AS pages").columns(pages=BigInteger)


class SearchIndex:
    """Sorts in what was sent lately. Left alone, PostgreSQL does that in the middle of somebody's send."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_ours = True
        self._tidying = Repeating("search index", self.tidy, every=EVERY_SECONDS)

    async def start(self) -> None:
        """Begin."""
        if not self._database.is_sqlite:
            await self._tidying.start()

    async def stop(self) -> None:
        """End."""
        await self._tidying.stop()

    async def tidy(self) -> None:
        """Sort in, if the index is this role's own."""
        if not self._is_ours:
            return
        try:
            await self._database.fetch(TIDY, {})
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != NOT_PERMITTED:
                raise
            self._is_ours = False
            log.warning("the search index is another role's: PostgreSQL sorts in by itself", error=repr(error))
