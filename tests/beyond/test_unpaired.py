"""CycleGAN and DiscoGAN: networks, steps against plain matrices, hand-derived losses, what is measured, the scripts."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow import keras

from beyond import cyclegan, discogan
from beyond.common import pairs, unpaired
from beyond.common.pairs import Pairs
from beyond.common.translators import patch_discriminator
from beyond.cyclegan import CycleGAN, Reflected, resnet
from beyond.discogan import DiscoGAN, DiscoGANAsListed
from tests.beyond.short import assert_same_record, eagerly, killed_in_its_second_epoch
from tests.beyond.translating import Descent, check_optimizers, only_descend
from tests.helpers import set_seeds

layers = keras.layers
COUNT, SIDE, RATE = 5, 3, .01


# ------------------------------------------------------------------- the steps

def examples(seed):
    return np.random.default_rng(seed).uniform(-.9, .9, (COUNT, SIDE, SIDE, 3)).astype("float32")


def plain(chosen_type, monkeypatch, **weights):
    """A system whose networks are a matrix for each pixel, generators with tanh, and what they begin with.

    Every sample is the whole set in its order.
    """
    networks = [keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Conv2D(*last, activation=activation)])
                for last, activation in 2 * [((3, 1), "tanh")] + 2 * [((1, 1), None)]]
    stream, start = np.random.default_rng(7), []
    for network in networks:
        start.append([stream.normal(size=array.shape).astype("float32") for array in network.get_weights()])
        network.set_weights(start[-1])
    G = chosen_type(*networks, examples(1), examples(2), COUNT, RATE, **weights)
    monkeypatch.setattr(chosen_type, "sample", lambda self, name: getattr(self, name))
    return G, [[matrix.reshape(matrix.shape[-2:]).astype("float64"), shift.astype("float64")]
               for matrix, shift in start]


def through(x, theta):
    return np.tanh(x @ theta[0] + theta[1])


def backwards(x, theta, made, slope):
    """Slopes of matrix, shift and x, from those of made = through(x, theta)."""
    slope = slope * (1 - made ** 2)
    return [x.T @ slope, slope.sum(0)], slope @ theta[0].T


class Reference:
    """The formulas at the top of both rooms in matrices and float64, derived by hand; x is (pixels, 3)."""

    def __init__(self, thetas, back_weight, identity_weight=0., other_weight=0.):
        self.F, self.G, self.D_A, self.D_B = thetas
        self.weights = back_weight, identity_weight, other_weight
        self.descent = Descent(RATE).new_weights

    def step(self, a, b):
        (fa, gb), n = (through(a, self.F), through(b, self.G)), len(a)
        discr_loss, new = 0., []
        for D, real, made in ((self.D_A, a, gb), (self.D_B, b, fa)):
            of_real, of_made = real @ D[0] + D[1], made @ D[0] + D[1]
            discr_loss += (np.mean((of_real - 1) ** 2) + np.mean(of_made ** 2)) / 2
            new.append([(real.T @ (of_real - 1) + made.T @ of_made) / n,
                        np.array([np.mean(of_real - 1) + np.mean(of_made)])])
        self.D_A, self.D_B = (self.descent(D, slopes) for D, slopes in zip((self.D_A, self.D_B), new))

        back_weight, identity_weight, other_weight = self.weights
        slopes = {"F": [0., 0.], "G": [0., 0.]}
        gan_loss = back_loss = identity_loss = other_loss = 0.
        for there, back, x, y, made, D in (("F", "G", a, b, fa, self.D_B), ("G", "F", b, a, gb, self.D_A)):
            first, second = getattr(self, there), getattr(self, back)
            returned, same = through(made, second), through(y, first)
            values = made @ D[0] + D[1]
            gan_loss += np.mean((values - 1) ** 2)
            back_loss += np.mean(np.abs(returned - x))
            identity_loss += np.mean(np.abs(same - y))
            other_loss += np.mean(np.abs(made - y))
            of_second, slope = backwards(made, second, returned, back_weight * np.sign(returned - x) / x.size)
            slope = slope + 2 * (values - 1) @ D[0].T / n + other_weight * np.sign(made - y) / y.size
            of_first, _ = backwards(x, first, made, slope)
            of_same, _ = backwards(y, first, same, identity_weight * np.sign(same - y) / y.size)
            slopes[back] = [sum(both) for both in zip(slopes[back], of_second)]
            slopes[there] = [sum(three) for three in zip(slopes[there], of_first, of_same)]
        self.F = self.descent(self.F, slopes["F"])
        self.G = self.descent(self.G, slopes["G"])
        return [discr_loss, gan_loss, back_loss, identity_loss, other_loss]


@pytest.mark.parametrize("chosen_type, weights, reference, names", [
    (CycleGAN, {}, dict(back_weight=10., identity_weight=3.),
     ("discr_loss", "gan_loss", "cycle_loss", "identity_loss", None)),
    (CycleGAN, dict(cycle_weight=.7, identity_weight=0.), dict(back_weight=.7),
     ("discr_loss", "gan_loss", "cycle_loss", None, None)),
    (CycleGAN, dict(cycle_weight=0., identity_weight=2.), dict(back_weight=0., identity_weight=2.),
     ("discr_loss", "gan_loss", "cycle_loss", "identity_loss", None)),
    (DiscoGAN, {}, dict(back_weight=1.), ("discr_loss", "gan_loss", "reconstruction_loss", None, None)),
    (DiscoGANAsListed, dict(reconstruction_weight=4.), dict(back_weight=4., other_weight=1.),
     ("discr_loss", "gan_loss", "reconstruction_loss", None, "unpaired_loss"))],
    ids=["cyclegan", "no identity", "no cycle", "discogan", "as listed"])
def test_two_steps_by_hand(monkeypatch, chosen_type, weights, reference, names):
    """Two training steps end at the weights and losses that the formulas give in matrices.

    Without it a weight at the wrong loss, a generator that learns from one way only, or one that is trained before
    the discriminators, would go unseen.
    """
    only_descend(monkeypatch)
    G, start = plain(chosen_type, monkeypatch, **weights)
    by_hand = Reference(start, **reference)
    a, b = (examples(seed).reshape(-1, 3).astype("float64") for seed in (1, 2))
    for _ in range(2):
        got = G.train_step(None)
        expected = {name: value for name, value in zip(names, by_hand.step(a, b)) if name}
        assert set(got) == set(expected)
        for name, value in expected.items():
            assert float(got[name]) == pytest.approx(value, rel=1e-5), name
    thetas = by_hand.F, by_hand.G, by_hand.D_A, by_hand.D_B
    for (name, network), theta in zip(G.networks.items(), thetas):
        for got, expected in zip(network.get_weights(), theta):
            np.testing.assert_allclose(np.ravel(got), np.ravel(expected), atol=2e-5, err_msg=name)


def test_optimizers():
    """Adam, which the steps by hand do not show."""
    check_optimizers(DiscoGAN(*constant_networks(0., 0.), examples(1), examples(2), 2, RATE), RATE)


def constant_networks(shift, value, side=SIDE):
    """Generators that add `shift` (to B) and nothing (to A); discriminators that answer `value` to everything."""
    networks = [keras.Sequential([keras.Input((side, side, 3)), layers.Conv2D(count, 1)]) for count in (3, 3, 1, 1)]
    for network, (matrix, added) in zip(networks, ((np.eye(3), shift), (np.eye(3), 0.), (np.zeros((3, 1)), value),
                                                   (np.zeros((3, 1)), value))):
        network.set_weights([matrix.reshape(1, 1, *matrix.shape), np.full(matrix.shape[1], added)])
    return networks


def test_losses_of_known_ways():
    """If the way to B adds .1 and the way back nothing, both cycles are off by .1, and of the identities only B's.

    The discriminators answer 1/4: (9/16 + 1/16) / 2 each. After their step of .01 they are nearer to 1/2.
    """
    G = CycleGAN(*constant_networks(.1, .25), examples(1), examples(2), COUNT, RATE)
    got = {name: float(value) for name, value in G.train_step(None).items()}
    assert got.pop("gan_loss") == pytest.approx(2 * (.26 - 1) ** 2, rel=.02)  # the step also moved their matrices
    assert got == pytest.approx({"discr_loss": .625, "cycle_loss": .2, "identity_loss": .1}, rel=1e-4)


@pytest.mark.parametrize("cycle_weight, identity_weight, moved", [(0., 0., (0, 0)), (1., 0., (-1, -1)),
                                                                  (0., 1., (-1, 0))])
def test_which_loss_moves_whom(monkeypatch, cycle_weight, identity_weight, moved):
    """Where discriminators cannot tell, only the cycle and the identity move a generator: down, where it adds .1.

    The cycle moves both, for either could undo it; the identity only the one that changes what it should leave alone.
    """
    G = CycleGAN(*constant_networks(.1, .25), examples(1), examples(2), COUNT, RATE, cycle_weight, identity_weight)
    before = [network.get_weights()[1].mean() for network in (G.to_b, G.to_a)]
    monkeypatch.setattr(CycleGAN, "train_discriminators", lambda self, *pictures: tf.constant(0.))
    G.train_step(None)
    after = [network.get_weights()[1].mean() for network in (G.to_b, G.to_a)]
    assert [round((new - old) / RATE) for new, old in zip(after, before)] == list(moved)


# ---------------------------------------------------------------- the networks

@pytest.mark.parametrize("count, last_strides, side, field", [(2, 2, 64, 22), (4, 1, 128, 70), (4, 2, 256, 94),
                                                              (5, 2, 512, 190)])
def test_a_value_sees_a_patch(count, last_strides, side, field):
    """A value depends on 22 x 22 pixels in the small networks, on 70, 94 and 190 in the sources', and on no others."""
    network = patch_discriminator(side, 1, (2,) * count, norm=lambda x: x, last_strides=last_strides)
    middle = network.output_shape[1] // 2
    pictures = tf.Variable(np.random.default_rng(0).uniform(size=(1, side, side, 1)).astype("float32"))
    with tf.GradientTape() as tape:
        value = network(pictures)[0, middle, middle, 0]
    moved = np.abs(tape.gradient(value, pictures).numpy()[0]).sum(-1) > 0
    assert [int(moved.any(axis).sum()) for axis in (0, 1)] == [field, field]


