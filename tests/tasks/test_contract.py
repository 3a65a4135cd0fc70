"""Names, signatures, attributes: what the course's own scripts and a checker rely on."""

import inspect
import subprocess
import sys

import numpy as np
import pytest
from tensorflow import keras

from tests.helpers import (
    ROOT,
    WGAN_GP,
    Simple_GAN,
    WGAN_clip,
    WGAN_GP_faces,
    convolutional_GenDiscr,
    each_class,
    points,
    small,
    small_pictures,
)

TASKS = ["0-simple_gan", "1-wgan_clip", "2-wgan_gp", "3-generate_faces", "4-wgan_gp_faces", "4-wgan_gp"]
INIT = "(self, generator, discriminator, latent_generator, real_examples, " \
       "batch_size=200, disc_iter=2, learning_rate=0.005"
SIGNATURES = [
    (Simple_GAN, "__init__", INIT + ")"),
    (WGAN_clip, "__init__", INIT + ")"),
    (WGAN_GP, "__init__", INIT + ", lambda_gp=10)"),
    (WGAN_GP_faces, "__init__", INIT + ", lambda_gp=10)"),
    *((c, "get_fake_sample", "(self, size=None, training=False)") for c in (Simple_GAN, WGAN_clip, WGAN_GP)),
    *((c, "get_real_sample", "(self, size=None)") for c in (Simple_GAN, WGAN_clip, WGAN_GP)),
    *((c, "train_step", "(self, useless_argument)") for c in (Simple_GAN, WGAN_clip, WGAN_GP)),
    (WGAN_GP, "get_interpolated_sample", "(self, real_sample, fake_sample)"),
    (WGAN_GP, "gradient_penalty", "(self, interpolated_sample)"),
    (WGAN_GP_faces, "replace_weights", "(self, gen_h5, disc_h5)"),
    (WGAN_GP_faces, "replace_weight", "(self, gen_h5, disc_h5)"),
]


@pytest.mark.parametrize("chosen_type, method, signature", SIGNATURES, ids=lambda v: getattr(v, "__name__", v)[:24])
def test_signature(chosen_type, method, signature):
    """The class has this method, with these arguments and defaults."""
    assert str(inspect.signature(getattr(chosen_type, method))) == signature


def test_the_networks_of_the_faces_take_no_argument():
    """`convolutional_GenDiscr` is called without arguments and returns generator and discriminator."""
    assert str(inspect.signature(convolutional_GenDiscr)) == "()"
    assert [network.name for network in convolutional_GenDiscr()] == ["generator", "discriminator"]


@each_class
def test_is_a_keras_model(chosen_type):
    """Each class is a keras.Model, so it has `compile` and `fit`."""
    assert issubclass(chosen_type, keras.Model)


def test_task_4_has_the_class_of_task_2():
    """Task 4's class is task 2's with one method more, and `4-wgan_gp` holds the very same class."""
    assert issubclass(WGAN_GP_faces, WGAN_GP) and WGAN_GP_faces.__name__ == "WGAN_GP"
    assert __import__("4-wgan_gp").WGAN_GP is WGAN_GP_faces
    assert WGAN_GP_faces.train_step is WGAN_GP.train_step


@pytest.mark.parametrize("chosen_type, beta_1", [(Simple_GAN, .5), (WGAN_clip, .5), (WGAN_GP, .3), (WGAN_GP_faces, .3)])
def test_attributes(chosen_type, beta_1):
    """A model keeps its arguments under their names and gives each network a loss and an Adam of its own."""
    G = small(chosen_type, batch_size=13, disc_iter=3, learning_rate=.07)
    assert (G.batch_size, G.disc_iter, G.learning_rate, G.beta_1, G.beta_2) == (13, 3, .07, beta_1, .9)
    np.testing.assert_array_equal(G.real_examples, points(31, 3))
    assert G.latent_generator(5).shape == (5, 2)
    assert G.generator.optimizer is not G.discriminator.optimizer
    for network in (G.generator, G.discriminator):
        assert callable(network.loss)
        assert isinstance(network.optimizer, keras.optimizers.Adam)
        assert float(network.optimizer.learning_rate) == pytest.approx(.07)
        assert (network.optimizer.beta_1, network.optimizer.beta_2) == (beta_1, .9)
        assert getattr(network, "compiled", None) or getattr(network, "_is_compiled", None)


