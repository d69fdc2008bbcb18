"""What people entered, checked as the API checks it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from query_api.problems import Problem, problem_of
from shared.faults import dotted

Model = TypeVar("Model", bound=BaseModel)


def checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    """Raises Problem, whose errors name the fields, places in lists too: `addresses.1`."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise _problem(error) from error


def faults_of(problem: Problem) -> dict[str, str]:
    """What to say beside each field."""
    return {one.field: one.message for one in problem.errors}


def _problem(error: ValidationError) -> Problem:
    found = error.errors()
    problem = problem_of(RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]))
    for told, one in zip(problem.errors, found, strict=True):
        told.field = dotted(one["loc"])
    return problem
