"""What is changed at a model after it was built: settings, networks, learning rates. The next step follows it."""

from types import SimpleNamespace

from tensorflow import keras

from gan import checks
from gan.engine import devices, ownership, settings
from gan.engine.loops import is_eager


class Changes:
    """The part of `System` that looks for changes. A graph would keep the values that it was made with."""

    watched = ("batch_size",)  # attributes that `changed_settings` looks at, beside the sets of examples

    def take_networks(self):
        """Give the networks the losses and optimizers of this model, if another one has been built on them since."""
        for network, held in self._inside.held.values():
            ownership.take(network, held)

    def notice_changes(self):
        """Let the next training step follow what has been changed since its graph was made.

        Raises:
            TypeError, ValueError: a setting has a bad value now, or is one that only a new model can have.
        """
        self.take_networks()
        self.refuse_other_networks()
        before = self._inside.built_with
        changed = {name for name in self._all_watched() if hasattr(self, name)
                   and getattr(self, name) is not getattr(before, name, None)}
        if changed:
            self.changed_settings(changed, before)
        for name in self.trained_networks:
            network = getattr(self, name)
            optimizer = network.optimizer
            if network.built and not getattr(optimizer, "built", getattr(optimizer, "_built", True)):
                optimizer.build(ownership.all_that_can_train(network))
        if changed:
            self.remember_settings()
        if self.train_function is not None and not is_eager(self) and self._inside.traced is not None \
                and settings.differ(self._inside.traced, settings.now(self)):
            self.make_train_function(force=True)

    def changed_settings(self, changed, before):
        """Check the new values of settings, and pass them on; a subclass with settings of its own adds to this.

        Args:
            changed: the names of those in `watched` that are other objects than before, a set.
            before: an object with the former values as its attributes.

        Raises:
            TypeError, ValueError: a value cannot be; the message names it.
        """
        if "batch_size" in changed:
            self.batch_size = checks.whole_number("batch_size", self.batch_size)
            devices.check_batch(self.batch_size, self.distribute_strategy)
        for name in changed & set(self.data_sets):
            old, new = getattr(before, name), checks.real_examples(getattr(self, name), name)
            if old.shape[1:] != new.shape[1:]:
                raise ValueError(f"{name}: expected examples of shape {tuple(old.shape[1:])}, got {tuple(new.shape)}")
            self.change_examples(name, new, old.dtype)

    def _all_watched(self):
        return dict.fromkeys((*self.watched, *self._inside.sets))

    def remember_settings(self):
        """Take the settings and networks as they are now for those that the training has."""
        names = (*self._all_watched(), *self.networks)
        self._inside.built_with = SimpleNamespace(
            **{name: getattr(self, name) for name in names if hasattr(self, name)})

    def refuse_other_networks(self):
        """ValueError if an attribute that is a network has become another one."""
        for name, network in self._inside.networks.items():
            if getattr(self, name) is not network:
                raise ValueError(f"{name}: expected the network that the {self.called} was built with, got another "
                                 f"one; build a new {self.called} with it")

    # ---------------------------------------------------------- learning rates

    def _optimizers(self):
        return [getattr(self, name).optimizer for name in self.trained_networks]

    def _first_optimizer(self):
        return next(iter(self._optimizers()), None)

    def rates(self):
        """The learning rates of all networks that train, as numbers."""
        self.take_networks()
        return [_rate(optimizer) for optimizer in self._optimizers()]

    def set_rates(self, rates):
        """Give each network that trains its learning rate, but where a schedule gives it."""
        for optimizer, rate in zip(self._optimizers(), rates):
            if not _scheduled(optimizer):
                optimizer.learning_rate = rate

    def remember_rates(self):
        """Take the ratios of the learning rates as they are now for those that they shall keep."""
        rates = self.rates()
        self._inside.known_rate = rates[0] if rates else None
        if rates and (rates[0] > 0 or len(self._inside.ratios) != len(rates)):
            self._inside.ratios = [rate / rates[0] if rates[0] > 0 else 1. for rate in rates]

    def follow_rate(self):
        """When a callback has changed the first network's learning rate, change the others' in proportion."""
        self.take_networks()
        optimizers = self._optimizers()
        if not optimizers or (rate := _rate(optimizers[0])) == self._inside.known_rate or _scheduled(optimizers[0]):
            return
        for optimizer, ratio in list(zip(optimizers, self._inside.ratios))[1:]:
            if not _scheduled(optimizer):
                optimizer.learning_rate = rate * ratio
        self._inside.known_rate = rate


def _rate(optimizer):
    rate = optimizer.learning_rate  # a schedule may give floats
    return float(rate.numpy() if hasattr(rate, "numpy") else rate)


def _scheduled(optimizer):
    """Whether a schedule gives the learning rate: then it cannot be set."""
    kept = getattr(optimizer, "_learning_rate", None)
    return isinstance(kept, keras.optimizers.schedules.LearningRateSchedule)
