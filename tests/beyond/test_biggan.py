"""BigGAN's tricks: each layer and law by hand, the step against formulas, what is switched off, how it runs."""

import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import biggan
from beyond.biggan import PART, BigGAN, BigGAN_GenDiscr, Parts, SpectralNorm, kernels, orthogonal_penalty, truncated
from beyond.common import data
from gan.engine import LongRun, settings
from tests.beyond.short import eagerly, few_pictures
from tests.helpers import difference, points, set_seeds
from tests.reference import Adam

layers = keras.layers
CLASSES, LATENT, BATCH, COUNT = 3, 2, 5, 13
LABELS = np.arange(COUNT) % CLASSES


@pytest.fixture(scope="module")
def networks():
    """The generator and the discriminator with all tricks, and few filters."""
    set_seeds(4)
    return BigGAN_GenDiscr(classes=4, filters=8)[:2]


def inputs(count, seed=0):
    stream = np.random.default_rng(seed)
    return stream.normal(size=(count, 3 * PART)).astype("float32"), np.eye(4, dtype="float32")[np.arange(count) % 4]


# ------------------------------------------------------------ losses

def test_hinge_losses():
    """2 where D says nothing; D stops to learn from what is right by more than 1, G never stops."""
    values = [np.float32(x)[:, None] for x in ([2., -1., .5], [-3., 0., .25])]
    assert float(BigGAN.discriminator_loss(np.zeros((3, 1)), np.zeros((3, 1)))) == 2
    assert float(BigGAN.discriminator_loss(*values)) == pytest.approx((0 + 2 + .5) / 3 + (0 + 1 + 1.25) / 3)
    assert float(BigGAN.generator_loss(values[1])) == pytest.approx(2.75 / 3)


# ------------------------------------------------------------ spectral norm

def wrapped(layer, shape):
    """The layer with spectral norm, its weights and first u drawn from a seed of their own."""
    norm, stream = SpectralNorm(layer), np.random.default_rng(3)
    norm.build((None, *shape))
    for variable in (layer.kernel, norm.u, *([layer.bias] if layer.use_bias else [])):
        variable.assign(stream.normal(size=variable.shape))
    return norm


@pytest.mark.parametrize("make, shape", [
    (lambda: layers.Dense(5), (7,)), (lambda: layers.Conv2D(3, 3, padding="same"), (4, 4, 2)),
    (lambda: layers.Dense(7, use_bias=False), (2,))], ids=["Dense", "Conv2D", "wide"])
def test_the_largest_singular_value_becomes_1(make, shape):
    """After some steps the layer is the one whose weights are divided by their largest singular value (by SVD).

    The bias is not divided, and the trained weights stay as they are.
    """
    layer, x = make(), points(6, *shape)
    norm = wrapped(layer, shape)
    kernel = np.array(layer.kernel)
    largest, next_one = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[:2]
    assert largest > 1.2 and next_one < .9 * largest, "else it takes longer"
    for _ in range(60):
        norm(x, training=True)
    found = np.asarray(norm(x))
    np.testing.assert_array_equal(layer.kernel, kernel)
    layer.kernel.assign(kernel / largest)
    np.testing.assert_allclose(found, layer(x), atol=1e-4)
    assert np.linalg.svd(np.asarray(layer.kernel).reshape(-1, kernel.shape[-1]),
                         compute_uv=False)[0] == pytest.approx(1, abs=1e-5)


def test_power_iteration_moves_in_training_only():
    """u becomes u W' W, of length 1, at each call of a training, and stays where pictures are only made."""
    layer = layers.Dense(4)
    norm = wrapped(layer, (3,))
    W, u = np.asarray(layer.kernel, "float64"), np.asarray(norm.u, "float64")
    norm(points(2))
    np.testing.assert_array_equal(np.asarray(norm.u), u.astype("float32"))
    norm(points(2), training=True)
    moved = u @ W.T @ W
    np.testing.assert_allclose(norm.u, moved / np.linalg.norm(moved), rtol=1e-5)
    assert not any(variable is norm.u for variable in norm.trainable_variables)