@pytest.mark.parametrize("chosen_type", [Simple_GAN, WGAN_clip, WGAN_GP, WGAN_GP_faces])
def test_defaults(chosen_type):
    """Without further arguments: batches of 200, two updates of the discriminator, learning rate .005."""
    G = chosen_type(*convolutional_GenDiscr(), lambda k: np.zeros((k, 16), "float32"), points(211, 16, 16))
    assert (G.batch_size, G.disc_iter, G.learning_rate) == (200, 2, .005)
    assert getattr(G, "lambda_gp", 10) == 10


def test_shapes_that_the_penalty_keeps():
    """`dims`, `len_dims`, `axis` and `scal_shape` describe the real examples in the shape they were given in."""
    for G, dims, axis, scal_shape in ((small(WGAN_GP), (31, 3), [1], [11, 1]),
                                      (small_pictures(WGAN_GP), (29, 5, 3), [1, 2], [13, 1, 1])):
        assert tuple(G.dims) == dims
        assert int(G.len_dims) == len(dims)
        assert np.asarray(G.axis).tolist() == axis
        assert np.asarray(G.scal_shape).tolist() == scal_shape
    assert small(WGAN_GP, lambda_gp=7).lambda_gp == 7


@each_class
def test_samples(chosen_type):
    """A real sample is a set of different rows of the data; both kinds have the batch size or the size asked for."""
    G = small(chosen_type)
    rows = {tuple(row) for row in points(31, 3)}
    for size, expected in ((None, 11), (7, 7), (31, 31)):
        sample = {tuple(row) for row in np.asarray(G.get_real_sample(size))}
        assert len(sample) == expected and sample <= rows
        assert G.get_fake_sample(size).shape == (expected, 3)
    assert not np.array_equal(G.get_real_sample(), G.get_real_sample())
    assert not np.array_equal(G.get_fake_sample(), G.get_fake_sample())


@each_class
def test_every_real_example_is_drawn_equally_often(chosen_type):
    """Over many real samples each example comes about as often as any other."""
    G = small(chosen_type, real_examples=points(7, 3), batch_size=3)
    drawn = np.concatenate([np.asarray(G.get_real_sample())[:, 0] for _ in range(210)])
    counts = [np.sum(drawn == value) for value in points(7, 3)[:, 0]]
    # Expected 90 each, standard deviation 7.2; this seed gives 76 to 101. The first three rows only: 210 each.
    assert len(drawn) == 630 and min(counts) > 60 and max(counts) < 120


LOAD_BY_PATH = """
import importlib.util, sys
for name in {tasks!r}:
    spec = importlib.util.spec_from_file_location("task", {root!r} + "/" + name + ".py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path = [folder for folder in sys.path if folder != {root!r}]  # each must find the package by itself
    for loaded in [m for m in sys.modules if m.split(".")[0] == "gan" or m[0].isdigit()]:
        del sys.modules[loaded]
"""
LOAD_BY_NAME = "[__import__(name) for name in {tasks!r}]"


@pytest.mark.parametrize("code, by_name", [(LOAD_BY_PATH, False), (LOAD_BY_NAME, True)], ids=["by path", "by name"])
def test_modules_import_without_a_word(tmp_path, code, by_name):
    """Every task is imported by name from the top folder, by path from any other, and prints and writes nothing."""
    done = subprocess.run([sys.executable, "-c", code.format(tasks=TASKS, root=str(ROOT))],
                          cwd=ROOT if by_name else tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
