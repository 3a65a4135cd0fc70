"""What Keras takes without a word and no training step here uses: each case is one warning, or it works."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from tests.helpers import Simple_GAN, fully_connected_GenDiscr, points, small

layers = keras.layers


def told(make):
    """What make() returns, and the sentences of its warnings that name an argument."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = make()
    return made, [str(warning.message) for warning in caught if issubclass(warning.category, UserWarning)]


def tiny(**options):
    return small(Simple_GAN, **{"gen_shape": (2, 5, 3), "disc_iter": 1, **options})


def fitted(G, x=None, y=None, **compile_options):
    G.compile(run_eagerly=True, **compile_options)
    G.fit(x, y, epochs=1, steps_per_epoch=1, verbose=0)
    return G


@pytest.mark.parametrize("name, value", [
    ("optimizer", "sgd"), ("optimizer", keras.optimizers.SGD(.1)), ("loss", "mse"), ("loss_weights", [1., 2.]),
    ("loss_weights", np.ones(2)), ("metrics", ["mae"]), ("weighted_metrics", ["mae"])])
def test_arguments_of_compile(name, value):
    """Whoever compiles with SGD, as for any other model of Keras, hears that Adam trains all the same."""
    G = tiny()
    _, sentences = told(lambda: fitted(G, **{name: value}))
    assert len(sentences) == 1 and sentences[0].startswith(f"{name}: ")
    assert "has no effect on a Simple_GAN" in sentences[0]


@pytest.mark.parametrize("args, options", [((), {}), ((None,), {}), ((), {"loss": None, "metrics": []})])
def test_nothing_given_nothing_said(args, options):
    """A warning at every ordinary training would soon be read by nobody."""
    G = tiny()
    assert told(lambda: G.compile(*args, run_eagerly=True, **options))[1] == []
    assert told(lambda: G.fit(points(31, 3).astype("float64"), epochs=1, steps_per_epoch=1, verbose=0))[1] == []


def test_a_subclass_that_uses_them():
    """A step of one's own may use Keras's loss and metrics: then they stay, and nothing is said."""
    class Own(Simple_GAN):
        def train_step(self, useless_argument):
            return {**super().train_step(useless_argument),
                    "other": self.compute_loss(None, tf.zeros((1, 1)), tf.ones((1, 1)))}

    G = small(Own, gen_shape=(2, 5, 3), disc_iter=1)
    made, sentences = told(lambda: fitted(G, loss="mse"))
    assert sentences == [] and made.loss == "mse"


@pytest.mark.parametrize("x", [points(12, 3), points(31, 3, seed=2), points(31, 2),
                               tf.data.Dataset.from_tensor_slices(points(31, 3)).batch(3)])
def test_other_examples_given_to_fit(x):
    """G.fit(other) trains on the real examples that G was built with, and says so."""
    sentences = told(lambda: fitted(tiny(), x))[1]
    assert len(sentences) == 1 and sentences[0].startswith("x: got other examples")


@pytest.mark.parametrize("kind", [np.asarray, list, tf.constant, tf.Variable])
def test_the_real_examples_given_to_fit(kind):
    """As every script of the course does it; whatever type they come in."""
    assert told(lambda: fitted(tiny(), kind(points(31, 3))))[1] == []


def test_answers_given_to_fit():
    """There are no answers in a GAN."""
    sentences = told(lambda: fitted(tiny(), None, np.ones(31)))[1]
    assert len(sentences) == 1 and sentences[0].startswith("y: has no effect on a Simple_GAN")


def test_a_batch_of_ones_own():
    """train_on_batch draws its batch itself, and says so."""
    G = tiny()
    G.compile(run_eagerly=True)
    sentences = told(lambda: G.train_on_batch(points(5, 3)))[1]
    assert len(sentences) == 1 and sentences[0].startswith("x: got other examples (shape (5, 3))")


def with_regularizer(chosen_type):
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(3, "sigmoid", kernel_regularizer="l2", name="last")])
    return chosen_type(generator, fully_connected_GenDiscr([2, 5, 3])[1],
                       lambda k: tf.random.normal((k, 2)), points(31, 3), batch_size=11, disc_iter=1)


def test_regularizers():
    """A penalty on weights that no loss takes in would be believed to be there."""
    _, sentences = told(lambda: with_regularizer(Simple_GAN))
    assert len(sentences) == 1 and sentences[0].startswith("generator: the regularizer of 'last' has no effect")

    class Own(Simple_GAN):
        def train_step(self, useless_argument):
            return {**super().train_step(useless_argument), "weights": sum(self.generator.losses)}

    assert told(lambda: with_regularizer(Own))[1] == []


def test_masked_values():
    """A mask says that the numbers under it are none; the training would learn them."""
    examples = np.ma.masked_greater(points(31, 3), .9)
    with pytest.raises(ValueError, match="real_examples: expected finite float32 values, got a masked array with "
                                         f"{np.ma.count_masked(examples)} of 93 values masked"):
        tiny(real_examples=examples)
    tiny(real_examples=np.ma.masked_greater(points(31, 3), 9))


@pytest.mark.parametrize("value, shown", [
    (None, r"None \(is there a return\?\)"), ({"z": 1}, r"\{'z': 1\} \(dict\)"), ("abc", "some of type string"),
    (object, r"<class 'object'> \(type\)"), ([[1.], [1., 2.]], r"\[\[1.0\], \[1.0, 2.0\]\] \(list\)"),
    (np.ones((11, 2), bool), "some of type bool"), (np.ones((11, 2), complex), "some of type complex128"),
    (tf.ragged.constant([[1.], [2., 3.]]), "RaggedTensor")], ids=str)
def test_latent_vectors_that_are_none(value, shown):
    """A forgotten return is the commonest; Keras would tell of an input that is not optional."""
    with pytest.raises(TypeError, match=r"latent_generator: expected latent_generator\(11\) to be numbers of shape "
                                        rf"\(11, 2\), got .*{shown}"):
        tiny(latent_generator=lambda k: value)


@pytest.mark.parametrize("eagerly", [True, False])
@pytest.mark.parametrize("latent", [
    lambda k: tf.numpy_function(lambda n: np.random.normal(size=(n, 2)).astype("float32"), [k], tf.float32),
    lambda k: tf.py_function(lambda n: np.random.normal(size=(n, 2)), [k], tf.float32),
    lambda k: np.random.normal(size=(k, 2)).tolist(),
    lambda k: [tf.random.normal((2,)) for _ in range(k)]], ids=["numpy_function", "py_function", "lists", "tensors"])
def test_latent_vectors_of_other_kinds(latent, eagerly):
    """Functions of NumPy inside a graph have no known shape, and Keras 3 takes no lists of numbers: both train."""
    G = tiny(latent_generator=latent, batch_size=5)
    G.compile(run_eagerly=eagerly)
    before = [w.copy() for w in G.generator.get_weights()]
    G.fit(epochs=1, steps_per_epoch=1, verbose=0)
    assert any((a != b).any() for a, b in zip(before, G.generator.get_weights()))
