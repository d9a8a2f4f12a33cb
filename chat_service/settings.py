"""Settings of chat_service, besides those that both services read."""

from functools import cached_property
from typing import Literal

from pydantic import Field

from shared.settings import OptionalText, ServiceSettings


class ChatSettings(ServiceSettings):
    """Where files go and how many bytes they may have."""

    storage_url: OptionalText = None
    accel_redirect: Literal["on", "off"] = "off"
    max_upload_bytes: int = Field(25 * 1024 * 1024, ge=1)
    user_quota_bytes: int = Field(2 * 1024**3, ge=1)

    @cached_property
    def resolved_storage_url(self) -> str:
        """`STORAGE_URL`, or a folder in `DATA_DIR`."""
        return self.storage_url or f"file://{(self.data_dir / 'files').resolve()}"
