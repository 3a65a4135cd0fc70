"""How a model of this package trains: exact steps, random numbers, checkpoints, weights, several devices."""

from gan import keras_settings

keras_settings.check()  # in one sentence, before Keras fails in a way of its own

from gan.engine.long_run import LongRun

__all__ = ["LongRun"]
