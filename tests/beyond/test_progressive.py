"""A GAN that grows: its layers, what fading in must leave as it was, and its training."""

import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import progressive
from beyond.common import data
from beyond.progressive import LATENT, SIZES, FadeIn, MinibatchDeviation, PixelNorm, ProgressiveGAN, growing_networks
from tests.beyond.short import eagerly, few_pictures
from tests.helpers import points, set_seeds

FILTERS, COUNT = 3, 7


def build(**options):
    set_seeds(2)
    return ProgressiveGAN(growing_networks(FILTERS), points(11, 16, 16, 1) * 2 - 1, batch_size=3, **options)


def enlarged(pictures):
    return np.repeat(np.repeat(pictures, 2, axis=1), 2, axis=2)


def made_smaller(pictures):
    return (pictures[:, ::2, ::2] + pictures[:, 1::2, ::2] + pictures[:, ::2, 1::2] + pictures[:, 1::2, 1::2]) / 4


# ------------------------------------------------------------ layers

def test_pixel_norm():
    """Every pixel's features have the mean square 1; their directions stay; a pixel of zeros stays one."""
    x = np.random.default_rng(0).normal(size=(2, 3, 3, 5)).astype("float32") * 9
    made = np.asarray(PixelNorm()(x))
    np.testing.assert_allclose(np.mean(made ** 2, axis=-1), 1, rtol=1e-5)
    np.testing.assert_allclose(made[0, 0, 0] * x[0, 0, 0, 0], x[0, 0, 0] * made[0, 0, 0, 0], rtol=1e-4)
    assert not np.asarray(PixelNorm()(np.zeros((1, 1, 1, 2), "float32"))).any()


def test_minibatch_deviation():
    """One more channel, the same everywhere: for 1 and 3 in all places it is 1, for equal pictures 0."""
    x = np.stack([np.full((2, 2, 3), 1.), np.full((2, 2, 3), 3.)]).astype("float32")
    made = np.asarray(MinibatchDeviation()(x))
    np.testing.assert_array_equal(made[..., :3], x)
    np.testing.assert_allclose(made[..., 3], 1, rtol=1e-5)
    assert np.asarray(MinibatchDeviation()(x[:1])).shape == (1, 2, 2, 4)
    np.testing.assert_allclose(MinibatchDeviation()(np.repeat(x[:1], 4, axis=0))[..., 3], 0, atol=2e-4)
    variable = tf.Variable(np.repeat(x[:1], 2, axis=0))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(MinibatchDeviation()(variable))
    assert np.isfinite(tape.gradient(total, variable)).all(), "also where all pictures are equal"


def test_fade_in():
    """A share of new, the rest old; no optimizer has the share among its weights."""
    fade = FadeIn()
    old, new = np.float32([[1., 2.]]), np.float32([[5., 10.]])
    np.testing.assert_array_equal(fade([old, new]), old)
    fade.share.assign(.25)
    np.testing.assert_allclose(fade([old, new]), [[2., 4.]])
    assert fade.trainable_weights == [] and len(fade.weights) == 1


# ------------------------------------------------------------ growing

@pytest.mark.parametrize("stage", [0, 1, 2])
def test_shapes(stage):
    generator, discriminator = growing_networks(FILTERS)(stage)
    assert generator.output_shape[1:] == discriminator.input_shape[1:] == (SIZES[stage], SIZES[stage], 1)
    assert discriminator.output_shape == (None, 1)


def test_growing_changes_nothing_at_first_and_leaves_the_old_behind_at_last():
    """Share 0: the enlarged old picture, the old value of a picture made smaller. Share 1: without the old branch.

    Else what the small networks have learned would be lost when they grow.
    """
    G = build()
    latent = np.random.default_rng(0).normal(size=(COUNT, LATENT)).astype("float32")
    for size in SIZES[1:]:
        old_picture = np.asarray(G.generator(latent))
        old_layers = [id(layer) for layer in G.generator.layers]
        pictures = points(COUNT, size, size, 1)
        old_values = np.asarray(G.discriminator(made_smaller(pictures)))
        for weight in G.average.trainable_variables:
            weight.assign(.9 * weight)
        old_average = G.show(latent)
        G.next_stage()
        np.testing.assert_allclose(G.show(latent), enlarged(old_average), atol=1e-6)
        np.testing.assert_allclose(G.generator(latent), enlarged(old_picture), atol=1e-6)
        np.testing.assert_allclose(G.discriminator(pictures), old_values, atol=1e-5)

        G.fade(.3)
        between = np.asarray(G.generator(latent))
        G.fade(1.)
        new_picture = np.asarray(G.generator(latent))
        np.testing.assert_allclose(between, .3 * new_picture + .7 * enlarged(old_picture), atol=1e-5)
        fine = pictures.copy()
        fine[:, ::2] += .1
        fine[:, 1::2] -= .1  # what the old branch cannot see
        assert np.abs(np.asarray(G.discriminator(fine) - G.discriminator(pictures))).max() > 1e-6
        new_value = np.asarray(G.discriminator(pictures))
        for layer in _old_branch(G, old_layers):
            layer.set_weights([array + 1 for array in layer.get_weights()])
        np.testing.assert_array_equal(G.generator(latent), new_picture)
        np.testing.assert_array_equal(G.discriminator(pictures), new_value)


