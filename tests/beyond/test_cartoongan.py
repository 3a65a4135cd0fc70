"""Cartoon-GAN: its networks, the drawn style, steps against plain matrices, the script."""

import numpy as np
import pytest
from PIL import Image
from tensorflow import keras

from beyond import cartoongan
from beyond.cartoongan import CartoonGAN, CartoonGANAsListed, figures_of, small_GenDiscr
from beyond.common import drawn_style
from beyond.common.features import Features
from tests.beyond.short import eagerly
from tests.beyond.translating import Descent, check_every_run, check_optimizers, only_descend, tiny_reader
from tests.helpers import set_seeds

layers = keras.layers
COUNT, SIDE, RATE = 5, 6, .1


# ---------------------------------------------------------------- the networks

def test_combined_total():
    """Together they have the 45,648,580 parameters of the source's combined model; VGG19 is only in the loss."""
    assert sum(network.count_params() for network in cartoongan.networks().values()) == 45648580


@pytest.mark.parametrize("size, rows", [(8, 4), (16, 8), (32, 16), (32, 4)])
def test_small_networks(size, rows):
    """The style joins where the picture has its rows; the picture keeps its size; nothing of 1 x 1 is normalised."""
    generator, _ = small_GenDiscr(size, 3, 2, (rows, rows, 5))
    assert generator.output_shape == (None, size, size, 3)
    assert [len(layer.input) for layer in generator.layers if isinstance(layer, layers.Concatenate)].count(3) == 1
    for layer in generator.layers:
        if isinstance(layer, layers.GroupNormalization):
            assert layer.output.shape[1] > 1


# --------------------------------------------------------------- the drawn style

def grey(rows):
    return np.array(rows, "float32")[None, :, :, None]


def test_few_tones():
    """A grey goes to the nearest of five tones; a colour keeps its direction from the grey, half as strong again."""
    x = grey([[0, .1, .13, .5], [.62, .63, .9, 1]])
    np.testing.assert_allclose(drawn_style.posterised(x)[0, :, :, 0], [[0, 0, .25, .5], [.5, .75, 1, 1]])
    x = np.full((1, 2, 2, 3), .5, "float32") + np.array([.1, 0, -.1], "float32")
    around = (x - x @ drawn_style.LUMINANCE[:, None])[0, 0, 0]
    np.testing.assert_allclose(drawn_style.posterised(x)[0, 0, 0], .5 + 1.5 * around, atol=1e-6)


def test_unsharp_mask_by_hand():
    """At a step each side moves away from the other by three times what blurring brings; flat parts stay."""
    step = grey([[.4] * 8 + [.6] * 8] * 8)
    bell = np.exp(-np.arange(-2, 3) ** 2 / 2)
    share = bell[3:].sum() / bell.sum()  # of the blurred value beside the step that comes from the other side
    made = drawn_style.sharpened(step)[0, 4, :, 0]
    np.testing.assert_allclose(made[[0, 15]], [.4, .6], atol=1e-6)
    np.testing.assert_allclose(made[[7, 8]], [.4 - 3 * .2 * share, .6 + 3 * .2 * share], atol=1e-5)
    assert drawn_style.sharpened(grey([[0, 1] * 4] * 8)).max() == 1, "no value leaves [0, 1]"


def test_edges_are_smoothed_and_nothing_else():
    """Pixels near the step become softer; those two pixels away and more stay, and so does a picture without edges."""
    step = np.repeat(grey([[.1] * 8 + [.9] * 8] * 8), 2, axis=0)
    step[1] = .3
    found = drawn_style.edges(step)
    assert found[0].all(0).nonzero()[0].tolist() == [7, 8] and not found[1].any()
    made = drawn_style.with_smooth_edges(step)
    np.testing.assert_array_equal(made[1], step[1])
    changed = np.abs(made - step)[0, :, :, 0] > 1e-6
    assert changed.all(0).nonzero()[0].tolist() == [6, 7, 8, 9] and changed.any(0).sum() == 4
    assert .1 < made[0, 4, 7, 0] < made[0, 4, 8, 0] < .9


def test_weak_edges_count_beside_strong_ones():
    """A slope between both limits is an edge where it hangs together with a strong one, and not alone, nor by another
    picture of the batch."""
    weak, strong = .15, .6  # steps; Sobel's slope is four times as much
    both = grey([[0] * 8 + [strong] * 8] * 8 + [[0] * 8 + [weak] * 8] * 8)
    alone = grey([[0] * 8 + [weak] * 8] * 16)
    found = drawn_style.edges(np.concatenate([both, alone]))
    assert found[0, 12, 7:9].all() and not found[1].any()