def test_the_border_is_a_mirror():
    """The border of a picture is reflected, as NumPy does it: zeros would draw a frame."""
    pictures = np.random.default_rng(0).uniform(size=(2, 5, 5, 3)).astype("float32")
    np.testing.assert_array_equal(Reflected(2)(pictures), np.pad(pictures, ((0, 0), (2, 2), (2, 2), (0, 0)), "reflect"))


def test_a_normalised_end_has_one_mean_colour():
    """Normalised just before the tanh, a dark and a bright picture come out equally bright; else they need not."""
    set_seeds(3)
    pictures = np.concatenate([np.full((1, 8, 8, 3), value, "float32") for value in (-.8, .8)])
    pictures = pictures + np.random.default_rng(1).normal(size=pictures.shape).astype("float32") * .1
    means = {}
    for normalized_end in (True, False):
        network = resnet(8, filters=4, blocks=1, normalized_end=normalized_end)
        before_tanh = keras.Model(network.inputs[0], network.layers[-1].input)
        means[normalized_end] = np.mean(before_tanh(pictures), axis=(1, 2))
    assert np.abs(means[True]).max() < 1e-5 < .01 < np.abs(np.diff(means[False], axis=0)).max()


def test_small_networks():
    """Generators keep the shape, with a way of any depth; discriminators give a map; no norm stands on 1 x 1 pixel."""
    for made in (cyclegan.small_networks(8, 3, "resnet", 2, 2), cyclegan.small_networks(8, 1, "unet", 2),
                 discogan.small_networks(8, 3, 2)):
        to_b, to_a, knows_a, knows_b = made
        assert to_b.output_shape == to_a.output_shape == to_b.input_shape
        assert knows_a.output_shape == knows_b.output_shape == (None, 2, 2, 1)
        assert to_b is not to_a and knows_a is not knows_b
        for network in made:
            assert min(layer.output.shape[1] for layer in network.layers
                       if isinstance(layer, layers.GroupNormalization)) > 1


