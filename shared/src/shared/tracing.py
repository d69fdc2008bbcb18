"""Traces: one from a delivery to the last call it causes. Without a collector nothing of it is kept.

A task's header carries the trace (W3C traceparent): it survives the spool, wait queues and stored outcomes.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.envelope import TaskHeader, Transition

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("syncledger")
_UNSEEN: AbstractContextManager[Span] = nullcontext(trace.INVALID_SPAN)


def delivery_span(source: str) -> AbstractContextManager[Span]:
    """A delivery begins a trace of its own, whatever trace its sender claims."""
    return _span(f"delivery {source}", SpanKind.SERVER)


@contextmanager
def attempt_span(task: TaskHeader, attempt: int) -> Iterator[Span]:
    """One attempt, in the trace its task came with; in one of its own if it came with none."""
    context = _propagator.extract({"traceparent": task.traceparent}) if task.traceparent else None
    with _span(task.type, SpanKind.CONSUMER, context=context) as span:
        if span.is_recording():
            span.set_attributes({"syncledger.task.id": str(task.id), "syncledger.task.attempt": attempt})
        yield span


@contextmanager
def call_span(api: str, method: str, host: str) -> Iterator[Span]:
    """One request to another system. Its address is not told: it may hold data of persons."""
    with _span(f"{method} {api}", SpanKind.CLIENT) as span:
        span.set_attributes({"http.request.method": method, "server.address": host, "syncledger.api": api})
        yield span


def tell_recorded(transitions: Iterable[Transition]) -> None:
    """Each from when it occurred until now, as it is in the log, in its task's trace; if anybody collects."""
    if not _is_collected():
        return
    now = time.time_ns()
    for one in transitions:
        if is_kept(one.task.traceparent):
            _tell_recorded(one, now)


def _tell_recorded(one: Transition, now: int) -> None:
    """A clock that is ahead of ours would make it end before it began."""
    began = min(now, int(one.occurred_at.timestamp() * 1e9))
    context = _propagator.extract({"traceparent": one.task.traceparent or ""})
    span = _tracer.start_span(f"record {one.state}", context, kind=SpanKind.CONSUMER, start_time=began)
    span.set_attributes({"syncledger.task.id": str(one.task.id), "syncledger.task.attempt": one.attempt})
    span.end(now)


def start_traceparent(task_type: str) -> str | None:
    """Somebody or the clock wants a task: its trace begins here, or goes on."""
    with _span(f"start {task_type}", SpanKind.PRODUCER):
        return current_traceparent()


def _span(name: str, kind: SpanKind, *, context: Context | None = None) -> AbstractContextManager[Span]:
    """None is made where nobody would see it."""
    return _UNSEEN if context is None and not _is_collected() else _seen_span(name, kind, context=context)


@contextmanager
def _seen_span(name: str, kind: SpanKind, *, context: Context | None) -> Iterator[Span]:
    """Errors are told as failed, without their texts: those may hold data of persons."""
    with _tracer.start_as_current_span(
        name, context=context, kind=kind, record_exception=False, set_status_on_exception=False
    ) as span:
        try:
            yield span
        except Exception:
            span.set_status(Status(StatusCode.ERROR))
            raise


def _is_collected() -> bool:
    """Whether anybody collects: what nobody sees need not be made."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def note_outcome(span: Span, outcome: str, *, task_id: UUID | None = None, is_failure: bool = False) -> None:
    """How what the span stands for ended, by a machine word; `task_id`: the task that came of it."""
    span.set_attribute("syncledger.outcome", outcome)
    if task_id is not None:
        span.set_attribute("syncledger.task.id", str(task_id))
    if is_failure:
        span.set_status(Status(StatusCode.ERROR))


def current_traceparent() -> str | None:
    """W3C trace context of the current span, to be carried in a task's header."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def current_trace_id() -> str | None:
    span = trace.get_current_span().get_span_context()
    return format(span.trace_id, "032x") if span.is_valid else None


def is_kept(traceparent: str | None) -> bool:
    """Whether the trace that a header names was chosen to be kept: the lowest bit of its flags."""
    flags = (traceparent or "").rpartition("-")[2]
    return len(flags) == 2 and flags[1] in "13579bdf"


def trace_id_of(traceparent: str | None) -> str | None:
    """The trace that a header names; None: it came without one."""
    parts = (traceparent or "").split("-")
    return parts[1] if len(parts) == 4 else None
