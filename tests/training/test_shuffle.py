"""Real samples of very many examples: the same numbers, without a shuffle of all indices at every step."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gan.engine import loops, shuffle
from gan.engine.shuffle import FirstOfShuffle
from gan.seeds import set_seeds
from tests.helpers import WGAN_GP, Simple_GAN, points, small


def of_calls(calls, draw_one):
    """What draw_one(i) makes in a loop of a graph, as a training draws."""
    def loop():
        first = draw_one(0)
        array = tf.TensorArray(first.dtype, size=calls, element_shape=first.shape)
        return tf.while_loop(lambda i, _: i < calls, lambda i, array: (i + 1, array.write(i, draw_one(i))),
                             (0, array), parallel_iterations=1)[1].stack()
    return tf.function(loop, autograph=False)()


@settings(deadline=None, derandomize=True, max_examples=12)
@given(total=st.integers(1, 3000), share=st.floats(0, 1), seed=st.integers(-2 ** 31, 2 ** 31 - 1))
@example(total=1, share=1, seed=0)
@example(total=2, share=1, seed=0)
@example(total=30_011, share=.006, seed=5)
def test_what_is_foreseen_is_what_TensorFlow_shuffles(total, share, seed):
    """Otherwise a training of many examples would silently be another one than with TensorFlow's operation."""
    draw = FirstOfShuffle(total, max(1, int(share * total)))
    tf.random.set_seed(seed)
    shuffled = of_calls(5, lambda i: draw())
    numbers = of_calls(5, lambda i: draw.numbers(draw.seeds(), i))
    assert np.array_equal(draw.indices(numbers), shuffled)


def test_rows_are_samples_without_replacement():
    """Also without any seed, where nothing can be compared: k different indices below n, others in each row."""
    draw = FirstOfShuffle(1_000_003, 211)
    rows = draw.indices(tf.stack([draw.numbers((12345678901, 2 ** 62), call) for call in range(7)])).numpy()
    assert rows.min() >= 0 and rows.max() < 1_000_003
    assert all(len(set(row)) == 211 for row in rows) and len(set(rows.ravel())) > 7 * 205
    assert abs(rows.mean() / 1_000_003 - .5) < .03  # four standard deviations


@pytest.mark.parametrize("chosen_type, steps_a_call", [(Simple_GAN, None), (WGAN_GP, 1), (WGAN_GP, 100)])
def test_a_training_of_many_examples_is_the_same_one(monkeypatch, chosen_type, steps_a_call):
    """The losses and weights are those of TensorFlow's own shuffle, over several calls and two fits."""
    def trained():
        set_seeds(4)
        G = small(chosen_type, real_examples=points(1009, 3), disc_iter=1)
        G.compile(steps_per_execution=steps_a_call)
        losses = [G.fit(epochs=2, steps_per_epoch=60, verbose=0).history for _ in range(2)]
        return G.train_steps, losses, [weight.numpy() for weight in G.generator.weights]

    monkeypatch.setattr(loops, "as_foreseen", lambda: False)
    _, losses, weights = trained()
    monkeypatch.undo()
    monkeypatch.setattr(loops, "MANY", 1000)
    steps, found, others = trained()
    assert type(steps).__name__ == "_DrawnAhead" and steps.drawn >= 60
    exact = steps_a_call != 100  # compiled both times, but not the same way when draws pass by
    tolerance = dict(rtol=0, atol=0 if exact else 1e-5)
    np.testing.assert_allclose([found[i][name] for i in (0, 1) for name in found[i]],
                               [losses[i][name] for i in (0, 1) for name in losses[i]], **tolerance)
    for one, other in zip(weights, others):
        np.testing.assert_allclose(one, other, **tolerance)


def test_another_shuffle_is_left_alone(monkeypatch):
    """Where TensorFlow shuffles otherwise (another version, a GPU), its own operation stays."""
    assert shuffle.as_foreseen()
    shuffle.as_foreseen.cache_clear()
    monkeypatch.setattr(FirstOfShuffle, "indices", lambda self, numbers: tf.zeros((3, 97), tf.int32))
    assert not shuffle.as_foreseen()
    shuffle.as_foreseen.cache_clear()
    monkeypatch.setattr(loops, "as_foreseen", lambda: False)
    monkeypatch.setattr(loops, "MANY", 10)
    G = small(Simple_GAN)
    G.compile()
    G.fit(epochs=1, steps_per_epoch=2, verbose=0)
    assert type(G.train_steps).__name__ == "_InOneGraph"
