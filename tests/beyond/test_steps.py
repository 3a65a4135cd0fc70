"""One training step of each GAN of `beyond` against a reference of its own: matrices, formulas, optimizers by hand."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond.common.cross_entropy import accuracy
from beyond.dcgan import BATCHES, DCGAN, DCGANBatchesApart, TwoClassGAN, clothes_GenDiscr
from beyond.dense_gan import DenseGAN
from beyond.lsgan import LSGAN
from beyond.wgan import WGAN, WGANAsListed
from beyond.wgan_gp import WGAN_GP
from tests.helpers import points, set_seeds

LATENT, HIDDEN, PIXELS, BATCH, COUNT = 2, 5, 6, 7, 17
EPSILON = 1e-3  # of Keras's batch normalisation, and here of RMSprop


def networks(outputs=1, normalized=False):
    """A generator (one layer) and a discriminator (two layers) of pictures of 3 x 2, with large weights."""
    layers = keras.layers
    generator = keras.Sequential([keras.Input((LATENT,)), layers.Dense(PIXELS, activation="sigmoid"),
                                  layers.Reshape((3, 2, 1))])
    hidden = [layers.Dense(HIDDEN, activation="tanh")] + [layers.BatchNormalization(momentum=.8)] * normalized
    discriminator = keras.Sequential([keras.Input((3, 2, 1)), layers.Flatten(), *hidden, layers.Dense(outputs)])
    stream = np.random.default_rng(5)
    for network in (generator, discriminator):
        network.set_weights([stream.uniform(.2, .9, array.shape) if "moving_variance" in variable.name
                             else stream.normal(size=array.shape) * .7
                             for variable, array in zip(network.weights, network.get_weights())])
    return generator, discriminator


def build(chosen_type, outputs=1, normalized=False, **options):
    set_seeds(3)
    generator, discriminator = networks(outputs, normalized)
    return chosen_type(generator, discriminator, lambda k: tf.random.normal((k, LATENT)), points(COUNT, 3, 2, 1),
                       batch_size=BATCH, **options)


def draws_for(chosen_type, disc_iter):
    """What a step draws, in order: for each update of the discriminator indices and latent vectors (and u); latent."""
    stream = np.random.default_rng(11)
    result = []
    for _ in range(disc_iter):
        result += [stream.permutation(COUNT)[:BATCH], stream.normal(size=(BATCH, LATENT)).astype("float32")]
        if chosen_type is WGAN_GP:
            result.append(stream.uniform(size=(BATCH, 1, 1, 1)).astype("float32"))
    return result + [stream.normal(size=(BATCH, LATENT)).astype("float32")]


class Adam:
    def __init__(self, rate, beta_1, beta_2):
        self.rate, self.beta_1, self.beta_2, self.count, self.moments = rate, beta_1, beta_2, 0, {}

    def __call__(self, name, value, gradient):
        m, v = self.moments.get(name, (0., 0.))
        m = self.beta_1 * m + (1 - self.beta_1) * gradient
        v = self.beta_2 * v + (1 - self.beta_2) * gradient ** 2
        self.moments[name] = m, v
        alpha = self.rate * np.sqrt(1 - self.beta_2 ** self.count) / (1 - self.beta_1 ** self.count)
        return value - alpha * m / (np.sqrt(v) + 1e-7)


class RMSprop:
    def __init__(self, rate):
        self.rate, self.count, self.squares = rate, 0, {}

    def __call__(self, name, value, gradient):
        self.squares[name] = .9 * self.squares.get(name, 0.) + .1 * gradient ** 2
        return value - self.rate * gradient / np.sqrt(self.squares[name] + EPSILON)


class Descent:
    def __init__(self, rate):
        self.rate, self.count = rate, 0

    def __call__(self, name, value, gradient):
        return value - self.rate * gradient


def softplus(x):
    return tf.math.log1p(tf.exp(-tf.abs(x))) + tf.maximum(x, 0.)


ADAM = dict(beta_1=.5, beta_2=.999)
# What each system minimises, of the values x on real and y on fake examples, and how it descends.
SYSTEMS = {
    "DenseGAN": (DenseGAN, lambda x, y: tf.reduce_mean(softplus(-x) + softplus(y)) / 2,
                 lambda y: tf.reduce_mean(softplus(-y)), Adam(.01, **ADAM), Adam(.01, **ADAM), {}),
    **{f"DCGAN {batches}": (chosen_type, lambda x, y: tf.reduce_mean(softplus(-x) + softplus(y)) / 2,
                            lambda y: tf.reduce_mean(softplus(-y)), Adam(.01, **ADAM), Adam(.01, **ADAM),
                            {}) for batches, chosen_type in BATCHES.items()},
    "TwoClassGAN": (TwoClassGAN,
                    lambda x, y: tf.reduce_mean(softplus(x[:, 0] - x[:, 1]) + softplus(y[:, 1] - y[:, 0])),
                    lambda y: tf.reduce_mean(softplus(y[:, 0] - y[:, 1])), Descent(.1), Adam(.01, .9, .999), {}),
    "LSGAN": (LSGAN, lambda x, y: tf.reduce_mean((x - 1) ** 2 + y ** 2) / 2, lambda y: tf.reduce_mean((y - 1) ** 2),
              Adam(.01, **ADAM), Adam(.01, **ADAM), {}),
    "LSGAN Pearson": (LSGAN, lambda x, y: tf.reduce_mean((x - 1) ** 2 + (y + 1) ** 2) / 2,
                      lambda y: tf.reduce_mean(y ** 2), Adam(.01, **ADAM), Adam(.01, **ADAM),
                      {"targets": (-1., 1., 0.)}),
    "WGAN": (WGAN, lambda x, y: tf.reduce_mean(y) - tf.reduce_mean(x), lambda y: -tf.reduce_mean(y),
             RMSprop(.01), RMSprop(.01), {"clip": .3}),
    "WGAN as listed": (WGANAsListed, lambda x, y: tf.reduce_mean(y) - tf.reduce_mean(x), lambda y: -tf.reduce_mean(y),
                         RMSprop(.01), RMSprop(.01), {"clip": .3}),
    "WGAN_GP": (WGAN_GP, lambda x, y: tf.reduce_mean(y) - tf.reduce_mean(x), lambda y: -tf.reduce_mean(y),
                Adam(.01, 0., .9), Adam(.01, 0., .9), {"lambda_gp": 3}),
}


class Reference:
    """The step in float64, on named arrays, with the networks written out as matrices."""

    def __init__(self, generator, discriminator, real, settings):
        self.real, self.settings = real.reshape(COUNT, PIXELS).astype("float64"), settings
        self.g = dict(zip(("kernel", "bias"), [array.astype("float64") for array in generator.get_weights()]))
        arrays = [array.astype("float64") for array in discriminator.get_weights()]
        self.normalized = len(arrays) > 4
        names = ("kernel1", "bias1", "gamma", "beta", "mean", "variance", "kernel2", "bias2")
        self.d = dict(zip(names if self.normalized else names[:2] + names[6:], arrays))

    def make(self, g, latent):
        return 1 / (1 + tf.exp(-(latent.astype("float64") @ g["kernel"] + g["bias"])))

    def judge(self, d, *samples, training=True):
        """The values of samples that are one batch for the normalisation."""
        h = tf.tanh(tf.concat(samples, axis=0) @ d["kernel1"] + d["bias1"])
        if self.normalized:
            mean, variance = self.d["mean"], self.d["variance"]
            if training:
                mean = tf.reduce_mean(h, axis=0)
                variance = tf.reduce_mean((h - mean) ** 2, axis=0)
                self.d["mean"] = .8 * self.d["mean"] + .2 * mean.numpy()
                self.d["variance"] = .8 * self.d["variance"] + .2 * variance.numpy()
            h = (h - mean) / tf.sqrt(variance + EPSILON) * d["gamma"] + d["beta"]
        return h @ d["kernel2"] + d["bias2"]

    def penalty(self, d, x):
        """Mean of (|gradient| - 1)^2 by the chain rule: the gradient at x is kernel1 diag(1 - h^2) kernel2."""
        h = tf.tanh(x @ d["kernel1"] + d["bias1"])
        gradients = ((1 - h ** 2) * d["kernel2"][:, 0]) @ tf.transpose(d["kernel1"])
        return tf.reduce_mean((tf.sqrt(tf.reduce_sum(gradients ** 2, axis=1)) - 1) ** 2)

    def descend(self, arrays, optimizer, loss_of):
        variables = {name: tf.constant(array) for name, array in arrays.items() if name not in ("mean", "variance")}
        with tf.GradientTape() as tape:
            tape.watch(variables)
            minimised, shown = loss_of(variables)
        optimizer.count += 1
        for name, gradient in tape.gradient(minimised, variables).items():
            arrays[name] = optimizer(name, arrays[name], gradient.numpy())
        return float(shown)

    def step(self, draws, disc_iter, system, options, discr_loss, gen_loss, d_optimizer, g_optimizer):
        draws = iter(draws)
        everything = system == "WGAN as listed"
        batches = {"DCGAN together": "together", "DCGAN listed": "listed", "DCGAN apart": "apart",
                   "WGAN": "together"}.get(system)
        for _ in range(disc_iter):
            real, fake = self.real[next(draws)], self.make(self.g, next(draws))
            u = next(draws)[:, 0, 0].astype("float64") if "lambda_gp" in options else None

            def loss_of(d, real=real, fake=fake, u=u):
                if batches in ("together", "listed"):
                    values = self.judge(d, real, fake)
                    shown = discr_loss(values[:BATCH], values[BATCH:])
                else:
                    shown = discr_loss(self.judge(d, real), self.judge(d, fake))
                minimised = shown
                if u is not None:
                    minimised = shown + options["lambda_gp"] * self.penalty(d, u * real + (1 - u) * fake)
                if d["kernel2"].shape[1] == 2:
                    minimised = shown = shown + tf.reduce_mean(d["kernel2"] ** 2)
                return minimised, shown

            discr = self.descend(self.d, d_optimizer, loss_of)
            for name, array in self.d.items() if "clip" in options else ():
                if everything or name not in ("mean", "variance"):
                    bound = 1 if name in ("gamma", "beta") and not everything else options["clip"]
                    self.d[name] = np.clip(array, -bound, bound)
        latent = next(draws)

        def loss_of_generator(g):
            samples = [real] * (batches == "together") + [self.make(g, latent)]
            values = self.judge(self.d, *samples, training=not (batches == "listed" or everything))
            loss = gen_loss(values[-BATCH:])
            return loss, loss

        return discr, self.descend(self.g, g_optimizer, loss_of_generator)


@pytest.mark.parametrize("disc_iter", [1, 3])
@pytest.mark.parametrize("name", SYSTEMS)
def test_step(name, disc_iter):
    """Losses returned and all weights after two steps are those of the reference, in float64."""
    chosen_type, discr_loss, gen_loss, d_optimizer, g_optimizer, options = SYSTEMS[name]
    for optimizer in (d_optimizer, g_optimizer):
        optimizer.__dict__.update({key: type(value)() for key, value in vars(optimizer).items()
                                   if key in ("count", "moments", "squares")})  # as new
    G = build(chosen_type, 2 if chosen_type is TwoClassGAN else 1, issubclass(chosen_type, (DCGAN, WGAN)),
              disc_iter=disc_iter, learning_rate=.01, **options)
    if issubclass(chosen_type, WGAN):  # with its own, rounding errors of gradients of exactly 0 would be whole steps
        G.generator.optimizer.epsilon = G.discriminator.optimizer.epsilon = EPSILON
    reference = Reference(G.generator, G.discriminator, np.asarray(G.real_examples), options)
    for _ in range(2):
        table = draws_for(chosen_type, disc_iter)
        expected = reference.step(table, disc_iter, name, options, discr_loss, gen_loss, d_optimizer, g_optimizer)
        rows = iter(table)
        G.drawn = lambda draw, rows=rows: tf.convert_to_tensor(next(rows))
        returned = G.train_step(None)
        assert next(rows, None) is None, "the step draws what the reference draws"
        assert float(returned["discr_loss"]) == pytest.approx(expected[0], rel=1e-4, abs=1e-4)
        assert float(returned["gen_loss"]) == pytest.approx(expected[1], rel=1e-4, abs=1e-4)
    # Steps are about .01 and .03 a weight; float32 leaves 3e-5 where RMSprop divides a tiny gradient by itself.
    for network, arrays in ((G.generator, reference.g), (G.discriminator, reference.d)):
        for variable, got, wanted in zip(network.weights, network.get_weights(), arrays.values()):
            np.testing.assert_allclose(got, wanted, atol=1e-4, err_msg=f"{name}: {variable.name}")


def test_cross_entropy_of_a_lost_game():
    """The losses come from the values before the sigmoid: they go on where probabilities are 0 or 1 in float32."""
    lost = tf.constant([[-25.], [-24.]])
    assert float(DenseGAN.generator_loss(lost)) == pytest.approx(24.5, abs=1e-3)
    assert float(DenseGAN.discriminator_loss(-lost, lost)) == pytest.approx(0, abs=1e-6)
    undecided = tf.zeros((3, 1))
    assert float(DenseGAN.discriminator_loss(undecided, undecided)) == pytest.approx(np.log(2))
    assert float(DenseGAN.generator_loss(undecided)) == pytest.approx(np.log(2))


def test_least_squares_of_a_discriminator_that_guesses():
    """1/2 for every example gives 1/4 and 1/4."""
    G = build(LSGAN)
    half = tf.fill((5, 1), .5)
    assert float(G.discriminator_loss(half, half)) == .25 and float(G.generator_loss(half)) == .25


def test_accuracy():
    """Half of the examples real: the share that the discriminator puts on the right side of 0."""
    real, fake = tf.constant([[1.], [-1.], [2.]]), tf.constant([[-3.], [-.1], [.2]])
    assert float(accuracy(real, fake)) == pytest.approx(4 / 6)


@pytest.mark.parametrize("chosen_type, settings", [
    (DenseGAN, (100, 1, .00005, .5, .999)), (DCGAN, (100, 1, .0001, .5, .999)),
    (TwoClassGAN, (100, 5, .0001, .9, .999)), (LSGAN, (100, 1, .0002, .5, .999)),
    (WGAN, (64, 5, .00005, None, None)), (WGAN_GP, (32, 5, .0001, 0., .9))])
def test_settings(chosen_type, settings):
    """Batch size, updates of the discriminator, learning rate and constants of Adam are those of source or paper."""
    generator, discriminator = networks(2 if chosen_type is TwoClassGAN else 1)
    G = chosen_type(generator, discriminator, lambda k: tf.random.normal((k, LATENT)), points(COUNT, 3, 2, 1))
    optimizer = G.generator.optimizer
    found = G.batch_size, G.disc_iter, float(np.asarray(optimizer.learning_rate))
    assert found == pytest.approx(settings[:3])
    if chosen_type is WGAN:
        for network in (generator, discriminator):
            assert isinstance(network.optimizer, keras.optimizers.RMSprop) and network.optimizer.epsilon == 1e-14
    else:
        assert (optimizer.beta_1, optimizer.beta_2) == settings[3:]
    if chosen_type is TwoClassGAN:
        assert isinstance(discriminator.optimizer, keras.optimizers.SGD)
        assert float(np.asarray(discriminator.optimizer.learning_rate)) == pytest.approx(.001)


def test_why_real_and_fake_examples_are_one_batch():
    """Normalised apart, just before the last layer, real and fake examples have the same mean value."""
    set_seeds(3)
    generator, discriminator, latent_generator = clothes_GenDiscr(filters=4)
    real, fake = points(BATCH, 28, 28, 1), np.zeros((BATCH, 28, 28, 1), "float32") + points(BATCH, 1, 1, 1, seed=2)
    G = DCGANBatchesApart(generator, discriminator, latent_generator, real, batch_size=BATCH)
    real_values, fake_values = G.judge(real, fake)
    assert np.mean(real_values) == pytest.approx(np.mean(fake_values), abs=1e-4)
    real_values, fake_values = DCGAN.judge(G, real, fake)
    assert abs(np.mean(real_values) - np.mean(fake_values)) > .01