def _old_branch(G, old_layers):
    """The convolutions of one pixel that belong to the stage before: to grey, and from grey."""
    ones = [layer for network in (G.generator, G.discriminator) for layer in network.layers
            if isinstance(layer, keras.layers.Conv2D) and layer.kernel_size == (1, 1)]
    assert len(ones) == 4
    made = [layer for layer in ones if layer.filters == 1]
    judged = [layer for layer in ones if layer.filters != 1]
    old = [layer for layer in made if id(layer) in old_layers]
    size = G.discriminator.input_shape[1]
    return old + [layer for layer in judged if layer.output.shape[1] != size]


def test_real_pictures_of_each_stage():
    """The mean of each square; after growing they are as sharp as before, and get sharp with the share."""
    G = build()
    pictures = points(COUNT, 16, 16, 1)
    eight = made_smaller(pictures)
    np.testing.assert_allclose(G.at_this_size(pictures), made_smaller(eight), atol=1e-6)
    G.next_stage()
    np.testing.assert_allclose(G.at_this_size(pictures), enlarged(made_smaller(eight)), atol=1e-6)
    G.fade(1.)
    np.testing.assert_allclose(G.at_this_size(pictures), eight, atol=1e-6)
    G.next_stage()
    G.fade(.5)
    np.testing.assert_allclose(G.at_this_size(pictures), (pictures + enlarged(eight)) / 2, atol=1e-6)


def test_training_grows_and_fades():
    """Stages begin where they should; the share goes from 0 to 1 in `fade_steps`, and what it is in is what trains."""
    G = build(grow_at=(1, 2), fade_steps=2)
    shares, sizes = [], []
    record = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: (
        shares.append([step["share"] for step in G.epoch_losses]), sizes.append(G.generator.output_shape[1])))
    G.compile(run_eagerly=True)
    G.fit(epochs=3, steps_per_epoch=3, verbose=0, callbacks=[record])
    assert sizes == [4, 8, 16] and shares == [[1, 1, 1], [0, .5, 1], [0, .5, 1]]
    assert float(G.generator.get_layer("fade").share) == float(G.discriminator.get_layer("fade").share) == 1


def test_one_step():
    """Against a reference in NumPy, of linear networks: losses, slope, both updates, the average, the share.

    The value of a linear D has the same slope w everywhere, so the penalty pulls w towards 0. An enlarged picture has
    16 pixels for each of 4 x 4, and w / 16 at each of them: the squared length is 16 times smaller.
    """
    class Descending(ProgressiveGAN):
        def new_optimizer(self):
            return keras.optimizers.SGD(self.learning_rate)

    def networks(stage):
        shown, latent = keras.Input((4, 4, 1)), keras.Input((LATENT,))
        return (keras.Model(latent, keras.layers.Reshape((4, 4, 1))(keras.layers.Dense(16)(latent)), name="generator"),
                keras.Model(shown, keras.layers.Dense(1)(keras.layers.Flatten()(shown)), name="discriminator"))

    rate, r1, keep, pictures = .1, .7, .8, points(11, 16, 16, 1) * 2 - 1
    set_seeds(2)
    G = Descending(networks, pictures, batch_size=3, learning_rate=rate, r1=r1, keep=keep, fade_steps=4)
    G.fade(.5)
    (k, c), (w, b) = (network.get_weights() for network in (G.generator, G.discriminator))
    draws = np.random.default_rng(0)
    rows, first, second = draws.permutation(11)[:3], *draws.normal(size=(2, 3, LATENT)).astype("float32")
    drawn = iter([rows, first, second])
    G.drawn = lambda draw: tf.convert_to_tensor(next(drawn))
    found = {name: float(value) for name, value in G.train_step(None).items()}

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))
    real = made_smaller(made_smaller(pictures))[rows].reshape(3, 16)
    fake = first @ k + c
    real_values, fake_values = real @ w + b, fake @ w + b
    assert found["slope"] == pytest.approx(np.sum(w ** 2) / 16, rel=1e-5)
    assert found["discr_loss"] == pytest.approx(
        np.mean(np.logaddexp(0, -real_values)) + np.mean(np.logaddexp(0, fake_values)), rel=1e-5)
    ups, downs = sigmoid(-real_values) / 3, sigmoid(fake_values) / 3
    w, b = w - rate * (fake.T @ downs - real.T @ ups + r1 / 16 * w), b - rate * (downs.sum() - ups.sum())
    values = (second @ k + c) @ w + b
    assert found["gen_loss"] == pytest.approx(np.mean(np.logaddexp(0, -values)), rel=1e-5)
    slopes = -sigmoid(-values) / 3 @ w.T
    moved = k - rate * second.T @ slopes, c - rate * slopes.sum(axis=0)
    averaged = [keep * old + (1 - keep) * new for old, new in zip((k, c), moved)]
    for network, weights in ((G.generator, moved), (G.discriminator, (w, b)), (G.average, averaged)):
        for mine, its in zip(weights, network.get_weights()):
            np.testing.assert_allclose(its, mine, atol=1e-6)
    assert found["share"] == .5 and float(G.share) == .75


