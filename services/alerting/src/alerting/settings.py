"""Settings of the alerting service."""

from pydantic import Field

from shared.settings import CommonSettings


class AlertingSettings(CommonSettings):
    port: int = 8084
    watch_interval_s: float = Field(15, gt=0, description="how often the queues are looked at")
    public_ingest_url: str | None = Field(
        None, description="where shops reach the ingest: tells which of their subscriptions are ours"
    )
