"""The base class of the three GANs: everything but the losses and the training step.

The task modules (`0-simple_gan.py`, `1-wgan_clip.py`, `2-wgan_gp.py`) hold what makes each of them what it is.
"""

import contextlib
import math
import os
import warnings
import weakref
from types import SimpleNamespace

from gan import keras_settings

keras_settings.check()  # in one sentence, before Keras fails in a way of its own

import numpy as np
import tensorflow as tf
from tensorflow import keras

from gan import checks, devices, draws, settings, weight_files, whole
from gan.loops import is_eager, make_train_steps

AT_ONCE = 50  # steps in one call of TensorFlow, where nobody looks at single ones and they are quick:
SMALL = 10 ** 5  # weights of both networks
SETTINGS = ("real_examples", "latent_generator", "batch_size", "disc_iter", "learning_rate", "beta_1", "beta_2",
            "lambda_gp", "generator", "discriminator")  # looked at before each training: they may have been changed
_HOLDERS = weakref.WeakKeyDictionary()  # network -> a weak reference to the `_Held` of the GAN that trained it last


class GAN(keras.Model):
    """A generator and a discriminator that train against each other.

    A subclass gives `generator_loss(x)`, `discriminator_loss(x, y)`, `train_step` and, if they differ, the two
    constants of Adam, `beta_1` and `beta_2`. One whose `train_step` takes networks with several inputs or outputs says
    `several_parts = True`.

    Args:
        generator: keras.Model from latent vectors to examples.
        discriminator: keras.Model from examples to one value each, shape (batch, 1).
        latent_generator: function k -> tensor of k random latent vectors, shape (k, ...).
        real_examples: array or tensor of numbers, shape (n, ...); kept as float32. Pictures may come as (n, h, w)
            beside networks of (h, w, 1).
        batch_size: how many examples each sample has.
        disc_iter: updates of the discriminator in each training step.
        learning_rate: of both Adam optimizers; a number or a Keras schedule.

    Raises:
        TypeError, ValueError: an argument of the wrong kind, value or shape; the message names it.
    """

    beta_1 = .5
    beta_2 = .9
    several_parts = False  # True where `train_step` can handle networks with several inputs or outputs
    one_value = True  # False in a subclass whose discriminator gives several values for each example

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=200, disc_iter=2, learning_rate=.005):
        super().__init__(dtype="float32")  # whatever the global policy of Keras is
        checks.settings()
        self.generator = self._checked_network("generator", generator)
        self.discriminator = self._checked_network("discriminator", discriminator)
        checks.distinct(generator, discriminator)
        self.real_examples = checks.real_examples(real_examples)
        self.batch_size = devices.check_batch(checks.whole_number("batch_size", batch_size))
        self.disc_iter = checks.whole_number("disc_iter", disc_iter)
        self.learning_rate = checks.learning_rate(learning_rate)
        self.latent_generator = latent_generator
        latent_shape = checks.latent_generator(latent_generator, self.batch_size, generator)
        self._made_shape = checks.known_shape(generator, "output_shape")
        checks.networks_fit(self._made_shape, discriminator, self.real_examples)
        self._call_unknown(latent_shape)
        if self.one_value:
            checks.one_value(checks.known_shape(discriminator, "output_shape"))

        for network, loss in ((generator, self.generator_loss), (discriminator, self.discriminator_loss)):
            _let_go(network)
            network.optimizer = self.new_optimizer(network)
            network.compile(optimizer=network.optimizer)
            network.loss = loss  # not by compile: then a saved network would ask for this function when it is loaded
            if network.built:  # Adam's moments exist from the start: weights can be saved, and one trace is enough
                network.optimizer.build(_all_that_can_train(network))
        # Past Keras, which would save what stands in here a second time.
        object.__setattr__(self, "_held", tuple(_Held(network) for network in (generator, discriminator)))
        object.__setattr__(self, "_traced", SimpleNamespace(settings=None))
        self._remember_settings()
        self.built = True
        self.steps_per_call, self._choose_steps = 1, False
        self.can_skip = False  # True: keep the draws apart, so that `skip_steps` works
        self._steps_per_epoch = None
        self._rate_ratio = 1.
        self._epochs_left = 1
        self._begin_epoch()

    def _checked_network(self, name, network):
        if isinstance(network, GAN):
            raise TypeError(f"{name}: expected a network, got a {type(network).__name__}; give its .{name}")
        checks.network(name, network)
        checks.can_train(name, network, now=False)
        if not self.several_parts:
            checks.single(name, network)
        return network

    def _call_unknown(self, latent_shape):
        """Call networks whose shapes are not known otherwise: those that are not built, and subclasses of keras.Model.

        The first kind (such as a Sequential without an Input) is built by that.
        """
        generator, discriminator = self.generator, self.discriminator
        if not latent_shape:
            return
        shape = (1, *latent_shape[1:])
        if not (generator.built and discriminator.built):
            fake = checks.made_by("generator", generator, shape)
            self._made_shape = tuple(fake.shape[1:])
            checks.networks_fit(self._made_shape, discriminator, self.real_examples)
            values = checks.made_by("discriminator", discriminator, fake.shape, several=self.several_parts)
            if self.one_value and tf.is_tensor(values):
                checks.one_value(tuple(values.shape[1:]))
            for name, network in (("generator", generator), ("discriminator", discriminator)):
                checks.can_train(name, network, now=False)
        elif not self.several_parts:
            if checks.known_shape(generator, "output_shape") is None:
                fake = checks.traced("generator", generator, shape)
                if fake is not None:
                    self._made_shape = tuple(fake.shape[1:])
                    checks.networks_fit(self._made_shape, discriminator, self.real_examples)
            if checks.known_shape(discriminator, "output_shape") is None and self._made_shape is not None:
                values = checks.traced("discriminator", discriminator, (1, *self._made_shape))
                if self.one_value and values is not None:
                    checks.one_value(tuple(values.shape[1:]))

    def new_optimizer(self, network):
        """The optimizer that `network`, the generator or the discriminator, trains with."""
        return devices.adam(self.learning_rate, beta_1=self.beta_1, beta_2=self.beta_2)

    def call(self, latent_vectors, training=False):
        """The generator's examples for these latent vectors."""
        return self.generator(latent_vectors, training=training)

    def get_config(self):
        """The settings that are numbers. Not enough to build the model again: save its weights instead."""
        return {"batch_size": self.batch_size, "disc_iter": self.disc_iter, "beta_1": self.beta_1,
                "beta_2": self.beta_2}

    # ---------------------------------------------------------------- samples

    def get_fake_sample(self, size=None, training=False):
        """`size` (default: the batch size) examples made by the generator from fresh latent vectors."""
        size = self.batch_size if size is None else checks.sample_size(size)
        latent_vectors = self.drawn(lambda: self.latent_generator(size))
        return self.generator(latent_vectors, training=training)

    def get_real_sample(self, size=None):
        """`size` (default: the batch size) real examples, drawn without replacement.

        Raises:
            TypeError, ValueError: `size` is not a whole number from 1 to the number of real examples; the batch size is
                larger than that.
        """
        count = self.real_examples.shape[0]
        if size is not None:
            size = checks.sample_size(size, count)
        elif self.batch_size > count:
            raise ValueError(f"batch_size: expected at most {count}, the number of real examples, "
                             f"got {self.batch_size}")
        indices = self.drawn(lambda: tf.random.shuffle(tf.range(count))[:self.batch_size if size is None else size])
        return tf.gather(self.real_examples, indices)

    def drawn(self, draw):
        """The random numbers of draw(). What a training step draws passes here, so that `gan.loops` can draw ahead.

        In a graph each step gets its own, whatever library makes them: see `gan.draws`.
        """
        self._take_networks()
        draw = draws.in_graph(draw)
        if self.jit_compile and getattr(draw, "at_every_step", False):
            raise ValueError("jit_compile: expected False beside random numbers that TensorFlow does not draw, got "
                             "True; write the latent generator with tf.random.normal((k, n))")
        return draw()

    def with_channel(self, sample):
        """A sample as the generator makes them: pictures (batch, h, w) become (batch, h, w, 1) beside (h, w, 1)."""
        if self._made_shape is not None and len(self._made_shape) == len(sample.shape):
            sample = sample[..., tf.newaxis]
        return sample

    # --------------------------------------------------------------- training

    @property
    def metrics(self):
        """The metrics that a subclass adds, without Keras 3's tracker of a loss that no `train_step` here updates."""
        return [metric for metric in super().metrics if metric is not getattr(self, "_loss_tracker", None)]

    def compile(self, *args, steps_per_execution=None, jit_compile=False, **options):
        """Get ready for `fit`. The networks train with their own Adam; an optimizer given here is not used.

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
        # "auto" and None are Keras's ways to leave the choice to it
        super().compile(*args, steps_per_execution=steps, jit_compile=jit_compile is True, **options)
        self.optimizer = None  # each network has its own; a third one would be counted and saved with them
        self.steps_per_call = steps

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, *,
            steps_per_epoch=None, **options):
        """Train for exactly `epochs` x `steps_per_epoch` steps.

        Args:
            x, y: not used: each training step draws its own samples of `real_examples`.
            batch_size: only sets the number of steps when `steps_per_epoch` is not given; samples always have the
                batch size of the model.
            epochs, callbacks, options: as in Keras. A callback that changes the learning rate changes both networks'.
            verbose: 0 silent, 1 a bar with the mean of the epoch's losses as Keras 2 printed it, 2 one line an epoch
                with the last step's losses.
            steps_per_epoch: default ceil(n / batch size).

        Returns:
            keras.callbacks.History with the losses of the last step of each epoch.

        Raises:
            ValueError: the batch size is larger than the number of real examples.
        """
        self._check_again()
        batch_size = checks.whole_number("batch_size", self.batch_size if batch_size is None else batch_size)
        if steps_per_epoch is None:
            steps_per_epoch = math.ceil(self.real_examples.shape[0] / batch_size)
        steps_per_epoch = checks.whole_number("steps_per_epoch", steps_per_epoch)
        epochs, options["initial_epoch"] = checks.epochs(epochs, options.get("initial_epoch", 0))
        verbose = checks.verbose(verbose)
        callbacks = checks.callbacks(callbacks)
        options = checks.validation(self, options)
        self._steps_per_epoch = _most_steps(steps_per_epoch)
        if self._choose_steps:
            self.steps_per_execution = self.steps_per_call = self._steps_that_pay(callbacks)
        callbacks = [_EpochStart(), *callbacks]
        if verbose == 1 and not any(isinstance(callback, keras.callbacks.ProgbarLogger) for callback in callbacks):
            callbacks.append(CourseBar())
        # Keras counts the batches of a dataset: one that never ends gives exactly the steps asked for.
        endless = tf.data.Dataset.from_tensors(tf.zeros(self.distribute_strategy.num_replicas_in_sync)).repeat()
        options["shuffle"] = False  # the order of that dataset; real examples are always drawn at random
        self._take_networks()
        self.optimizer = self.generator.optimizer  # what callbacks such as LearningRateScheduler look at
        self._known_rate, rate = self._rates()
        if self._known_rate > 0:
            self._rate_ratio = rate / self._known_rate
        if hasattr(self, "_get_trainable_state"):  # Keras 2 would freeze what was frozen when it was compiled
            object.__setattr__(self, "_compiled_trainable_state", self._get_trainable_state())
        try:
            self._notice_changes()
            return super().fit(endless, epochs=epochs, verbose=verbose, callbacks=callbacks,
                               steps_per_epoch=self._steps_per_epoch, **options)
        finally:
            self._follow_rate()
            self._steps_per_epoch = self.optimizer = None
            if self._choose_steps:
                self.steps_per_execution = self.steps_per_call = 1

    def _steps_that_pay(self, callbacks):
        hooks = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
        if is_eager(self) or not all(getattr(getattr(callback, hook), "_is_default", False)
                                       for callback in callbacks for hook in hooks):
            return 1
        weights = [*self.generator.trainable_variables, *self.discriminator.trainable_variables]
        small = sum(np.prod(weight.shape) for weight in weights) < SMALL and all(len(w.shape) < 3 for w in weights)
        return AT_ONCE if small else 1

    def make_train_function(self, force=False):
        """The function that Keras calls for every `steps_per_execution` steps: runs them and gives the last losses."""
        if self.train_function is not None and not force:
            return self.train_function
        self._refuse_frozen_numbers()
        made = {}  # both ways are kept: a graph that was traced anew would draw its first random numbers once more

        def steps_now():
            eager = is_eager(self)  # tf.config.run_functions_eagerly may be switched at any time
            if eager not in made:
                made[eager] = draws.made_without_luck("train_step", lambda: make_train_steps(self))
            self._train_steps = made[eager]
            return made[eager]

        steps_now()
        self._traced.settings = settings.now(self)

        def train_function(iterator):  # the iterator is Keras's; the steps draw their own samples
            train_steps = steps_now()
            steps, then = 1, 0
            self._take_networks()
            if self._steps_per_epoch:
                left = self._steps_per_epoch - len(self._epoch_losses)
                steps = min(self.steps_per_call, left)
                then = min(self.steps_per_call, left - steps or self._steps_per_epoch * (self._epochs_left > 1))
                self._follow_rate()
            else:  # train_on_batch
                self._notice_changes()
                self._begin_epoch()
            if not steps:  # the rest of an epoch that began before a checkpoint
                return self._epoch_losses[-1]
            losses = np.asarray(train_steps.run(steps, then))  # (steps, number of losses)
            self._epoch_losses.extend(dict(zip(train_steps.names, row)) for row in losses.tolist())
            self._stop_if_not_finite(losses)
            if hasattr(self, "_train_counter"):  # Keras 2: its callbacks read the number of steps here
                self._train_counter.assign_add(steps)
            return self._epoch_losses[-1]

        self.train_function = train_function
        return train_function

    def _check_again(self):
        """Look again, just before a training, at what can change after a GAN is built.

        Not within Keras's own `fit`: that of Keras 2 meanwhile unfreezes what was frozen after `compile`.
        """
        checks.settings()
        self._refuse_other_networks()
        checks.can_train("generator", self.generator)
        checks.can_train("discriminator", self.discriminator)

    def train_on_batch(self, *args, **options):
        """One training step; the batch is not used, as in `fit`. Returns the losses as Keras does."""
        self._check_again()
        return super().train_on_batch(*args, **options)

    def evaluate(self, *args, **options):
        """As in Keras, for a subclass with a `test_step` of its own. ValueError for another one."""
        checks.own_test_step("evaluate", self)
        return super().evaluate(*args, **options)

    def test_on_batch(self, *args, **options):
        """As in Keras, for a subclass with a `test_step` of its own. ValueError for another one."""
        checks.own_test_step("test_on_batch", self)
        return super().test_on_batch(*args, **options)

    def predict(self, x, *args, **options):
        """The generator's examples for latent vectors x, as an array."""
        checks.latent_vectors("x", x, self.generator)
        return super().predict(x, *args, **options)

    def predict_on_batch(self, x):
        """As `predict`, for one batch."""
        checks.latent_vectors("x", x, self.generator)
        return super().predict_on_batch(x)

    def _take_networks(self):
        """Give the networks the losses and optimizers of this GAN, if another one has been built on them since."""
        for network, held in zip((self.generator, self.discriminator), self._held):
            holder = _HOLDERS.get(network)
            if holder is not None and holder() is not held:
                _let_go(network)
                network.loss, network.optimizer = held.loss, held.optimizer
                _HOLDERS[network] = weakref.ref(held)

    def _notice_changes(self):
        """Let the next training step follow what has been changed since its graph was made.

        Raises:
            TypeError, ValueError: a setting has a bad value now, or is one that only a new GAN can have.
        """
        self._take_networks()
        self._refuse_other_networks()
        built = self._built_with
        changed = {name for name in SETTINGS if hasattr(self, name)
                   and getattr(self, name) is not getattr(built, name, None)}
        for name in changed & {"batch_size", "disc_iter"}:
            setattr(self, name, checks.whole_number(name, getattr(self, name)))
            devices.check_batch(self.batch_size, self.distribute_strategy)
        if "lambda_gp" in changed:
            checks.number("lambda_gp", self.lambda_gp, zero_allowed=True)
        if "real_examples" in changed:
            examples = checks.real_examples(self.real_examples)
            checks.networks_fit(self._made_shape, self.discriminator, examples)
            self.real_examples = examples
        if "latent_generator" in changed:
            checks.latent_generator(self.latent_generator, self.batch_size, self.generator)
        if "learning_rate" in changed:
            schedule = keras.optimizers.schedules.LearningRateSchedule
            if isinstance(self.learning_rate, schedule) or isinstance(built.learning_rate, schedule):
                raise ValueError("learning_rate: a schedule can only be given when the GAN is built; build a new one")
            self._set_rates([checks.learning_rate(self.learning_rate)] * 2)
        for network in (self.generator, self.discriminator):
            for name in changed & {"beta_1", "beta_2"}:
                if not hasattr(network.optimizer, name):
                    raise ValueError(f"{name}: {type(network.optimizer).__name__} has none")
                setattr(network.optimizer, name, checks.number(name, getattr(self, name), zero_allowed=True))
            if network.built and not getattr(network.optimizer, "built", getattr(network.optimizer, "_built", True)):
                network.optimizer.build(_all_that_can_train(network))
        if changed:
            self._remember_settings()
        if self.train_function is not None and not is_eager(self) and self._traced.settings is not None \
                and settings.differ(self._traced.settings, settings.now(self)):
            self.make_train_function(force=True)

    def _remember_settings(self):
        object.__setattr__(self, "_built_with", SimpleNamespace(
            **{name: getattr(self, name) for name in SETTINGS if hasattr(self, name)}))

    def _refuse_other_networks(self):
        for name in ("generator", "discriminator"):
            if getattr(self, name) is not getattr(self._built_with, name):
                raise ValueError(f"{name}: expected the network that the GAN was built with, got another one; build a "
                                 "new GAN with it")

    def _refuse_frozen_numbers(self):
        """Look for random numbers that a compiled training step would not draw anew: ValueError, or a warning."""
        if is_eager(self):
            return
        for name in ("get_fake_sample", "get_real_sample"):
            if getattr(type(self), name) is not getattr(GAN, name):
                draws.refuse_frozen(name, getattr(self, name))
        if draws.is_a_table(lambda: self.latent_generator(self.batch_size)):
            warnings.warn("latent_generator: gives the same vectors at every call, so every step trains on them; write "
                          "tf.random.normal((k, n)) for fresh ones", stacklevel=4)

    def skip_steps(self, steps):
        """Draw the random numbers of so many training steps and drop them, as if these steps had been trained.

        Returns:
            False if that is not possible: `can_skip` was not set before the first step, or random numbers of the
            training step do not pass through `drawn`.
        """
        with self.distribute_strategy.scope():
            self.make_train_function()
        if self._train_steps.skip is None:
            return False
        self._train_steps.skip(steps)
        return True

    def _begin_epoch(self, losses=()):
        """Forget the losses of the epoch before; `losses` are those of steps that a checkpoint has of this one."""
        # Past Keras, which would look at each of these dicts for layers: 12 (Keras 3) to 90 (Keras 2) microseconds a
        # step, where a step of small networks takes 300.
        object.__setattr__(self, "_epoch_losses", list(losses))

    def _stop_if_not_finite(self, losses):
        bad = np.argwhere(~np.isfinite(losses))
        if len(bad):
            step, which = bad[0]
            number = len(self._epoch_losses) - len(losses) + step + 1
            raise FloatingPointError(f"{self._train_steps.names[which]} became {losses[step, which]} in step {number} "
                                     "of the epoch; the training stopped")

    def _rates(self):
        """The learning rates of both networks as numbers."""
        self._take_networks()
        rates = [network.optimizer.learning_rate for network in (self.generator, self.discriminator)]
        return [float(rate.numpy() if hasattr(rate, "numpy") else rate) for rate in rates]  # a schedule may give floats

    def _set_rates(self, rates):
        if not isinstance(self.learning_rate, keras.optimizers.schedules.LearningRateSchedule):
            for network, rate in zip((self.generator, self.discriminator), rates):
                network.optimizer.learning_rate = rate

    def _follow_rate(self):
        """When a callback has changed the generator's learning rate, change the discriminator's in proportion."""
        rate, _ = self._rates()
        scheduled = isinstance(self.learning_rate, keras.optimizers.schedules.LearningRateSchedule)
        if rate != self._known_rate and not scheduled:
            self.discriminator.optimizer.learning_rate = rate * self._rate_ratio
            self._known_rate = rate

    # --------------------------------------------------------- not as a whole

    def _no_whole(self, *args, **options):
        """Refuse what would need the latent generator, any Python function, and the real examples in a file or a copy.

        Raises:
            TypeError: always.
        """
        raise TypeError(f"a {type(self).__name__} is not stored or copied as a whole, because its latent generator and "
                        "examples cannot be: use save_weights('NAME.weights.h5') and load_weights, or save, export or "
                        "clone G.generator and G.discriminator")

    save = export = to_json = get_build_config = get_state_tree = __reduce__ = __deepcopy__ = _no_whole

    def _trackable_children(self, save_type="checkpoint", **options):
        """What TensorFlow would store: all of it in a `tf.train.Checkpoint`; `tf.saved_model.save` is refused."""
        if save_type == "savedmodel":
            self._no_whole()
        return super()._trackable_children(save_type, **options)

    def __setattr__(self, name, value):
        if name == "optimizer":  # which is only shown: TensorFlow's checkpoints find it at its network
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """Refused: the settings alone do not make a GAN. TypeError."""
        raise TypeError(f"a {cls.__name__} is not made from its settings alone: call {cls.__name__}(generator, "
                        "discriminator, latent_generator, real_examples, ...)")

    # ---------------------------------------------------------------- weights

    def trained_variables(self):
        """Everything that a training changes, in a fixed order: the variables of both networks and both optimizers."""
        self._take_networks()
        return [variable for network in (self.generator, self.discriminator)
                for variable in [*network.variables, *network.optimizer.variables]]

    def save_weights(self, filepath, *args, **options):
        """Save both networks and both optimizers, whole or not at all.

        Raises:
            ValueError: the name does not end in .weights.h5; other formats would leave the optimizers out.
        """
        if not str(filepath).endswith(".weights.h5"):
            raise ValueError(f"filepath: expected a name that ends in .weights.h5, got {str(filepath)!r}")
        write = super().save_weights
        with self._networks_only():
            weight_files.save(lambda path: write(path, *args, **options), filepath, gan_classes=self._classes())

    def load_weights(self, filepath, *args, **options):
        """Load what `save_weights` wrote.

        Raises:
            ValueError: the file is missing, damaged or of another GAN; then nothing changes.
        """
        for name in ("by_name", "skip_mismatch"):
            if options.get(name):
                raise ValueError(f"{name}: expected False, got {options[name]!r}: weights would be left out without a "
                                 "word")
        load = super().load_weights
        with self._networks_only():
            self._load(("filepath", filepath, lambda path: load(path, *args, **options)))

    @contextlib.contextmanager
    def _networks_only(self):
        """Hide `self.optimizer`, which is the generator's: files shall hold it once, whether compiled or not."""
        self._take_networks()
        hidden, self.optimizer = getattr(self, "optimizer", None), None
        try:
            yield
        finally:
            self.optimizer = hidden

    def _load(self, *parts):
        """Call load(path) for each part (argument, path, load). If one fails, all variables go back: ValueError."""
        variables = self.trained_variables()
        largest = max(int(np.prod(variable.shape)) for variable in variables)
        for argument, path, _ in parts:
            if not str(path).endswith((".h5", ".hdf5")):
                raise ValueError(f"{argument}: expected the name of a file of weights, which ends in .h5, got "
                                 f"{str(path)!r}")
            if not os.path.isfile(path):
                raise ValueError(f"{argument}: expected a file of weights, there is none at {str(path)!r}")
            try:
                weight_files.check(path, max(largest, 1000))
                weight_files.check_classes(path, self._classes())
            except Exception as error:  # h5py raises many kinds
                raise _unfit(argument, path, error) from error
        values = [variable.numpy() for variable in variables]
        for argument, path, load in parts:
            try:
                with warnings.catch_warnings():
                    # Keras 3 only warns when it leaves an optimizer as it was. It also warns of parts that a file
                    # may lack because they repeat the layers.
                    warnings.filterwarnings("error", message="Skipping variable loading for optimizer")
                    warnings.filterwarnings("ignore", message="Skipping nested container")
                    load(str(path))
            except Exception as error:  # h5py and Keras raise many kinds: OSError, KeyError, ValueError, ...
                for variable, value in zip(variables, values):
                    variable.assign(value)
                raise _unfit(argument, path, error) from error

    def _classes(self):
        """The names of its class and of the classes that this is made from, down to `GAN`."""
        kinds = type(self).__mro__
        return [kind.__name__ for kind in kinds[:kinds.index(GAN)]]


