"""Commands that measure: each runs as `python -m tests.measure.NAME`; none is needed for a test run."""
