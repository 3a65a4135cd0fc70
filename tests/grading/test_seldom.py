"""What is seldom done with scores, losses and penalties is named: by numbers alone, no solution is run."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tests.checker import effects, inputs, messages, reference, watching
from tests.checker.judges import returned, seldom, steps
from tests.checker.judges.critic import linear_case, loss_gradient, loss_of_part, loss_value
from tests.checker.records import Step, arrays, fakes

MEANS = reference.DISCRIMINATOR_LOSSES["means"]["right"]
SQUARES = reference.DISCRIMINATOR_LOSSES["squares"]["right"]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_loss_of_some_of_the_scores_is_told_with_their_number(seed):
    """A loss of the first half of a batch was told as a gradient that differs by so many percent."""
    with inputs.use(effects.key(seed, 0)):
        d, g = arrays(inputs.discriminator_weights()), arrays(inputs.generator_weights())
        half, real, fake = inputs.BATCH // 2, inputs.examples(), fakes(g)

        def gradient(loss):
            return reference.gradient_at_once(lambda w: loss(reference.scores(w, real), reference.scores(w, fake)), d)

        for loss, words in (
            (lambda x, y: SQUARES(x[..., :half, :], y[..., :half, :]), f"the first {half} of"),
            (lambda x, y: SQUARES(x[..., 1:, :], y), f"the last {inputs.BATCH - 1} of"),
            (lambda x, y: SQUARES(x, y[..., ::2, :]), "every second one"),
        ):
            sentence = seldom.of_some_scores("discriminator", SQUARES, gradient, gradient(loss))
            assert words in sentence
        assert "D(fake) only" in sentence
        assert seldom.of_some_scores("discriminator", SQUARES, gradient, gradient(SQUARES)) is None


def test_a_product_of_loss_and_penalty_is_told():
    """(loss + lambda_gp) * gp, brackets in the wrong place, was told as a difference of 184 %."""
    with inputs.use(effects.key(1, 2)):
        plain, value = loss_gradient(MEANS), loss_value(MEANS)
        p, size = reference.right_slope(linear_case()[0][0]), (inputs.SLOPE - 1) ** 2
        both = [size * g + value * s for g, s in zip(plain, p)]
        total = [g + inputs.LAMBDA * s for g, s in zip(both, p)]
        assert "without brackets" in seldom.product(total, p, plain, value)
        times = [inputs.LAMBDA * g for g in both]
        assert "are multiplied" in seldom.product(times, both, plain, value)
        right = [g + inputs.LAMBDA * s for g, s in zip(plain, p)]
        assert seldom.product(right, p, plain, value) is None


def test_gradients_of_something_else_than_d_are_told():
    """Whoever takes the gradient of D^2, or by the weights, was told a number and another one."""
    with inputs.use(effects.key(2, 2)):
        linear = arrays(inputs.linear_critic((inputs.DIM,), inputs.SLOPE))
        tanh = arrays(inputs.discriminator_weights(inputs.PENALTY_SIZE))
        cases = [(reference.slopes(w, inputs.examples()), inputs.examples(), w) for w in (linear, tanh)]

        def told(penalty):
            return seldom.other_gradient([(penalty(*case), *case) for case in cases])

        def of_square(g, x, w):
            return np.mean((np.abs(2 * reference.discriminator(w, x)[:, 0]) * reference.norms(g) - 1) ** 2)

        def by_weights(g, x, w):
            slopes = reference.gradient(lambda v: float(np.sum(reference.discriminator(v, x))), w)
            return (np.sqrt(sum(np.sum(one**2) for one in slopes)) - 1) ** 2

        assert "of the square of D:" in told(of_square)
        assert "by D's weights" in told(by_weights)
        assert "mean square of D - 1 " in told(lambda g, x, w: np.mean((reference.discriminator(w, x) - 1) ** 2))
        assert told(lambda g, x, w: reference.PENALTIES["right"](g)) is None


def test_a_gradient_by_one_end_of_the_segments_is_told():
    """D's gradient by the fakes is that by the interpolated points times 1 - u: other numbers, the same direction."""
    with inputs.use(effects.key(1, 2)):
        w, shares = linear_case()[0][0], np.linspace(0.1, 0.8, inputs.BATCH)
        for ends, words in ((shares, "by the fakes"), (1 - shares, "by the real examples")):
            lengths = ends * inputs.SLOPE
            missing = inputs.LAMBDA * np.mean(2 * (lengths - 1) * ends) * w / inputs.SLOPE
            assert words in seldom.by_one_end(missing, shares)
        right = inputs.LAMBDA * reference.right_slope(w)[0]
        assert seldom.by_one_end(right, shares) is None


