"""What a worker or ingest runs leaves nothing in its session: their pools reset nothing (`open_pool`)."""

import re

from devstack.workspace import ROOT

PLACES = ("shared", "services/ingest", "services/sync-worker", "services/writeback")
LASTING = re.compile(
    r"pg_(try_)?advisory_lock\(|set_config\([^)]*,\s*false\)|\bLISTEN\b|\bTEMP(ORARY)? TABLE|;\s*SET\s"
)


def test_no_statement_outlives_its_transaction() -> None:
    files = [path for place in PLACES for path in (ROOT / place / "src").rglob("sql/*.sql")]
    assert len(files) > len(PLACES)
    assert [str(path) for path in files if LASTING.search(path.read_text())] == []
