"""Attacks and defences: exact cases on a linear model, whose boundary is known; then small networks of digits."""

import math
from functools import partial

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow import keras

import beyond.adversarial as adversarial
from beyond.adversarial import __main__ as room
from beyond.adversarial import attacks, defences
from beyond.adversarial.attacks import predicted, second_choice, sizes
from beyond.common import classifier, data
from tests.helpers import set_seeds

W = np.array([.5, -1., .2, 0., 2., .1], "float32").reshape(2, 3, 1)


def linear(pictures):
    """Two logits of pictures 2 x 3: w x - 1 and 0. So class 0 where w x > 1."""
    value = tf.reduce_sum(pictures * W, [1, 2, 3]) - 1.
    return tf.stack([value, tf.zeros_like(value)], axis=1)


MIDDLE = np.full((1, 2, 3, 1), .6, "float32")  # w x = 1.08, in the middle of the box: nothing is cut off
VALUE = .6 * float(W.sum()) - 1
DISTANCE = VALUE / float(np.linalg.norm(W))


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.just(0.) | st.floats(.001, .3))
def test_FGSM(epsilon):
    """On a linear model the logit changes by exactly epsilon |w|_1, and no pixel by more than epsilon."""
    changed = adversarial.fgsm(linear, MIDDLE, [0], epsilon)
    assert float(linear(changed)[0, 0]) == pytest.approx(VALUE - epsilon * np.abs(W).sum(), abs=1e-5)
    assert np.abs(changed - MIDDLE).max() <= epsilon + 1e-6
    assert (changed - MIDDLE)[0] == pytest.approx(-epsilon * np.sign(W), abs=1e-6)
    towards = adversarial.fgsm(linear, MIDDLE, [1], epsilon, targeted=True)
    assert towards == pytest.approx(changed), "up the loss of class 0 is down the loss of class 1"


def test_FGSM_stays_a_picture():
    """Where a pixel would leave [0, 1] it stops there."""
    edge = np.array([0., 1., 0., 1., 1., 0.], "float32").reshape(1, 2, 3, 1)
    changed = adversarial.fgsm(linear, edge, [0], .4)
    assert changed.min() == 0 and changed.max() == 1
    assert changed.ravel() == pytest.approx([0, 1, 0, 1, .6, 0]), "only this one has room to go against w"


def test_DeepFool():
    """On a linear model it is the foot of the perpendicular, r = -f w / |w|^2, and `overshoot` more."""
    changed = adversarial.deepfool(linear, MIDDLE, overshoot=.02)
    assert (changed - MIDDLE)[0] == pytest.approx(-1.02 * VALUE * W / np.sum(W ** 2), abs=1e-6)
    assert sizes(MIDDLE, changed)["L2"] == pytest.approx(1.02 * DISTANCE, rel=1e-4)
    assert predicted(linear, changed) == [1]


def test_DeepFool_at_the_edge():
    """Pixels that are black or white already stay so, and the others go as much farther: the boundary is crossed."""
    edge = np.array([0., 1., .5, 1., 1., 0.], "float32").reshape(1, 2, 3, 1)  # w x - 1 = .1
    changed = adversarial.deepfool(linear, edge)
    free = np.array([0., 0., .2, 0., 2., 0.])  # against w only these can move
    assert (changed - edge).ravel() == pytest.approx(-1.02 * .1 * free / np.sum(free ** 2), abs=1e-5)
    assert predicted(linear, changed) == [1]


@pytest.mark.parametrize("attack", [
    lambda: adversarial.lbfgs(linear, MIDDLE, [1], factors=(20., 18., 16., 14.)),
    lambda: adversarial.carlini_wagner(linear, MIDDLE, [0], rounds=6, steps=200, rate=.01),
    lambda: adversarial.carlini_wagner(linear, MIDDLE, [0], [1], rounds=6, steps=200, rate=.01)],
    ids=["L-BFGS", "C&W", "C&W with a target"])
