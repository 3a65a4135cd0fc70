"""Eight Gaussians on a ring: what is counted, the three GANs that are only here, and the pictures."""

import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow import keras

from beyond import ring
from beyond.dense_gan import DenseGAN
from beyond.ring import CENTRES, DEVIATION, MODES, NoisyGAN, SaturatingGAN, UnrolledGAN, found
from tests.beyond.short import eagerly
from tests.helpers import points, set_seeds

BATCH, COUNT, RATE, LOOK_RATE = 5, 9, .1, .7


# ------------------------------------------------------------ what is counted

def test_the_real_points_cover_all():
    """Eight modes, and 1 - e^-4.5 of the points within three deviations."""
    set_seeds(0)
    cloud = ring.ring(40000)
    assert cloud.shape == (40000, 2) and cloud.dtype == "float32"
    assert found(cloud)["modes"] == 8
    assert found(cloud)["share"] == pytest.approx(1 - np.exp(-4.5), abs=.003)
    np.testing.assert_allclose(np.linalg.norm(CENTRES, axis=1), 2)


def test_what_counts_as_covered():
    """A tenth of the fair share, 1 of 80, at most three deviations away; points elsewhere count for nothing."""
    elsewhere = np.zeros((80, 2))
    assert found(elsewhere) == {"modes": 0, "share": 0}
    for distance, modes in ((2.9, 1), (3.1, 0)):
        cloud = elsewhere.copy()
        cloud[0] = CENTRES[3] + [0, distance * DEVIATION]
        assert found(cloud) == {"modes": modes, "share": modes / 80}
    assert found(np.concatenate([elsewhere, elsewhere, CENTRES[:1]]))["modes"] == 0, "1 of 161 is too few"
    assert found(CENTRES[:5]) == {"modes": 5, "share": 1}


# ------------------------------------------------------------ one step of each

def build(chosen_type, **options):
    """A small GAN of the plane with plain gradient steps, whose change of the weights is the gradient itself."""
    class Descending(chosen_type):
        def new_optimizer(self, network):
            return keras.optimizers.SGD(RATE)

    set_seeds(3)
    layers = keras.layers
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="tanh"), layers.Dense(1)])
    stream = np.random.default_rng(5)
    for network in (generator, discriminator):
        network.set_weights([stream.normal(size=array.shape) for array in network.get_weights()])
    G = Descending(generator, discriminator, lambda k: tf.random.normal((k, 2)), points(COUNT, 2), batch_size=BATCH,
                   learning_rate=RATE, disc_iter=1, **options)
    stream = np.random.default_rng(11)
    return G, [stream.permutation(COUNT)[:BATCH], *stream.normal(size=(2, BATCH, 2)).astype("float32")]


def step(G, draws):
    """Train one step with these draws; the weights of generator and discriminator after it, and what it returned."""
    rows = iter(draws)
    G.drawn = lambda draw: tf.convert_to_tensor(next(rows))
    losses = {name: float(value) for name, value in G.train_step(None).items()}
    assert next(rows, None) is None
    return G.generator.get_weights(), G.discriminator.get_weights(), losses


def softplus(x):
    return np.logaddexp(0, x)


def values(d, x):
    return np.tanh(x @ d[0] + d[1]) @ d[2] + d[3]


def descended(d, real, fake, rate):
    """The discriminator's weights after a gradient step on its loss, with the chain rule by hand."""
    gradient = [0, 0, 0, 0]
    for x, sign in ((real, -1), (fake, 1)):
        h = np.tanh(x @ d[0] + d[1])
        slope = sign / (1 + np.exp(-sign * (h @ d[2] + d[3]))) / (2 * len(x))  # of softplus(sign * value) / 2, its mean
        below = slope @ d[2].T * (1 - h ** 2)
        for i, part in enumerate((x.T @ below, below.sum(axis=0), h.T @ slope, slope.sum(axis=0))):
            gradient[i] = gradient[i] + part
    return [weight - rate * part for weight, part in zip(d, gradient)]


@pytest.mark.parametrize("unrolled", [0, 1, 5])
def test_an_unrolled_step(unrolled):
    """Against a reference in NumPy: look-ahead by the chain rule, the generator's gradient by differences.

    The generator's gradient goes through the updates that it looks ahead: without that it would be another one.
    """
    G, draws = build(UnrolledGAN, unrolled=unrolled, unrolled_rate=LOOK_RATE)
    g, d = ([array.astype("float64") for array in network.get_weights()]
            for network in (G.generator, G.discriminator))
    indices, first, second = draws[0], *(draw.astype("float64") for draw in draws[1:])
    real = points(COUNT, 2).astype("float64")[indices]
    found_g, found_d, losses = step(G, draws)

    d = descended(d, real, first @ g[0] + g[1], RATE)
    for mine, its in zip(d, found_d):
        np.testing.assert_allclose(its, mine, atol=1e-6)

    def loss(flat, held=None):
        fake = second @ flat[:4].reshape(2, 2) + flat[4:]
        ahead = d
        for _ in range(unrolled):
            ahead = descended(ahead, real, fake if held is None else held, LOOK_RATE)
        return softplus(-values(ahead, fake)).mean()

    start = np.concatenate([array.ravel() for array in g])
    assert losses["gen_loss"] == pytest.approx(loss(start), abs=1e-5)
    moved = np.eye(6) * 1e-5
    gradient = np.array([loss(start + move) - loss(start - move) for move in moved]) / 2e-5
    after = np.concatenate([array.ravel() for array in found_g])
    np.testing.assert_allclose((start - after) / RATE, gradient, atol=2e-5)
    held = second @ g[0] + g[1]
    other = np.array([loss(start + move, held) - loss(start - move, held) for move in moved]) / 2e-5
    assert (np.abs(other - gradient).max() > 1e-3) == bool(unrolled)


