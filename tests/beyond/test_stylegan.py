"""A StyleGAN: its layers, mixing, a step against plain formulas, what is measured of it, stopping and going on."""

import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import stylegan
from beyond.common import data, training
from beyond.stylegan import (
    LATENT,
    LAYERS,
    SIZES,
    WIDTH,
    AdaIN,
    LearnedConstant,
    Noise,
    StyleGAN,
    fixed_noises,
    layered,
    mapping_network,
    mixed,
    synthesis_network,
)
from tests.beyond.short import assert_same_record, eagerly, few_pictures, killed_in_its_second_epoch
from tests.helpers import points, set_seeds

layers = keras.layers
COUNT, FILTERS, RATE = 5, 2, .05


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def build(**options):
    set_seeds(2)
    return StyleGAN(FILTERS, points(11, 16, 16, 1) * 2 - 1, **{"batch_size": 3, **options})


@pytest.fixture(scope="module")
def noisy():
    """A synthesis that has learned to use its noise, with other weights than those it begins with."""
    set_seeds(4)
    network = synthesis_network(FILTERS)
    network.set_weights([array + .3 * normal(*array.shape, seed=i) for i, array in enumerate(network.get_weights())])
    return network


# ------------------------------------------------------------ layers

def test_AdaIN():
    """Mean and deviation of what comes out are the style's, whatever came in; the formula; a flat channel is the shift.

    Without this a style would only add to what the layer before has made, and could not replace it.
    """
    x, style = 5 + 3 * normal(COUNT, 4, 4, 2), normal(COUNT, 4, seed=1)
    made = np.asarray(AdaIN()([x, style]))
    np.testing.assert_allclose(made.mean((1, 2)), style[:, 2:], atol=1e-5)
    np.testing.assert_allclose(made.std((1, 2)), np.abs(style[:, :2]), atol=1e-5)
    plain = (x - x.mean((1, 2), keepdims=True)) / x.std((1, 2), keepdims=True)
    np.testing.assert_allclose(made, plain * style[:, None, None, :2] + style[:, None, None, 2:], atol=1e-4)
    np.testing.assert_allclose(AdaIN()([7 * x - 2, style]), made, atol=1e-4)
    np.testing.assert_allclose(AdaIN()([np.full((1, 4, 4, 2), 3, "float32"), style[:1]])[0, 1, 2], style[0, 2:],
                               atol=1e-3)


def test_styles_begin_as_plain_normalisation():
    """A style of zeros gives the factor 1 and the shift 0: else the first pictures would be flat."""
    dense = [layer for layer in synthesis_network(FILTERS).layers if isinstance(layer, layers.Dense)]
    assert len(dense) == LAYERS
    for layer in dense:
        channels = layer.units // 2
        np.testing.assert_array_equal(layer(np.zeros((1, WIDTH), "float32"))[0], [1] * channels + [0] * channels)


def test_noise():
    """One channel of noise for all channels, to each with its own strength, which is 0 at first."""
    x, noise = normal(2, 3, 3, 2), normal(2, 3, 3, 1, seed=1)
    layer = Noise()
    np.testing.assert_array_equal(layer([x, noise]), x)
    layer.strength.assign([.5, -2.])
    np.testing.assert_allclose(layer([x, noise]), x + noise * np.float32([.5, -2]), atol=1e-6)


def test_learned_constant():
    """The same picture for all styles of a batch, and it can be learned."""
    layer = LearnedConstant((4, 4, 2))
    made = np.asarray(layer(normal(COUNT, LAYERS, WIDTH)))
    assert made.shape == (COUNT, 4, 4, 2) and len(layer.trainable_weights) == 1
    np.testing.assert_array_equal(made, np.repeat(np.asarray(layer.constant)[None], COUNT, axis=0))


