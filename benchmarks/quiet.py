"""Measuring in silence."""

import logging

import structlog


def be_quiet() -> None:
    """A line for each request, and for each attempt to find a broker, would be measured too."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