def test_the_gradient_knows_the_singular_value():
    """The gradient is that of sum(c x W / s(W)) with s the largest singular value, by differences in float64.

    Then a step along W itself changes nothing. Without s in the gradient it would.
    """
    layer = layers.Dense(3, use_bias=False)
    norm, x, c = wrapped(layer, (4,)), points(5, 4), points(5, 3, seed=2)
    for _ in range(100):
        norm(x, training=True)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(c * norm(x))
    found = np.asarray(tape.gradient(total, norm.trainable_variables[0]))
    W = np.asarray(layer.kernel, "float64")

    def value(W):
        return np.sum(c * (x @ W)) / np.linalg.svd(W, compute_uv=False)[0]

    wanted = np.zeros_like(W)
    for index in np.ndindex(*W.shape):
        step = np.zeros_like(W)
        step[index] = 1e-5
        wanted[index] = (value(W + step) - value(W - step)) / 2e-5
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert np.sum(found * W) == pytest.approx(0, abs=1e-4) and np.abs(found).max() > .1


# ------------------------------------------------------------ orthogonal start, penalty

def test_orthogonal_start(networks):
    """All weights of both networks begin with orthogonal columns of length 1 (or rows, where these are fewer).

    All singular values are 1 then, so the spectral norms divide by 1 at first, and no penalty is due.
    """
    for network in networks:
        for kernel in map(np.asarray, kernels(network)):
            values = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)
            np.testing.assert_allclose(values, 1, atol=1e-5)
            assert float(orthogonal_penalty(kernel)) < 1e-9
    assert len(kernels(networks[0])) == 12, "first, two convolutions and the last, four of attention, two norms of two"
    plain = BigGAN_GenDiscr(filters=4, without=("start",))[0]
    assert max(float(orthogonal_penalty(kernel)) for kernel in kernels(plain)) > .1


@pytest.mark.parametrize("W, penalty", [([[1., 1.], [0., 1.]], 2.), ([[1., 2.], [3., 4.]], 2 * 14. ** 2),
                                        ([[5., 0.], [0., 2.], [0., 0.]], 0.),
                                        ([[1., 2., 3.], [1., 0., 1.]], 2 * 4. ** 2),
                                        (np.ones((1, 2, 2, 2)), 2 * 4. ** 2)])
def test_orthogonal_penalty(W, penalty):
    """|W'W o (1 - I)|^2 by hand: the inner products of different columns, squared, each twice; lengths do not count."""
    assert float(orthogonal_penalty(tf.constant(W))) == pytest.approx(penalty)


# ------------------------------------------------------------ attention

def test_attention_is_not_there_at_first_and_then_is_the_formula():
    """gamma = 0: what comes in goes out. gamma = .7: x + .7 o, with o by NumPy: queries, pooled keys and values.

    Each place's weights sum to 1.
    """
    set_seeds(2)
    outside = keras.Input((4, 4, 16))
    network = keras.Model(outside, Parts().attention(outside))
    x = points(3, 4, 4, 16)
    np.testing.assert_array_equal(network(x), x)
    (added,) = (layer for layer in network.layers if isinstance(layer, biggan.Added))
    added.gamma.assign(.7)
    filters = {layer.layer.filters: np.asarray(layer.layer.kernel, "float64")[0, 0]
               for layer in network.layers if isinstance(layer, SpectralNorm) and layer.layer.filters != 2}
    value, last = filters[8], filters[16]
    query, key = (np.asarray(_before(network, name).layer.kernel, "float64")[0, 0] for name in ("query", "key"))

    def pooled(picture):
        return picture.reshape(3, 2, 2, 2, 2, -1).max(axis=(2, 4)).reshape(3, 4, -1)

    logits = np.einsum("bpc,bqc->bpq", (x @ query).reshape(3, 16, 2), pooled(x @ key))
    weights = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    np.testing.assert_allclose(weights.sum(axis=2), 1)
    o = (weights @ pooled(x @ value) @ last).reshape(3, 4, 4, 16)
    np.testing.assert_allclose(network(x), x + .7 * o, atol=1e-4)


