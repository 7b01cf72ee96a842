"""What `make run` does: the embedded engines, and the supervisor that keeps web, worker and beat together.

A plain package, not a room: it has no tables and knows nobody's chart. `python -m clinic.run` starts everything;
the tests use `clinic.run.engines` alone.
"""
