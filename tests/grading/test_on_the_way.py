"""What is done between tape and optimizer, second samples of one update, and layers that the task does not have."""

import warnings

import numpy as np
import pytest
import tensorflow as tf

from tests.checker import effects, inputs, reference, reference_networks
from tests.checker.judges import interpolation, losses, networks, penalty, seldom
from tests.checker.records import arrays, fakes
from tests.checker.worker import unlike

layers = tf.keras.layers


def updates(change, count=3):
    """Updates of a discriminator whose tape gave right gradients, which `change` has altered; and the right ones."""
    rng, found = np.random.default_rng(3), []
    before = [np.zeros((4, 5)), np.zeros(5), np.zeros((5, 1)), np.zeros(1)]
    right = [rng.normal(size=w.shape) for w in before]
    for _ in range(count):
        given = [change(g, rng) for g in right]
        names = [["discriminator", i] for i in range(4)]
        found.append({"before": {"discriminator": before}, "variables": names, "gradients": given, "taped": right})
    return found, right


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda g, rng: g + 0.01 * rng.normal(size=g.shape), "other ones. Is it noise"),
        (lambda g, rng: g * (rng.random(g.shape) > 0.3), "other ones. Is it noise"),
        (np.vectorize(lambda g, rng: g**3), "by up to"),
        (lambda g, rng: g - g.mean(), "by up to"),
    ],
)
def test_gradients_that_are_changed_on_the_way_are_told(change, words):
    """Noise on right gradients was told as a percentage; what the tape gave shows that the loss is right."""
    found, right = updates(change)
    assert words in seldom.changed_on_the_way(found[0], found, right, "discriminator")
    alone = seldom.changed_on_the_way(found[0], found[:1], right, "discriminator")
    assert "must have them as the tape gives them" in alone
    wrong = [2 * g for g in right]
    assert seldom.changed_on_the_way(found[0], found, wrong, "discriminator") is None
    del found[0]["taped"]
    assert seldom.changed_on_the_way(found[0], found, right, "discriminator") is None


def test_what_is_wrong_in_a_later_update_is_told():
    """A moving mean of gradients is the gradient itself in the first update, and had full marks."""
    right = [np.array([[1.0, 2.0]]), np.array([0.5])]
    other = [np.array([[1.0, -2.0]]), np.array([0.5])]
    update = {"before": {"discriminator": right}, "variables": [["discriminator", 0], ["discriminator", 1]]}
    changed = {**update, "gradients": other, "taped": right}
    plain = {**update, "gradients": right}

    def told(found, *updates):
        cases = [(lambda loss: right, right), (lambda loss: right, found)]
        return seldom.changes_later(cases, updates, None, "discriminator")

    assert told(right, plain, plain) is None
    assert "from the tape to the optimizer, in other updates than the first, by up to 4" in told(other, plain, changed)
    assert "in a later one that of something else" in told(other, plain, plain)
    assert seldom.added_on_the_way({**changed, "gradients": [None, right[1]]}, "discriminator") == 0


def test_means_of_two_fakes_are_told_from_fakes():
    """Each probe gave the same vectors in the same order again: the mean of two samples was the sample."""
    with inputs.use(effects.key(1, 0)):
        fake = fakes(arrays(inputs.generator_weights()))
        assert seldom.means_of_two_fakes((fake + np.roll(fake, 1, axis=0)) / 2, fake)
        assert not seldom.means_of_two_fakes(fake, fake)
        assert not seldom.means_of_two_fakes(fake + 0.1, fake)


def test_an_interpolation_with_a_second_sample_of_fakes_is_known():
    """Who draws fakes for the interpolation alone has the same fakes in another order; u is seen all the same."""
    with inputs.use(effects.key(1, 2)):
        real, fake = inputs.examples(), fakes(arrays(inputs.generator_weights()))
        u = inputs.table("u", inputs.BATCH, 1, low=0.05, high=0.95)
        for places in (0, 1, 2):
            made = u * real + (1 - u) * np.roll(fake, places, axis=0)
            shares, mixed = penalty.shares_of_rows(made, real, fake)
            assert mixed and np.nanmax(np.abs(shares - (1 - u))) < 1e-3
        assert not penalty.shares_of_rows(3 * real - fake**2, real, fake)[1]