def test_not_unrolled_is_the_plain_GAN():
    """With nothing to look ahead to, the step is DenseGAN's."""
    plain, unrolled = (step(*build(chosen_type, **more)) for chosen_type, more in (
        (DenseGAN, {}), (UnrolledGAN, {"unrolled": 0})))
    for mine, its in zip(plain[0] + plain[1], unrolled[0] + unrolled[1]):
        np.testing.assert_allclose(its, mine, atol=1e-6)
    assert unrolled[2] == pytest.approx(plain[2], abs=1e-6)


def test_the_saturating_loss():
    """mean log(1 - D): -log 2 for a D that can only guess; at a sure D its slope is D itself, near 0."""
    logits = tf.Variable([[0.], [-9.]])
    assert float(SaturatingGAN.generator_loss(logits[:1])) == pytest.approx(-np.log(2))
    with tf.GradientTape() as tape:
        loss = SaturatingGAN.generator_loss(logits)
    np.testing.assert_allclose(tape.gradient(loss, logits)[:, 0], [-.25, -.5 / (1 + np.exp(9))], rtol=1e-4)


def test_noise_on_the_inputs():
    """Every sample that D sees is blurred by fresh numbers; the noise is halved in `half_life` steps; 0 is DenseGAN."""
    noises = list(np.random.default_rng(2).normal(size=(3, BATCH, 2)).astype("float32"))
    for noise in (0., .5):
        G, (indices, first, second) = build(NoisyGAN, noise=noise, half_life=2)
        plain, draws = build(DenseGAN)
        after = step(G, [indices, noises[0], first, noises[1], second, noises[2]])
        if not noise:
            for mine, its in zip(step(plain, draws)[:2], after):
                for one, other in zip(mine, its):
                    np.testing.assert_allclose(other, one, atol=1e-6)
        else:
            g, d = plain.generator.get_weights(), plain.discriminator.get_weights()
            d = descended(d, points(COUNT, 2)[indices] + .5 * noises[0], first @ g[0] + g[1] + .5 * noises[1], RATE)
            for one, other in zip(d, after[1]):
                np.testing.assert_allclose(other, one, atol=1e-5)
            loss = softplus(-values(d, second @ g[0] + g[1] + .5 * noises[2])).mean()
            assert after[2]["gen_loss"] == pytest.approx(loss, abs=1e-5)
            assert after[2]["noise"] == pytest.approx(.5 * 2 ** -.5)


@pytest.mark.parametrize("chosen_type, option, value", [
    (UnrolledGAN, "unrolled", -1), (UnrolledGAN, "unrolled", 2.5), (UnrolledGAN, "unrolled_rate", 0),
    (NoisyGAN, "noise", -1), (NoisyGAN, "half_life", 0)])
def test_bad_arguments(chosen_type, option, value):
    """One sentence that names the argument and the value."""
    with pytest.raises((TypeError, ValueError), match=rf"^{option}: expected .* got {value}"):
        build(chosen_type, **{option: value})


# ------------------------------------------------------------ as it runs

@pytest.fixture
def no_graphs(monkeypatch):
    """Their making takes most of so short a run."""
    eagerly(monkeypatch)


@pytest.mark.fine
def test_script(capsys, tmp_path, no_graphs):
    """A strip for each way to train, six looks at it, and a table."""
    figures = ring.main(["--steps", "1", "--no-show", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert [path.name for path in sorted(tmp_path.glob("*.png"))] == ["ring-modes.png", "ring-points.png"]
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as picture:
            assert picture.width == 2400
    for name in ring.RUNS:
        assert re.search(rf"^{name} *( +\d, \d\.\d\d){{6}}$", out, flags=re.MULTILINE)
    names = [text.get_text() for axis in figures[0].axes for text in axis.texts]
    assert [name for name in ring.RUNS if name not in names] == [] and f"0 of {MODES}, 0%" in names
    assert len(figures[0].axes) == 6 * len(ring.RUNS) + 1


def test_one_way_alone(tmp_path, no_graphs):
    """--only trains what it names; the first points are those before the training; the same seed gives the same."""
    figures = ring.main(["--only", "GAN", "--epochs", "2", "--steps", "2", "--no-show", "--out", str(tmp_path)])
    assert len(figures[0].axes) == 3 + 1
    clouds = []
    for _ in range(2):
        set_seeds(4)
        clouds.append(ring.train("unrolled", ring.training.settings(epochs=1, steps=2, batch=8)))
    np.testing.assert_array_equal(*clouds)
    assert len(clouds[0]) == 2 and not np.array_equal(*clouds[0])


def test_what_is_measured(no_graphs):
    """Modes and share of all six looks, for each way to train."""
    assert [row for _, row, _ in ring.CLAIMS] == list(ring.RUNS)
    figures = ring.CLAIMS[0][2](3, 1)
    assert list(figures) == [f"{name}, {i} steps" for name in ("modes", "share") for i in range(6)]
