"""SRGAN: its networks, steps against plain matrices, how it enlarges, stopping and going on, the script."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow import keras

from beyond import srgan
from beyond.common.data import signed, unit
from beyond.common.features import Features
from beyond.common.likeness import bicubic
from beyond.srgan import SRGAN, SRGANAsListed, enlarging, pixel_shuffle, small_GenDiscr, sr_generator
from tests.beyond.short import eagerly
from tests.beyond.translating import Descent, check_every_run, check_optimizers, only_descend, tiny_reader
from tests.helpers import set_seeds

layers = keras.layers
PAIRS, SIDE, RATE = 5, 2, .1


# ---------------------------------------------------------------- the networks

def test_combined_total():
    """With VGG19 up to block3_conv4 the two networks have the 9,581,636 parameters of the source's combined model."""
    totals = [network.count_params() for network in srgan.networks().values()]
    assert sum(totals) + 2325568 == 9581636
    generator = srgan.networks()["generator"]
    assert sum(int(np.prod(array.shape)) for array in generator.trainable_variables) == 2038467


def test_pixel_shuffle_by_hand():
    """Four channels of one pixel become its four quarters, row by row; with two outputs the channels stay apart."""
    x = tf.reshape(tf.range(8.), (1, 1, 2, 4))
    np.testing.assert_array_equal(pixel_shuffle(x)[0, :, :, 0], [[0, 1, 4, 5], [2, 3, 6, 7]])
    x = tf.reshape(tf.range(8.), (1, 1, 1, 8))
    np.testing.assert_array_equal(pixel_shuffle(x)[0, :, :, 0], [[0, 2], [4, 6]])
    np.testing.assert_array_equal(pixel_shuffle(x)[0, :, :, 1], [[1, 3], [5, 7]])


@pytest.mark.parametrize("shuffle", [False, True])
def test_enlarging_by_hand(shuffle):
    """With a kernel that copies, nearest neighbours repeat each pixel; the shuffle does so with its four copies."""
    inputs = keras.Input((2, 2, 1))
    network = keras.Model(inputs, enlarging(inputs, 1, shuffle))
    kernel, bias = network.get_weights()
    kernel[...] = 0
    kernel[1, 1] = 1
    network.set_weights([kernel, bias])
    x = np.array([[1, 2], [3, 4]], "float32").reshape(1, 2, 2, 1)
    expected = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    np.testing.assert_array_equal(network(x)[0, :, :, 0], expected)