def test_the_shortest_way(attack):
    """They cross the boundary along w, and not much later than where it is."""
    change = attack() - MIDDLE
    length = float(np.linalg.norm(change))
    assert predicted(linear, MIDDLE + change) == [1] and DISTANCE < length < 1.25 * DISTANCE
    assert -np.sum(change[0] * W) / (length * np.linalg.norm(W)) > .98


def test_confidence():
    """Carlini and Wagner's margin is exceeded by what is asked for."""
    changed = adversarial.carlini_wagner(linear, MIDDLE, [0], confidence=.5, rounds=6, steps=200, rate=.01)
    assert -float(linear(changed)[0, 0]) == pytest.approx(.5, abs=.05)
    impossible = adversarial.carlini_wagner(linear, MIDDLE, [0], confidence=50., rounds=2, steps=20)
    assert impossible == pytest.approx(MIDDLE), "where it fails the picture stays as it is"


def test_JSMA():
    """The two pixels that help most are made white first, and nothing else changes once it is enough."""
    start = np.array([.5, 0., .5, .5, .4, .5], "float32").reshape(1, 2, 3, 1)  # w x - 1 = .2: class 0
    changed = adversarial.jsma(linear, start, [1])
    # For class 1: alpha 0 everywhere, so by -w. First -1 (second pixel) with the next best, 0 (fourth).
    assert predicted(linear, changed) == [1] and changed.ravel() == pytest.approx([.5, 1, .5, 1, .4, .5])
    assert sizes(start, changed)["L0"] == 2

    def three(pictures):
        x = tf.reshape(pictures, (-1, 6))
        return tf.stack([x[:, 0] + 1, 2 * x[:, 1] + x[:, 2] - 3 * x[:, 3], x[:, 4] + .5], axis=1)
    # Class 1: alpha = 2, 1, -3 and beta = -1 (first), -1 (fifth): the only pairs with alpha > 0 > beta are (0, 1), ...
    changed = adversarial.jsma(three, np.zeros((1, 2, 3, 1), "float32"), [1], most=4)
    assert changed.ravel()[1] == 1 and changed.ravel()[3] == 0
    assert sizes(np.zeros((1, 2, 3, 1)), adversarial.jsma(three, np.zeros((1, 2, 3, 1)), [1], most=2))["L0"] == 2


def test_estimated_gradient():
    """Exact for a linear function, and of order h^2 for others; ZOO counts its answers."""
    chosen = np.array([[0, 1, 4]])
    found = adversarial.estimated_gradient(lambda some: linear(some)[:, 0], MIDDLE, chosen)
    assert found == pytest.approx(W.ravel()[chosen], abs=1e-4)
    cubes = adversarial.estimated_gradient(lambda some: np.sum(some.astype("float64") ** 3, axis=(1, 2, 3)),
                                           MIDDLE.astype("float64"), chosen, h=.1)
    assert cubes == pytest.approx(3 * .6 ** 2 + .1 ** 2), "3 x^2 and the error h^2"

    calls = []

    def answers(some):
        calls.append(len(some))
        return tf.nn.softmax(linear(some)).numpy()
    changed, queries = adversarial.zoo(answers, MIDDLE, [0], steps=20, coordinates=4, rate=.05)
    assert predicted(linear, changed) == [1] and queries == sum(calls) > 2 * 4
    assert adversarial.zoo(answers, changed, [0])[1] == 1, "one look: it is fooled already"


def test_sizes():
    """L0 counts, L2 is the length, Linf the largest; means over the pictures."""
    zero = np.zeros((2, 2, 2, 1))
    changed = zero.copy()
    changed[0, 0, 0], changed[0, 1, 1] = .3, -.4
    assert sizes(zero, changed) == pytest.approx({"L0": 1, "L2": .25, "Linf": .2})
    assert list(second_choice(lambda x: tf.constant([[3., 2., 1.], [3., 2., 1.]]), zero, [0, 1])) == [1, 0]


# -------------------------------------------------------------------- defences

