"""Settings of the write-back service."""

from pydantic import Field

from shared.settings import CommonSettings


class WritebackSettings(CommonSettings):
    port: int = 8083
    writeback_prefetch: int = Field(32, ge=1, description="how many write-backs run at once in this process")