@pytest.mark.parametrize("size", [16, 32, 48])
def test_small_networks(size):
    """They make pictures four times larger; no instance is normalised over a single pixel."""
    generator, discriminator = small_GenDiscr(size, filters=2, blocks=1)
    assert generator.input_shape == (None, size // 4, size // 4, 3)
    assert generator.output_shape == (None, size, size, 3)
    for layer in discriminator.layers:
        if isinstance(layer, layers.GroupNormalization):
            assert layer.output.shape[1] > 1


def test_blocks_add_to_what_comes_in():
    """With all weights of the blocks at zero the first layer's answer goes through them: skips are there."""
    network = sr_generator(4, 1, 2, blocks=2, up_filters=2)
    assert sum(isinstance(layer, layers.Add) for layer in network.layers) == 3


def test_small_networks_begin_with_the_bicubic_enlargement():
    """They give what has to be added to it, at first nothing: else a short training ends below it."""
    small = np.random.default_rng(3).uniform(.1, .9, (2, 4, 4, 3)).astype("float32")
    generator, _ = small_GenDiscr(16, filters=2, blocks=1)
    np.testing.assert_allclose(unit(generator(signed(small))), bicubic(small, 16), atol=1e-6)


# -------------------------------------------------------------------- the step

def examples(side, seed):
    return np.random.default_rng(seed).uniform(-.9, .9, (PAIRS, side, side, 1)).astype("float32")


def plain(weights, chosen_type=SRGAN):
    """An SRGAN of pictures of one channel that enlarges twice, by a matrix for each pixel and tanh; its start.

    The features are the pictures times 3, and the squares of them. Batches hold all pairs: their order does not matter.
    """
    inputs = keras.Input((SIDE, SIDE, 1))
    generator = keras.Model(inputs, layers.Conv2DTranspose(1, 2, 2, activation="tanh")(inputs))
    discriminator = keras.Sequential([keras.Input((2 * SIDE, 2 * SIDE, 1)), layers.Conv2D(1, 1)])
    stream, start = np.random.default_rng(7), []
    for network in (generator, discriminator):
        start.append([stream.normal(size=array.shape).astype("float32") for array in network.get_weights()])
        network.set_weights(start[-1])
    pictures = keras.Input((2 * SIDE, 2 * SIDE, 1))
    content = Features("plain", keras.Model(pictures, [layers.Rescaling(3.)(pictures),
                                                       layers.Multiply()([pictures, pictures])]))
    return chosen_type(generator, discriminator, examples(SIDE, 1), examples(2 * SIDE, 2), content, PAIRS, RATE,
                       *weights), start


def blocks_of(pictures):
    """Large pictures as rows of the 2 x 2 pixels that belong to each small one: (pixels, 4)."""
    n, side = len(pictures), pictures.shape[1] // 2
    return pictures.reshape(n, side, 2, side, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4).astype("float64")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("weights", [(1., .5, 0.), (0., 0., 1.), (.7, 3., 2.)])
@pytest.mark.parametrize("chosen_type", [SRGAN, SRGANAsListed])
def test_two_steps_by_hand(monkeypatch, weights, chosen_type):
    """Two training steps end at the weights and losses that the formulas give in matrices.

    Without it a weight at the wrong loss, or the source's squares in the place of the cross-entropy, would go unseen.
    """
    only_descend(monkeypatch)
    G, ((w, b), (u, c)) = plain(weights, chosen_type)
    descent = Descent(RATE).new_weights
    content_weight, gan_weight, pixel_weight = weights
    x, y = examples(SIDE, 1).reshape(-1, 1).astype("float64"), blocks_of(examples(2 * SIDE, 2))
    w, b, u, c = w.reshape(1, 4).astype("float64"), b.astype("float64"), u.astype("float64").item(), c.astype("float64")
    for _ in range(2):
        set_seeds(1)
        got = {name: float(value) for name, value in G.train_step(None).items()}
        expected = {}
        made = np.tanh(x @ w + b)
        if gan_weight:
            real, fake = sigmoid(u * y + c), sigmoid(u * made + c)
            if chosen_type is SRGAN:
                expected["discr_loss"] = (np.mean(-np.log(real)) + np.mean(-np.log(1 - fake))) / 2
                slopes = (real - 1) / 2, fake / 2
            else:
                expected["discr_loss"] = (np.mean((real - 1) ** 2) + np.mean(fake ** 2)) / 2
                slopes = (real - 1) * real * (1 - real), fake * fake * (1 - fake)
            slope_u = np.mean(slopes[0] * y) + np.mean(slopes[1] * made)
            slope_c = np.array([np.mean(slopes[0]) + np.mean(slopes[1])])
            u, c = descent([np.array(u), c], [np.array(slope_u), slope_c])
            u = float(u)
        slope = np.zeros_like(made)
        if content_weight:
            expected["content_loss"] = (np.mean(9 * (made - y) ** 2) + np.mean((made ** 2 - y ** 2) ** 2)) / 2
            slope += content_weight * (9 * (made - y) + 2 * made * (made ** 2 - y ** 2)) / made.size
        if gan_weight:
            values = u * made + c
            expected["gan_loss"] = np.mean(-np.log(sigmoid(values)))
            slope += gan_weight * (sigmoid(values) - 1) * u / made.size
        if pixel_weight:
            expected["pixel_loss"] = np.mean((made - y) ** 2)
            slope += pixel_weight * 2 * (made - y) / made.size
        slope *= 1 - made ** 2
        w, b = descent([w, b], [x.T @ slope, np.array([slope.sum()])])
        assert set(got) == set(expected)
        for name, value in expected.items():
            assert got[name] == pytest.approx(value, rel=1e-5), name
    arrays = [np.ravel(array) for network in (G.generator, G.discriminator) for array in network.get_weights()]
    for found, wanted in zip(arrays, (w, b, u, c)):
        np.testing.assert_allclose(found, np.ravel(wanted), atol=2e-5)


def test_how_fakes_are_made():
    """The discriminator learns from fakes normalised as those of the generator's step; as listed by moving averages."""
    for chosen_type, expected in ((SRGAN, [True, True]), (SRGANAsListed, [False, True])):
        generator, discriminator = small_GenDiscr(16, filters=2, blocks=1)
        seen, call = [], generator.call

        def noting(pictures, training=None, seen=seen, call=call, **more):
            seen.append(bool(training))
            return call(pictures, training=training, **more)

        generator.call = noting
        small, large = (np.random.default_rng(i).uniform(-1, 1, (4, s, s, 3)).astype("float32")
                        for i, s in ((1, 4), (2, 16)))
        chosen_type(generator, discriminator, small, large, None, 2, .001, 0., 1.).train_step(None)
        assert seen == expected


def test_optimizers():
    """Adam, which the steps by hand do not show."""
    check_optimizers(plain((1., 1., 0.))[0], RATE)


@pytest.mark.parametrize("change, sentence", [
    (dict(large=examples(4, 2)[:3]), "large: expected as many as small, 5, got 3"),
    (dict(content=None), "content: expected Features, as content_weight is not 0, got None"),
    (dict(content_weight=0., gan_weight=0.), "pixel_weight: expected one of content_weight, .* got 0 for all three"),
    (dict(gan_weight=-1.), "gan_weight: expected a finite number, zero or positive, got -1.0")])
def test_wrong_arguments(change, sentence):
    """Each error names the argument, what came and what was expected."""
    G = plain((1., 1., 0.))[0]
    arguments = dict(generator=G.generator, discriminator=G.discriminator, small=examples(2, 1), large=examples(4, 2),
                     content=G.content, batch_size=2)
    with pytest.raises(ValueError, match=f"^{sentence}"):
        SRGAN(**{**arguments, **change})
    with pytest.raises(ValueError, match="^size: expected a multiple of 4 from 16 on, got 12"):
        small_GenDiscr(12)


# ------------------------------------------------------------------ the script

@pytest.fixture
def few(monkeypatch, tmp_path, cached):
    """No graph, a tiny reader, few faces."""
    tiny_reader(monkeypatch)
    eagerly(monkeypatch, SRGAN)
    return ["--epochs", "2", "--steps", "1", "--batch", "2", "--pictures", "4", "--filters", "2", "--blocks", "1",
            "--no-show", "--out", str(tmp_path / "out")]


def test_script(capsys, tmp_path, few):
    """Trains a generator by errors alone and an SRGAN, compares both with bicubic enlargement, draws rows and a film;
    with --resume all is there already, and the figures are the same.
    """
    made = srgan.main(few)
    out = capsys.readouterr().out
    assert "data: 4 pairs of 8x8x3 and 32x32x3" in out
    told = ["features to learn from:", "features to measure by, of another", "first a generator by", "now the SRGAN:"]
    assert [out.count(f"\n{text}") for text in told] == [1] * 4, "two classifiers, two trainings: which is which?"
    titles = [axis.get_ylabel() for axis in made[0].axes]
    assert titles == ["small", "bicubic", "mean square error", "SRGAN", "truth"]
    lines = [line for line in out.splitlines() if line.startswith("held out, ")]
    assert [line.split(":")[0] for line in lines] == [f"held out, {name}" for name in titles[1:-1]]
    assert all("psnr " in line and "ssim " in line and "sharpness " in line and "features " in line for line in lines)
    for path in (tmp_path / "out").glob("srgan-*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 100
    with Image.open(tmp_path / "out" / "srgan-training.gif") as film:
        assert film.n_frames >= 3
    srgan.main([*few, "--resume"])
    again = capsys.readouterr().out
    assert [line for line in again.splitlines() if line.startswith("held out, ")] == lines


@pytest.mark.parametrize("arguments, sentence", [
    (["--size", "30"], "size: expected a multiple of 4, the scale, got 30"),
    (["--size", "16"], "size: expected 8 to 128 pixels for a drawn face, got 4"),
    (["--size", "12", "--data", "photographs"], "size: expected a multiple of 4 from 16 on, got 12"),
    (["--data", "nowhere"], "data: expected faces, photographs, a folder of pictures, or two of them (A, B), got "
                            "'nowhere'"),
    (["--features", "vgg"], "features: expected faces, or vgg where Keras has the weights of VGG19; there is no "),
    (["--content", "0", "--gan", "0"], "pixel_weight: expected one of content_weight, "),
    (["--batch", "9"], "--batch: expected at most 4, the number of pairs, got 9")])
def test_wrong_arguments_of_the_script(monkeypatch, tmp_path, few, arguments, sentence):
    """A wrong argument ends the script in one line, before it trains."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as stopped:
        srgan.main([*few, *arguments])
    assert str(stopped.value.code).startswith(sentence) and "\n" not in str(stopped.value.code)


@pytest.mark.thorough
def test_every_run_that_measures(monkeypatch, few):
    """Whether all of it runs: bicubic enlargement, and each way to train, on faces and on photographs."""
    check_every_run(monkeypatch, srgan)
