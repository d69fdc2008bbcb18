"""Settings of the recorder process."""

from pydantic import Field

from shared.settings import CommonSettings


class RecorderSettings(CommonSettings):
    port: int = 8085
    recorder_prefetch: int = Field(2_000, ge=1, description="messages held at once, at most")
    recorder_batch_size: int = Field(4_000, ge=1, description="transitions after which a batch is written")
    recorder_batch_wait_ms: float = Field(20, ge=0, description="how long a batch waits for more transitions")
    payload_retention_days: int = Field(30, ge=3, description="received data, requests and answers")
    log_retention_days: int = Field(180, ge=3, description="events and tasks")
    inbox_retention_days: int = Field(30, ge=3, description="what tells a repeated message from a new one")
    minute_counts_retention_days: int = Field(
        60, ge=1, description="statistics by minute, what silence is learned from; those by hour stay"
    )
    api_calls_retention_days: int = Field(
        30, ge=1, description="calls to other systems by minute: what the health of connections is told from"
    )
    partition_days_ahead: int = Field(14, ge=3, description="days whose partitions exist before they begin")