def _before(network, name):
    """The convolution that the Reshape of that name gets its numbers from, past a pooling."""
    parents = {id(layer.output): layer for layer in network.layers}
    layer = network.get_layer(name)
    while not isinstance(layer, SpectralNorm):
        layer = parents[id(layer.input)]
    return layer


# ------------------------------------------------------------ conditional normalisation

def test_modulated():
    """A gain and a bias for each channel of each picture."""
    x, gain, bias = points(2, 3, 3, 4), points(2, 4, seed=2), points(2, 4, seed=3)
    found = np.asarray(biggan.Modulated()([x, gain, bias]))
    assert found[1, 2, 0, 3] == pytest.approx((1 + gain[1, 3]) * x[1, 2, 0, 3] + bias[1, 3])
    np.testing.assert_allclose(found, (1 + gain[:, None, None]) * x + bias[:, None, None], rtol=1e-6)


def test_conditional_normalisation():
    """In a batch each channel has mean 0 and variance 1, then the gains 1 + A c and the biases B c of the condition."""
    set_seeds(2)
    outside, condition = keras.Input((3, 3, 4)), keras.Input((5,))
    network = keras.Model([outside, condition], Parts(["spectral"]).normalized(outside, condition))
    x, c = 5 * points(6, 3, 3, 4) - 2, points(6, 5, seed=3)
    A, B = (np.asarray(layer.kernel) for layer in network.layers if isinstance(layer, layers.Dense))
    standard = (x - x.mean(axis=(0, 1, 2))) / np.sqrt(x.var(axis=(0, 1, 2)) + 1e-3)
    wanted = (1 + (c @ A)[:, None, None]) * standard + (c @ B)[:, None, None]
    np.testing.assert_allclose(network([x, c], training=True), np.maximum(wanted, 0), atol=1e-4)


def test_the_class_enters_by_one_embedding(networks):
    """Other classes, other pictures. A class more costs the shared embedding PART numbers, however many layers use it;
    tables of each layer's own cost two numbers for each of its channels.
    """
    z, _ = inputs(4)
    made = np.asarray(networks[0]([np.repeat(z[:1], 4, axis=0), np.eye(4, dtype="float32")]))
    assert min(np.abs(made[i] - made[j]).max() for i in range(4) for j in range(i)) > 1e-3

    def more(without):
        few, many = (BigGAN_GenDiscr(classes, 6, without)[0].count_params() for classes in (4, 5))
        return many - few

    assert more(()) == PART and more(("shared",)) == 2 * (12 + 6)
    assert more(("conditional",)) == 7 * 7 * 12, "there the class enters with the latent vector, at the beginning"


def test_skip_z(networks):
    """Each third of the latent vector reaches the picture by its own way: the middle one through gains and biases only.

    Without skip-z all 60 numbers go into the first layer.
    """
    z, one_hot = inputs(3)
    for part in range(3):
        changed = z.copy()
        changed[:, part * PART:(part + 1) * PART] += 1
        assert np.abs(np.asarray(networks[0]([changed, one_hot]) - networks[0]([z, one_hot]))).max() > 1e-4
    assert kernels(networks[0])[0].shape[0] == PART
    plain = BigGAN_GenDiscr(filters=2, without=("skip-z",))[0]
    assert kernels(plain)[0].shape[0] == 3 * PART
    assert {kernel.shape[0] for kernel in kernels(plain) if kernel.shape[1:] in {(4,), (2,)}} >= {PART}


@pytest.mark.parametrize("without", [(), ("attention", "conditional"), ("shared", "skip-z", "spectral")])
def test_networks(without, networks):
    """With or without tricks: a picture of latent vector and class, one value for picture and class."""
    generator, discriminator = networks if not without else BigGAN_GenDiscr(4, 2, without)[:2]
    assert generator.output_shape == (None, 28, 28, 1) and discriminator.output_shape == (None, 1)
    found = {type(layer) for network in (generator, discriminator) for layer in network.layers}
    assert (SpectralNorm in found) == ("spectral" not in without)
    assert (layers.Attention in found) == ("attention" not in without)
    assert (biggan.Modulated in found) == ("conditional" not in without)


def test_unknown_trick():
    with pytest.raises(ValueError, match="^without: expected some of attention, .*two-steps, got 'luck'"):
        BigGAN_GenDiscr(without=("luck",))