whole.ask_first(GAN, GAN._no_whole)


class _Held:
    """The loss and the optimizer that a GAN trains a network with."""

    def __init__(self, network):
        self.loss, self.optimizer = network.loss, network.optimizer
        _HOLDERS[network] = weakref.ref(self)


def _let_go(network):
    """Before another GAN takes the network: the one that has it keeps its loss and optimizer as they are by now."""
    holder = _HOLDERS.get(network, lambda: None)()
    if holder is not None:
        holder.loss, holder.optimizer = network.loss, network.optimizer


def _unfit(argument, path, error):
    reason = str(error).strip().split("\n")[0] or type(error).__name__
    return ValueError(f"{argument}: {str(path)!r} does not hold weights of this network ({reason}); no weight was "
                      "changed")


def _all_that_can_train(network):
    """The trainable variables that a network would have if none of its layers were frozen.

    Adam gets moments for all of them, so that a layer can be frozen and unfrozen at any time.
    """
    layers = [network, *network._flatten_layers(include_self=False)]
    kept = [(layer, layer.trainable) for layer in layers]
    if all(trainable for _, trainable in kept):
        return list(network.trainable_variables)
    variables = [(variable, variable.trainable) for variable in network.variables]
    for layer in layers:
        layer.trainable = True
    found = list(network.trainable_variables)
    for layer, trainable in kept:
        layer.trainable = trainable
    for variable, trainable in variables:
        if variable.trainable != trainable:
            variable.trainable = trainable
    return found


