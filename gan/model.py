"""The base class of the three GANs: everything but the losses and the training step.

The task modules (`0-simple_gan.py`, `1-wgan_clip.py`, `2-wgan_gp.py`) hold what makes each of them what it is. How the
steps are run, stored and resumed stands in `gan.engine`.
"""

import tensorflow as tf
from tensorflow import keras

from gan import checks
from gan.engine import System, draws


class GAN(System):
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

    called = "GAN"
    also_settings = ("beta_1", "beta_2")
    draws_from = ("latent_generator",)
    watched = ("batch_size", "latent_generator", "disc_iter", "learning_rate", "beta_1", "beta_2", "lambda_gp")
    whole_is_missing = "its latent generator and examples cannot be"
    whole_is_made_of = "generator, discriminator, latent_generator, real_examples, ..."

    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=200, disc_iter=2, learning_rate=.005):
        super().__init__(batch_size)
        self.generator = self._checked_network("generator", generator)
        self.discriminator = self._checked_network("discriminator", discriminator)
        checks.distinct({"generator": generator, "discriminator": discriminator})
        self.add_examples("real_examples", real_examples)
        self.disc_iter = checks.whole_number("disc_iter", disc_iter)
        self.learning_rate = checks.learning_rate(learning_rate)
        self.latent_generator = latent_generator
        latent_shape = checks.latent_generator(latent_generator, self.batch_size, generator)
        self._made_shape = checks.known_shape(generator, "output_shape")
        checks.networks_fit(self._made_shape, discriminator, self.real_examples)
        self._call_unknown(latent_shape)
        if self.one_value:
            checks.one_value(checks.known_shape(discriminator, "output_shape"))
        self.add_network("generator", generator, self.new_optimizer(generator), self.generator_loss)
        self.add_network("discriminator", discriminator, self.new_optimizer(discriminator), self.discriminator_loss)
        self.remember_settings()

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
        return keras.optimizers.Adam(self.learning_rate, beta_1=self.beta_1, beta_2=self.beta_2)

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
        if not self.several_parts:
            latent_vectors = tf.convert_to_tensor(latent_vectors)  # Keras takes no lists of numbers
            wanted = checks.known_shape(self.generator, "input_shape")
            if wanted and latent_vectors.shape.rank is None:  # what tf.numpy_function gives
                latent_vectors = tf.ensure_shape(latent_vectors, (None, *wanted))
        return self.generator(latent_vectors, training=training)

    def get_real_sample(self, size=None):
        """`size` (default: the batch size) real examples, drawn without replacement.

        Raises:
            TypeError, ValueError: `size` is not a whole number from 1 to the number of real examples; the batch size is
                larger than that.
        """
        return self.sample("real_examples", size=size)

    def with_channel(self, sample):
        """A sample as the generator makes them: pictures (batch, h, w) become (batch, h, w, 1) beside (h, w, 1)."""
        if self._made_shape is not None and len(self._made_shape) == len(sample.shape):
            sample = sample[..., tf.newaxis]
        return sample

    # ------------------------------------------------------------ checks on the way

    def changed_settings(self, changed, before):
        """Settings of a GAN that were changed: looked at again, and passed on to the optimizers."""
        super().changed_settings(changed - {"real_examples"}, before)
        if "disc_iter" in changed:
            self.disc_iter = checks.whole_number("disc_iter", self.disc_iter)
        if "lambda_gp" in changed:
            checks.number("lambda_gp", self.lambda_gp, zero_allowed=True)
        if "real_examples" in changed:
            examples = checks.real_examples(self.real_examples)
            checks.networks_fit(self._made_shape, self.discriminator, examples)
            self.change_examples("real_examples", examples, "float32")
        if "latent_generator" in changed:
            checks.latent_generator(self.latent_generator, self.batch_size, self.generator)
        if "learning_rate" in changed:
            schedule = keras.optimizers.schedules.LearningRateSchedule
            if isinstance(self.learning_rate, schedule) or isinstance(before.learning_rate, schedule):
                raise ValueError("learning_rate: a schedule can only be given when the GAN is built; build a new one")
            self.set_rates([checks.learning_rate(self.learning_rate)] * 2)
        for name in changed & set(self.also_settings):
            value = checks.number(name, getattr(self, name), zero_allowed=True)
            for network in (self.generator, self.discriminator):
                if not hasattr(network.optimizer, name):
                    raise ValueError(f"{name}: {type(network.optimizer).__name__} has none")
                setattr(network.optimizer, name, value)

    def refuse_frozen_numbers(self):
        """Also for methods of a subclass that draw samples."""
        if not (self.run_eagerly or tf.config.functions_run_eagerly()):
            for name in ("get_fake_sample", "get_real_sample"):
                if getattr(type(self), name) is not getattr(GAN, name):
                    draws.refuse_frozen(name, getattr(self, name))
        super().refuse_frozen_numbers()

    def predict(self, x, *args, **options):
        """The generator's examples for latent vectors x, as an array."""
        x = checks.latent_vectors("x", x, self.generator)
        return super().predict(x, *args, **options)

    def predict_on_batch(self, x):
        """As `predict`, for one batch."""
        x = checks.latent_vectors("x", x, self.generator)
        return super().predict_on_batch(x)

    def _load(self, *parts):
        """Files of single networks, all or none; see `load_files`."""
        self.load_files(*parts)