def test_squeezing():
    """One bit is black and white, two bits are thirds; a median takes single pixels away; the gap is 0 to 2."""
    assert adversarial.fewer_levels([.2, .6], 1) == pytest.approx([0, 1])
    assert adversarial.fewer_levels([.2, .6, .8], 2) == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    dot = np.zeros((1, 5, 5, 1))
    dot[0, 2, 2] = 1
    assert not adversarial.median(dot).any()

    def answers(some):
        first = (np.asarray(some).max(axis=(1, 2, 3)) > .5).astype(float)
        return np.stack([first, 1 - first], axis=1)
    assert adversarial.squeezing_gap(answers, dot, adversarial.median) == [2]
    assert adversarial.squeezing_gap(answers, dot) == [0]


def test_MagNet():
    """The share of clean pictures that may be refused is; what the autoencoder gives back is let through."""
    clean = np.random.default_rng(0).uniform(size=(100, 2, 2, 1)).astype("float32")
    guard = adversarial.MagNet(lambda x: .5 * x, clean, refused=.1)
    assert np.mean(guard.detect(clean)) == pytest.approx(.1, abs=.011)
    assert guard.error(np.ones((1, 2, 2, 1))) == [.5] and guard.detect(np.ones((1, 2, 2, 1))).all()
    assert guard.reform(clean) == pytest.approx(.5 * clean)
    with pytest.raises(ValueError, match="refused: expected a share from 0 to below 1, got 1"):
        adversarial.MagNet(lambda x: x, clean, refused=1)


def test_DefenseGAN():
    """What lies off the generator's range comes back onto it: the nearest picture there."""
    W_tensor = tf.constant(np.array([[1., 0., 0., 0.], [0., 1., 0., 0.]], "float32"))
    guard = adversarial.DefenseGAN(lambda z: tf.reshape(z @ W_tensor, (-1, 2, 2, 1)),
                                   lambda k: np.zeros((k, 2), "float32"), restarts=1, steps=150)
    picture = np.array([.7, .2, .9, .4], "float32").reshape(1, 2, 2, 1)
    assert guard.reform(picture).ravel() == pytest.approx([.7, .2, 0, 0], abs=.01)


def small_net(classes=2, seed=0):
    set_seeds(seed)
    return keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(),
                             keras.layers.Dense(16, activation="relu"), keras.layers.Dense(classes)])


def stripes(count=200):
    """Pictures 2 x 2 whose class is whether the upper row is lighter, by .3 at least."""
    draws = np.random.default_rng(0)
    labels = draws.integers(2, size=count)
    low, high = draws.uniform(.1, .3, size=(2, count, 2)) + np.array([[[0]], [[.4]]])
    rows = np.where(labels[:, None, None] == 1, np.stack([low, high], 1), np.stack([high, low], 1))
    return rows[..., None].astype("float32"), labels


def test_distillation():
    """At temperature T the student's logits come out about T times as large, so the gradient of its loss vanishes."""
    pictures, labels = stripes()
    options = dict(steps=120, rate=.02)
    plain = classifier.train(small_net(), pictures, classifier.one_hot(labels, 2), **options)
    student = adversarial.distillation(small_net(), small_net(seed=1), pictures, labels, 2, 20., **options)
    spans = [np.mean(np.abs(np.diff(net(pictures).numpy(), axis=1))) for net in (plain, student)]
    assert np.mean(predicted(student, pictures) == labels) == 1 and spans[1] > 5 * spans[0]


def test_adversarial_training():
    """The attack that was trained against finds less."""
    pictures, labels = stripes()
    options = dict(steps=300, rate=.01)
    plain = classifier.train(small_net(), pictures, classifier.one_hot(labels, 2), **options)
    trained = adversarial.adversarial_training(small_net(), pictures, labels, 2, .15, **options)
    accuracies = [np.mean(predicted(net, adversarial.fgsm(net, pictures, labels, .19)) == labels)
                  for net in (plain, trained)]
    assert np.mean(predicted(trained, pictures) == labels) == 1 and accuracies[1] >= accuracies[0]


