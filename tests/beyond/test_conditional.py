"""CGAN, ACGAN, InfoGAN and SGAN: printed totals, steps against formulas, what they draw, what is measured of them."""

import math

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from beyond import infogan
from beyond.acgan import ACGAN, ACGAN_GenDiscr
from beyond.cgan import CGAN, CGAN_GenDiscr
from beyond.common.blocks import grow, shrink
from beyond.common.classes import one_row_a_class
from beyond.common.cross_entropy import class_entropy
from beyond.common.data import Pictures, signed
from beyond.common.measures import classes_asked_for
from beyond.infogan import InfoGAN, InfoGAN_GenDiscr
from beyond.sgan import (
    SGAN,
    RealAgainstFake,
    SGAN_GenDiscr,
    SGANAsListed,
    classes_without_label,
    few_labels,
    train_classifier,
)
from tests.helpers import difference, points, set_seeds
from tests.reference import Adam

LATENT, CLASSES, PIXELS, BATCH, COUNT = 2, 3, 6, 7, 17
LABELS = np.arange(COUNT) % CLASSES
layers = keras.layers


def parameters(network):
    """All parameters and those that are not trained."""
    return network.count_params(), sum(int(np.prod(v.shape)) for v in network.non_trainable_variables)


# ------------------------------------------------------------------ networks

@pytest.mark.parametrize("build, of_generator, of_discriminator", [
    (CGAN_GenDiscr, (629448, 256), (270641, 512)),
    (ACGAN_GenDiscr, (649377, 3712), (561675, 768)),
    (lambda: SGAN_GenDiscr(two_heads=True), (540097, 3712), (562316, 1024)),
    (SGAN_GenDiscr, (540097, 3712), (562316 - 129, 1024)),
    (InfoGAN_GenDiscr, (531425, 768), (428929 + 650, 640)),
], ids=["CGAN", "ACGAN", "SGAN, two heads", "SGAN", "InfoGAN"])
def test_totals(build, of_generator, of_discriminator):
    """The printed numbers of parameters, and how many of them are not trained."""
    generator, discriminator, _ = build()
    assert parameters(generator) == of_generator
    assert parameters(discriminator) == of_discriminator


def test_totals_of_D_and_Q():
    """InfoGAN's two answers, each as a network of its own, have the totals that are printed for D and for Q."""
    _, discriminator, _ = InfoGAN_GenDiscr()
    D, Q = (keras.Model(discriminator.input, output) for output in discriminator.outputs)
    assert parameters(D) == (428929, 640) and parameters(Q) == (429514, 640)


@pytest.mark.parametrize("build", [CGAN_GenDiscr, ACGAN_GenDiscr, InfoGAN_GenDiscr, SGAN_GenDiscr])
def test_shapes_and_ranges(build):
    """Latent vectors (and classes) become pictures in [-1, 1], which the discriminator takes; narrow ones too."""
    generator, discriminator, latent_generator = build(filters=8)
    z, classes = latent_generator(4), tf.one_hot([0, 3, 3, 9], 10)
    made = generator(z if build is SGAN_GenDiscr else [z, classes])
    assert made.shape == (4, 28, 28, 1) and float(tf.reduce_max(tf.abs(made))) <= 1
    values = discriminator([made, classes] if build is CGAN_GenDiscr else made)
    shapes = [tuple(value.shape) for value in (values if isinstance(values, (list, tuple)) else [values])]
    assert shapes == {CGAN_GenDiscr: [(4, 1)], ACGAN_GenDiscr: [(4, 1), (4, 10)], InfoGAN_GenDiscr: [(4, 1), (4, 10)],
                      SGAN_GenDiscr: [(4, 1), (4, 11), (4, 8)]}[build]


def test_blocks():
    """LeakyReLU of slope .2 before the normalisation, ReLU in the generator, .8 of the moving statistics kept."""
    for block, low in ((shrink, -.2), (grow, 0.)):
        inputs = keras.Input((3, 3, 1))
        network = keras.Model(inputs, block(inputs, 1, 1))
        network.layers[1].set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
        x = np.array([-1., 1.] * 9, "float32").reshape(2, 3, 3, 1)
        found = network(x).numpy()  # normalised with mean 0, variance 1
        assert found.min() == pytest.approx(low, abs=1e-3) and found.max() == pytest.approx(1, abs=1e-3)
        network(x, training=True)
        moving_mean = next(v for v in network.non_trainable_variables if "mean" in getattr(v, "path", v.name))
        assert float(moving_mean[0]) == pytest.approx(.2 * (1 + low) / 2)


