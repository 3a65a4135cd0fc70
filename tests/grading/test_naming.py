"""How losses, penalties and activations that nobody foresaw are named: by numbers alone, no solution is run."""

import numpy as np
import pytest
import tensorflow as tf

from tests.checker import effects, inputs, reference, reference_networks
from tests.checker.judges import adam, critic, losses, penalty
from tests.checker.records import arrays, fakes

SEEDS = (1, 2, 3)
TASKS = (0, 1)


@pytest.fixture(
    params=[(seed, task) for seed in SEEDS for task in TASKS], ids=lambda one: "seed {} task {}".format(*one)
)
def task(request):
    """A task, whose inputs are in force."""
    seed, task = request.param
    with inputs.use(effects.key(seed, task)):
        yield task


def slope_of(loss):
    """The gradient of a loss of D(real) and D(fake), as found in the first update of the discriminator; taken as the
    judges take it, for all weights at once."""
    weights = arrays(inputs.discriminator_weights())
    real, fake = inputs.examples(), fakes(arrays(inputs.generator_weights()))
    return reference.gradient_at_once(lambda w: loss(reference.scores(w, real), reference.scores(w, fake)), weights)


def named(task, loss):
    """What is said of a discriminator that is moved by a loss that is not among the usual ones."""
    family, found = reference.FAMILY[task], slope_of(loss)
    right = slope_of(reference.DISCRIMINATOR_LOSSES[family]["right"])
    return (
        losses.multiple(found, right, "discriminator")
        or losses.rarer("discriminator", (slope_of, found))
        or losses.with_other_targets(family, (slope_of, found))
    )


def test_a_rarer_loss_is_told_by_its_name(task):
    """Huber's loss was told as targets "from -29.3 to 37.36": as many targets as examples explain any gradient."""
    for name in ("is Huber's loss", "is the logarithm of the hyperbolic cosine (LogCosh)", "takes fourth powers",
                 "multiplies the errors on real examples and on fakes"):  # fmt: skip
        assert name in named(task, reference.RARER_DISCRIMINATOR_LOSSES[name])


def test_a_loss_times_a_number_is_told_with_the_number(task):
    """Whoever multiplies the gradient by the learning rate was told a percentage."""
    right = reference.DISCRIMINATOR_LOSSES[reference.FAMILY[task]]["right"]
    for share, words in ((inputs.RATE, "learning_rate"), (1 / inputs.DISC_ITER, "1 / disc_iter"), (0.37, "0.37")):
        assert f"times {words}" in named(task, lambda x, y, share=share: share * right(x, y))
    assert losses.multiple(slope_of(lambda x, y: right(x, y) + reference.mean(x)), slope_of(right), "generator") is None


def test_targets_of_any_size_are_told(task):
    """Squared errors in place of means, with the targets of whoever wrote them: both numbers are told."""
    said = named(task, lambda x, y: reference.squared(x, 0.8) + reference.squared(y, -0.3))
    assert "0.8 as the target of real" in said and "-0.3 as that of fakes" in said
    said = named(task, lambda x, y: reference.cross_entropy(reference.sigmoid(x), 0.9)
                 + reference.cross_entropy(reference.sigmoid(y), 0.1))  # fmt: skip
    assert "cross-entropy of logits, with the target 0.9" in said and "0.1 for fakes" in said


def test_targets_that_differ_from_example_to_example_are_told():
    """Smoothing with noise: a target for each example, found where there are more weights than examples."""
    for seed in range(40):
        with inputs.use(effects.key(seed, 0)):
            if inputs.BATCH > sum(w.size for w in inputs.discriminator_weights()) - 8:
                continue
            noise = np.linspace(0.7, 1.2, inputs.BATCH)[:, None]
            said = named(0, lambda x, y, noise=noise: reference.mean((x - noise) ** 2) + reference.squared(y, -1))
            assert "differ from example to example, from 0.7 to 1.2" in said
            return
    raise AssertionError("no seed with so few examples")


def test_a_term_more_in_a_loss_beside_a_penalty_is_told():
    """The drift term of ProGAN, .001 times the mean square of D(real), had full marks beside lambda_gp times 10."""
    with inputs.use(effects.key(1, 2)):
        plain = critic.loss_gradient(reference.DISCRIMINATOR_LOSSES["means"]["right"])
        terms = critic.terms_of_the_critic()
        found = [g + 0.01 * t for g, t in zip(plain, terms["the mean square of D(real)"])]
        said = losses.one_term_more(found, plain, terms, "discriminator")
        assert "0.01 times the mean square of D(real)" in said


def test_parts_of_other_weights_are_told():
    """mean D(fake) - mean D(real) with a weight for each of them."""
    with inputs.use(effects.key(1, 1)):
        said = named(1, lambda x, y: 2 * reference.mean(y) - 0.5 * reference.mean(x))
    assert "counts mean D(fake) 2 times and -mean D(real) 0.5 times" in said


