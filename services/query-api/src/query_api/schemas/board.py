"""Statistics, missed webhooks and shops."""

from datetime import date

from pydantic import BaseModel, Field

from query_api.schemas.answer import Answer, RowId


class FiguresOut(BaseModel):
    total: int = Field(description="All tasks the log holds")
    succeeded: int = Field(description="Of them")
    failed: int = Field(description="Of them")
    cancelled: int = Field(description="Of them")
    today: int = Field(description="Tasks queued since midnight")
    succeeded_24h: int
    failed_24h: int = Field(description="Worth a red badge when it is not zero")
    error_rate_24h: float | None = Field(
        description="Failed out of all that ended in 24 hours. Null: none ended"
    )
    queued: int = Field(
        description="Waiting for their first attempt now; with `as_of`, what waited for whatever attempt"
    )
    processing: int = Field(description="Running now")
    retrying: int | None = Field(
        description="Waiting for another attempt now. Null: with `as_of` they are among `queued`"
    )


class NamedFigures(FiguresOut):
    name: str = Field(examples=["contact sync"])


class StatsAnswer(Answer):
    """Always of all the data there is, whatever lists are filtered by. With `as_of`: now, today and the last
    24 hours are those of that moment."""

    timezone: str = Field(description="Whose midnight `today` begins at; `shop`: each shop's own")
    failed_badge: int = Field(
        description="Failed in the 24 hours before now in all shops this token sees, whatever `shop` and "
        "`as_of` say: worth a red badge"
    )
    all_tasks: FiguresOut
    groups: list[NamedFigures]
    types: list[NamedFigures]


class MissedOut(BaseModel):
    """Changes in a shop that its webhooks did not tell; all of them were found and handed on."""

    shop: str = Field(description="The shop's domain")
    kind: str = Field(examples=["orders", "customers", "refunds", "fulfillments"])
    day: date = Field(description="When they were found (UTC)")
    count: int


class MissedAnswer(Answer):
    missed_webhooks: list[MissedOut]


class ShopOut(BaseModel):
    id: RowId
    domain: str
    name: str
    timezone: str
    is_active: bool


class ShopsAnswer(Answer):
    shops: list[ShopOut]