@pytest.mark.parametrize("network", ["resnet", "unet"])
def test_small_networks_begin_with_the_picture(network):
    """They give what has to be added, at first nothing: else a short training is spent on learning to copy."""
    pictures = np.random.default_rng(3).uniform(-1, 1, (2, 8, 8, 3)).astype("float32")
    adding, drawing = (cyclegan.small_networks(8, 3, network, 2, 1, adds=adds)[0] for adds in (True, False))
    np.testing.assert_array_equal(adding(pictures), pictures)
    assert np.abs(drawing(pictures) - pictures).mean() > .1


@pytest.mark.parametrize("call, sentence", [
    (lambda: resnet(18), "size: expected a multiple of 4 from 8 on, so that it can be halved twice, got 18"),
    (lambda: cyclegan.small_networks(24, network="unet"), "size: expected 8, 16, 32, 64, 128 or 256, .* got 24"),
    (lambda: CycleGAN(*constant_networks(0, 0), examples(1), examples(2), 2, cycle_weight=-1.), "cycle_weight: "),
    (lambda: DiscoGAN(*constant_networks(0, 0), examples(1), examples(2), 2, reconstruction_weight=np.nan),
     "reconstruction_weight: "),
    (lambda: CycleGAN(*constant_networks(0, 0), examples(1), examples(2)[..., :1], 2),
     r"pictures_b: expected pictures of \(3, 3, 3\), as in A, got \(3, 3, 1\)")])