@pytest.mark.parametrize("build", [ACGAN_GenDiscr, InfoGAN_GenDiscr, SGAN_GenDiscr])
def test_why_real_and_fake_pictures_are_one_batch(build):
    """These discriminators give every batch the same mean answer, whatever it shows: two batches tell them nothing."""
    set_seeds(3)
    _, discriminator, _ = build(filters=8)
    means = [float(tf.reduce_mean(discriminator(pictures, training=True)[1][:, 0]))
             for pictures in (points(20, 28, 28, 1), np.ones((20, 28, 28, 1)) * points(20, 1, 1, 1))]
    assert means[0] == pytest.approx(means[1], abs=1e-5)
    apart = discriminator(np.concatenate([points(20, 28, 28, 1), np.ones((20, 28, 28, 1))]), training=True)[1].numpy()
    assert abs(apart[:20, 0].mean() - apart[20:, 0].mean()) > .01


# -------------------------------------------------------- steps by hand

def generator_of(classes):
    """One dense layer from the latent vector, and the class if there are any, to pictures of 3 x 2."""
    z, one_hot = keras.Input((LATENT,)), keras.Input((CLASSES,))
    x = layers.Dense(PIXELS, activation="tanh")(layers.Concatenate()([z, one_hot]) if classes else z)
    return keras.Model([z, one_hot] if classes else z, layers.Reshape((3, 2, 1))(x))


def discriminator_of(name, first=layers.Flatten):
    """Two dense layers from pictures (and the class) to what the discriminator of that system answers."""
    pictures, one_hot = keras.Input((3, 2, 1)), keras.Input((CLASSES,))
    x = first()(pictures)
    x = layers.Dense(5, activation="tanh")(layers.Concatenate()([x, one_hot]) if name == "CGAN" else x)
    if name == "CGAN":
        return keras.Model([pictures, one_hot], layers.Dense(1)(x))
    if name.startswith("SGAN"):
        values = layers.Dense(CLASSES + 1)(x)
        return keras.Model(pictures, [RealAgainstFake()(values), values, x])
    return keras.Model(pictures, [layers.Dense(1)(x), layers.Dense(CLASSES)(x)])


KNOWN = np.where(np.arange(COUNT) % 4 == 0, LABELS, -1)  # what an SGAN knows: 5 labels of 17
SYSTEMS = {
    "CGAN": (CGAN, dict(labels=LABELS, classes=CLASSES)),
    "ACGAN": (ACGAN, dict(labels=LABELS, classes=CLASSES, class_weight=1.)),
    "ACGAN, weight .3": (ACGAN, dict(labels=LABELS, classes=CLASSES, class_weight=.3)),
    "InfoGAN": (InfoGAN, dict(codes=CLASSES)),
    "InfoGAN, weight .3": (InfoGAN, dict(codes=CLASSES, info_weight=.3)),
    "SGAN": (SGAN, dict(labels=KNOWN)),
    "SGAN, as listed": (SGANAsListed, dict(labels=KNOWN, class_weight=.3)),
}


def build(name, **options):
    """A small GAN of that kind with weights that are not small."""
    set_seeds(3)
    chosen_type, settings = SYSTEMS[name]
    networks = generator_of(not name.startswith("SGAN")), discriminator_of(name)
    stream = np.random.default_rng(5)
    for network in networks:
        network.set_weights([w + .5 * stream.normal(size=w.shape) for w in network.get_weights()])
    return chosen_type(*networks, lambda k: tf.random.normal((k, LATENT)), signed(points(COUNT, 3, 2, 1)),
                       batch_size=BATCH, **{**settings, **options})


