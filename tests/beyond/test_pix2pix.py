"""Pix2Pix: its networks, one step against plain matrices, what its discriminator sees, the script."""

import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow import keras

from beyond import pix2pix
from beyond.common import rows
from beyond.pix2pix import Pix2Pix, Pix2PixAsListed, figures_of, patch_discriminator, small_GenDiscr, unet
from tests.beyond.short import eagerly
from tests.beyond.translating import Descent, check_every_run, check_optimizers, only_descend
from tests.helpers import set_seeds

layers = keras.layers
PAIRS, SIDE, RATE = 5, 3, .01


def examples(channels, seed):
    return np.random.default_rng(seed).uniform(-.9, .9, (PAIRS, SIDE, SIDE, channels)).astype("float32")


def plain(l1_weight, gan_weight):
    """A Pix2Pix whose networks are a matrix for each pixel, with or without tanh, and what they begin with.

    Its batches hold all pairs. So the order in which they are drawn does not matter.
    """
    generator = keras.Sequential([keras.Input((SIDE, SIDE, 1)), layers.Conv2D(3, 1, activation="tanh")])
    discriminator = keras.Sequential([keras.Input((SIDE, SIDE, 4)), layers.Conv2D(1, 1)])
    stream, start = np.random.default_rng(7), []
    for network in (generator, discriminator):
        start.append([stream.normal(size=array.shape).astype("float32") for array in network.get_weights()])
        network.set_weights(start[-1])
    return Pix2Pix(generator, discriminator, examples(1, 1), examples(3, 2), PAIRS, RATE, l1_weight, gan_weight), start


@pytest.mark.parametrize("l1_weight, gan_weight", [(100., 1.), (0., 1.), (.7, 3.)])
def test_two_steps_by_hand(monkeypatch, l1_weight, gan_weight):
    """Two training steps end at the weights and losses that the formulas give in matrices.

    Without it a weight at the wrong loss, or a generator that is trained on the discriminator's loss, would go unseen.
    """
    only_descend(monkeypatch)
    G, ((w, b), (u, c)) = plain(l1_weight, gan_weight)
    x, y = (array.reshape(-1, array.shape[-1]).astype("float64") for array in (examples(1, 1), examples(3, 2)))
    w, b, u, c = w.reshape(1, 3).astype("float64"), b.astype("float64"), u.reshape(4, 1).astype("float64"), c
    descent = Descent(RATE).new_weights
    n = len(x)
    for _ in range(2):
        set_seeds(1)
        got = {name: float(value) for name, value in G.train_step(None).items()}

        fakes = np.tanh(x @ w + b)
        real, fake = np.hstack([x, y]), np.hstack([x, fakes])
        real_values, fake_values = real @ u + c, fake @ u + c
        discr_loss = (np.mean((real_values - 1) ** 2) + np.mean(fake_values ** 2)) / 2
        slope_u = (real.T @ (real_values - 1) + fake.T @ fake_values) / n
        slope_c = np.array([np.mean(real_values - 1) + np.mean(fake_values)])
        u, c = descent([u, c], [slope_u, slope_c])

        values = np.hstack([x, fakes]) @ u + c
        gan_loss, l1_loss = np.mean((values - 1) ** 2), np.mean(np.abs(fakes - y))
        slope = gan_weight * 2 * (values - 1) @ u[1:].T / n + l1_weight * np.sign(fakes - y) / fakes.size
        slope = slope * (1 - fakes ** 2)
        w, b = descent([w, b], [x.T @ slope, slope.sum(0)])

        np.testing.assert_allclose([got["discr_loss"], got["gan_loss"], got["l1_loss"]],
                                   [discr_loss, gan_loss, l1_loss], rtol=1e-5)
    weights = [np.ravel(array) for network in (G.generator, G.discriminator) for array in network.get_weights()]
    for got, expected in zip(weights, (w, b, u, c)):
        np.testing.assert_allclose(got, np.ravel(expected), atol=2e-5)


def test_optimizers():
    """Adam, which the steps by hand do not show."""
    check_optimizers(plain(1., 1.)[0], RATE)


def test_how_pairs_are_judged():
    """Real and fake pairs are one batch in both steps. As listed they are two, and moving averages judge the fakes."""
    generator, discriminator = small_GenDiscr(8, filters=4)
    seen, call = [], discriminator.call

    def noting(pictures, training=None, **more):
        seen.append((int(pictures.shape[0]), bool(training)))
        return call(pictures, training=training, **more)

    discriminator.call = noting
    arrays = [np.random.default_rng(i).uniform(-1, 1, (6, 8, 8, c)).astype("float32") for i, c in ((1, 1), (2, 3))]
    Pix2Pix(generator, discriminator, *arrays, batch_size=4).train_step(None)
    assert seen == [(8, True), (8, True)]
    seen.clear()
    Pix2PixAsListed(generator, discriminator, *arrays, batch_size=4).train_step(None)
    assert seen == [(4, True), (4, True), (4, False)]


