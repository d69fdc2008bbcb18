"""Prometheus's own programs."""

from pathlib import Path

import pytest

from devstack.prometheus import find_prometheus


@pytest.fixture(scope="session")
def prometheus_programs() -> Path:
    """The directory of prometheus and promtool."""
    found = find_prometheus(print)
    if found is None:
        pytest.skip("needs prometheus and promtool (Debian: apt-get install prometheus)")
    return found
