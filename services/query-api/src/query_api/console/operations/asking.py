"""What a form asks to be done to many tasks. Pure."""

from collections.abc import Mapping
from urllib.parse import parse_qsl
from uuid import UUID

from pydantic import BaseModel, ValidationError, field_validator

from query_api.console.tasks.filters import parse_filters
from query_api.operations.port import Kind
from query_api.problems import Problem, invalid
from query_api.routes.operation_parameters import MOST_NAMED, OperationIn
from query_api.routes.parameters import TaskFilters

TITLES: Mapping[Kind, str] = {
    Kind.RETRY: "Retry",
    Kind.CANCEL: "Cancel",
    Kind.DELETE: "Delete",
    Kind.EXPORT: "Export",
}


class Choice(BaseModel):
    """Ticked tasks, or with `all` everything that matches the filter, whatever is ticked."""

    kind: Kind
    ids: str = ""
    filter: str = ""
    all: bool = False

    @field_validator("all", mode="before")
    @classmethod
    def _is_unticked(cls, value: object) -> object:
        return value or False


class Order(Choice):
    """A choice whose plan was seen."""

    expected: int | None = None
    may_repeat_effects: bool = False

    @field_validator("expected", mode="before")
    @classmethod
    def _is_unknown(cls, value: object) -> object:
        return value or None


def filters_of(query: str) -> TaskFilters:
    """Of a board's address: its filters without its order. Raises RequestValidationError."""
    asked = parse_filters(parse_qsl(query)).asked
    return TaskFilters(**asked.model_dump(exclude={"sort"}, exclude_defaults=True))


def ids_of(text: str) -> list[UUID]:
    """As the ticks of a page give them. Raises Problem."""
    try:
        found = [UUID(one) for one in text.split(",") if one.strip()]
    except ValueError:
        raise invalid(
            "ids", "These are no task ids. Go back, reload the page and tick the tasks again."
        ) from None
    if not found:
        raise invalid("ids", "No task is ticked. Tick some, or choose all that match.")
    if len(found) > MOST_NAMED:
        raise invalid(
            "ids", f"At most {MOST_NAMED:,} tasks can be ticked. Narrow the list and choose all that match."
        )
    return found


def operation_in(choice: Choice, *, dry_run: bool) -> OperationIn:
    """Raises Problem."""
    which = {"filter": filters_of(choice.filter)} if choice.all else {"ids": ids_of(choice.ids)}
    options = choice.model_dump(exclude={"ids", "filter", "all"})
    try:
        return OperationIn.model_validate({**which, **options, "dry_run": dry_run})
    except ValidationError as error:
        raise Problem(400, "invalid-parameter", "; ".join(one["msg"] for one in error.errors())) from error
