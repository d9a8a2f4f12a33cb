"""conversations changed in place: no index by the last message, which every message changes twice, and room on pages"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = "ix_conversations_newest"


def upgrade() -> None:
    op.drop_index(INDEX, table_name="conversations")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE conversations SET (fillfactor = 70)")  # of pages that are yet to come


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE conversations RESET (fillfactor)")
    op.create_index(INDEX, "conversations", ["user_id", "last_message_id"])