def test_a_term_more_is_told_with_its_share():
    """Weights that are kept small, a drift term, a penalty in task 0 or 1: "differs by 3 %" leads nowhere."""
    for number, task in ((1, 0), (2, 1)):
        with inputs.use(effects.key(number, task)):
            weights, right = arrays(inputs.discriminator_weights()), reference.DISCRIMINATOR_LOSSES
            found = slope_of(right[reference.FAMILY[task]]["right"])
            start = {"discriminator": weights, "generator": arrays(inputs.generator_weights())}
            terms = losses.terms_of_the_discriminator({"before": start}, inputs.examples())
            for name, term in terms.items():
                moved = [g + 0.02 * t for g, t in zip(found, term)]
                said = losses.one_term_more(moved, found, terms, "discriminator")
                assert f"0.02 times {name}" in said
            assert losses.one_term_more([1.1 * g for g in found], found, terms, "discriminator") is None


def test_a_learning_rate_that_changes_is_told_with_its_values():
    """A schedule, or a line that multiplies the rate: each update has a rate of its own with which Adam makes it."""
    rng, weights, starts, gradients, ends = np.random.default_rng(3), np.zeros(5), [], [], []
    for rate in (0.1, 0.05, 0.05, 0.02):
        starts.append(weights)
        gradients.append(rng.normal(size=5))
        moved = list(reference.adam(starts, gradients, rate, 0.5, 0.9))[-1]
        weights = weights + (moved - weights)
        ends.append(weights)
    assert adam.changing_rates(starts, gradients, ends, (0.5, 0.9)) == pytest.approx([0.1, 0.05, 0.05, 0.02])
    assert adam.changing_rates(starts, gradients, ends, (0.9, 0.999)) is None
    same = list(reference.adam(starts, gradients, 0.03, 0.5, 0.9))
    assert adam.changing_rates(starts, gradients, same, (0.5, 0.9)) is None


def test_the_generators_own_loss_is_told():
    """Feature matching: the distance of the means, which never asks the discriminator."""
    with inputs.use(effects.key(1, 0)):
        weights, critic = arrays(inputs.generator_weights()), arrays(inputs.discriminator_weights())
        terms = losses.terms_of_the_generator(weights, critic)
        for name in ("the distance of the means of real examples and fakes", "the variance of the fakes"):
            assert f"3 times {name}" in losses.another_term([3 * g for g in terms[name]], terms)
        assert losses.another_term([np.ones_like(w) for w in weights], terms) is None


def test_a_number_under_the_root_is_told():
    """A root of a sum and .1 was "the penalty is .5174, expected .4761"."""
    with inputs.use(effects.key(1, 2)):
        linear = np.tile(arrays(inputs.linear_critic((inputs.DIM,), inputs.SLOPE))[0].T, (inputs.BATCH, 1))
        other = reference.slopes(arrays(inputs.discriminator_weights(inputs.PENALTY_SIZE)), inputs.examples())

    def value(g, more, power=2):
        return float(np.mean(np.abs(np.sqrt(reference.norms(g) ** 2 + more) - 1) ** power))

    assert "0.1 under the root" in penalty.under_the_root([(value(g, 0.1), g) for g in (linear, other)])
    assert penalty.under_the_root([(value(g, 0.1, 3), g) for g in (linear, other)]) is None


def test_rarer_activations_are_those_of_keras():
    """A name is told by what the function gives: so the functions must be Keras's."""
    x = np.linspace(-7, 7, 57).astype("float32")
    for name in ("softsign", "softplus", "gelu", "selu", "swish", "relu6", "mish"):
        function = getattr(tf.keras.activations, name, None) or getattr(tf.nn, name, None)
        if function:  # Keras 2 has no mish
            ours = reference_networks.ACTIVATIONS[name](x.astype("float64"))
            np.testing.assert_allclose(ours, function(x), atol=1e-5)
    sigmoids = [name for name in reference_networks.RARER_ACTIVATIONS if "hard sigmoid" in name]
    hard = tf.keras.activations.hard_sigmoid(tf.constant(x))
    assert any(np.allclose(reference_networks.ACTIVATIONS[name](x), hard, atol=1e-5) for name in sigmoids)


@pytest.mark.parametrize("which", [0, 1])
def test_a_rarer_activation_is_told_by_its_place(which):
    """softsign in place of tanh was "compare activations, their places, padding and pooling"."""
    for sentence, wrong in reference_networks.rarer_mistakes(which).items():
        assert "instead of tanh" in sentence or "in place of tanh" in sentence
        for value in wrong.values():
            assert set([value] if isinstance(value, str) else value) <= set(reference_networks.ACTIVATIONS)