def test_an_even_ramp_stays_one():
    """Enlarging is bilinear: between the pixels of a ramp there are new ones on the same line. Edges are repeated."""
    enlarging = [layer for layer in synthesis_network(FILTERS).layers if isinstance(layer, layers.UpSampling2D)]
    assert len(enlarging) == len(SIZES) - 1
    ramp = np.arange(4, dtype="float32")
    expected = [0, .25, .75, 1.25, 1.75, 2.25, 2.75, 3]
    for layer in enlarging:
        for axis in (1, 2):
            given = np.broadcast_to(ramp.reshape((1, 4, 1, 1) if axis == 1 else (1, 1, 4, 1)), (1, 4, 4, 1))
            made = np.moveaxis(np.asarray(layer(given)), axis, 3)
            np.testing.assert_allclose(made, np.broadcast_to(expected, made.shape), atol=1e-6)


def test_mapping():
    """A style of WIDTH numbers; the length of z does not matter, its direction does."""
    set_seeds(0)
    mapping, z = mapping_network(), normal(COUNT, LATENT)
    made = np.asarray(mapping(z))
    assert made.shape == (COUNT, WIDTH)
    np.testing.assert_allclose(mapping(3 * z), made, rtol=1e-3, atol=1e-5)
    assert np.abs(np.asarray(mapping(-z)) - made).max() > 1e-2


# ------------------------------------------------------------ styles and noise in the generator

def test_at_first_noise_changes_nothing():
    """All strengths are 0: the picture depends on the styles alone. After learning it does not."""
    set_seeds(0)
    network, styles = synthesis_network(FILTERS), tf.constant(normal(COUNT, LAYERS, WIDTH))
    first, second = (network([styles, *map(tf.constant, fixed_noises(COUNT, seed))]) for seed in (0, 1))
    assert first.shape == (COUNT, 16, 16, 1) and np.ptp(first) > 0
    np.testing.assert_array_equal(first, second)


def test_noise_of_each_layer_counts(noisy):
    """Each of the six noises reaches the picture, and the one picture that it is drawn for."""
    styles, noises = tf.constant(normal(COUNT, LAYERS, WIDTH)), [tf.constant(part) for part in fixed_noises(COUNT)]
    whole = np.asarray(noisy([styles, *noises]))
    for layer in range(LAYERS):
        other = noises[layer].numpy()
        other[2] += 1 + normal(*other[2].shape)
        made = np.asarray(noisy([styles, *noises[:layer], tf.constant(other), *noises[layer + 1:]]))
        changed = np.abs(made - whole).max((1, 2, 3)) > 1e-6
        assert changed.tolist() == [False, False, True, False, False], layer


def test_mixed():
    """The first style up to the crossover, the second from there on; 0 and LAYERS leave one of the two."""
    first, second = normal(LAYERS + 1, WIDTH), normal(LAYERS + 1, WIDTH, seed=1)
    made = np.asarray(mixed(first, second, np.arange(LAYERS + 1)))
    for crossover in range(LAYERS + 1):
        np.testing.assert_array_equal(made[crossover, :crossover], np.tile(first[crossover], (crossover, 1)))
        np.testing.assert_array_equal(made[crossover, crossover:], np.tile(second[crossover], (LAYERS - crossover, 1)))
    np.testing.assert_array_equal(made[0], layered(second[:1])[0])
    np.testing.assert_array_equal(made[-1], layered(first[-1:])[0])


@pytest.mark.parametrize("crossover", [0, 1, 3, LAYERS])
def test_layers_before_the_crossover_know_nothing_of_the_second_style(noisy, crossover):
    """What they answer is that of the first style alone; with 0 or LAYERS the picture is one of the two."""
    stages = [layer.output for layer in noisy.layers if isinstance(layer, AdaIN)]
    inner = keras.Model(noisy.inputs, [*stages, noisy.outputs[0]])
    noises = [tf.constant(part) for part in fixed_noises(COUNT)]
    w = [normal(COUNT, WIDTH, seed=seed) for seed in (0, 1)]
    first, second = ([np.asarray(part) for part in inner([tf.constant(layered(one)), *noises])] for one in w)
    made = [np.asarray(part) for part in inner([mixed(*w, np.full(COUNT, crossover)), *noises])]
    for layer in range(crossover):
        np.testing.assert_array_equal(made[layer], first[layer])
    if crossover < LAYERS:
        assert np.abs(made[crossover] - first[crossover]).max() > 1e-4
    if crossover in (0, LAYERS):
        np.testing.assert_array_equal(made[-1], (first if crossover else second)[-1])


