"""What makes the tests of whole scripts short, and how one is killed on its way."""

import contextlib

import numpy as np
import pytest

from beyond.common import data, training
from gan.model import GAN


def eagerly(monkeypatch, system=GAN):
    """No graph: its making takes most of so short a run."""
    compiled = system.compile
    monkeypatch.setattr(system, "compile", lambda self, *arguments, **options: compiled(
        self, *arguments, **{**options, "run_eagerly": True}))


def few_pictures(monkeypatch, count=100, **other):
    """`data.load` gives that many at most; another number for the sets in `other`."""
    load = data.load
    monkeypatch.setattr(data, "load", lambda name, size=28, channels=1, most=None: load(
        name, size, channels, other.get(name, count)))


@contextlib.contextmanager
def killed_in_its_second_epoch(monkeypatch):
    """The training inside ends when that epoch does, before its sheet is drawn."""
    class Killed(Exception):
        pass

    on_epoch_end = training.Record.on_epoch_end

    def killed(record, epoch, logs=None):
        if epoch == 1:
            raise Killed
        on_epoch_end(record, epoch, logs)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(training.Record, "on_epoch_end", killed)
        yield


def assert_same_record(one, other):
    """The same losses; the same pictures under the same titles."""
    assert one.losses == other.losses
    assert [title for title, _ in one.sheets] == [title for title, _ in other.sheets]
    for (_, sheet), (_, same) in zip(one.sheets, other.sheets):
        np.testing.assert_array_equal(sheet, same)
