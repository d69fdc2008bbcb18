"""All that is tried with bad input."""

from tests.fuzz import answered, arriving, asking, reading

TARGETS = (*arriving.TARGETS, *reading.TARGETS, *answered.TARGETS, *asking.TARGETS)