def test_what_cannot_be_known_is_no_warning():
    """NumPy's "Degrees of freedom <= 0" stood among the lines of a grading."""
    shares = np.full((2, 3, 4), np.nan)
    shares[0, 0] = [0.2, 0.2, np.nan, 0.2]
    shares[1, :, 1:3] = [[0.1, 0.3], [0.5, 0.5], [0.7, 0.8]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        means, spreads = penalty.means_and_spreads(shares)
        assert interpolation.wrong_weights(shares, few=True)
        assert not penalty.shares_of_rows(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3)))[1]
    np.testing.assert_allclose(means, [[0.2, np.nan, np.nan], [0.2, 0.5, 0.75]])
    np.testing.assert_allclose(spreads, [[0, np.nan, np.nan], [0.1, 0, 0.05]], atol=1e-12)


@pytest.mark.parametrize("share", [-1.0, 0.5])
def test_what_is_changed_before_flatten_is_told(share):
    """Minus the values before the last layer swap real and fake, and were told as numbers of another slope."""
    rng = np.random.default_rng(5)
    wanted, bias = rng.normal(size=30), 0.3
    said = networks.of_the_flattened(bias + share * wanted, bias + wanted, bias)
    assert f"is {share:g} times" in said and ("real for fake" in said) == (share == -1)
    assert networks.of_the_flattened(bias + wanted, bias + wanted, bias) is None
    assert networks.of_the_flattened(bias + wanted**2, bias + wanted, bias) is None


def test_residual_connections_are_those_of_keras():
    """An addition has no weights, so that only the values show it."""
    with inputs.use(effects.key(1, 3)):
        known = inputs.stored_weights("discriminator")
        x = inputs.table("faces", 2, 16, 16, 1)
        given = h = tf.keras.Input((16, 16, 1))
        for place, filters in enumerate((32, 64, 128, 256)):
            h = layers.MaxPooling2D()(layers.Conv2D(filters, 3, padding="same")(h))
            made = layers.Activation("tanh")(h)
            h = layers.Add()([h, made]) if place == 1 else made
        network = tf.keras.Model(given, layers.Dense(1, activation="tanh")(layers.Flatten()(h)))
        network.set_weights(known)
        options = reference_networks.other_layers(1)
        sentence = next(one for one in options if "second block that of its pooling is added" in one)
        found = reference_networks.discriminator_of_task_3(known, x, **options[sentence])
        assert reference.close([np.asarray(network(x))], [found])


def test_a_loss_without_signs_is_told_where_a_sign_changes():
    """Where all scores are positive mean |D| is mean D: more updates than the first one show the difference."""
    signless = reference.WITHOUT_SIGNS["means"]["is of the sizes of D(real) and D(fake), without their signs"]
    right = reference.DISCRIMINATOR_LOSSES["means"]["right"]
    rng = np.random.default_rng(11)

    def case(shift, loss):
        given = [shift + rng.normal(size=(9, 2)), shift + rng.normal(size=(9, 2))]

        def gradient(loss):
            return reference.gradient_at_once(lambda w: loss(*(x @ w[0] for x in given)), [np.ones((2, 1))])

        return gradient, gradient(loss)

    one_sign, both_signs = case(9.0, signless), case(0.0, signless)
    assert losses.fits_all(right, [one_sign]) and not losses.fits_all(right, [one_sign, both_signs])
    assert losses.fits_all(signless, [one_sign, both_signs])
    assert not losses.fits_all(lambda x, y: 0 * reference.mean(x), [case(0.0, lambda x, y: 0 * reference.mean(x))])


@pytest.mark.parametrize(
    "one, other, far",
    [(len, [1.0], True), (len, print, False), (3, 4, True), (3, 3.0, False), (None, 3, False), ([1, 2], [3, 4], False)],
)
def test_attributes_of_two_arguments_are_unlike(one, other, far):
    """The main scripts give arguments by their places: an object made so must be the one that is made by names."""
    assert unlike(one, other) == far