# -------------------------------------------------------------------- the step

def examples(seed):
    return np.random.default_rng(seed).uniform(-.9, .9, (COUNT, SIDE, SIDE, 1)).astype("float32")


def plain(chosen_type, smoothed, style_weight):
    """A CartoonGAN whose networks are a matrix for each pixel; the features are the pictures times 3."""
    picture, style = keras.Input((SIDE, SIDE, 1)), keras.Input((SIDE, SIDE, 1))
    together = layers.Concatenate()([picture, style])
    generator = keras.Model([picture, style], layers.Conv2D(1, 1, activation="tanh")(together))
    discriminator = keras.Sequential([keras.Input((SIDE, SIDE, 1)), layers.Conv2D(1, 1)])
    stream, start = np.random.default_rng(7), []
    for network in (generator, discriminator):
        start.append([stream.normal(size=array.shape).astype("float32") for array in network.get_weights()])
        network.set_weights(start[-1])
    inputs = keras.Input((SIDE, SIDE, 1))
    content = Features("plain", keras.Model(inputs, layers.Rescaling(3.)(inputs)))
    return chosen_type(generator, discriminator, examples(1), examples(2), content, COUNT, RATE, .7, style_weight,
                       smoothed), start


@pytest.mark.parametrize("chosen_type, smoothed, style_weight", [
    (CartoonGAN, True, 0.), (CartoonGAN, False, .3), (CartoonGANAsListed, True, .1)])
def test_two_steps_by_hand(monkeypatch, chosen_type, smoothed, style_weight):
    """Two training steps end at the weights and losses that the formulas give in matrices.

    Without it a smoothed drawing that is taken for real, or one update in the place of three, would go unseen.
    """
    # The same rows of both sets: photographs and drawings are drawn apart, and which meet decides the answer.
    monkeypatch.setattr(CartoonGAN, "sample", lambda self, *names: tuple(getattr(self, name) for name in names))
    only_descend(monkeypatch)
    G, ((w, b), (u, c)) = plain(chosen_type, smoothed, style_weight)
    descent = Descent(RATE).new_weights
    x, drawn = examples(1), (examples(2) + 1) / 2
    sharp = drawn_style.sharpened(drawn)
    smooth = drawn_style.with_smooth_edges(sharp if chosen_type is CartoonGAN else drawn)
    wanted = drawn_style.sharpened((x + 1) / 2)
    x, real, negative, wanted = (np.reshape(array, (-1, 1)).astype("float64") for array in
                                 (x, 2 * sharp - 1, 2 * smooth - 1, 2 * wanted - 1))
    inputs, n = np.hstack([x, 3 * real]), len(x)
    w, b, c = w.reshape(2, 1).astype("float64"), b.astype("float64"), c.astype("float64")
    u = u.reshape(1).astype("float64")
    for _ in range(2):
        set_seeds(1)
        got = {name: float(value) for name, value in G.train_step(None).items()}
        made = np.tanh(inputs @ w + b)
        kinds = [(real, 1), *([(negative, 0)] if smoothed else []), (made, 0)]
        losses = []
        if chosen_type is CartoonGANAsListed:
            for pictures, target in kinds:
                values = pictures * u + c - target
                losses.append(np.mean(values ** 2))
                u, c = descent([u, c], [np.array([2 * np.mean(values * pictures)]), np.array([2 * np.mean(values)])])
        else:
            differences = [(pictures, pictures * u + c - target) for pictures, target in kinds]
            losses = [np.mean(values ** 2) for _, values in differences]
            slope_u = np.array([sum(2 * np.mean(values * some) for some, values in differences) / len(kinds)])
            slope_c = np.array([sum(2 * np.mean(values) for _, values in differences) / len(kinds)])
            u, c = descent([u, c], [slope_u, slope_c])
        values = made * u + c
        expected = {"discr_loss": np.mean(losses), "gan_loss": np.mean((values - 1) ** 2),
                    "content_loss": np.mean(3 * np.abs(made - wanted))}
        slope = 2 * (values - 1) * u + .7 * 3 * np.sign(made - wanted)
        if style_weight:
            expected["style_loss"] = np.mean(3 * np.abs(made - real))
            slope = slope + style_weight * 3 * np.sign(made - real)
        slope = slope * (1 - made ** 2) / n
        w, b = descent([w, b], [inputs.T @ slope, slope.sum(0)])
        assert set(got) == set(expected)
        for name, value in expected.items():
            assert got[name] == pytest.approx(value, rel=1e-4), name
    arrays = [np.ravel(array) for network in (G.generator, G.discriminator) for array in network.get_weights()]
    for found, right in zip(arrays, (w, b, u, c)):
        np.testing.assert_allclose(found, np.ravel(right), atol=2e-5)