@pytest.mark.parametrize("field, count", pix2pix.PATCHES.items())
def test_a_value_sees_a_patch(field, count):
    """A value of the discriminator depends on 94 x 94 pixels with the source's four layers, and on no other pixel.

    So `--patch N` gives patches of N x N pixels.
    """
    side = 2 ** count * 16
    network = patch_discriminator(side, 2, (3,) * count, norm=lambda x: x)
    pictures = tf.Variable(np.random.default_rng(0).uniform(size=(1, side, side, 2)).astype("float32"))
    with tf.GradientTape() as tape:
        values = network(pictures)
        value = values[0, 8, 8, 0]
    assert values.shape == (1, 16, 16, 1)
    moved = np.abs(tape.gradient(value, pictures).numpy()[0]).sum(-1) > 0
    assert [int(moved.any(axis).sum()) for axis in (0, 1)] == [field, field]


def test_skips_carry_the_edges():
    """Each size on the way up sees the same size on the way down; without skips all goes through 1 x 1 pixel."""
    for skips, joined in ((True, 3), (False, 0)):
        network = unet(16, 1, 3, (4, 6, 8), 8, skips=skips)
        assert network.output_shape == (None, 16, 16, 3)
        assert sum(isinstance(layer, layers.Concatenate) for layer in network.layers) == joined
        assert min(layer.output.shape[1] for layer in network.layers) == 1


def test_patches_of_small_networks():
    """More halvings of the discriminator give larger patches, and a map of fewer values, 2 x 2 at least."""
    for layers_, side in ((0, 16), (1, 8), (2, 4), (3, 2)):
        assert small_GenDiscr(16, filters=2, patch_layers=layers_)[1].output_shape == (None, side, side, 1)


def test_both_networks_as_one():
    """The source's combined totals: a pair as one model makes the target's picture, and judges it beside the input."""
    built = pix2pix.networks()
    for name, total in (("colour", 4415492), ("maps", 57189060)):
        parts = [built[f"{name}-{part}"] for part in ("generator", "discriminator")]
        combined = built[f"{name}-combined"]
        assert combined.count_params() == total == sum(part.count_params() for part in parts)
        assert combined.output_shape == [(None, 256, 256, 3), (None, 16, 16, 1)]


def test_figures():
    """Equal pictures have no error, colour and sharpness 1; grey ones no colour; a mean picture no sharpness."""
    truth = np.random.default_rng(1).uniform(size=(4, 6, 6, 3))
    same = figures_of(truth, truth)
    assert same == {"error": 0, "edges": 0, "sharpness": 1, "colour": 1}
    grey = figures_of(np.repeat(truth.mean(-1, keepdims=True), 3, axis=-1), truth)
    assert grey["colour"] == 0 and grey["error"] > 20
    flat = figures_of(np.full_like(truth, .5), truth)
    assert flat["sharpness"] == 0 and flat["error"] == pytest.approx(255 * np.abs(truth - .5).mean())
    assert "colour" not in figures_of(truth[..., :1], truth[..., :1])


@pytest.mark.parametrize("call, sentence", [
    (lambda: small_GenDiscr(24), "size: expected 8, 16, 32, 64, 128 or 256, .* got 24"),
    (lambda: small_GenDiscr(4), "size: expected 8, 16, 32, 64, 128 or 256, .* got 4"),
    (lambda: small_GenDiscr(8, patch_layers=3), "patch_layers: expected at most 2 for pictures of 8 x 8, .* got 3"),
    (lambda: Pix2Pix(*small_GenDiscr(8, filters=2), examples(1, 1), examples(3, 2)[:3], 2),
     "targets: expected as many as inputs, 5, got 3"),
    (lambda: Pix2Pix(*small_GenDiscr(8, filters=2), examples(1, 1), examples(3, 2), 2, l1_weight=-1.), "l1_weight: "),
])
def test_wrong_arguments(call, sentence):
    """Each error names the argument, what came and what was expected."""
    with pytest.raises(ValueError, match=f"^{sentence}"):
        call()


@pytest.fixture
def few(monkeypatch, cached):
    """No graph, few faces."""
    eagerly(monkeypatch, Pix2Pix)


@pytest.mark.parametrize("arguments", [
    pytest.param(["--patch", "10"], id="colour"), pytest.param(["--change", "size", "--as-listed"], id="size"),
    pytest.param(["--change", "smile", "--no-skips"], id="smile", marks=pytest.mark.thorough)])