def test_crossovers(monkeypatch):
    """The share `mixing` of the pictures has a second style, from any layer but the first on."""
    tiny_networks(monkeypatch)
    G, drawn = build(batch_size=400), {}
    for G.mixing in (0., .5, 1.):
        drawn[G.mixing] = np.asarray(G.draw_crossovers())
    assert set(drawn[0.]) == {LAYERS} and set(drawn[1.]) == set(range(1, LAYERS))
    assert .4 < np.mean(drawn[.5] < LAYERS) < .6


# ------------------------------------------------------------ the training step

def tiny_networks(monkeypatch):
    """Let every StyleGAN have networks of a few numbers: of styles and latent vectors of two numbers."""
    monkeypatch.setattr(stylegan, "mapping_network", lambda: keras.Sequential(
        [keras.Input((2,)), layers.Dense(2, use_bias=False)], name="mapping"))

    def synthesis(filters):
        styles = keras.Input((LAYERS, 2))
        noises = [keras.Input((size, size, 1)) for size in stylegan.layer_sizes()]
        x = layers.Reshape((2, 2, 1))(layers.Dense(4)(layers.Flatten()(styles)))
        return keras.Model([styles, *noises], Noise()([layers.UpSampling2D(8)(x), noises[-1]]), name="synthesis")

    monkeypatch.setattr(stylegan, "synthesis_network", synthesis)
    monkeypatch.setattr(stylegan, "discriminator_network", lambda filters: keras.Sequential(
        [keras.Input((16, 16, 1)), layers.AveragePooling2D(8), layers.Flatten(), layers.Dense(3, activation="tanh"),
         layers.Dense(1)], name="discriminator"))
    monkeypatch.setattr(stylegan, "LATENT", 2)
    monkeypatch.setattr(stylegan, "WIDTH", 2)


def tiny(monkeypatch, gamma):
    """A StyleGAN of such networks, with plain gradient steps, whose change of the weights is the gradient itself."""
    monkeypatch.setattr(keras.optimizers, "Adam", lambda rate, beta_1, beta_2: keras.optimizers.SGD(rate))
    tiny_networks(monkeypatch)
    set_seeds(3)
    stream = np.random.default_rng(5)
    G = StyleGAN(1, points(9, 16, 16, 1) * 2 - 1, batch_size=COUNT, learning_rate=RATE, gamma=gamma, mixing=.5)
    for names in (("mapping", "mean_mapping"), ("synthesis", "mean_synthesis"), ("discriminator",)):
        weights = [stream.normal(size=array.shape) for array in G.networks[names[0]].get_weights()]
        for name in names:
            G.networks[name].set_weights(weights)
    return G


def slopes(function, arrays):
    """The gradient of a function of arrays, by differences, in float64."""
    arrays, found = [array.copy() for array in arrays], []
    for array in arrays:
        slope = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            kept = array[place]
            values = []
            for array[place] in (kept + 1e-5, kept - 1e-5):
                values.append(function(arrays))
            array[place] = kept
            slope[place] = (values[0] - values[1]) / 2e-5
        found.append(slope)
    return found


def softplus(x):
    return np.logaddexp(0, x)


def pooled(pictures):
    """The means of the four quarters: (n, 4)."""
    return pictures.reshape(len(pictures), 2, 8, 2, 8).mean((2, 4)).reshape(-1, 4)


def values(d, pictures):
    return np.tanh(pooled(pictures) @ d[0] + d[1]) @ d[2] + d[3]


def penalty(d, pictures):
    """Mean of |gradient of D at a picture|^2; each pixel is a 64th of a quarter's mean."""
    inside = 1 - np.tanh(pooled(pictures) @ d[0] + d[1]) ** 2
    return np.mean(np.sum(((inside * d[2][:, 0]) @ d[0].T) ** 2, axis=1)) / 64