def test_weights_of_interpolation_that_do_not_add_up_to_one_are_told():
    """Two draws, u real + (1 - v) fake, were told as points that do not lie between."""
    rng = np.random.default_rng(4)
    real, fake, u, v = rng.random((9, 4)), 2 + rng.random((9, 4)), rng.random((9, 1)), rng.random((9, 1))
    assert "add up to numbers from" in seldom.without_sum_one(u * real + v * fake, real, fake)
    assert "add up to 2," in seldom.without_sum_one(u * real + (2 - u) * fake, real, fake)
    assert seldom.without_sum_one(u * real + (1 - u) * fake, real, fake) is None
    assert seldom.without_sum_one(rng.random((9, 4)), real, fake) is None


def test_points_beside_the_fakes_in_the_generators_update_are_seen():
    """The penalty in the generator's loss only was told as one that does not move the critic."""
    with inputs.use(effects.key(1, 2)):
        g = [w.tolist() for w in inputs.generator_weights()]
        fake, update = fakes(arrays(g)), {"kind": "update", "variables": [], "before": {"generator": g}}
        for points, beside in ((inputs.examples(), False), (0.5 * (inputs.examples() + fake), True)):
            calls = [{"kind": "call", "network": "discriminator", "x": x.tolist()} for x in (fake, points)]
            assert seldom.asks_beside_the_fakes(Step({"events": [*calls, update]}), update) is beside


def step_of(letters):
    names = {"D": "discriminator", "G": "generator"}
    return {"events": [{"kind": "update", "variables": [[names[one], 0]], "after": {}} for one in letters]}


def test_a_counter_that_is_never_set_back_is_told():
    """The first step is right, and the next one has no update of the discriminator: which one was not said."""
    with inputs.use(effects.key(1, 0)):
        right = {"steps": [step_of("D" * inputs.DISC_ITER + "G")] * 2}
        once = {"steps": [step_of("DG")]}
        assert steps.judge_updates({"step": right, "step_once": once}) is None
        wrong = {"steps": [right["steps"][0], step_of("G")]}
        sentence = steps.judge_updates({"step": wrong, "step_once": once})
        assert "a later train_step did 0 updates" in sentence and "begin anew in each step" in sentence


def test_a_loop_without_end_is_told():
    """Waiting for one takes as long as a grading: what the server gives is said here without it."""
    sentence = steps.judge_runs(1)({"step": {"failed": {"stopped": "no end within 20 seconds"}}})
    assert sentence.startswith("train_step comes to no end within 20 seconds: does a loop of it never stop")


def test_a_constant_in_a_returned_loss_is_told():
    """mean (1 - D(fake)) has the gradient of -mean D(fake), and a value that is 1 larger."""
    assert "It is 1 more" in returned.more_by_a_round_number(1.73004, 0.73001)
    assert "It is 0.5 less" in returned.more_by_a_round_number(-0.5, 0.0)
    assert returned.more_by_a_round_number(1.73, 0.71) == returned.more_by_a_round_number(1.0, 1.00001) == ""


@pytest.mark.parametrize(
    "message, words",
    [
        ("tf.function only supports singleton tf.Variables created on the first call. Make sure", "make it once"),
        (
            "Dimensions must be equal, but are 50 and 20 for ' = Mul[T=DT_FLOAT](random_uniform, GatherV2)' with input "
            "shapes: [50,1], [20,3].",
            "are 50 and 20 with input shapes: [50,1], [20,3]",
        ),
        ("Argument `target` should be a list or nested structure of Tensors to be differentiated, but received None.",
         "the loss is None"),
        ("Watching.latent() missing 1 required positional argument: 'k'", "latent_generator(size)"),
        ("Invalid reduction dimension (2 for input with 2 dimension(s)", "All axes but the first"),
        ("No model config found in the file at x.h5.", "load_weights of the network"),
        ("Passed in object <Variable path=a/kernel, value=[[-0.9]]> of type V, not tf.Tensor or tf.Variable or E.",
         "watches by itself"),
    ],
)  # fmt: skip
def test_messages_of_graphs_are_said_in_words(message, words):
    """A student has never heard of singleton variables, of Mul[T=DT_FLOAT], or of the grader's own functions."""
    found = messages.plain("ValueError", message)[1]
    assert words in found and not any(word in found for word in ("DT_FLOAT", "singleton", "Watching"))


