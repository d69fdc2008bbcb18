"""Prometheus's own programs."""

from pathlib import Path

import pytest

from devstack.prometheus import find_prometheus


@pytest.fixture(scope="session")
def prometheus_programs() -> Path:
    """The directory of prometheus and promtool."""
    return find_prometheus(print)