# ------------------------------------------------------------ truncation

def test_truncated():
    """Variances of the truncated normal law: .774, .291, .081; none is beyond; without a threshold it is normal."""
    uniform = np.random.default_rng(0).uniform(size=200000)
    for threshold, variance in ((2., .774), (1., .291), (.5, .081), (np.inf, 1.)):
        numbers = truncated(uniform, threshold)
        assert np.abs(numbers).max() <= threshold and abs(numbers.mean()) < .01
        assert numbers.var() == pytest.approx(variance, rel=.02)
    np.testing.assert_allclose(truncated(np.array([.5, .84134474]), np.inf), [0, 1], atol=1e-6)
    again = np.random.default_rng(1).normal(size=400000)
    again = np.sort(again[np.abs(again) < 1])  # drawn again and again until below 1
    assert np.abs(np.quantile(again, [.1, .3, .8]) - np.quantile(truncated(uniform, 1.), [.1, .3, .8])).max() < .02


# ------------------------------------------------------------ the step

def tiny(chosen_type=BigGAN, **options):
    """Dense networks; the discriminator has a layer with spectral norm."""
    set_seeds(3)
    z, one_hot = keras.Input((LATENT,)), keras.Input((CLASSES,))
    x = layers.Dense(6, activation="tanh")(layers.Concatenate()([z, one_hot]))
    generator = keras.Model([z, one_hot], layers.Reshape((3, 2, 1))(x))
    pictures, one_hot = keras.Input((3, 2, 1)), keras.Input((CLASSES,))
    x = SpectralNorm(layers.Dense(4, name="inner"))(layers.Concatenate()([layers.Flatten()(pictures), one_hot]))
    discriminator = keras.Model([pictures, one_hot], layers.Dense(1)(layers.Activation("tanh")(x)))
    stream = np.random.default_rng(5)
    for network in (generator, discriminator):
        network.set_weights([w + .7 * stream.normal(size=w.shape) for w in network.get_weights()])
    return chosen_type(generator, discriminator, lambda k: tf.random.normal((k, LATENT)),
                       2 * points(COUNT, 3, 2, 1) - 1, LABELS, CLASSES, **{"batch_size": BATCH, **options})


class Reference:
    """The same step in float64: matrices and formulas, the draws given."""

    def __init__(self, G, rate, decay, penalty):
        self.g = [np.asarray(w, "float64") for w in G.generator.get_weights()]
        by_shape = {w.shape: np.asarray(w, "float64") for w in G.discriminator.get_weights()}
        self.d = [by_shape[shape] for shape in ((9, 4), (4,), (4, 1), (1,))]
        self.u, self.average = by_shape[(1, 4)], self.g
        self.real = np.asarray(G.real_examples, "float64").reshape(COUNT, 6)
        self.decay, self.penalty = decay, penalty
        self.adam_g, self.adam_d = Adam(rate, 0., .999), Adam(rate, 0., .999)

    def judge(self, d, pictures, numbers):
        W = d[0].numpy()
        v = self.u @ W.T
        v = v / np.linalg.norm(v)
        u = v @ W
        self.u = u / np.linalg.norm(u)
        divided = d[0] / tf.reduce_sum((v.T @ self.u) * d[0])
        h = tf.tanh(tf.concat([pictures, np.eye(CLASSES)[numbers]], axis=1) @ divided + d[1])
        return h @ d[2] + d[3]

    def make(self, g, latent, numbers):
        return tf.tanh(np.concatenate([latent, np.eye(CLASSES)[numbers]], axis=1) @ g[0] + g[1])

    def train_step(self, draws):
        draws = iter(draws)
        for _ in range(2):
            rows, asked, latent = next(draws), next(draws), np.float64(next(draws))
            d = [tf.constant(w) for w in self.d]
            with tf.GradientTape() as tape:
                tape.watch(d)
                both = tf.concat([self.real[rows], self.make(self.g, latent, asked)], axis=0)
                values = self.judge(d, both, np.concatenate([LABELS[rows], asked]))
                loss = tf.reduce_mean(tf.maximum(0., 1 - values[:BATCH])) + tf.reduce_mean(
                    tf.maximum(0., 1 + values[BATCH:]))
            self.d = self.adam_d.new_weights(self.d, [x.numpy() for x in tape.gradient(loss, d)])
        asked, latent = next(draws), np.float64(next(draws))
        g = [tf.constant(w) for w in self.g]
        with tf.GradientTape() as tape:
            tape.watch(g)
            gen_loss = -tf.reduce_mean(self.judge([tf.constant(w) for w in self.d],
                                                  self.make(g, latent, asked), asked))
            products = g[0] @ tf.transpose(g[0])  # 5 rows, 6 columns: the rows
            penalty = tf.reduce_sum((products * (1 - np.eye(5))) ** 2)
            minimised = gen_loss + self.penalty * penalty
        self.g = self.adam_g.new_weights(self.g, [x.numpy() for x in tape.gradient(minimised, g)])
        self.average = [self.decay * a + (1 - self.decay) * w for a, w in zip(self.average, self.g)]
        return {"discr_loss": float(loss), "gen_loss": float(gen_loss), "penalty": float(penalty)}


