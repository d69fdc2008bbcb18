"""What queues tasks is ready before the clock starts."""

import sys


def wait_for_start() -> None:
    """Says that everything is imported and connected, and waits to be told to begin."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
