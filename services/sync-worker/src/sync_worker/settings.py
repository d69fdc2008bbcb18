"""Settings of this service, from the environment."""

from typing import Self

from pydantic import Field, model_validator

from shared.settings import CommonSettings
from shared.tasks import Lane


class Settings(CommonSettings):
    port: int = 8082
    sync_concurrency: int = Field(
        16, ge=0, le=200, description="live tasks run at once in this process; 0: it leaves them to others"
    )
    bulk_concurrency: int = Field(
        4,
        ge=0,
        le=200,
        description="tasks of imports run at once in this process; 0: it leaves them to others",
    )
    crm_requests_per_second: float = Field(
        45, gt=0, le=50, description="for one API key in this process; Engage asks to stay below 50 in all"
    )
    crm_read_timeout_s: float = Field(20, gt=0, le=60, description="how long the CRM may take to answer")
    public_ingest_url: str | None = Field(
        None, description="where shops reach the ingest, e.g. https://hooks.example.com"
    )
    erasure_second_look_s: float = Field(
        3600, ge=0, le=3600, description="how long after an erasure what was on its way is looked for"
    )

    @model_validator(mode="after")
    def _runs_something(self) -> Self:
        if not self.sync_concurrency and not self.bulk_concurrency:
            raise ValueError("SYNC_CONCURRENCY and BULK_CONCURRENCY cannot both be 0")
        return self

    @property
    def lanes(self) -> dict[Lane, int]:
        """What this process consumes, and how much of it at once."""
        wanted = {Lane.SYNC: self.sync_concurrency, Lane.SYNC_BULK: self.bulk_concurrency}
        return {lane: count for lane, count in wanted.items() if count}