def made(g, draws):
    """Pictures of the tiny generator; g is the mapping's matrix, then the synthesis's weights."""
    first, second, chosen, crossover, noise = draws
    both = [z @ g[0] for z in (first, second)]
    until = np.where(chosen < .5, crossover, LAYERS)
    styles = np.stack([np.where((layer < until)[:, None], *both) for layer in range(LAYERS)], axis=1)
    x = (styles.reshape(COUNT, -1) @ g[1] + g[2]).reshape(COUNT, 2, 2)
    return np.kron(x, np.ones((8, 8)))[..., None] + g[3] * noise


@pytest.mark.parametrize("gamma", [0., 40.])
def test_two_steps_by_hand(monkeypatch, gamma):
    """Losses, penalty and weights after two steps, and the mean generators, as formulas in NumPy give them.

    The slopes come from differences. Without it a penalty at the fakes, a loss with the wrong sign, a mapping that
    learns as fast as the rest or means of other weights would go unseen.
    """
    G = tiny(monkeypatch, gamma)
    d = [array.astype("float64") for array in G.discriminator.get_weights()]
    g = [array.astype("float64") for name in ("mapping", "synthesis") for array in G.networks[name].get_weights()]
    means, stream = [array.copy() for array in g], np.random.default_rng(8)
    for step in range(1, 3):
        both = []
        given = [stream.permutation(9)[:COUNT]]
        for _ in range(2):
            latent, chosen = stream.normal(size=(2, COUNT, 2)), stream.uniform(size=COUNT)
            crossover = stream.integers(1, LAYERS, COUNT)
            noises = [stream.normal(size=(COUNT, size, size, 1)) for size in stylegan.layer_sizes()]
            both.append((*latent, chosen, crossover, noises[-1]))
            given += [*latent.astype("float32"), chosen.astype("float32"), crossover.astype("int32"),
                      *(noise.astype("float32") for noise in noises)]
        rows = iter(given)
        monkeypatch.setattr(G, "drawn", lambda draw, rows=rows: tf.constant(next(rows)), raising=False)
        got = {name: float(value) for name, value in G.train_step(None).items()}
        assert next(rows, None) is None

        real, fake = np.asarray(G.pictures, "float64")[given[0]], made(g, both[0])
        expected = {"penalty": penalty(d, real),
                    "discr_loss": softplus(-values(d, real)).mean() + softplus(values(d, fake)).mean()}
        change = slopes(lambda d, real=real, fake=fake: softplus(-values(d, real)).mean()
                        + softplus(values(d, fake)).mean() + gamma / 2 * penalty(d, real), d)
        d = [array - RATE * slope for array, slope in zip(d, change)]

        def gen_loss(g, d=d, draws=both[1]):
            return softplus(-values(d, made(g, draws))).mean()
        expected["gen_loss"] = gen_loss(g)
        g = [array - rate * slope for array, slope, rate in zip(g, slopes(gen_loss, g), [RATE / 10] + 3 * [RATE])]
        assert got == pytest.approx(expected, rel=1e-4)
        kept = (1 + step) / (10 + step)
        means = [kept * mean + (1 - kept) * array for mean, array in zip(means, g)]
    for names, arrays in ((("discriminator",), d), (("mapping", "synthesis"), g),
                          (("mean_mapping", "mean_synthesis"), means)):
        found = [array for name in names for array in G.networks[name].get_weights()]
        for one, other in zip(found, arrays):
            np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("option, value", [("gamma", -1), ("mixing", 1.5), ("average", -.1), ("average", 2),
                                           ("learning_rate", "fast")])
def test_bad_arguments(option, value):
    """One sentence that names the argument and the value."""
    with pytest.raises((TypeError, ValueError), match=f"^{option}: expected .* got {value!r}"):
        build(**{option: value})


# ------------------------------------------------------------ what is measured

