"""The practices one at a time, and the remedies for failures: networks, the classes that are only here, the scripts."""

import re

import numpy as np
import pytest
from PIL import Image
from tensorflow import keras

from beyond import failures, practices, remedies
from beyond.dense_gan import DenseGAN
from beyond.practices import FeatureMatchingGAN, SmoothedGAN, practice_GenDiscr
from beyond.remedies import FAILURES, FalseLabelsGAN
from tests.beyond.by_hand import (
    BATCH,
    HIDDEN,
    assert_same,
    build,
    descended,
    draws,
    hidden,
    judged,
    made,
    networks,
    real_rows,
    softplus,
    step,
    wide,
)
from tests.beyond.short import eagerly, few_pictures
from tests.helpers import set_seeds

layers = keras.layers


@pytest.fixture
def quickly(monkeypatch):
    """Fewer pictures, and no graphs, whose making takes most of so short a run."""
    eagerly(monkeypatch)
    few_pictures(monkeypatch)


# ------------------------------------------------------------ the practices

def kinds_of(network):
    return [type(layer).__name__ for layer in network.layers]


def test_the_DCGAN_keeps_the_rules():
    """Strides, normalisation before each activation (not at D's input and G's end), slopes, tanh, spread .02."""
    set_seeds(0)
    generator, discriminator, latent_generator = practice_GenDiscr()
    assert kinds_of(generator) == ["InputLayer", "Dense", "Reshape", "BatchNormalization", "ReLU", "Conv2DTranspose",
                                   "BatchNormalization", "ReLU", "Conv2DTranspose"]
    assert kinds_of(discriminator) == ["InputLayer", "Conv2D", "LeakyReLU", "Conv2D", "BatchNormalization", "LeakyReLU",
                                       "Flatten", "Dense"]
    pictures = np.asarray(generator(latent_generator(3)))
    assert pictures.shape == (3, 28, 28, 1) and generator.layers[-1].activation is keras.activations.tanh
    assert discriminator.output_shape == (None, 1)
    kernels = [np.asarray(layer.kernel) for network in (generator, discriminator) for layer in network.layers
               if hasattr(layer, "kernel")]
    assert len(kernels) == 6
    for kernel in kernels:
        assert np.std(kernel) == pytest.approx(.02, rel=.2) and abs(np.mean(kernel)) < .01
    for layer in discriminator.layers:
        if isinstance(layer, layers.LeakyReLU):
            assert float(np.asarray(layer(np.array([[-1.]], "float32")))[0, 0]) == pytest.approx(-.2)


def test_what_else_the_networks_may_have():
    """Each argument changes what it names."""
    generator, discriminator, _ = practice_GenDiscr(strided=False)
    assert "Conv2DTranspose" not in kinds_of(generator) and kinds_of(generator).count("UpSampling2D") == 2
    assert kinds_of(discriminator).count("MaxPooling2D") == 2
    assert all(layer.strides == (1, 1) for layer in discriminator.layers if isinstance(layer, layers.Conv2D))
    for normalized, order in ((None, ["Conv2D", "LeakyReLU", "Flatten"]),
                              ("after", ["Conv2D", "LeakyReLU", "BatchNormalization", "Flatten"])):
        assert kinds_of(practice_GenDiscr(normalized=normalized)[1])[3:-1] == order
    assert kinds_of(practice_GenDiscr(dense=128)[1])[-3:] == ["Dense", "LeakyReLU", "Dense"]
    assert "LeakyReLU" not in kinds_of(practice_GenDiscr(discr_slope=0.)[1])
    assert kinds_of(practice_GenDiscr(gen_slope=.2)[0]).count("LeakyReLU") == 2
    generator, discriminator, latent_generator = practice_GenDiscr(output="sigmoid", features=True, spread=None)
    values, features = discriminator(generator(latent_generator(2)))
    assert values.shape == (2, 1) and features.shape == (2, 98 * 8)
    assert np.std(np.asarray(generator.layers[1].kernel)) > .025, "Glorot's: sqrt(2 / (100 + 784)) = .048"
    assert generator.layers[-1].activation is keras.activations.sigmoid


def test_one_practice_at_a_time():
    """Every run is another way in one thing; the eight practices are all there."""
    plain = practices.Run(0)
    assert practices.RUNS["DCGAN"] == plain
    for name, run in practices.RUNS.items():
        changed = len(run.networks) + sum(getattr(run, key) != getattr(plain, key) for key in ("kind", "rate", "batch"))
        assert changed == {"DCGAN": 0, "feature matching": 2}.get(name, 1)
    assert {run.practice for run in practices.RUNS.values()} == set(range(9))


