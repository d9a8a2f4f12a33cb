"""search reads an index of chunks, which join it later, instead of one that every message joined when it was sent"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

HAS_TRIGRAMS = text("SELECT true FROM pg_extension WHERE extname = 'pg_trgm'")
OF_TRIGRAMS = "CREATE INDEX {} ON {} USING gin ({} gin_trgm_ops) WITH (gin_pending_list_limit = 65536)"


def _has_trigrams() -> bool:
    return op.get_bind().dialect.name == "postgresql" and op.get_bind().scalar(HAS_TRIGRAMS) is not None


def upgrade() -> None:
    op.create_table(
        "search_chunks",
        sa.Column("first_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("low_id", sa.BigInteger(), nullable=False),
        sa.Column("high_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("first_id", name=op.f("pk_search_chunks")),
    )
    op.create_index("ix_search_chunks_low", "search_chunks", ["low_id", "first_id"])
    op.create_index("ix_search_chunks_high", "search_chunks", ["high_id", "first_id"])
    progress = op.create_table(
        "search_progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("until_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_progress")),
    )
    op.bulk_insert(progress, [{"id": 1, "until_id": 0}])  # what there is already joins when the service runs
    if _has_trigrams():
        op.execute(OF_TRIGRAMS.format("ix_search_chunks_text", "search_chunks", "text"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX IF EXISTS ix_messages_search")


def downgrade() -> None:
    if _has_trigrams():
        op.execute(OF_TRIGRAMS.format("ix_messages_search", "messages", "search_text"))
    op.drop_table("search_progress")
    op.drop_table("search_chunks")