def test_coarse():
    """All of a difference of whole squares, nothing of one whose squares have mean 0, a 16th of even noise."""
    squares = np.kron(normal(3, 4, 4), np.ones((4, 4)))[..., None]
    stripes = np.tile([1., -1.], 8) * np.ones((3, 16, 1))
    assert stylegan.coarse(squares) == pytest.approx(1)
    assert stylegan.coarse(stripes[..., None]) == pytest.approx(0, abs=1e-12)
    assert stylegan.coarse(squares / squares.std() + stripes[..., None]) == pytest.approx(
        np.mean(squares ** 2) / squares.std() ** 2 / (1 + np.mean(squares ** 2) / squares.std() ** 2))
    assert stylegan.coarse(0 * squares) == 0
    assert stylegan.coarse(normal(500, 16, 16, 1)) == pytest.approx(1 / 16, rel=.05)


def test_moved():
    """0 where nothing moves, 1 where all of it does, and the share between; beyond the other is more than 1."""
    own, others = normal(50), normal(50, seed=1)
    for share in (0, .3, 1, 1.5, -.2):
        assert stylegan.moved(own, others, own + share * (others - own)) == pytest.approx(share, abs=1e-6)
    assert stylegan.moved(normal(5000), normal(5000, seed=1), normal(5000, seed=2)) == pytest.approx(.5, abs=.05), \
        "half of the way is what somebody else's face is worth"


class Plain:
    """In the place of a StyleGAN: the style is the latent vector, pictures are sums of what the blocks are told."""

    def styles(self, latent):
        return np.asarray(latent, "float32")

    def made(self, styles, noises):
        blocks = layered(styles)[:, ::2, :SIZES[-1]]  # (n, blocks, 16)
        flat, tall = np.ones((16, 1)), np.kron(np.eye(4), np.ones((4, 1)))
        wide = np.kron(blocks[:, 0, :4].mean(-1)[:, None, None], np.ones((16, 16)))
        fine = blocks[:, 2, None, :] * np.tile([1, -1], 8)[:, None] * flat
        return (wide + fine + (tall @ np.squeeze(noises[0], -1) @ tall.T))[..., None] / 9

    def draw(self, styles, noises):
        return self.made(styles, noises)


def test_effects_are_told_apart():
    """Of a generator whose first styles set the tone of the whole and whose last ones set stripes, nothing else."""
    class Tone:
        names = ("tone",)

        def __call__(self, pictures):
            return {"tone": pictures.mean((1, 2, 3))}

    found = stylegan.effects(Plain(), Tone(), count=60)
    assert found["4"]["tone"] == pytest.approx(1, abs=1e-5) and found["4"]["coarse"] == pytest.approx(1)
    assert found["8"]["change"] == found["8"]["noise"] == found["16"]["noise"] == 0
    assert found["16"]["tone"] == pytest.approx(0, abs=1e-5) and found["16"]["coarse"] == pytest.approx(0, abs=1e-9)
    assert found["4"]["change"] ** 2 + found["16"]["change"] ** 2 == pytest.approx(1, abs=1e-5)
    assert found["4"]["noise"] > 0 and found["4"]["coarse_noise"] == pytest.approx(1)


def test_paths():
    """Along the straight line a linear generator has the square of the distance of both ends; the circle is longer."""
    ways = stylegan.paths(Plain(), count=300, seed=3)
    a, b = np.random.default_rng([3, 2]).normal(size=(2, 300, LATENT))
    noises = [np.zeros_like(part) for part in fixed_noises(300)]
    ends = Plain().made(a, noises) - Plain().made(b, noises)
    assert ways["w"] == pytest.approx(np.mean(np.sum(ends ** 2, axis=(1, 2, 3))), rel=1e-3)
    assert ways["z"] > 1.1 * ways["w"]


def test_reader():
    """It reads numbers off pictures in their own unit; pictures that nobody knows the attributes of have no reader."""
    pictures = np.repeat(points(300, 4, 4, 1), 4, axis=1).repeat(4, axis=2)
    attributes = {"corner": 10 * pictures[:, 0, 0, 0], "mean": pictures.mean((1, 2, 3)) - 3}
    reader = stylegan.Reader(pictures, attributes, rounds=100)
    assert reader.names == ["corner", "mean"] and min(reader.explained.values()) > .6
    read = reader(pictures)
    for name, values in attributes.items():
        assert np.corrcoef(read[name], values)[0, 1] > .8 and abs(read[name].mean() - values.mean()) < values.std()
    assert stylegan.reader_of(data.Pictures("a folder", pictures, pictures[:0])) is None