def test_smoothed_labels():
    """A D that answers .9 and .1 pays least; .9 log .9 + .1 log .1 of it cannot be saved. A surer one pays more."""
    least = -.9 * np.log(.9) - .1 * np.log(.1)
    best = np.full((3, 1), np.log(9), "float32")  # the logit of .9
    loss = {factor: float(SmoothedGAN.discriminator_loss(SmoothedGAN, factor * best, -factor * best))
            for factor in (.9, 1, 1.1, 5)}
    assert loss[1] == pytest.approx(least, abs=1e-6)
    assert loss[.9] > loss[1] < loss[1.1] < loss[5]


def two_outputs():
    """The small networks, whose discriminator also gives what its last layer gets."""
    generator, discriminator = networks()
    return generator, keras.Model(discriminator.inputs[0], [discriminator.outputs[0], discriminator.layers[-1].input])


def test_a_step_of_feature_matching():
    """G follows the squared distance of the mean features, by differences; D learns as without."""
    G = build(FeatureMatchingGAN, built=two_outputs())
    g, d = wide(G.generator), wide(G.discriminator)
    indices, first, second = draws()
    real = real_rows(indices)
    returned = step(G, draws())

    def discr_loss(d):
        return (softplus(-judged(d, real)).mean() + softplus(judged(d, made(g, first))).mean()) / 2

    assert returned["discr_loss"] == pytest.approx(discr_loss(d), abs=1e-5)
    d = descended(d, discr_loss)
    assert_same(G.discriminator, d)

    def matching(g):
        return np.sum((hidden(d, real).mean(axis=0) - hidden(d, made(g, second)).mean(axis=0)) ** 2)

    assert returned["matching"] == pytest.approx(matching(g), abs=1e-5)
    assert returned["gen_loss"] == pytest.approx(softplus(-judged(d, made(g, second))).mean(), abs=1e-5)
    assert_same(G.generator, descended(g, matching))


def test_the_same_batch_has_the_same_features():
    """The distance is 0 for a batch and itself in another order, and n for a shift of n features by 1."""
    x = np.random.default_rng(0).normal(size=(BATCH, HIDDEN)).astype("float32")
    assert float(FeatureMatchingGAN.feature_distance(x, x[::-1])) == pytest.approx(0, abs=1e-10)
    assert float(FeatureMatchingGAN.feature_distance(x, x + 1)) == pytest.approx(HIDDEN, rel=1e-5)


# ------------------------------------------------------------ the remedies

def test_the_failing_pairs_are_those_of_the_other_room():
    """As rows of 784 numbers, with the same parameters; only the generator that wins is narrower here."""
    for failure, build_pair in (("mode collapse", failures.mode_collapse_GenDiscr),
                                ("discriminator wins", failures.convergence_failure_GenDiscr)):
        run = FAILURES[failure]["as it is"]
        for mine, other in zip(remedies.pair(**run.networks)[:2], build_pair()[:2]):
            assert mine.count_params() == other.count_params()
    assert {name: runs["as it is"].rate for name, runs in FAILURES.items()} == {
        "mode collapse": failures.RUNS["latent vectors of 2 coordinates"][1],
        "discriminator wins": failures.RUNS["generator of one layer, no ReLU"][1],
        "generator wins": failures.RUNS["discriminator hardly learns"][1]}
    assert FAILURES["generator wins"]["as it is"].less == failures.RUNS["discriminator hardly learns"][2]


def test_one_remedy_at_a_time():
    """Each differs from the failing pair in one thing, but the one whose name has three."""
    for runs in FAILURES.values():
        plain = runs["as it is"]
        for name, run in runs.items():
            networks_changed = sum(run.networks[key] != plain.networks.get(key) for key in run.networks)
            changed = networks_changed + (run.kind is not plain.kind) + (run.less != plain.less)
            assert changed == {"as it is": 0, "Wasserstein loss, z of 50, deeper": 3}.get(name, 1), name
            assert run.rate == plain.rate


