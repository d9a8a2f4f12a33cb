"""last messages are looked up: to keep them changed two rows with every message"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LAST = """
UPDATE conversations SET last_message_id = (
    SELECT max(id) FROM messages
    WHERE low_id = CASE WHEN user_id < peer_id THEN user_id ELSE peer_id END
    AND high_id = CASE WHEN user_id < peer_id THEN peer_id ELSE user_id END
)
"""


def upgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("last_message_id")


def downgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_message_id", sa.BigInteger(), nullable=True))
    op.execute(LAST)
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.alter_column("last_message_id", existing_type=sa.BigInteger(), nullable=False)