class Reference:
    """A step of all four systems in float64: matrices and formulas, with the draws given."""

    def __init__(self, name, G, rate):
        self.name, self.real = name, np.asarray(G.real_examples, "float64").reshape(COUNT, PIXELS)
        self.g = [w.astype("float64") for w in G.generator.get_weights()]
        self.d = sorted((w.astype("float64") for w in G.discriminator.get_weights()[2:]), key=self._order)
        self.d = [w.astype("float64") for w in G.discriminator.get_weights()[:2]] + self.d
        self.adam_g, self.adam_d = Adam(rate, .5, .999), Adam(rate, .5, .999)
        self.weight = SYSTEMS[name][1].get("class_weight", SYSTEMS[name][1].get("info_weight", 1.))

    @staticmethod
    def _order(array):
        """Kernels and biases of the last layers: that with one value first."""
        return array.shape[-1], -array.ndim

    def make(self, g, latent, one_hot=None):
        x = latent if one_hot is None else np.concatenate([latent, one_hot], axis=1)
        return tf.tanh(x @ g[0] + g[1])

    def judge(self, d, x, one_hot=None):
        """The answers: logit of real, logits of classes, features."""
        h = tf.tanh((x if one_hot is None else tf.concat([x, one_hot], axis=1)) @ d[0] + d[1])
        if self.name.startswith("SGAN"):
            p = tf.nn.softmax(h @ d[2] + d[3])
            return tf.math.log((1 - p[:, -1:]) / p[:, -1:]), p, h
        return h @ d[2] + d[3], (tf.nn.softmax(h @ d[4] + d[5]) if len(d) > 4 else None), h

    @staticmethod
    def of_class(p, numbers):
        return -tf.reduce_mean(tf.math.log(tf.boolean_mask(p, np.eye(p.shape[1])[numbers] > 0)))

    def train_step(self, draws):
        draws, labelled = iter(draws), self.name.startswith(("CGAN", "ACGAN"))
        sgan, with_classes = self.name.startswith("SGAN"), not self.name.startswith("SGAN")
        eye = np.eye(CLASSES)
        real_indices = next(draws)
        if sgan:
            known = np.flatnonzero(KNOWN >= 0)[next(draws)]
        asked = next(draws) if with_classes else None
        fake = self.make(self.g, np.float64(next(draws)), eye[asked] if with_classes else None)
        d = [tf.constant(w) for w in self.d]
        with tf.GradientTape() as tape:
            tape.watch(d)
            condition = (lambda numbers: eye[numbers]) if self.name == "CGAN" else (lambda numbers: None)
            real_answer = self.judge(d, self.real[real_indices], condition(LABELS[real_indices]))
            fake_answer = self.judge(d, fake, condition(asked))
            loss = -tf.reduce_mean(tf.math.log(tf.sigmoid(real_answer[0]))
                                   + tf.math.log(1 - tf.sigmoid(fake_answer[0]))) / 2
            class_loss = 0.
            if labelled and self.name != "CGAN":
                class_loss = (self.of_class(real_answer[1], LABELS[real_indices])
                              + self.of_class(fake_answer[1], asked)) / 2
            elif self.name == "SGAN":
                p = self.judge(d, self.real[known])[1][:, :-1]
                class_loss = self.of_class(p / tf.reduce_sum(p, axis=1, keepdims=True), KNOWN[known])
            elif sgan:
                class_loss = (self.of_class(self.judge(d, self.real[known])[1], KNOWN[known])
                              + self.of_class(fake_answer[1], np.full(BATCH, CLASSES))) / 2
            elif with_classes and not labelled:
                class_loss = self.of_class(fake_answer[1], asked)
            minimised = loss + self.weight * class_loss
        self.d = self.adam_d.new_weights(self.d, [x.numpy() for x in tape.gradient(minimised, d)])
        right = (np.sum(real_answer[0] > 0) + np.sum(fake_answer[0] <= 0)) / (2 * BATCH)
        found = {"discr_loss": float(loss), "accuracy": right}

        asked = next(draws) if with_classes else None
        latent, g = np.float64(next(draws)), [tf.constant(w) for w in self.g]
        with tf.GradientTape() as tape:
            tape.watch(g)
            fake = self.make(g, latent, eye[asked] if with_classes else None)
            answer = self.judge(self.d, fake, condition(asked))
            gen_loss = -tf.reduce_mean(tf.math.log(tf.sigmoid(answer[0])))
            if self.name == "SGAN":
                gen_loss = tf.reduce_sum((tf.reduce_mean(self.judge(self.d, self.real[real_indices])[2], axis=0)
                                          - tf.reduce_mean(answer[2], axis=0)) ** 2)
            minimised = gen_loss
            if with_classes and self.name != "CGAN":
                class_loss = self.of_class(answer[1], asked)
                minimised = gen_loss + self.weight * class_loss
        self.g = self.adam_g.new_weights(self.g, [x.numpy() for x in tape.gradient(minimised, g)])
        if self.name != "CGAN":
            found["info_loss" if self.name.startswith("Info") else "class_loss"] = float(class_loss)
        return {**found, "gen_loss": float(gen_loss)}


