"""The outside world for demos and tests: real wire formats over HTTP, with faults and traffic on demand."""
