"""Structured logs: one wide line per unit of work, JSON in production, readable on a terminal."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from shared.envelope import utc_now
from shared.log_lines import line_writers
from shared.metrics import BUILD
from shared.settings import CommonSettings
from shared.tracing import current_trace_id

VERSION = "0.1.0"


def configure_logging(settings: CommonSettings, *, service: str) -> None:
    """Sets up structlog and the standard library alike; libraries speak only from WARNING on. Traces, too.

    Our own lines do not take the way through the standard library, which costs three times as much.
    """
    _configure_traces(settings, service)
    BUILD.labels(service=service, version=VERSION).set(1)
    facts, renderers = _facts_of(service), _renderers(settings.log_format)
    structlog.configure(
        processors=[facts, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=line_writers(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[facts, structlog.processors.StackInfoRenderer()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    for noisy in (
        "uvicorn.access",
        "uvicorn.error",
        "aio_pika",
        "aiormq",
        "httpx",
        "httpcore",
        "shared.broker",
        "alembic",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _configure_traces(settings: CommonSettings, service: str) -> None:
    if not settings.otel_exporter_otlp_endpoint:
        return
    from shared.trace_export import export_traces  # noqa: PLC0415 - costs nothing where it is not wanted

    resource = {
        "service.namespace": "syncledger",
        "service.name": service,
        "service.version": VERSION,
        "service.instance.id": settings.service_instance,
    }
    endpoint, ratio = settings.otel_exporter_otlp_endpoint, settings.otel_traces_sampler_arg
    export_traces(endpoint, ratio=ratio, resource=resource)


def _renderers(log_format: str) -> list[Any]:
    if log_format == "console":
        plain = structlog.dev.plain_traceback  # the rich one shows local variables, and so data
        return [structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain)]
    return [
        structlog.processors.format_exc_info,
        lambda _, __, line: orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode(),
    ]


def _facts_of(service: str) -> Any:
    """What every line says. One step instead of four: there is a line for every delivery and attempt."""

    def facts(_: object, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["service"] = service
        line["level"] = method
        line["timestamp"] = utc_now()
        if trace_id := current_trace_id():
            line["trace_id"] = trace_id
        return line

    return facts
