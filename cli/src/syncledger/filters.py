"""The filters of the list of tasks as options, the same for every command that takes them."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from syncledger.completing import shops, states, types
from syncledger.moments import moment
from syncledger.printing import now

Filters = Mapping[str, Any]
_TIMES = (
    "created_from",
    "created_to",
    "started_from",
    "started_to",
    "completed_from",
    "completed_to",
    "as_of",
)


def _words(*flags: str, text: str, complete: Callable[..., Any] | None = None) -> Any:
    return Annotated[list[str] | None, typer.Option(*flags, help=text, autocompletion=complete)]


def _text(flag: str, text: str, *more: str) -> Any:
    return Annotated[str | None, typer.Option(flag, *more, help=text)]


OPTIONS: dict[str, Any] = {
    "q": _text("--query", "Anything that identifies a task, or words of an error's message.", "-q"),
    "state": _words("--state", "-s", text="State, or pending, success, error; repeatable.", complete=states),
    "type": _words("--type", "-t", text="Task type; repeatable.", complete=types),
    "group": _words("--group", text="Group of types, e.g. 'order sync'; repeatable."),
    "shop": _words("--shop", text="A shop's domain; repeatable.", complete=shops),
    "account": Annotated[list[int] | None, typer.Option("--account", help="An account's id; repeatable.")],
    "order_number": _text("--order", "Order number, with or without #."),
    "order_id": _text("--order-id", "The order's id where it was placed."),
    "source_id": _text("--source", "The entity's id where the data comes from."),
    "target_id": _text("--target", "The entity's id where the data goes."),
    "error_kind": _text("--error-kind", "What went wrong, e.g. authentication."),
    "fingerprint": _text("--fingerprint", "Equal failures."),
    "parent_id": _text("--parent", "Tasks that this one caused."),
    "root_id": _text("--root", "This task and all it led to."),
    "retry_of": _text("--retry-of", "Tasks with which people retried this one."),
    "has_retry": Annotated[
        bool | None, typer.Option("--retried/--not-retried", help="Whether a person retried it.")
    ],
    "attempts_min": Annotated[
        int | None, typer.Option("--attempts", min=1, help="At least so many attempts.")
    ],
    "created_from": _text("--created-from", "2h (ago), 2026-11-21, or RFC 3339.", "--since"),
    "created_to": _text("--created-to", "The same.", "--until"),
    "started_from": _text("--started-from", "The same."),
    "started_to": _text("--started-to", "The same."),
    "completed_from": _text("--completed-from", "The same."),
    "completed_to": _text("--completed-to", "The same."),
    "as_of": _text("--as-of", "The board as it was then."),
}


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command these options; it gets what was given of them as `filters`."""
    own = [one for one in inspect.signature(command).parameters.values() if one.name != "filters"]
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in OPTIONS.items()
    ]

    @functools.wraps(command)
    def with_options(**values: Any) -> None:
        given = {name: values.pop(name) for name in OPTIONS}
        command(filters={name: value for name, value in given.items() if value not in (None, [])}, **values)

    signature = inspect.Signature([_by_name(one) for one in own] + options)
    with_options.__signature__ = signature  # type: ignore[attr-defined]
    return with_options


def parameters_of(filters: Filters) -> dict[str, Any]:
    """As the API takes them. Raises Mistake."""
    times = {name: moment(value, now()) for name, value in filters.items() if name in _TIMES}
    return {**filters, **times}


def _by_name(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