def test_wrong_arguments(call, sentence):
    """Each error names the argument, what came and what was expected."""
    with pytest.raises(ValueError, match=f"^{sentence}"):
        call()


# ------------------------------------------------------------------- measuring

def two_sets(n=24, m=6, side=8):
    """A is dark, B bright; some are men, which the left half tells, and turned ones have a darker top."""
    stream, parts, attributes = np.random.default_rng(4), {}, {}
    for part, count in (("train_a", n), ("train_b", n), ("test_a", m), ("test_b", m)):
        male, turned = np.arange(count) % 2, np.arange(count) // 2 % 2
        picture = np.full((count, side, side, 3), .2 if part.endswith("a") else .6)
        picture[:, :, :side // 2] += .2 * male[:, None, None, None]
        picture[:, :side // 2] += .15 * turned[:, None, None, None]
        parts[part] = (picture + .02 * stream.uniform(size=picture.shape)).astype("float32")
        attributes[part] = {"male": male, "yaw": turned - .5, "hair_length": male * .8, "light_x": turned - .5,
                            "smile": np.full(count, float(part.endswith("b")))}
    return Pairs("two sets", **parts, paired=False, attributes=attributes)


@pytest.fixture(scope="module")
def judged():
    set_seeds(5)
    data = two_sets()
    return data, unpaired.Judge(data, rounds=400)


def test_the_judge_knows_what_it_was_taught(judged):
    """It tells both sets and the answers about the faces apart, on pictures that it was not taught on."""
    data, judge = judged
    assert list(judge.accuracy) == ["B", *unpaired.QUESTIONS]
    assert min(judge.accuracy.values()) == 1.


def test_figures_of_known_pictures(judged):
    """The true counterparts are translated without an error; what is left as it is has the error of doing nothing."""
    data, judge = judged
    right = unpaired.one_way(judge, data, data.test_b, data.test_a)
    assert right == {"translated": 1., "kept": 1., "cycle_error": 0., "error": 0., "nothing": right["nothing"],
                     "error_there": 0., "nothing_there": right["nothing_there"], "spread": 1.}
    assert right["nothing"] == pytest.approx(255 * .4, rel=.02) == right["nothing_there"]
    left = unpaired.one_way(judge, data, data.test_a, data.test_a)
    assert left["translated"] == 0. and left["error"] == left["nothing"] and left["kept"] == 1.
    one_face = np.repeat(data.test_b[:1], len(data.test_b), axis=0)
    all_one = unpaired.one_way(judge, data, one_face, data.test_a)
    assert all_one["spread"] < 1e-5
    assert all_one["kept"] == pytest.approx((3 + 3 + 4 + 4) / 24), "half of them are men, two thirds are not turned"
    other_way = unpaired.one_way(judge, data, data.test_a, data.test_b, to_b=False)
    assert other_way["translated"] == 1. and other_way["error"] == 0.


def test_what_follows_from_the_change(judged):
    """Answers that come with a change are compared with the counterpart's, and do not count as kept."""
    data, judge = judged
    changed = {name: dict(values) for name, values in data.attributes.items()}
    changed["test_a"]["hair_length"] = np.full(6, .8)
    data = Pairs("changed", data.train_a, data.train_b, data.test_a, data.test_b, False, True, changed)
    assert unpaired.one_way(judge, data, data.test_b)["followed"] == 1.
    assert unpaired.one_way(judge, data, data.test_b[::-1])["followed"] == 0.


def test_measured_without_attributes_and_counterparts(judged):
    """Of pictures of nobody known there is the share translated and the cycle's error, and no truth."""
    data, judge = judged
    own = Pairs("own", data.train_a, data.train_b, data.test_a, data.test_b[:4], False, False)
    set_seeds(5)
    plain_judge = unpaired.Judge(own, rounds=1)
    assert list(plain_judge.accuracy) == ["B"]
    assert set(unpaired.one_way(plain_judge, own, own.test_a, own.test_a)) == {"translated", "cycle_error", "spread"}
    sheet = np.concatenate([own.test_a, own.test_a, own.test_b, own.test_b])
    panels, columns, names = unpaired.panels_of(own, sheet)
    assert columns == 4 and names == ["input", "output", "back"]
    np.testing.assert_array_equal(panels[1][1], np.concatenate([own.test_b] * 3))


def test_claims_can_be_measured(monkeypatch, few):
    """Each row of the tables has its figures; faces left as they are, and the true counterparts, need no network."""
    load = pairs.load
    monkeypatch.setattr(pairs, "load", lambda source, change, size, most, **options: load(
        source, change, 16, 10, **options))
    for room, count in ((cyclegan, 7), (discogan, 6)):
        rows = {name: measure for _, name, measure in room.CLAIMS}
        assert len(rows) == count
        bounds = {"translated", "kept", "error", "nothing", "error_there", "nothing_there", "spread"}
        nothing, truth = (rows[name](0, 1) for name in ("doing nothing", "the true counterparts"))
        for found in (nothing, truth):
            found.pop("followed", None)  # nobody of these few has other hair
            assert set(found) == bounds
        assert truth["error"] == 0 < nothing["error"] == nothing["nothing"] == truth["nothing"]
        make, change, settings = list(rows.values())[-1].args
        found = unpaired.measure(make, change, {**settings, "epochs": 1, "filters": 2, "batch": 2}, 0, 1)
        assert set(found) - {"followed"} == {*bounds, "cycle_error"}


# ------------------------------------------------------------------- the scripts

TINY = ["--epochs", "2", "--steps", "1", "--batch", "2", "--filters", "2", "--no-show"]
ROOMS = {"cyclegan": cyclegan, "discogan": discogan}


@pytest.fixture
def few(monkeypatch, cached):
    """No graph, few faces."""
    eagerly(monkeypatch, unpaired.TwoWay)


def folders(tmp_path):
    """Two folders of pictures of different numbers."""
    stream = np.random.default_rng(3)
    for name, count in (("a", 7), ("b", 5)):
        (tmp_path / name).mkdir()
        for i in range(count):
            pixels = stream.integers(0, 255, (9, 18, 3), dtype="uint8")
            Image.fromarray(pixels).save(tmp_path / name / f"{name}{i}.png")
    return str(tmp_path / "a"), str(tmp_path / "b")


@pytest.mark.parametrize("name, arguments, rows", [
    ("cyclegan", ["--network", "resnet", "--blocks", "1", "--data", "A", "B"], 3),
    ("discogan", ["--pictures", "4", "--as-listed"], 4),
    pytest.param("cyclegan", ["--pictures", "4", "--identity", "0", "--change", "colour"], 4,
                 marks=pytest.mark.thorough),
    pytest.param("cyclegan", ["--network", "resnet", "--normalized-end", "--pictures", "4"], 4,
                 marks=pytest.mark.thorough),
    pytest.param("discogan", ["--data", "A", "--halves"], 4, marks=pytest.mark.thorough),
    pytest.param("discogan", ["--pictures", "4", "--change", "size", "--size", "32"], 4,
                 marks=pytest.mark.thorough)])
def test_script(capsys, tmp_path, few, name, arguments, rows):
    """Says what it learns from, trains, measures both ways, draws input, output, the way back, truth, and a film."""
    places = dict(zip("AB", folders(tmp_path)))
    arguments = [places.get(argument, argument) for argument in arguments]
    made = ROOMS[name].main([*TINY, "--size", "8", "--out", str(tmp_path / "out"), *arguments])
    out = capsys.readouterr().out
    assert "data: " in out and "the judge is right on held-out pictures: B " in out
    assert out.count("\nfrom A to B: translated ") == out.count("\nfrom B to A: translated ") == 1
    assert ("error there" in out) == (rows == 4) == ("\nto compare, the true counterparts: translated " in out)
    printed = re.search(r"^from A to B: (.+)$", out, flags=re.MULTILINE)[1].split(", ")
    explained = re.search(r"^\((translated: .+)\)$", out, flags=re.MULTILINE)[1].split("; ")
    assert {figure.rsplit(" ", 1)[0] for figure in printed} <= {text.split(":")[0] for text in explained}
    assert re.search(r"^A: .+; B: .+$", out, flags=re.MULTILINE), "which sets these are"
    files = sorted((tmp_path / "out").glob("*.*"))
    assert [path.name for path in files] == [f"{name}-{what}" for what in ("losses.png", "samples.png", "training.gif")]
    assert [axis.get_title() for axis in made[0].axes] == ["from A to B", "from B to A"]
    names = [label.get_text() for label in made[0].axes[0].get_yticklabels()]
    assert names == ["input", "output", "back", "truth"][:rows]
    with Image.open(files[2]) as film:
        assert film.n_frames == 3, "before, and after each epoch"


@pytest.mark.thorough
def test_resumed(monkeypatch, tmp_path):
    """Killed in its second epoch, a training goes on with --resume: the same weights, losses and sheets as without."""
    ended = []
    monkeypatch.setattr(unpaired, "Judge", lambda data: SimpleNamespace(accuracy={}))
    monkeypatch.setattr(discogan, "small_networks", lambda *shape: constant_networks(.1, .25, 8))
    monkeypatch.setattr(unpaired, "finish", lambda G, data, record, *rest: ended.append((G.get_weights(), record)))
    place = folders(tmp_path)
    command = [*TINY, "--epochs", "3", "--size", "8", "--data", *place, "--save-every", "0", "--out"]
    discogan.main([*command, str(tmp_path / "whole")])
    with killed_in_its_second_epoch(monkeypatch):
        discogan.main([*command, str(tmp_path / "killed")])
    discogan.main([*command, str(tmp_path / "killed"), "--resume"])
    (weights, whole), (others, resumed) = ended
    for one, other in zip(weights, others):
        np.testing.assert_array_equal(one, other)
    assert_same_record(resumed, whole)
    assert len(whole.losses["gan_loss"]) == 3
    assert [title for title, _ in whole.sheets] == [f"epoch {i}" for i in range(4)]


def test_weights_come_back(tmp_path):
    """Saved weights of all four networks come back into a new system, which then makes the same pictures."""
    set_seeds(1)
    pictures = np.random.default_rng(1).uniform(-1, 1, (4, 8, 8, 3)).astype("float32")
    first, second = (DiscoGAN(*discogan.small_networks(8, 3, 2), pictures, pictures, 2) for _ in range(2))
    first.save_weights(str(tmp_path / "disco.weights.h5"))
    second.load_weights(str(tmp_path / "disco.weights.h5"))
    for to_b in (True, False):
        for one, other in zip(first.there_and_back(pictures, to_b), second.there_and_back(pictures, to_b)):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name, arguments, sentence", [
    ("cyclegan", ["--network", "zebras"],
     "--network: expected resnet or unet for pictures of 8x8x3; zebras is for 256x256x3"),
    ("discogan", ["--network", "faces"], "--network: expected small for pictures of 8x8x3; faces is for 128x128x3"),
    ("cyclegan", ["--network", "resnet", "--size", "10"],
     "size: expected a multiple of 4 from 8 on, so that it can be halved twice, got 10"),
    ("discogan", ["--data", "nowhere"], "data: expected faces, photographs, a folder of pictures, or two of them (A, "
                                        "B), got 'nowhere'"),
    ("cyclegan", ["--data", "A"], "data: expected faces, two folders (A, B), or a folder of pictures with both halves "
                                  "side by side for the change smile; 'A' gives pairs for colour and size only"),
    ("cyclegan", ["--pictures", "9", "--data", "A", "B", "--batch", "5"],
     "--batch: expected at most 4, the number of pictures of a set, got 5")])
def test_wrong_arguments_of_the_script(tmp_path, few, name, arguments, sentence):
    """A wrong argument ends the script in one line, before it trains."""
    places = dict(zip("AB", folders(tmp_path)))
    for letter, place in places.items():
        sentence = sentence.replace(f"'{letter}'", repr(place))
    arguments = [places.get(argument, argument) for argument in arguments]
    with pytest.raises(SystemExit) as stopped:
        ROOMS[name].main([*TINY, "--size", "8", "--pictures", "4", "--out", str(tmp_path / "out"), *arguments])
    assert stopped.value.code == sentence