def test_optimizers():
    """Adam, which the steps by hand do not show."""
    check_optimizers(plain(CartoonGAN, True, 0.)[0], RATE)


def test_figures():
    """The true drawings have error 0, sharpness and flatness 1; the photographs themselves keep all of the content."""
    class Pixels:
        def distance(self, made, truth):
            return float(np.mean((made - truth) ** 2))

    photographs = np.random.default_rng(1).uniform(size=(4, 8, 8, 3)).astype("float32")
    truth = drawn_style.drawn(photographs)
    found = figures_of(truth, photographs, truth, Pixels())
    assert (found["error"], found["sharpness"], found["flat"]) == (0, 1, 1) and found["content"] > 0
    found = figures_of(photographs, photographs, truth, Pixels())
    assert found["content"] == 0 and found["error"] > 5
    assert "content" not in figures_of(truth[:1], photographs[:1], truth[:1], Pixels())
    assert figures_of(np.roll(photographs, 1, 0), photographs, truth, Pixels())["content"] == pytest.approx(1)


# ------------------------------------------------------------------ the script

@pytest.fixture
def few(monkeypatch, tmp_path, cached):
    """No graph, a tiny reader, few faces."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    tiny_reader(monkeypatch)
    eagerly(monkeypatch, CartoonGAN)
    return ["--epochs", "2", "--steps", "1", "--batch", "2", "--pictures", "10", "--filters", "2", "--size", "8",
            "--no-show", "--out", str(tmp_path / "out")]


def test_script(capsys, tmp_path, few):
    """Splits the faces into photographs and drawings of others, trains, measures, draws; --resume gives the same."""
    made = cartoongan.main(few)
    out = capsys.readouterr().out
    assert "\n5 photographs, 5 drawings of others, of the pictures in colour\n" in out
    said = [out.index(text) for text in ("\nfeatures to learn from:\n", "\nfeatures to measure by, of another ")]
    assert said == sorted(said)
    titles = [axis.get_ylabel() for axis in made[0].axes]
    assert titles == ["photographs", "epoch 0", "epoch 1", "epoch 2", "truth", "other drawings"]
    lines = [line for line in out.splitlines() if line.startswith("held out, ")]
    assert len(lines) == 3 and all("error " in line and "content " in line for line in lines)
    for path in (tmp_path / "out").glob("cartoongan-*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 100
    with Image.open(tmp_path / "out" / "cartoongan-training.gif") as film:
        assert film.n_frames >= 3
    cartoongan.main([*few, "--resume"])
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("held out, ")] == lines


@pytest.mark.thorough
def test_script_with_two_folders(capsys, tmp_path, few):
    """Photographs and drawings of one's own are taken as they are; their true drawings are not known."""
    for name, count in (("a", 5), ("b", 7)):
        (tmp_path / name).mkdir()
        for i in range(count):
            Image.fromarray(np.random.default_rng(i).integers(0, 256, (9, 9, 3), "uint8")).save(
                tmp_path / name / f"{name}{i}.png")
    made = cartoongan.main([*few, "--data", str(tmp_path / "a"), str(tmp_path / "b")])
    assert "\n4 photographs, 6 drawings of others\n" in capsys.readouterr().out
    assert "truth" not in [axis.get_ylabel() for axis in made[0].axes]


@pytest.mark.parametrize("arguments, sentence", [
    (["--network", "source"], "--network: expected small for these pictures and features; source is for 128x128x3 and "
                              "vgg, got 8x8x3 and a classifier of drawn faces, 8 x 8"),
    (["--size", "24"], "size: expected 8, 16, 32, 64, 128 or 256, so that it can be halved down to 1, got 24"),
    (["--data", "nowhere"], "data: expected faces, photographs, a folder of pictures, or two of them (A, B), got "
                            "'nowhere'"),
    (["--size", "32", "--features", "vgg"], "features: expected faces, or vgg where Keras has the weights of VGG19; "),
    (["--batch", "6"], "--batch: expected at most 5, the number of photographs or of drawings, got 6")])
def test_wrong_arguments_of_the_script(few, arguments, sentence):
    """A wrong argument ends the script in one line, before it trains."""
    with pytest.raises(SystemExit) as stopped:
        cartoongan.main([*few, *arguments])
    assert str(stopped.value.code).startswith(sentence) and "\n" not in str(stopped.value.code)


@pytest.mark.thorough
def test_every_run_that_measures(monkeypatch, few):
    """Whether all of it runs: the photographs, the true drawings, and each way to train."""
    check_every_run(monkeypatch, cartoongan)
