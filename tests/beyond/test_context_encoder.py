"""The context encoder: holes, simple fillings, one step against plain matrices, what its networks see, the script."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tensorflow import keras

from beyond import context_encoder
from beyond.common import training
from beyond.context_encoder import (
    ContextEncoder,
    ContextEncoderAsListed,
    blended_fill,
    border_fill,
    context_GenDiscr,
    cut,
    figures_of,
    hair_faces,
    hair_goes_on,
    hole_mask,
    mean_fill,
    paste,
    random_corners,
)
from tests.beyond.short import eagerly
from tests.beyond.translating import Descent, check_every_run, check_optimizers, only_descend
from tests.helpers import set_seeds

layers = keras.layers
COUNT, HIGH, WIDE, SIDE, RATE = 5, 5, 4, 2, .01
PLACES = (HIGH - SIDE + 1) * (WIDE - SIDE + 1)


# ---------------------------------------------------------------- the holes

def test_a_hole_by_hand():
    """Pixel for pixel: what is cut out, what is left, and that paste puts it back where it was."""
    picture = np.arange(1., 21.).reshape(1, HIGH, WIDE, 1).astype("float32")
    for corner, inside in (((1, 2), [7, 8, 11, 12]), ((0, 0), [1, 2, 5, 6]), ((3, 2), [15, 16, 19, 20])):
        masked, missing = cut(picture, np.array([corner], "int32"), SIDE)
        assert missing.shape == (1, SIDE, SIDE, 1) and missing.numpy().ravel().tolist() == inside
        assert masked.numpy().ravel().tolist() == [0 if value in inside else value for value in range(1, 21)]
        assert hole_mask(picture.shape, [corner], SIDE).ravel().tolist() == [value in inside for value in range(1, 21)]
        pasted = paste(masked, -missing.numpy(), [corner])
        assert pasted.ravel().tolist() == [-value if value in inside else value for value in range(1, 21)]


@settings(deadline=None, derandomize=True, max_examples=30)
@given(high=st.integers(2, 9), wide=st.integers(2, 9), channels=st.sampled_from([1, 3]), data=st.data())
def test_cut_and_paste_are_inverse(high, wide, channels, data):
    """Of any size and at any place: nothing outside the hole changes, and the whole comes back."""
    side = data.draw(st.integers(1, min(high, wide)))
    places = [[data.draw(st.integers(0, length - side)) for length in (high, wide)] for _ in range(3)]
    corners = np.array(places, "int32")
    pictures = np.random.default_rng(high).uniform(.1, 1, (3, high, wide, channels)).astype("float32")
    masked, missing = cut(pictures, corners, side)
    holes = hole_mask(pictures.shape, corners, side)
    assert (holes.sum((1, 2)) == side ** 2).all() and (masked.numpy()[holes] == 0).all()
    np.testing.assert_array_equal(masked.numpy()[~holes], pictures[~holes])
    np.testing.assert_array_equal(paste(masked, missing, corners), pictures)


def test_simple_fillings_by_hand():
    """mean: of all that is left; border: of the pixels that touch the hole; blended: each looks to its nearest side."""
    picture = np.zeros((1, 5, 5, 1), "float32")
    picture[0, 1:4, 1:4] = .4   # touches a hole of one pixel in the middle
    picture[0, 2, 2] = 1.       # in the hole, not to be seen
    middle = [(2, 2)]
    assert mean_fill(picture, middle, 1).ravel() == pytest.approx([8 * .4 / 24])
    assert border_fill(picture, middle, 1).ravel() == pytest.approx([.4])
    assert blended_fill(picture, middle, 1).ravel() == pytest.approx([.4])
    # In a corner only three pixels touch the hole: two beside it and one across it, at the square of the distance 2.
    values = np.arange(25.).reshape(1, 5, 5, 1)
    assert border_fill(values, [(0, 0)], 1).ravel() == pytest.approx([(1 + 5 + 6) / 3])
    assert blended_fill(values, [(0, 0)], 1).ravel() == pytest.approx([(1 + 5 + 6 / 2) / 2.5])
    assert border_fill(values, [(1, 2)], 1).ravel() == pytest.approx([7])  # all eight neighbours
    assert border_fill(values, [(4, 4)], 1).ravel() == pytest.approx([(18 + 19 + 23) / 3])
    ramp = np.broadcast_to(np.linspace(0, 1, 8)[None, None, :, None], (1, 8, 8, 3))
    square = blended_fill(ramp, [(2, 2)], 4)
    assert square.shape == (1, 4, 4, 3) and (np.diff(square, axis=2) > .02).all()
    assert np.ptp(border_fill(ramp, [(2, 2)], 4)) == 0


def test_every_place_of_the_hole_is_as_likely():
    """The last row and column are as likely as the others; the source's holes never reach them."""
    G, _ = plain()
    set_seeds(1)
    found = np.zeros((HIGH - SIDE + 1, WIDE - SIDE + 1), int)
    for _ in range(60 * PLACES // COUNT):
        masked = G.sample_holes()[0].numpy()
        for hole in (masked == 0).all(-1):
            found[np.argwhere(hole)[0][0], np.argwhere(hole)[0][1]] += 1
    assert found.sum() == 60 * PLACES and np.abs(found - 60).max() < 35


# ---------------------------------------------------------------- the step

def plain(chosen_type=ContextEncoder, mse_weight=.9, gan_weight=.1, normalized=False):
    """Networks of one matrix each, on pictures of 5 x 4 with holes of 2 x 2, and what they begin with."""
    generator = keras.Sequential([keras.Input((HIGH, WIDE, 1)), layers.Flatten(),
                                  layers.Dense(SIDE ** 2, activation="tanh"), layers.Reshape((SIDE, SIDE, 1))])
    norm = [layers.BatchNormalization(momentum=.8)] * normalized
    discriminator = keras.Sequential([keras.Input((SIDE, SIDE, 1)), layers.Flatten(), *norm, layers.Dense(1)])
    stream, start = np.random.default_rng(7), []
    if not normalized:
        for network in (generator, discriminator):
            start.append([stream.normal(size=array.shape).astype("float32") * .5 for array in network.get_weights()])
            network.set_weights(start[-1])
    pictures = np.random.default_rng(2).uniform(.1, .9, (COUNT, HIGH, WIDE, 1)).astype("float32")
    return chosen_type(generator, discriminator, pictures, COUNT, RATE, mse_weight, gan_weight), start


@pytest.mark.parametrize("mse_weight, gan_weight", [(.9, .1), (1., 0.), (0., 2.)])
def test_two_steps_by_hand(monkeypatch, mse_weight, gan_weight):
    """Two training steps end at the weights and losses that the formulas give in matrices.

    Without it a weight at the wrong loss, or a filling that is compared with another picture's, would go unseen.
    A discriminator whose opinion does not count is left as it is.
    """
    only_descend(monkeypatch)
    G, ((w, b), (u, c)) = plain(mse_weight=mse_weight, gan_weight=gan_weight)
    w, b, u, c = (array.astype("float64") for array in (w, b, u, c))
    descent, seen, sample = Descent(RATE).new_weights, [], G.sample_holes

    def noting():
        seen.append([part.numpy().reshape(COUNT, -1).astype("float64") for part in sample()])
        return [tf.constant(part.reshape(COUNT, *shape), tf.float32)
                for part, shape in zip(seen[-1], ((HIGH, WIDE, 1), (SIDE, SIDE, 1)))]

    G.sample_holes = noting
    for _ in range(2):
        set_seeds(1)
        got = {name: float(value) for name, value in G.train_step(None).items()}
        expected, (x2, y2) = {}, seen[-1]
        if gan_weight:
            x, y = seen[-2]
            assert not np.array_equal(x, x2)  # other holes for the generator
            fakes = np.tanh(x @ w + b)
            real_values, fake_values = y @ u + c, fakes @ u + c
            real_p, fake_p = (1 / (1 + np.exp(-values)) for values in (real_values, fake_values))
            expected["discr_loss"] = -(np.mean(np.log(real_p)) + np.mean(np.log(1 - fake_p))) / 2
            slope_u = (y.T @ (real_p - 1) + fakes.T @ fake_p) / COUNT / 2
            slope_c = np.array([np.mean(real_p - 1) + np.mean(fake_p)]) / 2
            u, c = descent([u, c], [slope_u, slope_c])

        fakes = np.tanh(x2 @ w + b)
        p = 1 / (1 + np.exp(-(fakes @ u + c)))
        expected["mse_loss"] = np.mean((fakes - y2) ** 2)
        if gan_weight:
            expected["gan_loss"] = -np.mean(np.log(p))
        slope = mse_weight * 2 * (fakes - y2) / fakes.size + gan_weight * (p - 1) @ u.T / COUNT
        slope = slope * (1 - fakes ** 2)
        w, b = descent([w, b], [x2.T @ slope, slope.sum(0)])

        assert got == pytest.approx(expected, rel=2e-5)
    weights = [np.ravel(array) for network in (G.generator, G.discriminator) for array in network.get_weights()]
    for got, expected in zip(weights, (w, b, u, c)):
        np.testing.assert_allclose(got, np.ravel(expected), atol=3e-5)


def test_optimizers():
    """Adam, which the steps by hand do not show."""
    check_optimizers(plain()[0], RATE)


@pytest.mark.parametrize("chosen_type, expected", [
    (ContextEncoder, [("g", COUNT, True), ("d", 2 * COUNT, True), ("g", COUNT, True), ("d", 2 * COUNT, True)]),
    (ContextEncoderAsListed, [("g", COUNT, False), ("d", COUNT, True), ("d", COUNT, True), ("g", COUNT, True),
                              ("d", COUNT, False)])])
def test_how_squares_are_judged(chosen_type, expected):
    """True and made squares are one batch in both steps. As listed they are two, and moving averages judge the made."""
    G, _ = plain(chosen_type, normalized=True)
    seen = []
    for name, network in (("g", G.generator), ("d", G.discriminator)):
        def noting(pictures, training=None, name=name, call=network.call, **more):
            seen.append((name, int(pictures.shape[0]), bool(training)))
            return call(pictures, training=training, **more)

        network.call = noting
    G.train_step(None)
    assert seen == expected


# ---------------------------------------------------------------- what the networks see

def reach(generator, y, x):
    """The pixels on which the filling's pixel (y, x) depends: True or False, (h, w)."""
    pictures = tf.Variable(np.random.default_rng(0).uniform(-1, 1, (4, *generator.input_shape[1:])).astype("float32"))
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(generator(pictures)[:, y, x])
    return np.abs(tape.gradient(value, pictures).numpy()).sum((0, 3)) > 0


def test_what_a_value_of_the_filling_depends_on():
    """With the layer that connects all places: on the whole picture. As listed: on its own part, wherever the hole is.

    So as listed the hole's surroundings are out of sight: the filling of a hole at the top left ends with values that
    depend on nothing above row 16 or left of column 16.
    """
    connected, listed = (context_GenDiscr(64, 4, connected=connected)[0] for connected in (True, False))
    for y, x in ((0, 0), (7, 9), (15, 15)):
        assert reach(connected, y, x).mean() > .8
    for (y, x), seen, unseen in (((0, 0), np.s_[:16, :16], np.s_[16:]), ((15, 15), np.s_[48:, 48:], np.s_[:32]),
                                 ((0, 15), np.s_[:16, 48:], np.s_[:, :32])):
        found = reach(listed, y, x)
        assert found[seen].mean() > .7 and not found[unseen].any()


@pytest.mark.parametrize("size", [16, 48, 128])
def test_other_sizes(size):
    """The hole is a quarter of the picture, and both networks fit each other."""
    generator, discriminator = context_GenDiscr(size, 2)
    assert generator.output_shape == discriminator.input_shape == (None, size // 4, size // 4, 3)


@pytest.mark.parametrize("call, sentence", [
    (lambda: context_GenDiscr(40), "size: expected a multiple of 16, so that it can be halved four times, got 40"),
    (lambda: context_GenDiscr(0), "size: expected a multiple of 16"),
    (lambda: ContextEncoder(*context_GenDiscr(16, 2), np.zeros((3, 32, 32, 3)), 2),
     r"pictures: expected the shape \(16, 16, 3\) of the generator, got \(32, 32, 3\)"),
    (lambda: ContextEncoder(context_GenDiscr(16, 2)[0], context_GenDiscr(32, 2)[1], np.zeros((3, 16, 16, 3)), 2),
     r"discriminator: expected the shape \(4, 4, 3\) of the generator, got \(8, 8, 3\)"),
    (lambda: ContextEncoder(*context_GenDiscr(16, 2), np.zeros((3, 16, 16, 3)), 2, gan_weight=-1.), "gan_weight: "),
])
def test_wrong_arguments(call, sentence):
    """Each error names the argument, what came and what was expected."""
    with pytest.raises(ValueError, match=f"^{sentence}"):
        call()


def test_stored_weights(tmp_path):
    """Weights that are saved and loaded fill the same holes with the same pixels."""
    pictures = np.random.default_rng(3).uniform(size=(3, 16, 16, 3)).astype("float32")
    first, second = (ContextEncoder(*context_GenDiscr(16, 2), pictures, 2) for _ in range(2))
    corners = random_corners(3, 16, 4, seed=0)
    assert not np.allclose(first.fill(pictures, corners), second.fill(pictures, corners))
    first.save_weights(tmp_path / "all.weights.h5")
    second.load_weights(tmp_path / "all.weights.h5")
    np.testing.assert_array_equal(first.fill(pictures, corners), second.fill(pictures, corners))


def test_what_is_in_the_hole_is_not_seen():
    """The filling does not change with what stood in the hole."""
    G = ContextEncoder(*context_GenDiscr(16, 4), np.zeros((3, 16, 16, 3)), 2)
    pictures, corners = np.random.default_rng(3).uniform(size=(3, 16, 16, 3)), [(0, 1), (12, 12), (5, 7)]
    other = paste(pictures, np.ones((3, 4, 4, 3)), corners)
    np.testing.assert_array_equal(G.fill(pictures, corners), G.fill(other, corners))
    assert G.fill(pictures, corners).shape == (3, 4, 4, 3)


# ---------------------------------------------------------------- what is measured

def test_figures():
    """The truth has sharpness and seam 1, a plain square no sharpness, a wrong one a strong seam."""
    pictures = np.random.default_rng(3).uniform(.3, .5, (3, 16, 16, 3)).astype("float32")
    corners = np.array([(0, 0), (3, 4), (12, 5)])
    missing = np.array([picture[y:y + 4, x:x + 4] for picture, (y, x) in zip(pictures, corners)])
    found = figures_of(pictures, missing, corners)
    assert found.pop("psnr") > 100 and found == pytest.approx({"sharpness": 1, "seam": 1}, rel=1e-4)
    plain = figures_of(pictures, np.ones_like(missing), corners)
    assert plain["sharpness"] == 0 and plain["seam"] > 5 and plain["psnr"] == pytest.approx(-20 * np.log10(.6), abs=.2)


def test_hair_goes_on():
    """The hidden hair itself goes on fully; a filling of one colour does not; black hair for red has the wrong hue."""
    faces = hair_faces(12, seed=1)
    corners, hair = faces["corners"], faces["hair"]
    assert 4 < len(corners) <= 12 and hair.shape == (len(corners), 16, 16) and hair.mean() > .6

    def perfect(pictures, corners):
        return cut(pictures, np.asarray(corners, "int32"), 16)[1].numpy()

    assert hair_goes_on(perfect, faces) == pytest.approx({"hair_tone": 1, "hair_hue": 1})
    half = hair_goes_on(lambda pictures, corners: .5 * perfect(pictures, corners) + .1, faces)
    assert half == pytest.approx({"hair_tone": 1, "hair_hue": .5})
    ramp = np.arange(len(corners))[:, None, None, None] * np.ones((1, 16, 16, 3)) / 99
    careless = hair_goes_on(lambda pictures, corners: ramp, faces)
    assert careless["hair_hue"] == 0 and abs(careless["hair_tone"]) < .9
    changed = (faces["pictures"] != faces["other"]).any(-1)
    inside = np.array([face[y:y + 16, x:x + 16] for face, (y, x) in zip(changed, corners)])
    np.testing.assert_array_equal(inside, hair)
    assert ((changed.sum((1, 2)) - inside.sum((1, 2))) > 64).all(), "hair is left to go on from"


# ---------------------------------------------------------------- the script

@pytest.fixture
def few(monkeypatch, cached):
    """No graph, few faces."""
    eagerly(monkeypatch, ContextEncoder)


def run(tmp_path, *arguments):
    return context_encoder.main(["--epochs", "2", "--steps", "1", "--batch", "2", "--pictures", "4", "--filters", "2",
                                 "--size", "16", "--no-show", "--out", str(tmp_path / "out"), *map(str, arguments)])


@pytest.mark.parametrize("arguments", [pytest.param([], id="joint"),
                                       pytest.param(["--network", "listed", "--as-listed", "--gan", "0"], id="listed")])
def test_script(capsys, tmp_path, few, arguments):
    """Says which pictures it learns from, trains, measures held-out ones beside three simple fillings, and draws."""
    made = run(tmp_path, *arguments)
    out = capsys.readouterr().out
    assert "data: 4 pictures of 16x16x3, 1 held out: drawn faces" in out and out.count("\nsaved ") == 3
    for name in ("mean fill", "border fill", "blended border", "context encoder"):
        assert f"held out, {name}: psnr " in out
    names = [axis.get_ylabel() for axis in made[0].axes]
    assert names == ["input", "mean fill", "border fill", "blended border", "context encoder", "truth"]
    assert [len(axis.get_xticklabels()) for axis in made[0].axes] == [0, 1, 1, 1, 1, 0]
    with Image.open(tmp_path / "out" / "context_encoder-training.gif") as film:
        assert film.n_frames >= 3


def own_pictures(path, count=5, halves=False, seed=0):
    path.mkdir()
    stream = np.random.default_rng(seed)
    for i in range(count):
        Image.fromarray(stream.integers(0, 255, (20, 40 if halves else 20, 3)).astype("uint8")).save(path / f"{i}.png")
    return path


@pytest.mark.parametrize("kind, count", [("photographs", "4 pictures of 16x16x3, 1 held out: patches of "),
                                         ("folder", "4 pictures of 16x16x3, 1 held out: "),
                                         ("two folders", "8 pictures of 16x16x3, 2 held out: "),
                                         ("halves", "8 pictures of 16x16x3, 2 held out: ")])
def test_other_pictures(capsys, tmp_path, few, kind, count):
    """Photographs, a folder, two folders of any names, pictures with two halves: all that is there is learned from."""
    a = own_pictures(tmp_path / "a", halves=kind == "halves")
    b = own_pictures(tmp_path / "b", count=6, seed=1)
    arguments = {"photographs": ["photographs"], "folder": [a], "two folders": [a, b], "halves": [a, "--halves"]}[kind]
    run(tmp_path, "--data", *arguments)
    assert f"data: {count}" in capsys.readouterr().out


def test_pictures_that_cannot_be(tmp_path, few):
    """Each ends the script in one line, before anything is trained or written."""
    a, damaged = own_pictures(tmp_path / "a"), own_pictures(tmp_path / "damaged")
    (damaged / "3.png").write_bytes(b"no picture")
    (tmp_path / "empty").mkdir()
    cases = [(["--data", "nowhere"], "data: expected faces, photographs, a folder of pictures, or two of them"),
             (["--data", tmp_path / "empty"], "data: expected pictures "),
             (["--data", damaged], "data: .*3.png' is not"),
             (["--data", a, "--halves"], "data: .*expected two halves side by side"),
             (["--halves"], "halves: expected one folder"), (["--data", a, a, a], "data: expected faces, .* got 3"),
             (["--batch", 5], "--batch: expected at most 4, the number of pictures, got 5"),
             (["--size", 24], "size: expected a multiple of 16, .* got 24")]
    for arguments, sentence in cases:
        with pytest.raises(SystemExit, match=f"^{sentence}") as stopped:
            run(tmp_path, *arguments)
        assert "\n" not in stopped.value.code
    assert not list((tmp_path / "out").glob("*"))


def test_resumed(monkeypatch, tmp_path, few):
    """Killed in its second epoch, a training goes on with --resume: all losses and all frames of the film."""
    records, init, end = [], training.Record.__init__, training.Record.on_epoch_end

    def noted(self, *arguments):
        init(self, *arguments)
        records.append(self)

    def killed(self, epoch, logs=None):
        if epoch == 1:
            raise MemoryError
        end(self, epoch, logs)

    monkeypatch.setattr(training.Record, "__init__", noted)
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(training.Record, "on_epoch_end", killed)
        run(tmp_path, "--save-every", 0)
    run(tmp_path, "--save-every", 0, "--resume")
    assert [title for title, _ in records[-1].sheets] == ["epoch 0", "epoch 1", "epoch 2"]
    assert {name: len(values) for name, values in records[-1].losses.items()} == {
        "discr_loss": 2, "gan_loss": 2, "mse_loss": 2}


@pytest.mark.thorough
def test_every_run_that_measures(monkeypatch, few):
    """Whether all of it runs: the simple fillings, and both ways to train."""
    monkeypatch.setattr(context_encoder, "hair_faces", lambda count, *others: hair_faces(10, *others))
    check_every_run(monkeypatch, context_encoder)
