"""Settings of auth_service, besides those that both services read."""

from pydantic import Field, model_validator

from shared.settings import DAY, ServiceSettings


class AuthSettings(ServiceSettings):
    """How long sessions live. All times in seconds."""

    refresh_idle_seconds: int = Field(14 * DAY, ge=1)
    session_max_seconds: int = Field(90 * DAY, ge=1)
    refresh_grace_seconds: int = Field(10, ge=0, le=300)

    @model_validator(mode="after")
    def _idle_ends_first(self) -> "AuthSettings":
        if self.refresh_idle_seconds > self.session_max_seconds:
            raise ValueError("REFRESH_IDLE_SECONDS must not be longer than SESSION_MAX_SECONDS")
        return self