def test_two_steps_agree_with_the_reference():
    """On the same draws two steps give the losses, weights, u and averages that the formulas give."""
    weights = dict(decay=.7, penalty=.05)
    G = tiny(learning_rate=.02, **weights)
    reference, stream = Reference(G, .02, **weights), np.random.default_rng(11)
    for _ in range(2):
        draws = []
        for _ in range(2):
            draws += [stream.integers(0, COUNT, BATCH), stream.integers(0, CLASSES, BATCH),
                      stream.normal(size=(BATCH, LATENT)).astype("float32")]
        draws += draws_of_G(stream)
        values = iter(draws)
        G.drawn = lambda draw, values=values: tf.constant(next(values))
        found, wanted = G.train_step(None), reference.train_step(draws)
        assert next(values, None) is None, "fewer draws than the reference"
        assert {name: float(value) for name, value in found.items()} == pytest.approx(wanted, rel=1e-5, abs=1e-5)
    assert difference(G.generator.get_weights(), reference.g) < 1e-5
    assert difference(G.average.get_weights(), reference.average) < 1e-5
    arrays = {w.shape: w for w in G.discriminator.get_weights()}
    assert difference([arrays[(9, 4)], arrays[(4,)], arrays[(4, 1)], arrays[(1,)]], reference.d) < 1e-5
    np.testing.assert_allclose(arrays[(1, 4)], reference.u, atol=1e-5)


def draws_of_G(stream):
    return [stream.integers(0, CLASSES, BATCH), stream.normal(size=(BATCH, LATENT)).astype("float32")]


def test_the_average_of_a_generator_that_stays():
    """After n steps of equal weights w the average has gone 1 - decay^n of the way from its start to w."""
    G = tiny(learning_rate=1e-12, decay=.8)
    start = [w.copy() for w in G.average.get_weights()]
    G.generator.set_weights([w + 1 for w in start])
    for _ in range(3):
        G.train_step(None)
    for old, kept in zip(start, G.average.get_weights()):
        np.testing.assert_allclose(kept - old, 1 - .8 ** 3, atol=1e-5)


def test_pictures_come_from_the_average():
    """`pictures_of` shows the average, unless it is asked for another network; classes and vectors are those given."""
    G = tiny()
    G.average.set_weights([w + .5 for w in G.generator.get_weights()])
    z, numbers = points(4, LATENT), np.array([2, 0, 1, 2])
    one_hot = np.eye(CLASSES, dtype="float32")[numbers]
    np.testing.assert_allclose(G.pictures_of(numbers, z), G.average([z, one_hot]), atol=1e-6)
    np.testing.assert_allclose(G.pictures_of(numbers, z, G.generator), G.generator([z, one_hot]), atol=1e-6)


def test_cross_entropy_in_the_place_of_hinge_losses():
    """Without "hinge" both losses are log 2 where D says nothing; all else of the class stays."""
    zero = np.zeros((4, 1), "float32")
    G = tiny(biggan.BigGANWithCrossEntropy)
    assert float(G.discriminator.loss(zero, zero)) == float(G.generator.loss(zero)) == pytest.approx(np.log(2))
    assert set(G.train_step(None)) == {"discr_loss", "gen_loss", "penalty"}