def test_null_class():
    """Clean pictures keep their class, those of the full change get the class more."""
    pictures, labels = stripes()
    net = adversarial.null_class(small_net(3), pictures, labels, 2, .2, lambda some, labels, size: some * 0 + size * 5,
                                 steps=120, rate=.02)
    assert np.mean(predicted(net, pictures) == labels) > .95
    assert (predicted(net, np.ones((5, 2, 2, 1))) == 2).all()


@pytest.fixture(scope="module")
def scene():
    """600 digits in two halves, a network of few steps, ten victims."""
    set_seeds(0)
    return room.Scene(data.load("digits", most=600), victims=10, nets=dict(steps=120, rate=.003))


@pytest.mark.thorough
def test_attacks_on_digits(scene):
    """On a small network of digits every attack finds most, and each is short by its own measure: JSMA changes the
    fewest pixels, FGSM the largest change least, DeepFool, L-BFGS, C&W the length least."""
    set_seeds(0)
    net, clean, labels, pictures = scene.plain, scene.victims, scene.labels, scene.halves[0]
    targets = second_choice(net, clean, labels)
    attacker = adversarial.train_attacker(net, *pictures, .3, steps=60)
    made = {"FGSM": adversarial.fgsm(net, clean, labels, .3), "L-BFGS": adversarial.lbfgs(net, clean, targets),
            "JSMA": adversarial.jsma(net, clean, targets), "DeepFool": adversarial.deepfool(net, clean),
            "C&W": adversarial.carlini_wagner(net, clean, labels, rounds=3, steps=60), "GAN": attacker(clean)}
    fooled = {name: np.mean(predicted(net, changed) != labels) for name, changed in made.items()}
    assert all(share >= .6 for share in fooled.values()), fooled
    assert all(0 <= changed.min() and changed.max() <= 1 for changed in made.values())
    size = {name: sizes(clean, changed) for name, changed in made.items()}
    assert min(size, key=lambda name: size[name]["L0"]) == "JSMA"
    assert all(size[name]["L2"] < .7 * size["FGSM"]["L2"] for name in ("L-BFGS", "DeepFool", "C&W"))
    assert size["FGSM"]["Linf"] <= .3001 and size["GAN"]["Linf"] <= .3001


def test_what_is_measured(scene):
    """Accuracy falls with epsilon; a forest has no gradients, and what fools the network fools it as well, while
    random noise of the same size does not; a refused picture counts as held."""
    here = scene
    assert len(here.victims) == 10 and here.accuracy(predicted(here.plain, here.victims)) == 1
    curve = list(room.accuracy_by_epsilon(here, here.plain).values())
    assert len(curve) == len(room.STRENGTHS) and curve[0] >= .7 > .4 > curve[-1]
    forest = room._forest(here)
    wrong = room.transfers(here, forest.sees)
    assert wrong["clean"] <= wrong["random 0.15"] <= .3 < wrong["FGSM 0.3"]
    found = room.worth(here, forest)
    assert found["broken"] == pytest.approx(1 - wrong["FGSM 0.3"], abs=.31) and found["refused"] == 0
    refusing = room.worth(here, room.Defended(lambda some: np.full(len(some), -1), None, *room.STRONGER))
    assert (refusing["right"], refusing["refused"], refusing["FGSM"], refusing["broken"]) == (0, 1, 1, 1)


def shortly(monkeypatch):
    """All attacks and defences with so few steps that they end at once; what they do is tested above."""
    for module, name, options in (
            (attacks, "lbfgs", dict(factors=(1.,), steps=2)), (attacks, "jsma", dict(most=4)),
            (attacks, "deepfool", dict(steps=2)), (attacks, "carlini_wagner", dict(steps=2)),
            (attacks, "train_attacker", dict(steps=2)), (attacks, "zoo", dict(steps=2)),
            (defences, "DefenseGAN", dict(restarts=1, steps=2)), (classifier, "network", dict(filters=4))):
        monkeypatch.setattr(module, name, partial(getattr(module, name), **options))
    monkeypatch.setattr(room, "NETS", dict(steps=30, rate=.01))
    monkeypatch.setitem(room.DEFENCES, "Defense-GAN", partial(room._defense_gan, steps=2))
    monkeypatch.setitem(room.DEFENCES, "MagNet", partial(room._magnet, epochs=1))