def _most_steps(steps):
    """So many steps in an epoch, or fewer where Keras has a limit for all trainings (KERAS_MAX_STEPS_PER_EPOCH)."""
    limit = getattr(getattr(keras, "config", None), "max_steps_per_epoch", lambda: None)()
    return min(steps, limit or steps)


class _EpochStart(keras.callbacks.Callback):
    """Forgets the losses of the epoch before."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model._notice_changes()
        self.model._begin_epoch()
        self.model._epochs_left = self.params["epochs"] - epoch


class CourseBar(keras.callbacks.ProgbarLogger):
    """The progress bar with the numbers that the course prints.

    The course was written with Keras 2, whose bar shows (sum of the epoch's losses + the last one once more) / (n + 1)
    at the end of an epoch of n steps. Keras 3's own bar shows the last step alone.
    """

    def set_params(self, params):
        self.params = params

    def on_epoch_begin(self, epoch, logs=None):
        if self.params["epochs"] > 1:
            print(f"Epoch {epoch + 1}/{self.params['epochs']}")
        self.bar = keras.utils.Progbar(self.params["steps"], unit_name="step")
        self.count, self.sums = 0, {}

    def on_train_batch_end(self, batch, logs=None):
        for losses in self.model._epoch_losses[self.count:]:
            self._add(losses)
        self._show(finalize=False)

    def on_epoch_end(self, epoch, logs=None):
        steps = self.bar.target = self.count  # fewer than planned when training was stopped
        self._add(self.model._epoch_losses[-1])
        self._show(finalize=True, steps=steps)

    def _add(self, losses):
        self.count += 1
        for name, loss in losses.items():
            self.sums[name] = self.sums.get(name, 0.) + loss

    def _show(self, finalize, steps=None):
        self.bar.stateful_metrics = set(self.sums)  # means already: the bar shall not average once more
        means = [(name, total / self.count) for name, total in self.sums.items()]
        self.bar.update(steps or self.count, means, finalize=finalize)