@pytest.mark.parametrize("real_share, fake_share", [(.5, .5), (.7, 0.), (0., 0.), (1., 1.)])
def test_a_step_with_false_labels(real_share, fake_share):
    """D's loss is what it is told; without lies it is DenseGAN's; told all wrong, the players' places are exchanged."""
    u = np.array([[.1, .9, .4, .6, .8], [.3, .2, .95, .45, .65]], "float32")[..., None]
    G = build(FalseLabelsGAN, real_share=real_share, fake_share=fake_share)
    g, d = wide(G.generator), wide(G.discriminator)
    indices, first, _, second = draws(u)
    real = real_rows(indices)
    real_signs, fake_signs = (np.where(u[i] < share, -1, 1) for i, share in enumerate((real_share, fake_share)))

    def discr_loss(d):
        return (softplus(-real_signs * judged(d, real)).mean()
                + softplus(fake_signs * judged(d, made(g, first))).mean()) / 2

    returned = step(G, draws(u))
    assert returned["discr_loss"] == pytest.approx(discr_loss(d), abs=1e-5)
    right = np.concatenate([judged(d, real) > 0, judged(d, made(g, first)) <= 0])
    assert returned["accuracy"] == pytest.approx(right.mean()), "the accuracy is by the truth"
    d = descended(d, discr_loss)
    assert_same(G.discriminator, d)
    assert_same(G.generator, descended(g, lambda g: softplus(-judged(d, made(g, second))).mean()))
    if not real_share + fake_share:
        plain = build(DenseGAN)
        step(plain, [indices, first, second])
        for name in ("generator", "discriminator"):
            assert_same(getattr(G, name), getattr(plain, name).get_weights())


@pytest.mark.parametrize("option, value", [("real_share", -.1), ("fake_share", 1.5), ("real_share", "all")])
def test_bad_shares(option, value):
    """One sentence that names the argument and the value."""
    with pytest.raises((TypeError, ValueError), match=rf"^{option}: expected .* got {value!r}"):
        build(FalseLabelsGAN, **{option: value})


# ------------------------------------------------------------ as they run

TINY = ["--epochs", "1", "--steps", "1", "--no-show"]


def test_script_of_the_practices(capsys, tmp_path, quickly):
    """A table with the DCGAN first, a sheet and a bar for each run; every run gets its own batch and rate."""
    chosen = ["feature matching", "[0, 1] and sigmoid", "batches of 2"]
    figures = practices.main([*TINY, "--only", *chosen, "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert [path.name for path in sorted(tmp_path.glob("*.png"))] == [
        f"practices-{kind}.png" for kind in ("distances", "losses", "samples")]
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as picture:
            assert min(picture.size) > 100
    rows = re.findall(r"^(.) (\S.{21})( +-?\d+\.\d+){3}  \w+", out, flags=re.MULTILINE)
    assert [(practice, name.strip()) for practice, name, _ in rows] == [
        (" ", "DCGAN"), ("5", "feature matching"), ("6", "[0, 1] and sigmoid"), ("6", "batches of 2")]
    assert [axis.get_title() for axis in figures[0].axes if axis.get_title()] == ["real", "DCGAN", *chosen]
    assert [label.get_text() for label in figures[1].axes[0].get_yticklabels()] == [*chosen[::-1], "DCGAN"]


def test_script_of_the_remedies(capsys, tmp_path, quickly, monkeypatch):
    """A table and a picture for each failure that is asked for, with a sheet for each remedy."""
    names = ["as it is", "Wasserstein loss", "unrolled", "false labels"]
    monkeypatch.setitem(FAILURES, "mode collapse", {name: FAILURES["mode collapse"][name] for name in names})
    figures = remedies.main([*TINY, "--batch", "7", "--only", "mode collapse", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert [path.name for path in tmp_path.glob("*.png")] == ["remedies-mode-collapse.png"]
    titles = [axis.get_title() for axis in figures[0].axes if axis.get_title()]
    assert [title.split("\n")[0] for title in titles] == ["real", *names]
    table = re.split(r"^mode collapse +Frechet .*\n", out, flags=re.MULTILINE)[1].splitlines()[:len(names)]
    assert [re.match(r"  (\S.{33}) +\d", line)[1] for line in table] == [f"{name:34}" for name in names], (
        "in one piece: the lines of the trainings stood between the rows")


@pytest.mark.parametrize("module", [practices, remedies])
def test_what_is_measured(module, quickly, monkeypatch):
    """Every run of the room is one of the claims; its figures have the quality and the diagnosis."""
    monkeypatch.setattr(module, "EPOCHS", 1)
    expected = list(practices.RUNS) if module is practices else [name for runs in FAILURES.values() for name in runs]
    assert [row for _, row, _ in module.CLAIMS] == expected
    figures = module.CLAIMS[1][2](3, 1)
    assert {"discr_loss", "gen_loss", "frechet", "recall", "kinds", "diagnosis"} <= set(figures)
