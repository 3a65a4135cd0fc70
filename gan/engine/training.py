"""How a model with several networks trains: `fit`, the steps that one call of TensorFlow runs, what is looked at."""

import math
import warnings

import numpy as np
import tensorflow as tf
from tensorflow import keras

from gan import checks
from gan.engine import draws, settings, unused
from gan.engine.bar import CourseBar
from gan.engine.loops import is_eager, make_train_steps

AT_ONCE = 50  # steps in one call of TensorFlow, where nobody looks at single ones and they are quick:
SMALL = 10 ** 5  # weights of all networks


class Training:
    """The part of `System` that runs its training steps."""

    @property
    def metrics(self):
        """The metrics that a subclass adds, without Keras 3's tracker of a loss that no `train_step` here updates."""
        return [metric for metric in super().metrics if metric is not getattr(self, "_loss_tracker", None)]

    def compile(self, *args, steps_per_execution=None, jit_compile=False, **options):
        """Get ready for `fit`. Each network trains with its own optimizer and loss: of others given here a warning says
        that they have no effect.

        Args:
            steps_per_execution: how many training steps TensorFlow runs before it comes back to Python. By default 50
                for small dense networks if no callback looks at single steps, which is about twice as fast, else 1; the
                results are the same to the last bit. From 100 on, the arithmetic of dense networks is compiled as
                well (with TensorFlow 2.15, of those with at most 64 units a layer): that takes some seconds once,
                makes long trainings several times faster, and gives results that are equal up to float rounding.
            jit_compile: True compiles the step by XLA. XLA has random numbers of its own, which no seed of
                TensorFlow reaches: the training is as good, but no longer the one that the seed stands for. So it
                stays off, also where Keras by itself would switch it on (a GPU).
            args, options: as in Keras, for instance run_eagerly=True to debug a training step.
        """
        self._choose_steps = steps_per_execution is None
        steps = 1 if self._choose_steps else checks.whole_number("steps_per_execution", steps_per_execution)
        args, options = unused.of_compile(self, args, options)
        # "auto" and None are Keras's ways to leave the choice to it
        super().compile(*args, steps_per_execution=steps, jit_compile=jit_compile is True, **options)
        self.optimizer = None  # each network has its own; a third one would be counted and saved with them
        self.steps_per_call = steps

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, *,
            steps_per_epoch=None, **options):
        """Train for exactly `epochs` x `steps_per_epoch` steps.

        Args:
            x, y: not used: each training step draws its own samples of the real examples. A warning says so if x is
                not a set of them.
            batch_size: only sets the number of steps when `steps_per_epoch` is not given; samples always have the
                batch size of the model.
            epochs, callbacks, options: as in Keras. A callback that changes the learning rate changes those of all
                networks.
            verbose: 0 silent, 1 a bar with the mean of the epoch's losses as Keras 2 printed it, 2 one line an epoch
                with the last step's losses.
            steps_per_epoch: default ceil(n / batch size), n real examples in the largest set.

        Returns:
            keras.callbacks.History with the losses of the last step of each epoch.

        Raises:
            ValueError: the batch size is larger than the number of real examples.
        """
        self._check_again()
        unused.of_fit(self, x, y)
        batch_size = checks.whole_number("batch_size", self.batch_size if batch_size is None else batch_size)
        if steps_per_epoch is None:
            steps_per_epoch = math.ceil(self._most_examples() / batch_size)
        steps_per_epoch = checks.whole_number("steps_per_epoch", steps_per_epoch)
        epochs, options["initial_epoch"] = checks.epochs(epochs, options.get("initial_epoch", 0))
        verbose = checks.verbose(verbose)
        callbacks = checks.callbacks(callbacks)
        options = checks.validation(self, options)
        inside = self._inside
        inside.steps_per_epoch = _within_limit(steps_per_epoch)
        if self._choose_steps:
            self.steps_per_execution = self.steps_per_call = self._steps_that_pay(callbacks)
        callbacks = [_EpochStart(), *callbacks]
        if verbose == 1 and not any(isinstance(callback, keras.callbacks.ProgbarLogger) for callback in callbacks):
            callbacks.append(CourseBar())
        # Keras counts the batches of a dataset: one that never ends gives exactly the steps asked for.
        endless = tf.data.Dataset.from_tensors(tf.zeros(self.distribute_strategy.num_replicas_in_sync)).repeat()
        options["shuffle"] = False  # the order of that dataset; real examples are always drawn at random
        self.take_networks()
        self.optimizer = self._first_optimizer()  # what callbacks such as LearningRateScheduler look at
        self.remember_rates()
        if hasattr(self, "_get_trainable_state"):  # Keras 2 would freeze what was frozen when it was compiled
            object.__setattr__(self, "_compiled_trainable_state", self._get_trainable_state())
        try:
            self.notice_changes()
            return super().fit(endless, epochs=epochs, verbose=verbose, callbacks=callbacks,
                               steps_per_epoch=inside.steps_per_epoch, **options)
        finally:
            self.follow_rate()
            inside.steps_per_epoch = self.optimizer = None
            if self._choose_steps:
                self.steps_per_execution = self.steps_per_call = 1

    def _most_examples(self):
        sizes = [int(examples.shape[0]) for examples in self.data_sets.values()]
        if not sizes:
            raise ValueError("steps_per_epoch: expected a whole number, because this model has no examples to count")
        return max(sizes)

    def _steps_that_pay(self, callbacks):
        hooks = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
        if is_eager(self) or not all(getattr(getattr(callback, hook), "_is_default", False)
                                       for callback in callbacks for hook in hooks):
            return 1
        weights = [weight for network in self.networks.values() for weight in network.trainable_variables]
        small = sum(np.prod(weight.shape) for weight in weights) < SMALL and all(len(w.shape) < 3 for w in weights)
        return AT_ONCE if small else 1

    def make_train_function(self, force=False):
        """The function that Keras calls for every `steps_per_execution` steps: runs them and gives the last losses."""
        if self.train_function is not None and not force:
            return self.train_function
        self.refuse_frozen_numbers()
        inside = self._inside
        made = {}  # both ways are kept: a graph that was traced anew would draw its first random numbers once more

        def steps_now():
            eager = is_eager(self)  # tf.config.run_functions_eagerly may be switched at any time
            if eager not in made:
                made[eager] = draws.made_without_luck("train_step", lambda: make_train_steps(self))
            inside.train_steps = made[eager]
            return made[eager]

        steps_now()
        inside.traced = settings.now(self)

        def train_function(iterator):  # the iterator is Keras's; the steps draw their own samples
            train_steps = steps_now()
            steps, then = 1, 0
            self.take_networks()
            if inside.steps_per_epoch:
                left = inside.steps_per_epoch - len(inside.losses)
                steps = min(self.steps_per_call, left)
                then = min(self.steps_per_call, left - steps or inside.steps_per_epoch * (inside.epochs_left > 1))
                self.follow_rate()
            else:  # train_on_batch
                self.notice_changes()
                self.begin_epoch()
            if not steps:  # the rest of an epoch that began before a checkpoint
                return inside.losses[-1]
            losses = np.asarray(train_steps.run(steps, then))  # (steps, number of losses)
            inside.losses.extend(dict(zip(train_steps.names, row)) for row in losses.tolist())
            self._stop_if_not_finite(losses)
            if hasattr(self, "_train_counter"):  # Keras 2: its callbacks read the number of steps here
                self._train_counter.assign_add(steps)
            return inside.losses[-1]

        self.train_function = train_function
        return train_function

    def refuse_frozen_numbers(self):
        """Look for random numbers that a compiled training step would not draw anew: ValueError, or a warning.

        A subclass names more methods that draw by `gan.engine.draws.refuse_frozen`.
        """
        if is_eager(self):
            return
        for name in self.draws_from:
            if draws.is_a_table(lambda name=name: getattr(self, name)(self.batch_size)):
                warnings.warn(f"{name}: gives the same vectors at every call, so every step trains on them; write "
                              "tf.random.normal((k, n)) for fresh ones", stacklevel=4)

    def _check_again(self):
        """Look again, just before a training, at what can change after a model is built.

        Not within Keras's own `fit`: that of Keras 2 meanwhile unfreezes what was frozen after `compile`.
        """
        checks.settings()
        self.refuse_other_networks()
        if not self.trained_networks:
            raise ValueError(f"networks: expected at least one that an optimizer trains, got none in a "
                             f"{type(self).__name__}; see add_network")
        for name in self.trained_networks:
            checks.can_train(name, getattr(self, name))

    def train_on_batch(self, x, y=None, **options):
        """One training step; the batch is not used, as in `fit`. Returns the losses as Keras does."""
        self._check_again()
        unused.of_fit(self, x, y)
        return super().train_on_batch(x, y, **options)

    def evaluate(self, *args, **options):
        """As in Keras, for a subclass with a `test_step` of its own. ValueError for another one."""
        checks.own_test_step("evaluate", self)
        return super().evaluate(*args, **options)

    def test_on_batch(self, *args, **options):
        """As in Keras, for a subclass with a `test_step` of its own. ValueError for another one."""
        checks.own_test_step("test_on_batch", self)
        return super().test_on_batch(*args, **options)

    # ------------------------------------------------- what callbacks and checkpoints ask for

    @property
    def epoch_losses(self):
        """What each step of this epoch returned so far: a list of dicts of numbers."""
        return self._inside.losses

    def begin_epoch(self, losses=()):
        """Forget the losses of the epoch before; `losses` are those of steps that a checkpoint has of this one."""
        self._inside.losses = list(losses)

    def skip_steps(self, steps):
        """Draw the random numbers of so many training steps and drop them, as if these steps had been trained.

        Returns:
            False if that is not possible: `can_skip` was not set before the first step, or random numbers of the
            training step do not pass through `drawn`.
        """
        with self.distribute_strategy.scope():
            self.make_train_function()
        if self.train_steps.skip is None:
            return False
        self.train_steps.skip(steps)
        return True

    @property
    def train_steps(self):
        """How steps are run at present, see `gan.engine.loops`; None before the first one."""
        return self._inside.train_steps

    @property
    def draws_in_python(self):
        """Whether Python or NumPy makes some of the random numbers of a step; False while that is not known."""
        return bool(self.train_steps and self.train_steps.in_python)

    def _stop_if_not_finite(self, losses):
        bad = np.argwhere(~np.isfinite(losses))
        if len(bad):
            step, which = bad[0]
            number = len(self.epoch_losses) - len(losses) + step + 1
            raise FloatingPointError(f"{self.train_steps.names[which]} became {losses[step, which]} in step {number} "
                                     "of the epoch; the training stopped")


def _within_limit(steps):
    """So many steps in an epoch, or fewer where Keras has a limit for all trainings (KERAS_MAX_STEPS_PER_EPOCH)."""
    limit = getattr(getattr(keras, "config", None), "max_steps_per_epoch", lambda: None)()
    return min(steps, limit or steps)


class _EpochStart(keras.callbacks.Callback):
    """Grows what is to grow, looks for changes, and forgets the losses of the epoch before."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.reach_stage_of(epoch)
        self.model.notice_changes()
        self.model.begin_epoch()
        self.model._inside.epochs_left = self.params["epochs"] - epoch
