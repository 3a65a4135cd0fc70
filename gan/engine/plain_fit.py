"""Models that pass through a data set, epoch by epoch, as Keras's own `fit` does it."""

from types import MappingProxyType

from tensorflow import keras


class PlainFit(keras.Model):
    """A model that Keras trains by `fit(x, ...)`, with one optimizer for all its weights.

    A subclass is an ordinary Keras model: it compiles itself and has a `train_step(self, data)`. From here it has
    what `LongRun` asks for, so that it can be stored and resumed. Such a training goes on after its last whole epoch,
    with other random numbers than without the stop.
    """

    also_settings = draws_from = ()  # as in `System`
    stage = 0
    epoch_losses = ()  # of single steps: Keras gives none
    draws_in_python = False

    @property
    def networks(self):
        """The whole is the only network that has an optimizer."""
        return MappingProxyType({"model": self})

    @property
    def data_sets(self):
        """None of its own: the examples come with `fit`."""
        return MappingProxyType({})

    def get_config(self):
        """The settings that are numbers. Not enough to build the model again."""
        return {"parameters": self.count_params()}

    def trained_variables(self):
        """Everything that a training changes, in a fixed order."""
        self.optimizer.build(self.trainable_variables)  # for one that has not begun
        return [*self.variables, *self.optimizer.variables]

    def skip_steps(self, steps):
        """False: random numbers of steps that are done cannot be drawn again."""
        return False

    def begin_epoch(self, losses=()):
        """There is nothing to forget."""

    def rates(self):
        """None that a checkpoint would have to keep: the optimizer's rate is one of its variables."""
        return []

    def set_rates(self, rates):
        """There are none to set."""
