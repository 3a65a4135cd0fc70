"""Bad input: an error of the right type that names the argument, what came, and what was expected."""

import os
import pickle
import re

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan.faces.pictures import Faces
from gan.figures import visualize_2D, visualize_5D
from gan.indicators import sliced_wasserstein
from gan.networks import fully_connected_GenDiscr
from tests.helpers import CLASSES, WGAN_GP, Simple_GAN, each_class, points, small, small_pictures, steps_done


def with_one(value):
    examples = points(31, 3).astype("float64")
    examples[17, 1] = value
    return examples


def network(*shapes):
    """A network of one Dense layer between examples of these shapes."""
    inputs, outputs = shapes
    return keras.Sequential([keras.Input(inputs), keras.layers.Flatten(),
                             keras.layers.Dense(int(np.prod(outputs))), keras.layers.Reshape(outputs)])


WHOLE = "a whole number of at least 1"
POSITIVE = "a finite positive number"
ARGUMENTS = [  # argument, bad value, type of the error, what came and what was expected as the message says it
    ("generator", "a network", TypeError, ["keras.Model", "str"]),
    ("generator", lambda x: x, TypeError, ["keras.Model", "function"]),
    ("generator", network((2,), (4,)), ValueError, ["(None, 3)", "(None, 4)"]),
    ("discriminator", None, TypeError, ["keras.Model", "NoneType"]),
    ("latent_generator", 7, TypeError, ["a function of the number of vectors", "int"]),
    ("latent_generator", lambda: 0, TypeError, ["a function of one argument", "()"]),
    ("latent_generator", lambda k, dim: 0, TypeError, ["a function of one argument", "(k, dim)"]),
    ("latent_generator", lambda k: tf.random.normal((k, 5)), ValueError, ["(11, 2)", "(11, 5)"]),
    ("latent_generator", lambda k: tf.random.normal((k,)), ValueError, ["(11, 2)", "(11,)"]),
    ("latent_generator", lambda k: tf.random.normal((7, 2)), ValueError, ["(11, 2)", "(7, 2)"]),
    ("latent_generator", lambda k: np.zeros((7, 2), "float32"), ValueError, ["(11, 2)", "(7, 2)"]),
    ("real_examples", points(31, 5), ValueError, ["the input of the discriminator", "('n', 3)", "(31, 5)"]),
    ("real_examples", points(31)[:, 0], ValueError, ["(31,)", "('n', 3)"]),
    ("real_examples", points(31, 3, 1), ValueError, ["('n', 3)", "(31, 3, 1)"]),
    ("real_examples", np.zeros((0, 3)), ValueError, ["at least one example", "(0, 3)"]),
    ("real_examples", [], ValueError, ["at least one example", "(0,)"]),
    ("real_examples", 5., ValueError, ["at least one example", "()"]),
    ("real_examples", with_one(np.nan), ValueError, ["finite float32", "nan", "example 17"]),
    ("real_examples", with_one(-np.inf), ValueError, ["finite float32", "-inf", "example 17"]),
    ("real_examples", with_one(1e39), ValueError, ["finite float32", "1e+39", "example 17"]),
    ("real_examples", [[1., 2., 3.], [4., 5.]], ValueError, ["one shape", "different lengths"]),
    ("real_examples", "faces.npy", TypeError, ["numbers", "str"]),
    ("real_examples", None, TypeError, ["numbers", "NoneType"]),
    ("real_examples", points(31, 3) + 1j, TypeError, ["numbers", "complex64"]),
    ("batch_size", 0, ValueError, [WHOLE, "0"]),
    ("batch_size", -7, ValueError, [WHOLE, "-7"]),
    ("batch_size", 11., TypeError, [WHOLE, "11.0 (float)"]),
    ("batch_size", "11", TypeError, [WHOLE, "'11' (str)"]),
    ("batch_size", True, TypeError, [WHOLE, "True (bool)"]),
    ("batch_size", None, TypeError, [WHOLE, "None"]),
    ("disc_iter", 0, ValueError, [WHOLE, "0"]),
    ("disc_iter", -1, ValueError, [WHOLE, "-1"]),
    ("disc_iter", 2.5, TypeError, [WHOLE, "2.5 (float)"]),
    ("learning_rate", 0, ValueError, [POSITIVE, "0"]),
    ("learning_rate", -.005, ValueError, [POSITIVE, "-0.005"]),
    ("learning_rate", float("nan"), ValueError, [POSITIVE, "nan"]),
    ("learning_rate", float("inf"), ValueError, [POSITIVE, "inf"]),
    ("learning_rate", ".005", TypeError, [POSITIVE, "'.005' (str)"]),
    ("lambda_gp", -1, ValueError, ["zero or positive", "-1"]),
    ("lambda_gp", float("nan"), ValueError, ["zero or positive", "nan"]),
    ("lambda_gp", "10", TypeError, ["zero or positive", "'10' (str)"]),
]


def check(raised, argument, fragments):
    message = str(raised.value)
    assert message.startswith(f"{argument}: expected ") and ", got " in message
    for fragment in fragments:
        assert fragment in message


@pytest.mark.parametrize("i", range(len(ARGUMENTS)), ids=lambda i: f"{ARGUMENTS[i][0]}-{i}")
def test_bad_arguments(i):
    """A model refuses a bad argument when it is built, and says which, what came, and what was expected."""
    argument, value, error, fragments = ARGUMENTS[i]
    good = small(Simple_GAN)
    arguments = {"generator": good.generator, "discriminator": good.discriminator, "batch_size": 11,
                 "latent_generator": good.latent_generator, "real_examples": points(31, 3), argument: value}
    chosen_type = WGAN_GP if argument == "lambda_gp" else CLASSES[i % 3]
    with pytest.raises(error) as raised:
        chosen_type(**arguments)
    check(raised, argument, fragments)


