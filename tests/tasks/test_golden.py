"""Short trainings give the numbers stored in `golden.json`; `python -m tests.measure.golden` writes that file anew."""

import json

import pytest

from tests.measure import golden

STORED = json.loads(golden.FILE.read_text())
# Between the two lanes numbers on points differ by at most 4e-7, on pictures by 2e-4 of their size, and by 2.4e-3 where
# TensorFlow 2.15 has one core instead of two: there training amplifies float noise more. One random operation more or
# less, or another loss, moves them by .01 and more.
NOISE = {"points": {"abs": 5e-6}, "pictures": {"rel": 4e-3}}


@pytest.mark.parametrize("name", golden.RUNS)
def test_golden(name):
    """The losses of each epoch and the weights after three epochs of five steps are those of the stored run."""
    assert golden.measure(name) == pytest.approx(STORED[name], **NOISE[name.split()[-1]])


def test_the_file_holds_these_runs():
    """The stored file has the runs of `tests/measure/golden.py`, no more and no less."""
    assert list(STORED) == list(golden.RUNS)
