"""an index for search, on PostgreSQL"""

import structlog
from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

log = structlog.get_logger(__name__)
IS_AVAILABLE = text("SELECT true FROM pg_available_extensions WHERE name = 'pg_trgm'")


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    if op.get_bind().scalar(IS_AVAILABLE) is None:
        log.warning("search reads every message: the extension pg_trgm is missing", advice="docs/operations.md")
        return
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # a trusted one: the database's owner may
    except ProgrammingError as error:
        log.warning(
            "search reads every message: pg_trgm is not allowed", error=repr(error), advice="docs/operations.md"
        )
        return
    op.create_index(
        "ix_messages_search",
        "messages",
        ["search_text"],
        postgresql_using="gin",
        postgresql_ops={"search_text": "gin_trgm_ops"},
        postgresql_with={"gin_pending_list_limit": 65536},
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX IF EXISTS ix_messages_search")
