"""no journal_heads: a journal's head is the number of its newest event, and people are locked without rows"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("journal_heads")


def downgrade() -> None:
    op.create_table(
        "journal_heads",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_journal_heads")),
    )
    op.execute("INSERT INTO journal_heads (user_id, seq) SELECT user_id, max(seq) FROM journal_events GROUP BY user_id")
