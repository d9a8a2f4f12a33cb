"""Files as clients see them, besides `Attachment`, which belongs to messages."""

from shared.schemas import Schema


class Limits(Schema):
    """What one may upload: a file, how many in one message, and all together, in bytes."""

    max_upload_bytes: int
    max_files: int
    quota_bytes: int
    used_bytes: int
    """With what is still coming in."""