@pytest.mark.parametrize("option, value", [("decay", 1.5), ("decay", -1), ("penalty", -1), ("penalty", "much"),
                                           ("disc_iter", 0)])
def test_bad_arguments(option, value):
    with pytest.raises((TypeError, ValueError), match=f"^{option}: expected .*, got {value!r}"):
        tiny(**{option: value})


def test_killed_and_resumed(tmp_path):
    """A training that goes on from a checkpoint ends with the same weights, averages and vectors u, to the last bit."""
    def trained(folder, epochs, resume=False):
        G = tiny()
        G.compile()
        LongRun(tmp_path / folder, "name", {}, 0, resume).fit(G, epochs=epochs, steps_per_epoch=2, verbose=0)
        return [array for network in G.networks.values() for array in network.get_weights()]

    whole = trained("whole", 2)
    assert difference(trained("killed", 1), whole) > 1e-4
    for one, other in zip(trained("killed", 2, resume=True), whole):
        np.testing.assert_array_equal(one, other)


def test_a_checkpoint_knows_the_networks_of_another_build():
    """Networks that are built once more are described alike; else --resume would take them for others."""
    first, second = (settings.described(biggan.make(data.load("digits", most=20), 2, 4)) for _ in range(2))
    assert first == second and any("average" in name for name in first)


# ------------------------------------------------------------ as it runs

OPTIONS = ["--epochs", "2", "--steps", "1", "--batch", "4", "--filters", "2", "--no-show", "--save-every", "0", "--out"]


@pytest.fixture
def quickly(monkeypatch):
    """Few pictures, no graphs, a judge that learns next to nothing: these tests are about what is around."""
    eagerly(monkeypatch)
    few_pictures(monkeypatch, 120)
    train_judge = biggan.train_judge
    monkeypatch.setattr(biggan, "train_judge", lambda pictures: train_judge(pictures, steps=2))
    monkeypatch.setattr(biggan, "THRESHOLDS", (1., .2))


def test_script(capsys, tmp_path, quickly):
    """It says how good its pictures are, not averaged, averaged and truncated, and saves five figures."""
    figures = biggan.main([*OPTIONS, str(tmp_path)])
    named = r"^(other real pictures|not averaged|averaged(, threshold [\d.]+)?): frechet .*, class accuracy [\d.]+$"
    assert len(re.findall(named, capsys.readouterr().out, flags=re.MULTILINE)) == 3 + 2
    assert len(figures) == len(list(tmp_path.glob("biggan-*.png"))) == 5
    titles = [[axis.get_title() for axis in figure.axes] for figure in figures]
    assert titles[0] == ["real", "epoch 2"] and titles[3] == ["no threshold", "threshold 1", "threshold 0.2"]


@pytest.mark.thorough
def test_measure_and_without(quickly, monkeypatch):
    """A try of a claim gives finite numbers; each trick that is left out is left out."""
    monkeypatch.setattr(biggan, "NARROW", dict(filters=2, batch=4, rate=.001))
    monkeypatch.setattr(biggan, "EPOCHS", 1)
    found = biggan.measure(("conditional", "two-steps"), seed=1, steps=1)
    assert len(found) == 4 + 9 + 1 and all(np.isfinite(value) for value in found.values())
    small = ("attention", "conditional", "spectral")
    for more, chosen_type, numbers in (((), BigGAN, (1e-4, 2)), (("penalty", "two-steps"), BigGAN, (0, 1)),
                                       (("hinge",), biggan.BigGANWithCrossEntropy, (1e-4, 2))):
        G = biggan.make(data.load("digits"), 2, 4, without=(*small, *more))
        assert type(G) is chosen_type and (G.penalty, G.disc_iter) == numbers


def test_help_and_bad_trick(capsys):
    for argument, message in (("--help", "--without TRICK"), ("--without", "expected at least one argument")):
        with pytest.raises(SystemExit):
            biggan.main([argument])
        shown = capsys.readouterr()
        assert message in shown.out + shown.err
