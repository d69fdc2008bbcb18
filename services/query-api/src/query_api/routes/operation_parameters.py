"""What may be asked of operations, and how it is checked."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from query_api.auth import Reader
from query_api.operations.batchwise import within
from query_api.operations.planning import Asked
from query_api.operations.port import Kind, OperationState, Step
from query_api.operations.selection import Filtered, Selection, named, oldest_first, to_json
from query_api.operations.store import LAST_ID, NewOperation
from query_api.repository.tasks import tasks_by_id
from query_api.routes.parameters import TaskFilters, filter_query
from query_api.routes.tasks import chosen
from shared.envelope import utc_now
from shared.identity import new_task_id

MOST_NAMED = 10_000


def _of_now(filters: TaskFilters) -> TaskFilters:
    if filters.as_of is not None:
        raise ValueError("nothing can be done to tasks as they were at another moment: leave `as_of` out")
    return filters


class OperationIn(BaseModel):
    """Which tasks: some named by their ids, or all that match a filter (`{}`: all this token may see)."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(description="`delete` needs the role admin", examples=["retry"])
    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MOST_NAMED)
    filter: Annotated[TaskFilters, AfterValidator(_of_now)] | None = Field(
        default=None, examples=[{"error_kind": "authentication", "type": ["SyncOrder"]}]
    )
    dry_run: bool = Field(default=False, description="Says what would be done, and does nothing")
    may_repeat_effects: bool = Field(
        default=False,
        description="Of a retry: also tasks whose effect may have happened, though nobody knows. Look first",
    )
    expected: int | None = Field(
        default=None,
        ge=0,
        lt=2**31,
        description="How many tasks match, as a dry run said: should it be another number when the operation "
        "begins, it fails and nothing is done",
    )
    per_second: float | None = Field(
        default=None,
        ge=0.1,
        le=1_000,
        description="Tasks a second; never more than the kind's own rate",
    )

    @model_validator(mode="after")
    def _is_clear(self) -> "OperationIn":
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either `ids`, or `filter` for all that match (`{}`: all there are)")
        if self.kind is Kind.DELETE and self.expected is None and not self.dry_run:
            raise ValueError("nobody can bring them back: give `expected`, the number that a dry run said")
        return self


class OperationsParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: list[Kind] = Field(default=[], description="May be repeated")
    state: list[OperationState] = Field(default=[], description="May be repeated")
    before: UUID = Field(default=LAST_ID, description="`next` of an answer")
    limit: int = Field(default=50, ge=1, le=500)


async def asked_of(connection: Any, wanted: OperationIn, step: Step, reader: Reader) -> Asked:
    selection: Selection
    if wanted.filter is not None:
        now = utc_now()
        shop_ids = await chosen(connection, wanted.filter, reader)
        query = oldest_first(step.narrowed(filter_query(wanted.filter, shop_ids, now), now))
        asked = wanted.filter.model_dump(mode="json", exclude_defaults=True)
        selection = Filtered(query, asked, now)
    else:
        selection = named(wanted.ids or [])
        rows = within(reader.shop_ids, await tasks_by_id(connection, selection.ids))
        shop_ids = tuple(sorted({row.shop_id for row in rows})) or reader.shop_ids
    return Asked(selection, shop_ids, wanted.may_repeat_effects, wanted.per_second)


def new_operation(wanted: OperationIn, asked: Asked, reader: Reader) -> NewOperation:
    options = wanted.model_dump(
        mode="json", include={"may_repeat_effects", "expected", "per_second"}, exclude_defaults=True
    )
    return NewOperation(
        id=new_task_id(),
        kind=wanted.kind,
        shop_ids=asked.shop_ids,
        selection=to_json(asked.selection),
        options=options,
        total=None,
        token_id=reader.token_id,
        requested_by=reader.name,
    )
