"""Settings of the write-back service, from the environment."""

from pydantic import Field

from shared.settings import CommonSettings


class WritebackSettings(CommonSettings):
    port: int = 8083
    writeback_prefetch: int = Field(32, ge=1, description="how many write-backs run at once in this process")
    writeback_bulk_prefetch: int = Field(
        4, ge=1, description="how many readings of orders and products run at once in this process"
    )
    target_read_timeout_s: float = Field(
        20, gt=0, le=60, description="how long a shop or marketplace may take to answer"
    )
