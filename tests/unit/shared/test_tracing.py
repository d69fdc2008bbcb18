"""Traces are told by their id, and cost nothing where nobody collects them."""

import subprocess
import sys

import pytest

from shared.tracing import is_kept, trace_id_of

LOADED = "import sys, ingest.app, sync_worker.app; print([name for name in sys.modules if '{}' in name])"


@pytest.mark.parametrize(
    ("traceparent", "trace_id"),
    [("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c")]
    + [(unusable, None) for unusable in (None, "", "00-0af7651916cd43dd8448eb211c80319c")],
    ids=["whole", "none", "empty", "cut"],
)
def test_the_id_of_a_trace_is_read_from_the_header_a_task_carries(
    traceparent: str | None, trace_id: str | None
) -> None:
    assert trace_id_of(traceparent) == trace_id


@pytest.mark.parametrize(
    ("flags", "kept"),
    [("01", True), ("03", True), ("00", False), ("02", False)],
    ids=["01", "03", "00", "02"],
)
def test_the_header_says_whether_its_trace_is_kept(flags: str, kept: bool) -> None:
    assert is_kept(f"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}") is kept


def test_without_a_header_no_trace_is_kept() -> None:
    assert not is_kept(None)


def test_what_sends_traces_is_not_even_loaded_without_a_collector() -> None:
    command = [sys.executable, "-c", LOADED.format("opentelemetry.sdk")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"