def test_pictures_of_another_size():
    """Pictures must have the discriminator's height and width; only the channel may be left out."""
    for shape in ((5, 4), (3, 5), (5, 3, 2), (15,)):
        with pytest.raises(ValueError) as raised:
            small_pictures(WGAN_GP, real_examples=points(29, *shape))
        check(raised, "real_examples", ["('n', 5, 3, 1)", str((29, *shape))])


@each_class
def test_a_batch_larger_than_the_data(chosen_type):
    """A batch larger than the data is refused when training begins, not before: the course builds with it."""
    G = small(chosen_type, batch_size=37)
    assert G.get_fake_sample().shape == (37, 3) and G.get_real_sample(31).shape == (31, 3)
    G.compile()
    for train in (lambda: G.get_real_sample(), lambda: G.train_step(None), lambda: G.fit(steps_per_epoch=1, verbose=0)):
        with pytest.raises(ValueError) as raised:
            train()
        assert "batch_size: expected at most 31, the number of real examples, got 37" in str(raised.value)
    assert steps_done(G) == (0, 0)


@pytest.mark.parametrize("call, argument, error, fragments", [
    (lambda G: G.compile(steps_per_execution=0), "steps_per_execution", ValueError, [WHOLE, "0"]),
    (lambda G: G.compile(steps_per_execution="auto"), "steps_per_execution", TypeError, [WHOLE, "'auto' (str)"]),
    (lambda G: G.fit(steps_per_epoch=0), "steps_per_epoch", ValueError, [WHOLE, "0"]),
    (lambda G: G.fit(steps_per_epoch=2.5), "steps_per_epoch", TypeError, [WHOLE, "2.5 (float)"]),
    (lambda G: G.fit(batch_size=-3), "batch_size", ValueError, [WHOLE, "-3"]),
    (lambda G: G.fit(batch_size=2.5), "batch_size", TypeError, [WHOLE, "2.5 (float)"]),
    (lambda G: visualize_2D(G), "G", ValueError, ["2 dimensions", "('n', 3)"]),
    (lambda G: visualize_5D(G), "G", ValueError, ["5 dimensions", "('n', 3)"]),
    (lambda G: visualize_5D(small(Simple_GAN, gen_shape=(3, 7, 5))), "G", ValueError, ["2 dimensions", "(None, 3)"]),
    (lambda G: fully_connected_GenDiscr([2, 3]), "gen_shape", ValueError, ["at least three", "[2, 3]"]),
    (lambda G: fully_connected_GenDiscr([2, 0, 3]), "gen_shape[1]", ValueError, [WHOLE, "0"]),
    (lambda G: fully_connected_GenDiscr([2, 7, 2.5]), "gen_shape[2]", TypeError, [WHOLE, "2.5 (float)"]),
    (lambda G: fully_connected_GenDiscr([2, 7, 3], None, "cubic"), "latent_type", ValueError,
     ["uniform, normal, spheric", "'cubic'"]),
    (lambda G: sliced_wasserstein(points(7, 3), points(7, 2)), "a, b", ValueError, ["same shape", "(7, 3) and (7, 2)"]),
    (lambda G: sliced_wasserstein(points(7, 3), points(5, 3)), "a, b", ValueError, ["same shape", "(7, 3) and (5, 3)"]),
], ids=lambda value: value.replace(" ", "") if isinstance(value, str) else None)
def test_bad_arguments_of_methods_and_functions(call, argument, error, fragments):
    """Methods and functions name a bad argument in the same way."""
    G = small(Simple_GAN)
    G.compile()
    with pytest.raises(error) as raised:
        call(G)
    check(raised, argument, fragments)
    assert steps_done(G) == (0, 0)


class Harmful:
    """An object that creates the folder "executed" when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("executed",)


@pytest.mark.parametrize("write, fragment", [
    (None, "there is none"),
    (lambda path: path.write_text("no array"), "not a complete .npy file"),
    (lambda path: path.write_bytes(b""), "not a complete .npy file"),
    (lambda path: (np.save(path, np.ones((401, 16, 16), "uint8")), path.write_bytes(path.read_bytes()[:-1])),
     "not a complete .npy file"),
    (lambda path: np.save(path, np.ones((7, 16, 16), "float32")), "got float32 (7, 16, 16)"),
    (lambda path: np.save(path, np.ones((7, 16, 15), "uint8")), "got uint8 (7, 16, 15)"),
    (lambda path: np.save(path, np.ones((7, 256), "uint8")), "got uint8 (7, 256)"),
    (lambda path: np.save(path, np.ones((0, 16, 16), "uint8")), "got uint8 (0, 16, 16)"),
    (lambda path: np.save(path, np.array([Harmful()])), "not a complete .npy file"),
    (lambda path: path.write_bytes(pickle.dumps(Harmful())), "not a complete .npy file"),
    (lambda path: np.savez(path.open("wb"), np.ones((7, 16, 16), "uint8")), "an archive"),
], ids=["missing", "text", "empty", "truncated", "float", "other size", "flat", "no picture", "objects", "pickle",
        "archive"])
def test_bad_files_of_faces(tmp_path, monkeypatch, write, fragment):
    """A file that does not hold grey pictures of 16 x 16 is refused by name; nothing in it is executed."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "faces.npy"
    if write:
        write(path)
    with pytest.raises(ValueError, match="^faces: .*" + re.escape(str(path))) as raised:
        Faces(path)
    assert fragment in str(raised.value)
    assert not os.path.exists("executed")
