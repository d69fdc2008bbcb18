"""The templates, and what all of them may use."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse

from query_api.console import formatting
from query_api.console.sections import SECTIONS
from query_api.console.sparkline import sparkline
from query_api.console.static import address_of, scripts
from query_api.console.tasks.columns import COLUMNS
from query_api.console.tasks.filters import moment_text
from query_api.json_view import pretty
from query_api.schemas.shaping import spec_of
from query_api.statistics import types_of
from shared.envelope import State, utc_now
from shared.tasks import Group

_TIME = Markup('<time datetime="{machine}" title="{exact}" data-relative>{relative}</time>')
_MOMENT = Markup('<time datetime="{machine}">{exact}</time>')


def _zone(context: Context) -> tzinfo:
    """The viewer's. Pages without a frame have none."""
    frame = context.get("frame")
    zone: tzinfo = frame.zone if frame else UTC
    return zone


@pass_context
def _when(context: Context, moment: datetime | None) -> Markup | str:
    """Relative, with the exact moment on hover; the script keeps it current."""
    if moment is None:
        return formatting.NOTHING
    return _TIME.format(
        machine=formatting.machine(moment),
        exact=formatting.exact(moment, _zone(context)),
        relative=formatting.relative(moment, utc_now()),
    )


@pass_context
def _at(context: Context, moment: datetime | None) -> Markup | str:
    """The exact moment."""
    if moment is None:
        return formatting.NOTHING
    return _MOMENT.format(machine=formatting.machine(moment), exact=formatting.exact(moment, _zone(context)))


@pass_context
def _local_moment(context: Context, moment: datetime | None) -> str:
    """For a `datetime-local` input."""
    return moment_text(moment, _zone(context)) if moment else ""


def _zoned(write: Callable[[datetime, tzinfo], str]) -> Callable[[Context, datetime], str]:
    @pass_context
    def written(context: Context, moment: datetime) -> str:
        return write(moment, _zone(context))

    return written


def _then(moment: datetime | None) -> str:
    """What makes the address of a task one of its past."""
    return f"?{urlencode({'as_of': formatting.machine(moment)})}" if moment else ""


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "at": _at,
        "attempts": lambda task: formatting.attempts(task.attempt, task.max_attempts),
        "breakable": lambda name: Markup("<wbr>").join(formatting.words_of(name)),
        "clock": _zoned(formatting.clock),
        "day": _zoned(formatting.day),
        "duration": formatting.duration,
        "exact": _zoned(formatting.exact),
        "local_moment": _local_moment,
        "machine": formatting.machine,
        "number": formatting.number,
        "percent": formatting.percent,
        "plural": formatting.plural,
        "pretty": pretty,
        "size": formatting.size,
        "sparkline": sparkline,
        "spec": spec_of,
        "state_label": formatting.state_label,
        "then": _then,
        "when": _when,
    }
    environment.globals |= {
        "all_columns": COLUMNS,
        "asset": address_of,
        "NOTHING": formatting.NOTHING,
        "State": State,
        "page_scripts": scripts(),
        "sections": SECTIONS,
        "types_by_group": [(group, types_of(group)) for group in Group],
    }
    return environment


_templates = _environment()


def page(
    template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(values), status, headers)
