"""The templates, and what all of them may use."""

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from query_api.console import formatting
from query_api.console.filters import moment_text
from query_api.console.json_view import pretty
from query_api.console.static import address_of
from query_api.schemas.shaping import spec_of
from query_api.statistics import types_of
from shared.envelope import State, utc_now
from shared.tasks import Group

_TIME = Markup('<time datetime="{machine}" title="{exact}" data-relative>{relative}</time>')


def _when(moment: datetime | None) -> Markup | str:
    """Relative, with the exact moment on hover; the script keeps it current."""
    if moment is None:
        return formatting.NOTHING
    relative = formatting.relative(moment, utc_now())
    return _TIME.format(machine=formatting.machine(moment), exact=formatting.exact(moment), relative=relative)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "attempts": lambda task: formatting.attempts(task.attempt, task.max_attempts),
        "clock": formatting.clock,
        "duration": formatting.duration,
        "exact": formatting.exact,
        "input_moment": moment_text,
        "machine": formatting.machine,
        "number": formatting.number,
        "percent": formatting.percent,
        "size": formatting.size,
        "state_label": formatting.state_label,
        "when": _when,
        "spec": spec_of,
        "pretty": pretty,
    }
    environment.globals |= {
        "asset": address_of,
        "NOTHING": formatting.NOTHING,
        "State": State,
        "types_by_group": [(group, types_of(group)) for group in Group],
    }
    return environment


_templates = _environment()


def page(
    template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(values), status, headers)