def test_a_variable_may_be_given_to_the_discriminator():
    """It has a shape and no len: the grader's own layer stopped a right step."""
    seen = []
    probes = SimpleNamespace(keras=tf.keras, step_seen=1, by_hand=lambda: None, values=np.asarray, note=seen.append)
    layer = watching.Watching.tap(probes, "discriminator")()
    layer(tf.Variable([[1.0, 2.0], [3.0, 4.0]]))
    assert seen[0]["rows"] == 2 and np.allclose(seen[0]["x"], [[1, 2], [3, 4]])


def test_what_is_made_of_the_penalty_or_of_lambda_is_told():
    """(1 - lambda_gp) loss + lambda_gp gp was told as a difference of 37 %, log(1 + gp) as a share of lambda_gp."""
    with inputs.use(effects.key(2, 2)):
        right, loss = reference.right_slope(linear_case()[0][0]), loss_gradient(MEANS)
        size = (inputs.SLOPE - 1) ** 2

        def told(times, more=0.0):
            return seldom.weight_of_the_penalty([times * a + more * b for a, b in zip(right, loss)], (right, loss))

        assert "the loss -1 times" in told(1, -1)
        assert "log(1 + penalty)" in told(1 / (1 + size))
        assert "the square of the penalty" in told(2 * size)
        assert "is 0.37 times lambda_gp" in told(0.37)
        assert told(0) is None
        others = [np.ones_like(g) for g in loss]
        assert seldom.weight_of_the_penalty(others, (right, loss)) is None


@pytest.mark.parametrize(
    "of, words",
    [
        (lambda real, fake, x: (real, fake), None),
        (lambda real, fake, x: (real, x), "D of other points for D(fake)"),
        (lambda real, fake, x: (fake, real), "D of fakes for D(real)"),
        (lambda real, fake, x: (real[:5], fake[:5]), "the first 5 of"),
    ],
)
def test_a_critic_that_looks_at_other_points_is_told(of, words):
    """Its loss with the interpolated points for the fakes was told as a wrong penalty, by 1.1 %."""
    with inputs.use(effects.key(1, 2)):
        g, (w, real, fake) = inputs.generator_weights(), linear_case()
        x = 0.3 * real + 0.7 * fake
        a, b = of(real, fake, x)
        kernel = (b.mean(axis=0) - a.mean(axis=0))[:, None] + inputs.LAMBDA * reference.right_slope(w[0])[0]
        calls = [{"kind": "call", "network": "discriminator", "x": one.tolist()} for one in (real, fake, x)]
        update = {
            "kind": "update",
            "variables": [["discriminator", 0], ["discriminator", 1]],
            "gradients": [kernel.tolist(), [0.0]],
            "before": {"generator": [one.tolist() for one in g], "discriminator": [one.tolist() for one in w]},
            "after": {},
        }
        step = {"events": [*calls, update]}
        other = (inputs.OTHER_LAMBDA - inputs.LAMBDA) * reference.right_slope(w[0])[0]
        last = {"events": [*calls, {**update, "gradients": [(kernel + other).tolist(), [0.0]]}]}
        sentence = loss_of_part({"lambdas": {"first": [step], "second": [last]}})
        assert sentence is None if words is None else words in sentence


def test_gradients_zipped_with_the_other_networks_variables_are_told():
    """It was told as an optimizer of the other network."""
    before = {"generator": [[[1.0, 2.0]], [3.0, 4.0]]}
    update = {"kind": "update", "variables": [["generator", 0], ["generator", 1]], "before": before}
    for gradients, wrong in (([[[1.0, 1.0]], [0.5, 1.0]], False), ([[[1.0, 1.0], [1.0, 2.0]], None], True)):
        step = Step({"events": [{**update, "gradients": gradients}]})
        assert (steps.of_the_other_network(step) is not None) is wrong


def test_moving_averages_are_told():
    """The newest loss has a share of a tenth, or another usual one; two losses alone may have any mean."""
    values = [1.0, 3.0, 2.0, 5.0]
    mean = 0.9 * (0.9 * (0.9 * 1 + 0.3) + 0.2) + 0.5
    assert any(np.isclose(one, mean) for one in returned.means_that_forget(values))
    assert not list(returned.means_that_forget(values[:2]))


def test_gradients_that_are_scaled_one_by_one_are_told():
    """Gradients that were divided by their norms were told as a difference of 572 %."""
    rng = np.random.default_rng(9)
    right = [rng.normal(size=shape) for shape in ((3, 4), (4,), (4, 1), (1,))]
    normalised = [g / np.linalg.norm(g) for g in right]
    assert "scaled, those of each variable" in seldom.scaled_gradients(normalised, right, "discriminator")
    assert seldom.scaled_gradients([0.5 * g for g in right], right, "discriminator") is None
    assert seldom.scaled_gradients([g + 1 for g in right], right, "discriminator") is None