def draws_of_a_step(name, stream):
    """What a step draws, in order."""
    def indices(most):
        return stream.integers(0, most, BATCH)

    def latent():
        return stream.normal(size=(BATCH, LATENT)).astype("float32")

    if name.startswith("SGAN"):
        return [stream.permutation(COUNT)[:BATCH], indices(np.sum(KNOWN >= 0)), latent(), latent()]
    return [indices(COUNT), indices(CLASSES), latent(), indices(CLASSES), latent()]


@pytest.mark.parametrize("name", SYSTEMS)
def test_two_steps_agree_with_the_reference(name):
    """On the same draws, two training steps give the losses and the weights that the formulas give."""
    G = build(name, learning_rate=.02)
    reference, stream = Reference(name, G, .02), np.random.default_rng(11)
    for _ in range(2):
        draws = draws_of_a_step(name, stream)
        values = iter(draws)
        G.drawn = lambda draw, values=values: tf.constant(next(values))
        found, wanted = G.train_step(None), reference.train_step(draws)
        assert next(values, None) is None, "fewer draws than the reference"
        assert set(found) == set(wanted)
        for loss in wanted:
            assert float(found[loss]) == pytest.approx(wanted[loss], abs=5e-6), loss
    assert difference(G.generator.get_weights(), reference.g) < 1e-5
    arrays = G.discriminator.get_weights()
    assert difference(arrays[:2] + sorted(arrays[2:], key=Reference._order), reference.d) < 1e-5


@pytest.mark.parametrize("name", ["CGAN", "ACGAN", "InfoGAN", "SGAN"])
def test_batches_of_the_discriminator(name):
    """In both players' steps it gets real and fake pictures as one batch, real ones first, in training mode; only
    CGAN's gets a batch each."""
    seen = []

    class Spy(layers.Layer):
        def call(self, pictures, training=False):
            if tf.executing_eagerly():
                seen.append((training, pictures.numpy()))
            return tf.reshape(pictures, (-1, PIXELS))

    G = SYSTEMS[name][0](generator_of(name != "SGAN"), discriminator_of(name, Spy), lambda k: tf.random.normal((k, 2)),
                         signed(points(COUNT, 3, 2, 1)), batch_size=BATCH, **SYSTEMS[name][1])
    seen.clear()
    G.train_step(None)
    real = {picture.tobytes() for picture in np.asarray(G.real_examples)}
    wanted = np.repeat([True, True, False] if name == "SGAN" else [True, False], BATCH).tolist()
    wanted = [[True] * BATCH, [False] * BATCH, [False] * BATCH] if name == "CGAN" else [wanted, wanted]
    assert all(training for training, _ in seen)
    assert [[picture.tobytes() in real for picture in batch] for _, batch in seen] == wanted


@pytest.mark.parametrize("name", ["CGAN", "ACGAN", "InfoGAN", "SGAN"])
def test_fit_trains_and_records(name):
    """`fit` makes the steps asked for, in one call of TensorFlow or one by one alike."""
    found = []
    for steps_per_execution in (1, 4):
        G = build(name)
        G.compile(steps_per_execution=steps_per_execution)
        history = G.fit(epochs=2, steps_per_epoch=4, verbose=0).history
        assert int(G.generator.optimizer.iterations) == 8
        assert all(len(values) == 2 and np.all(np.isfinite(values)) for values in history.values())
        found.append(G.generator.get_weights() + G.discriminator.get_weights())
    assert difference(*found) < 1e-5


# ----------------------------------------------------------- losses, samples

