"""All parts of the benchmark."""

from benchmarks.proof.cost import COST
from benchmarks.proof.ingest.part import INGEST
from benchmarks.proof.isolation import ISOLATION
from benchmarks.proof.lag import LAG
from benchmarks.proof.pipeline.part import PIPELINE
from benchmarks.proof.queries.part import QUERIES
from benchmarks.proof.recorder.part import RECORDER
from benchmarks.proof.recovery import RECOVERY

PARTS = (INGEST, PIPELINE, RECORDER, QUERIES, LAG, ISOLATION, COST, RECOVERY)