def test_script(capsys, tmp_path, few, arguments):
    """Says which pairs it learns, trains, measures held-out pictures, draws inputs, outputs and truth, and losses."""
    made = pix2pix.main(["--epochs", "2", "--steps", "1", "--batch", "2", "--pictures", "4", "--filters", "2",
                         "--no-show", "--out", str(tmp_path / "out"), *arguments])
    out = capsys.readouterr().out
    assert "data: 4 pairs of " in out and "held out: error " in out and out.count("\nsaved ") == 3
    names = [axis.get_ylabel() for axis in made[0].axes]
    assert names == ["input", "epoch 0", "epoch 1", "epoch 2", "truth"]
    error, = made[0].axes[3].get_xticklabels()  # of the one held-out picture, whose mean is printed
    printed = float(re.search(r"^held out: error ([.0-9]+)", out, flags=re.MULTILINE)[1])
    assert printed == pytest.approx(float(error.get_text()), abs=.06)
    with Image.open(tmp_path / "out" / "pix2pix-training.gif") as film:
        assert film.n_frames >= 3 and min(film.size) >= 64
    for path in (tmp_path / "out").glob("*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 100


def own_pictures(path, halves=False, seed=0):
    path.mkdir()
    stream = np.random.default_rng(seed)
    for i in range(5):
        Image.fromarray(stream.integers(0, 255, (20, 40 if halves else 20, 3)).astype("uint8")).save(path / f"{i}.png")
    return str(path)


@pytest.mark.parametrize("kind, shape", [
    ("photographs", "8x8x1"), ("folder", "8x8x1"), ("two folders", "8x8x3"), ("halves", "8x8x3"),
    ("two folders to be coloured", "8x8x1")])
def test_other_pairs(capsys, tmp_path, few, kind, shape):
    """Photographs and a folder are coloured. Two folders, and halves, are taken as they are, unless a change is named.

    They used to be coloured as well: the source's maps, whose inputs are photographs in colour, were refused.
    """
    a = own_pictures(tmp_path / "a", kind == "halves")
    b = own_pictures(tmp_path / "b", seed=1)
    arguments = {"photographs": ["photographs"], "folder": [a], "two folders": [a, b], "halves": [a, "--halves"],
                 "two folders to be coloured": [a, b, "--change", "colour"]}[kind]
    pix2pix.main(["--epochs", "1", "--steps", "1", "--batch", "2", "--pictures", "4", "--filters", "2", "--size", "8",
                  "--no-show", "--out", str(tmp_path / "out"), "--data", *arguments])
    assert f"data: 4 pairs of {shape} and 8x8x3, 1 held out: " in capsys.readouterr().out


@pytest.mark.thorough
def test_the_source_s_maps(monkeypatch, tmp_path):
    """The README's command for the source's maps gets as far as its training, with the source's networks."""
    class Reached(Exception):
        pass

    def train(G, *arguments):
        assert G.generator.count_params() == 54419459 and G.inputs.shape == (4, 256, 256, 3)
        raise Reached

    monkeypatch.setattr(rows, "train", train)
    with pytest.raises(Reached):
        pix2pix.main(["--data", own_pictures(tmp_path / "maps", True), *"--halves --size 256 --network maps --epochs "
                      "500 --steps 1096 --batch 1 --no-show --out".split(), str(tmp_path / "out")])


@pytest.mark.thorough
def test_every_run_that_measures(monkeypatch, few):
    """Whether all of it runs."""
    monkeypatch.setitem(pix2pix.MEASURED, "filters", 2)
    check_every_run(monkeypatch, pix2pix)


@pytest.mark.parametrize("arguments, sentence", [
    (["--network", "maps", "--no-skips"], "--no-skips: expected with --network small only, got it with --network maps"),
    (["--network", "colour", "--patch", "22"],
     "--patch: expected with --network small only, got it with --network colour"),
    (["--network", "colour", "--filters", "8"],
     "--filters: expected with --network small only, got it with --network colour"),
    (["--patch", "94", "--size", "16"], "--patch: expected at most 46 for pictures of 16 x 16, got 94"),
    (["--network", "maps"], "--network: expected small for pictures of 32x32x1; maps is for 256x256x3"),
    (["--size", "24"], "size: expected 8, 16, 32, 64, 128 or 256, so that it can be halved down to 1, got 24"),
    (["--data", "nowhere"], "data: expected faces, photographs, a folder of pictures, or two of them (A, B), got "
                            "'nowhere'"),
    (["--batch", "9"], "--batch: expected at most 4, the number of pairs, got 9"),
])
def test_wrong_arguments_of_the_script(tmp_path, few, arguments, sentence):
    """A wrong argument ends the script in one line, before it trains."""
    with pytest.raises(SystemExit) as stopped:
        pix2pix.main(["--pictures", "4", "--batch", "2", "--no-show", "--out", str(tmp_path / "out"), *arguments])
    assert stopped.value.code == sentence