def test_losses_of_answers_that_say_nothing():
    """A discriminator that answers 0 everywhere: log 2 for real or fake, log 10 for ten classes."""
    G = ACGAN(*ACGAN_GenDiscr(filters=4), signed(points(5, 28, 28, 1)), np.arange(5), batch_size=5)
    for layer in G.discriminator.layers[-2:]:
        layer.set_weights([0 * w for w in layer.get_weights()])
    losses = G.train_step(None)
    assert float(losses["discr_loss"]) == pytest.approx(math.log(2))
    assert float(class_entropy(tf.one_hot([1, 2], 10), tf.zeros((2, 10)))) == pytest.approx(math.log(10))


def test_real_against_fake_is_one_minus_the_probability_of_fake():
    """The sigmoid of what the layer gives is the probability of all classes but the last, extreme values too."""
    values = np.array([[1., -2, .5, .3], [80, 0, 0, -80], [-80, 0, 0, 300]], "float32")
    found = RealAgainstFake()(tf.constant(values)).numpy()
    assert 1 / (1 + np.exp(-found[0, 0])) == pytest.approx(1 - np.exp(.3) / np.exp(values[0]).sum(), abs=1e-6)
    assert found[1:, 0].tolist() == pytest.approx([160, -300 + math.log(2)], abs=1e-3)


def test_labelled_samples_keep_their_classes():
    """Every real example of a sample stands beside its own class, all examples occur, no fake's class is special."""
    G = build("CGAN")
    set_seeds(1)
    sample, classes = G.get_labelled_sample(2000)
    real = np.asarray(G.real_examples)
    index = np.argmin(np.abs(sample.numpy()[:, None] - real[None]).sum(axis=(2, 3, 4)), axis=1)
    assert np.array_equal(np.argmax(classes, axis=1), LABELS[index])
    assert set(index) == set(range(COUNT))
    _, asked = G.get_fake_sample_of_classes(3000)
    assert np.asarray(asked).mean(axis=0) == pytest.approx([1 / 3] * 3, abs=.05)


def test_an_SGAN_sees_the_classes_of_labelled_examples_only():
    """Its labelled sample holds examples whose class is known, with that class."""
    G = build("SGAN")
    set_seeds(1)
    G.batch_size = 500
    sample, labels = G.get_labelled_sample()
    index = np.argmin(np.abs(sample.numpy()[:, None] - np.asarray(G.real_examples)[None]).sum(axis=(2, 3, 4)), axis=1)
    assert set(index) == set(np.flatnonzero(KNOWN >= 0))
    assert np.array_equal(labels, KNOWN[index])


def test_pictures_of_classes():
    """As many pictures as classes asked for; another class, another picture; more than one batch."""
    G = build("ACGAN")
    z = np.tile(np.float32([[.3, -.4]]), (1203, 1))
    made = G.pictures_of(np.arange(1203) % 3, z)
    assert made.shape == (1203, 3, 2, 1)
    assert difference([made[0]], [made[1200]]) < 1e-6 < .01 < difference([made[0]], [made[1]])
    direct = G.generator([z[:3], np.eye(3, dtype="float32")])
    assert difference([made[:3]], [direct]) < 1e-6
    assert one_row_a_class(3, 2).tolist() == [0, 0, 1, 1, 2, 2]


def test_few_labels():
    """So many labels are kept, as evenly over the classes as can be, and all others are unknown."""
    labels = np.random.default_rng(0).integers(0, 10, 300)
    for count in (10, 25, 100):
        known = few_labels(labels, count)
        assert np.sum(known >= 0) == count and np.all((known == labels) | (known == -1))
        each = np.bincount(known[known >= 0], minlength=10)
        assert each.max() - each.min() <= 1


def test_classes_without_a_label():
    """With fewer labels than classes some have none: half of the digits were never named, and nothing said why."""
    pictures = Pictures("", np.zeros((6, 1)), np.zeros((0, 1)), np.array([2, 0, 0, 2, 1, 2]), None, ("a", "b", "c"))
    assert [classes_without_label(pictures, count) for count in (1, 2, 3, 6)] == [["a", "b"], ["b"], [], []]