def test_the_average_grows():
    """Layers that it has stay averaged, new ones begin as the generator's; what trains does not know of it."""
    G = build()
    G.average.set_weights([array + 1 for array in G.average.get_weights()])
    before = {layer.name: layer.get_weights() for layer in G.average.layers}
    G.next_stage()
    assert G.trained_networks == ["generator", "discriminator"]
    for layer in G.average.layers:
        if layer.weights and layer.name != "fade":
            expected = before.get(layer.name) or G.generator.get_layer(layer.name).get_weights()
            for mine, its in zip(expected, layer.get_weights()):
                np.testing.assert_array_equal(its, mine)


def test_equal_work():
    """Multiplications by hand; steps at full size that make as many of them as those of growing networks."""
    networks = growing_networks(4)
    generator = LATENT * 16 * 4 + 16 * 9 * 4 * 4 + 16 * 4
    discriminator = 16 * 4 + 16 * 9 * 5 * 4 + 16 * 4 * 4 + 4
    assert progressive.multiplications(networks(0)) == generator + discriminator
    generator += 64 * 9 * (4 * 2 + 2 * 2) + 64 * 2
    discriminator += 64 * 2 + 64 * 9 * (2 * 2 + 2 * 4)
    assert progressive.multiplications(networks(1)) == generator + discriminator
    costs = [progressive.multiplications(networks(stage)) for stage in range(3)]
    options = progressive.training.settings(epochs=10, steps=1000, filters=4)
    steps = progressive.equal_work(options)
    assert 10 * steps * costs[2] == pytest.approx(2000 * costs[0] + 3000 * costs[1] + 5000 * costs[2], rel=1e-3)
    assert 500 < steps < 1000


@pytest.mark.parametrize("option, value", [("fade_steps", 0), ("r1", -1), ("keep", 1.), ("learning_rate", "fast")])
def test_bad_arguments(option, value):
    with pytest.raises((TypeError, ValueError), match=f"^{option}: expected .* got {value!r}"):
        build(**{option: value})


def test_script(capsys, tmp_path, monkeypatch):
    """Samples of every stage beside real pictures and those of a training at full size, which has as much work."""
    eagerly(monkeypatch, ProgressiveGAN)
    few_pictures(monkeypatch, 60)
    figures = progressive.main(["--epochs", "3", "--steps", "1", "--batch", "2", "--filters", "2", "--no-show",
                                "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert len(figures) == len(list(tmp_path.glob("*.png"))) == 2
    assert re.findall(r"^(grown|at full size), (\d) steps: frechet \d", out, flags=re.MULTILINE) == [
        ("grown", "3"), ("at full size", "3")]
    titles = [axis.get_title() for axis in figures[0].axes if axis.get_title()]
    assert titles[0] == "real" and titles[-1] == "full size at once"
    assert titles[1:-1] == ["epoch 1: 4 x 4", "epoch 2: 8 x 8", "epoch 3: 16 x 16"]


def test_what_would_be_measured(monkeypatch):
    """Figures of the GAN that grows, of the one that does not, and of real faces."""
    few = data.load("faces", 16, 1, 60)
    monkeypatch.setattr(data, "load", lambda name, size: few)
    monkeypatch.setattr(progressive, "FILTERS", 2)
    monkeypatch.setattr(progressive, "train", lambda pictures, options, direct: (
        None, ProgressiveGAN(growing_networks(2), pictures.train * 2 - 1, start=2 if direct else 0)))
    names = [list(run(0)) for _, _, run in progressive.CLAIMS]
    assert len(names) == 3 and all(row == names[0] and row[0] == "frechet" for row in names)
