"""What people entered, checked as the API checks it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from query_api.problems import Problem, problem_of

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Raises Problem, whose errors name the fields."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        located = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise problem_of(RequestValidationError(located)) from error


def faults(problem: Problem) -> dict[str, str]:
    """What to say beside each field."""
    return {one.field: one.message for one in problem.errors}