def test_the_classifier_alone_learns_its_labels():
    """Trained on labelled pictures only, it knows them afterwards; one step is Adam's on their cross-entropy."""
    set_seeds(0)
    network, labels = discriminator_of("SGAN"), np.arange(12) % CLASSES
    pictures = signed(np.eye(CLASSES, PIXELS, dtype="float32")[labels].reshape(-1, 3, 2, 1))
    before = network.get_weights()
    train_classifier(network, pictures, labels, steps=1, batch_size=12, learning_rate=.01)
    theta = [tf.constant(w.astype("float64")) for w in before]
    with tf.GradientTape() as tape:
        tape.watch(theta)
        h = tf.tanh(pictures.reshape(12, PIXELS).astype("float64") @ theta[0] + theta[1])
        loss = Reference.of_class(tf.nn.softmax((h @ theta[2] + theta[3])[:, :-1]), labels)
    wanted = Adam(.01, .5, .999).new_weights([w.numpy() for w in theta],
                                             [g.numpy() for g in tape.gradient(loss, theta)])
    assert difference(network.get_weights(), wanted) < 1e-5
    train_classifier(network, pictures, labels, steps=150, batch_size=6, learning_rate=.02)
    G = build("SGAN")
    G.discriminator.set_weights(network.get_weights())
    assert np.array_equal(G.classify(pictures), labels)


# ------------------------------------------------------------------ measures

class Fixed:
    """A GAN that shows pictures of given classes: stripes, one row lit."""

    classes = CLASSES

    def __init__(self, shown):
        self.shown = np.asarray(shown)

    def pictures_of(self, numbers):
        return signed(stripes(self.shown[np.asarray(numbers)]))

    information = InfoGAN.information


def stripes(numbers):
    lit = np.asarray(numbers)[:, None, None, None] == np.arange(3)[:, None, None]  # (n, 3, 1, 1)
    return lit + .1 * points(len(lit), 3, 2, 1)


DATA = Pictures("stripes", stripes(LABELS), stripes(LABELS), LABELS, LABELS, tuple("abc"))


def test_measures_of_asked_classes():
    """A GAN that obeys has class accuracy 1, one that always makes the same class 1/3."""
    obeys, same = (classes_asked_for(Fixed(shown), DATA, each=30) for shown in ([0, 1, 2], [1, 1, 1]))
    assert obeys["class_accuracy"] == obeys["real_accuracy"] == 1 and .5 < obeys["spread"] < 2
    assert same["class_accuracy"] == pytest.approx(1 / 3)


def test_measures_of_codes():
    """Codes that are classes in another order: pure, log 3 of information. All codes alike: none."""
    other_order = infogan.results_of(Fixed([2, 0, 1]), DATA, [.3, .5])
    assert other_order["purity"] == 1 and other_order["classes"] == 3
    assert other_order["code_class_information"] == pytest.approx(math.log(3))
    assert other_order["information_bound"] == pytest.approx(math.log(3) - .4)
    alike = infogan.results_of(Fixed([1, 1, 1]), DATA, [math.log(3)])
    assert (alike["classes"], alike["code_class_information"], alike["information_bound"]) == pytest.approx((1, 0, 0))


# ----------------------------------------------------------------- bad input

@pytest.mark.parametrize("name, options, error, word", [
    ("CGAN", dict(labels=LABELS[:-1]), ValueError, "labels"), ("CGAN", dict(labels=LABELS + 1), ValueError, "0 to 2"),
    ("CGAN", dict(labels=LABELS / 2), ValueError, "whole numbers"), ("CGAN", dict(classes=0), ValueError, "classes"),
    ("CGAN", dict(classes=4), ValueError, "generator"), ("ACGAN", dict(class_weight=-1), ValueError, "class_weight"),
    ("InfoGAN", dict(info_weight="x"), TypeError, "info_weight"),
    ("SGAN", dict(labels=np.full(COUNT, -1)), ValueError, "labels"),
    ("SGAN", dict(labels=np.full(COUNT, 3)), ValueError, "-1 to 2, got 3 to 3"),
    ("SGAN", dict(labels=np.full(COUNT, -2)), ValueError, "-1 to 2, got -2"),
    ("SGAN", dict(labels=LABELS / 2), ValueError, "whole numbers"),
    ("SGAN", dict(labels=LABELS[:4]), ValueError, "labels")])
def test_bad_input(name, options, error, word):
    """An argument of the wrong kind, value or shape is named."""
    with pytest.raises(error, match=word):
        build(name, **options)
