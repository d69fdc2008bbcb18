"""Ingest as a part of the benchmark."""

from benchmarks.proof.figures import Target
from benchmarks.proof.ingest.contest import measure
from benchmarks.proof.part import Part

INGEST = Part(
    "ingest",
    "Ingest",
    "Signed deliveries of Shopify, 2–100 kB, over 32 connections, each answered after its confirmed copy. "
    "Beside it the same server that checks signatures only (`hmac`), and that publishes what it got once, "
    "confirmed, to the same exchange (`aio-pika`, `faststream`).",
    lambda ground, amount: measure(ground, count=amount.deliveries),
    (
        Target("ingest rate, of FastStream's", "ingest: requests/s", 0.85, to="faststream: requests/s"),
        Target(
            "ingest p99, of FastStream's", "ingest: p99, ms", 1.5, to="faststream: p99, ms", is_floor=False
        ),
    ),
)