# ------------------------------------------------------------ as it runs

@pytest.fixture
def small(monkeypatch):
    """Few faces, and no graphs, whose making takes most of so short a run."""
    eagerly(monkeypatch, StyleGAN)
    few_pictures(monkeypatch, 60)
    monkeypatch.setattr(stylegan, "COUNT", 20)


def test_script(capsys, tmp_path, small):
    """Figures of each block, and five pictures: samples, losses, mixed faces, noise, what each layer decides."""
    drawn = stylegan.main(["--epochs", "1", "--steps", "1", "--batch", "2", "--filters", "1", "--no-show",
                           "--out", str(tmp_path)])
    out = capsys.readouterr().out
    names = ("layers", "losses", "mixing", "noise", "samples")
    assert [path.name for path in sorted(tmp_path.glob("*.png"))] == [f"stylegan-{name}.png" for name in names]
    assert len(drawn) == 5
    for part in stylegan.PARTS:
        assert re.search(rf"^styles and noise of {part}: change \d.*, yaw -?\d.*, hair tone ", out, flags=re.MULTILINE)
    assert re.search(r"^length of a path: z \d.*, w \d.*, w / z \d", out, flags=re.MULTILINE)
    assert [axis.get_title() for axis in drawn[2].axes] == [f"{size} x {size}: styles from above" for size in SIZES]
    assert drawn[0].axes[0].get_title() == "real"


@pytest.mark.thorough
def test_pictures_of_a_folder(capsys, monkeypatch, tmp_path, small):
    """Own pictures have no attributes: what is read off faces is left out, the rest is there."""
    from PIL import Image

    from beyond.common import script
    monkeypatch.setattr(script, "finish", lambda *arguments: None)  # it takes most of the time
    (tmp_path / "own").mkdir()
    for number, picture in enumerate(np.uint8(255 * points(14, 9, 9))):
        Image.fromarray(picture).save(tmp_path / "own" / f"{number}.png")
    drawn = stylegan.main(["--data", str(tmp_path / "own"), "--epochs", "1", "--steps", "1", "--batch", "2",
                           "--filters", "1", "--no-show", "--out", str(tmp_path / "out")])
    assert len(drawn) == 4 and "R^2" not in capsys.readouterr().out


def test_resumed(monkeypatch, tmp_path):
    """Killed in its second epoch, a training goes on with --resume: the same weights, means and sheets as without."""
    def trained(folder, resume=False):
        set_seeds(1)
        options = training.settings(**{**stylegan.DEFAULTS, "epochs": 3, "steps": 2, "batch": 2, "filters": 1},
                                    seed=1, out=tmp_path / folder, save_every=0., resume=resume)
        return stylegan.train(pictures, options, "stylegan")

    tiny_networks(monkeypatch)
    shown = points(12, 16, 16, 1)
    pictures = data.Pictures("noise", shown, shown[:0])
    whole, one = trained("whole")
    with killed_in_its_second_epoch(monkeypatch):
        trained("killed")
    resumed, other = trained("killed", resume=True)
    assert_same_record(resumed, whole)
    assert len(whole.losses["penalty"]) == 6
    for name, network in one.networks.items():
        for a, b in zip(network.get_weights(), other.networks[name].get_weights()):
            np.testing.assert_array_equal(a, b)


@pytest.mark.thorough
def test_claims_can_be_measured(small):
    """Each row has the same figures, also before any training."""
    rows = {name: measure for _, name, measure in stylegan.CLAIMS}
    assert list(rows) == ["mixing .9", "without mixing", "untrained"]
    found = rows["untrained"](0, 1)
    assert {"frechet", "mixed", "shape by 4", "tone by 16", "noise of 8", "coarse of 4", "w / z"} <= set(found)
    assert all(isinstance(value, float) for value in found.values())
