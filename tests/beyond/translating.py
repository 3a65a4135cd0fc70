"""What the tests of picture-to-picture systems share: plain descent, the optimizers, faces drawn once a module."""

import numpy as np
import pytest
from tensorflow import keras

from beyond.common import features, pairs

READER = dict(TRAINED_ON=8, HELD_OUT=4, STEPS=1, BATCH=2)  # of a tiny classifier of faces


class Descent:
    """Steps down the gradient.

    The steps by hand use it in the place of Adam, whose first steps are as long whatever a part of the loss weighs.
    """

    def __init__(self, rate):
        self.rate = rate

    def new_weights(self, theta, gradients):
        return [w - self.rate * gradient for w, gradient in zip(theta, gradients)]


def only_descend(monkeypatch):
    """Systems that are built from now on only go down the gradient."""
    monkeypatch.setattr(keras.optimizers, "Adam", lambda rate, beta_1: keras.optimizers.SGD(rate))


def check_optimizers(G, rate):
    """Every network has an Adam of its own, with the rate that was asked for and the source's first coefficient."""
    optimizers = [network.optimizer for network in G.networks.values()]
    assert len(set(map(id, optimizers))) == len(optimizers)
    for optimizer in optimizers:
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert optimizer.get_config()["beta_1"] == .5
        assert float(optimizer.get_config()["learning_rate"]) == pytest.approx(rate)


def tiny_reader(monkeypatch):
    """A classifier of faces that has hardly learned."""
    for name, value in READER.items():
        monkeypatch.setattr(features, name, value)


def check_every_run(monkeypatch, room, most=16):
    """Each run of the room's claims gives finite figures, the same names in one table: few faces, one step."""
    load = pairs.load
    monkeypatch.setattr(pairs, "load", lambda source, change, size, _, **options: load(source, change, size, most,
                                                                                       **options))
    monkeypatch.setitem(room.MEASURED, "epochs", 1)
    tables = {}
    for claim, row, run in room.CLAIMS:
        found = run(3, 1)
        assert all(np.isfinite(value) for value in found.values()), row
        tables.setdefault(claim, set()).add(tuple(found))
    assert all(len(names) == 1 for names in tables.values())