def test_the_runs_of_the_claims(monkeypatch, scene):
    """Each attack, each network, each defence is a run; those of a seed share the classifiers."""
    shortly(monkeypatch)
    monkeypatch.setattr(room, "scene", lambda seed: scene)
    runs = room.CLAIMS
    assert len(runs) == sum(map(len, (room.ATTACKS, room.LEARNERS, room.SEERS, room.DEFENCES)))
    found = {(claim, name): run(0) for claim, name, run in runs
             if name in ("FGSM", "plain", "forest, other half", "squeezing to one bit")}
    assert found["attacks", "FGSM"]["Linf"] <= room.EPSILON + 1e-6
    assert found["accuracy over epsilon", "plain"]["eps 0"] > found["accuracy over epsilon", "plain"]["eps 0.3"]
    assert list(found["transfer", "forest, other half"]) == ["clean", "random 0.15", "FGSM 0.15", "FGSM 0.3"]
    assert found["defences", "squeezing to one bit"]["breaker"] == "FGSM .3, plain network"
    assert scene.learner("plain") is scene.learner("plain")


def test_fewer_victims_than_wanted():
    """With --victims 1000 the 290 test digits that are right were attacked, without a word."""
    assert room.attacked(290, 1000) == "290 pictures are attacked, all that it has right, not 1000"
    assert room.attacked(40, 40) == "40 pictures are attacked"


@pytest.mark.thorough
def test_script(capsys, monkeypatch, tmp_path):
    """--quick attacks by all seven, draws the curves, measures the transfer and all seven defences; three pictures."""
    load = data.load
    monkeypatch.setattr(data, "load", lambda *arguments, **options: load("digits", most=300))
    shortly(monkeypatch)
    figures = room.main(["--quick", "--victims", "10", "--no-show", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert "% of the test pictures; 10 pictures are attacked\n" in out
    assert len(figures) == 3 and sorted(path.name for path in tmp_path.iterdir()) == [
        f"adversarial-{name}.png" for name in ("attacks", "defences", "epsilon")]
    for name in (*room.ATTACKS, *room.LEARNERS, *room.SEERS, *room.DEFENCES):
        assert f"\n{name}" in out, name
    assert len(room.ATTACKS) == 7 and len(room.DEFENCES) == 8, "seven, and none"


@pytest.mark.parametrize("call, message", [
    (lambda: adversarial.fgsm(linear, 2 * MIDDLE, [0], .1), r"pictures: expected .* in \[0, 1\], got .*1.2"),
    (lambda: adversarial.fgsm(linear, MIDDLE, [0], -.1), "epsilon: expected a finite number, zero or positive"),
    (lambda: adversarial.fgsm(linear, MIDDLE, [0, 1], .1), "labels: expected 1 class numbers"),
    (lambda: adversarial.lbfgs(linear, MIDDLE, [.5]), "targets: expected 1 class numbers 0, 1, ..., got float64"),
    (lambda: adversarial.deepfool(linear, MIDDLE * math.nan), "pictures: expected finite"),
    (lambda: adversarial.zoo(linear, MIDDLE, [-1]), "labels: expected 1 class numbers"),
    (lambda: adversarial.fewer_levels(MIDDLE, 0), "bits: expected a whole number of at least 1, got 0")])
def test_bad_arguments(call, message):
    """One sentence that names the argument, what was expected and what came."""
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_names():
    """`beyond.adversarial.NAME` finds each attack and defence."""
    assert callable(adversarial.fgsm) and callable(adversarial.MagNet)
    with pytest.raises(AttributeError, match="has no attribute 'pgd'"):
        adversarial.pgd  # noqa: B018
