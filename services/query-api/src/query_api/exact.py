"""Values on their way to JSON readers that keep numbers as 64-bit floats. Pure."""

from typing import Any

LARGEST_EXACT = 2**53 - 1


def exact(value: Any) -> Any:
    """The same value with integers that such readers would round written as strings."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_EXACT:
        return str(value)
    return value
