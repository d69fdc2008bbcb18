"""Sends spans to a collector by OTLP over HTTP. Loaded only where there is one, as it takes memory."""

from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased


def export_traces(endpoint: str, *, ratio: float, resource: Mapping[str, str]) -> TracerProvider:
    """From here on, in the background: what is not taken is dropped, and at the exit the rest is sent."""
    sampler = ParentBased(TraceIdRatioBased(ratio))
    provider = TracerProvider(resource=Resource.create(dict(resource)), sampler=sampler)
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider
