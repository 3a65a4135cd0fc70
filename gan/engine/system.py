"""The base of every model with several networks: what they are, what they learn from, how random numbers are drawn."""

import re
from types import MappingProxyType, SimpleNamespace

import tensorflow as tf
from tensorflow import keras

from gan import checks
from gan.engine import devices, draws, ownership, unused
from gan.engine.changes import Changes
from gan.engine.shuffle import FirstOfShuffle
from gan.engine.stored import Stored
from gan.engine.training import Training


class System(Training, Changes, Stored, keras.Model):
    """Networks that train together, each with its own optimizer, in training steps that draw their own samples.

    A subclass calls `super().__init__(batch_size)`, then `add_network` for each network and `add_examples` for each set
    of real examples, and has a `train_step(self, useless_argument)`, which returns a dict of losses. All random numbers
    of a step are drawn in `self.drawn(lambda: ...)`; `sample` does so. The rest of its methods is for callbacks, for
    checkpoints, and for subclasses that want more; see `gan.engine`.

    Args:
        batch_size: how many examples each sample has. On several devices each gets its part of them.

    Attributes:
        also_settings: names of attributes that decide the training, beside the arguments of `__init__`: a checkpoint
            of a training in which one of them was another is refused.
        draws_from: names of attributes that are functions k -> k random vectors.
        watched: names of attributes that may be changed between two trainings and are then checked, see
            `changed_settings`.
        grow_at: epochs, counted from 0, at whose beginning `grow` is called.
        stage: how often it has grown.
        can_skip: True keeps the draws apart from the arithmetic, so that `skip_steps` works.
        steps_per_call: training steps that TensorFlow runs before it comes back to Python.
    """

    called = "model"  # in messages
    also_settings = draws_from = ()
    grow_at = ()

    def __init__(self, batch_size):
        super().__init__(dtype="float32")  # whatever the global policy of Keras is
        checks.settings()
        # Past Keras, which would save what stands in here a second time, and look at each dict of losses for layers:
        # 12 (Keras 3) to 90 (Keras 2) microseconds a step, where a step of small networks takes 300.
        object.__setattr__(self, "_inside", SimpleNamespace(
            networks={}, held={}, sets=[], numbers=[], built_with=SimpleNamespace(), answer=None, traced=None,
            train_steps=None, losses=[], steps_per_epoch=None, epochs_left=1, known_rate=None, ratios=[]))
        self.batch_size = devices.check_batch(checks.whole_number("batch_size", batch_size))
        self._inside.built_with.batch_size = self.batch_size
        self.steps_per_call, self._choose_steps = 1, False
        self.can_skip, self.stage = False, 0

    # --------------------------------------------------------------- its parts

    def add_network(self, name, network, optimizer=None, loss=None):
        """Let a network be the attribute `name` of this model: it is trained, stored and counted with it.

        Args:
            name: a Python name.
            network: keras.Model; on several devices made in the same strategy.scope() as this model.
            optimizer: a new Keras optimizer, or None for a network that no optimizer trains, such as an average.
            loss: a function that the training step finds as `network.loss`.

        Raises:
            TypeError, ValueError: an argument of the wrong kind or value; the message names it.
        """
        self._check_name(name)
        checks.network(name, network)
        if optimizer is not None:
            checks.can_train(name, network, now=False)
        checks.distinct({**self._inside.networks, name: network})
        self._attach(name, network, optimizer, loss)

    def replace_network(self, name, network, optimizer=None, loss=None):
        """As `add_network`, in the place of the network of that name. For `grow`: the new one may use its layers."""
        if name not in self._inside.networks:
            raise ValueError(f"name: expected one of {', '.join(self._inside.networks)}, got {checks.shown(name)}")
        old = getattr(self, name)
        checks.network(name, network)
        if optimizer is not None:
            checks.can_train(name, network, now=False)
        checks.distinct({**self._inside.networks, name: network})
        if network is not old:
            if hasattr(getattr(self, "_tracker", None), "untrack"):  # Keras 3 would save the old one as well
                self._tracker.untrack(old)
            self._inside.held.pop(name, None)
        self._attach(name, network, optimizer, loss)
        if getattr(self, "optimizer", None) is not None:  # within a fit
            self.optimizer = self._first_optimizer()

    def _attach(self, name, network, optimizer, loss):
        if getattr(self, name, None) is not network:
            setattr(self, name, network)
        self._inside.networks[name] = network
        setattr(self._inside.built_with, name, network)
        self.built = True
        if optimizer is None:
            return
        unused.of_network(self, name, network)
        ownership.let_go(network)
        network.optimizer = devices.averaging(optimizer)
        network.compile(optimizer=network.optimizer)
        network.loss = loss  # not by compile: then a saved network would ask for this function when it is loaded
        if network.built:  # the optimizer's moments exist from the start: weights can be saved, one trace is enough
            network.optimizer.build(ownership.all_that_can_train(network))
        self._inside.held[name] = network, ownership.Held(network)

    def add_examples(self, name, examples, dtype="float32"):
        """Let real examples be the attribute `name` of this model, for `sample`.

        Args:
            name: a Python name.
            examples: array or tensor of finite numbers, shape (n, ...).
            dtype: that they are kept as: "int32" for class numbers.

        Raises:
            TypeError, ValueError: no array of finite numbers, or no whole ones; the message names the set.
        """
        self._check_name(name)
        self._inside.sets.append(name)
        self.change_examples(name, checks.real_examples(examples, name), dtype)

    def change_examples(self, name, examples, dtype):
        """Put a tensor of checked examples in the place of others."""
        kept = tf.cast(examples, dtype)
        if kept.dtype != examples.dtype and not bool(tf.reduce_all(tf.cast(kept, examples.dtype) == examples)):
            raise ValueError(f"{name}: expected numbers that {kept.dtype.name} holds, got others")
        setattr(self, name, kept)
        setattr(self._inside.built_with, name, kept)

    def add_number(self, name, value):
        """Let a float32 variable without axes be the attribute `name`: stored with the networks, trained by nobody.

        Such as the weight of a layer that is faded in; a training step may change it by `assign`.
        """
        self._check_name(name)
        value = checks.number(name, value, zero_allowed=True)
        setattr(self, name, self.add_weight(name=name, shape=(), trainable=False, dtype="float32",
                                            initializer=keras.initializers.Constant(float(value))))
        self._inside.numbers.append(name)

    def _check_name(self, name):
        parts = [*self._inside.networks, *self._inside.sets, *self._inside.numbers]
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z]\w*", name) or hasattr(type(self), name) \
                or name in parts:
            raise ValueError(f"name: expected a Python name that this model does not use yet, got {checks.shown(name)}")

    @property
    def networks(self):
        """All networks by their names, in the order in which they were added."""
        return MappingProxyType(self._inside.networks)  # no dict: Keras would save what stands in it a second time

    @property
    def trained_networks(self):
        """The names of the networks that have an optimizer."""
        return list(self._inside.held)

    @property
    def data_sets(self):
        """All sets of real examples by their names."""
        return MappingProxyType({name: getattr(self, name) for name in self._inside.sets})

    def get_config(self):
        """The settings that are numbers. Not enough to build the model again: save its weights instead."""
        return {"batch_size": self.batch_size}

    # ----------------------------------------------------------------- samples

    def sample(self, *names, size=None, replace=False):
        """Real examples of a set, drawn at random; of several sets the same rows, such as pictures and their classes.

        Args:
            names: of the sets.
            size: how many; default: the batch size.
            replace: True draws with replacement, so that an example may come twice.

        Returns:
            A tensor, or for several sets a tuple of them.

        Raises:
            TypeError, ValueError: `size` is not a whole number, or there are not so many examples; the sets are of
                different lengths.
        """
        counts = {name: int(getattr(self, name).shape[0]) for name in names}
        count = min(counts.values())
        if len(set(counts.values())) > 1:
            lengths = " and ".join(f"{length} in {name}" for name, length in counts.items())
            raise ValueError(f"names: expected sets with one row for each example, got {lengths}")
        if size is not None:
            size = checks.sample_size(size, None if replace else count)
        elif self.batch_size > count and not replace:
            raise ValueError(f"batch_size: expected at most {count}, the number of real examples, "
                             f"got {self.batch_size}")
        size = self.batch_size if size is None else size
        if replace:
            indices = self.drawn(lambda: tf.random.uniform((size,), 0, count, tf.int32))
        else:
            indices = self.drawn(FirstOfShuffle(count, size))
        found = tuple(tf.gather(getattr(self, name), indices) for name in names)
        return found if len(names) > 1 else found[0]

    def drawn(self, draw):
        """The random numbers of draw(). What a training step draws passes here, so that it can be drawn ahead.

        In a graph each step gets its own, whatever library makes them: see `gan.engine.draws`.
        """
        answer = self._inside.answer
        if answer is not None:
            return answer(draw)
        self.take_networks()
        draw = draws.in_graph(draw)
        if self.jit_compile and getattr(draw, "at_every_step", False):
            raise ValueError("jit_compile: expected False beside random numbers that TensorFlow does not draw, got "
                             "True; write the latent generator with tf.random.normal((k, n))")
        return draw()

    # ----------------------------------------------------------------- growing

    def grow(self):
        """Make the networks of the next stage, by `replace_network`. For a subclass with `grow_at`."""
        raise NotImplementedError(f"{type(self).__name__}: grow_at is {self.grow_at}, and there is no method grow")

    def next_stage(self):
        """Grow now. The random numbers of a step begin again, as those of a training that starts."""
        with self.distribute_strategy.scope():
            self.grow()
        self.stage += 1
        self.remember_rates()

    def reach_stage_of(self, epoch):
        """Grow as often as `grow_at` wants it before this epoch, counted from 0."""
        while self.stage < sum(epoch >= at for at in self.grow_at):
            self.next_stage()
