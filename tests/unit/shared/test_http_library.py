"""What our HTTP library looks for at every request is there."""

from importlib.util import find_spec


def test_what_tells_the_event_loop_is_installed() -> None:
    """A failed import is tried again each time: it was half of what a call to another system cost."""
    assert find_spec("sniffio") is not None
