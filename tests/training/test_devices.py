"""Several devices train as one does: the same losses, weights and moments of Adam, up to rounding."""

import argparse
import os
import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from gan import script
from gan.engine import devices
from tests.helpers import KERAS_3, ROOT, WGAN_GP, difference, same, small

# Largest differences measured, both Keras: losses 4.8e-7, variables 9.5e-7. A sum in place of the mean changes
# Adam's moments by 2.8, rows of the wrong part of a batch change the losses by .5, batch normalisation with the
# statistics of each part by .05.
NOISE = 5e-6


@pytest.fixture(scope="module")
def child(request, tmp_path_factory):
    """The folder in which `tests/measure/two_devices.py` has run on two parts of the CPU, and what it printed.

    With scripts, which train all classes, if tests of them were selected.
    """
    folder = tmp_path_factory.mktemp("two")
    command = [sys.executable, "-m", "tests.measure.two_devices", str(folder)]
    if any(item.path == request.path and item.get_closest_marker("thorough") for item in request.session.items):
        np.save(folder / "faces.npy", np.random.default_rng(4).integers(0, 256, (103, 16, 16)).astype("uint8"))
        command.append(str(folder / "faces.npy"))
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "MPLBACKEND": "agg"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.fixture(scope="module")
def found(child):
    """What each GAN did on one device and on two."""
    return pickle.loads((child[0] / "found.pickle").read_bytes())


each = pytest.mark.parametrize("name", ["points", "pictures", *(
    pytest.param(name, marks=pytest.mark.thorough) for name in ("Simple_GAN", "WGAN_clip", "WGAN_GP"))])


# ------------------------------------------------------------- same training

@each
def test_same_losses(found, name):
    """The losses are those of one device, so draws, means and batch statistics are those of the whole batch."""
    one, two = np.array(found[name]["one"]["losses"]), np.array(found[name]["two"]["losses"])
    assert found[name]["replicas"] == 2
    np.testing.assert_allclose(two, one, atol=NOISE, rtol=0)
    assert np.min(np.max(np.abs(np.diff(one, axis=0)), axis=0)) > 1e-3  # they do move


@each
def test_same_weights(found, name):
    """All variables of both networks and optimizers are those of one device. Adam's moments tell a sum from a mean."""
    one, two = found[name]["one"]["state"], found[name]["two"]["state"]
    for variable, expected, value in zip(found[name]["names"], one, two):
        # Keras 2 stores n / (n - 1) times the variance of the n values of a channel, on one device only: n = 210
        tolerance = 1e-3 if "moving_variance" in variable and not KERAS_3 else NOISE
        assert difference([expected], [value]) < tolerance, variable
    np.testing.assert_allclose(found[name]["two"]["sample"], found[name]["one"]["sample"],
                               atol=NOISE if KERAS_3 or name != "pictures" else 1e-3)


@each
def test_weights_of_two_devices_load_on_one(found, name):
    """A file written on two devices gives one device exactly what was there."""
    assert same(found[name]["loaded"], found[name]["two"]["state"])


# ------------------------------------------------------------------- scripts

@pytest.mark.thorough
def test_scripts_with_two_devices(child):
    """`--devices 2` divides the CPU, says so, trains all three classes, and stores the same files."""
    folder, out = child
    assert out.count("on 2 parts of the CPU") >= 1 and out.count("on the CPU") == 1
    for name in ("Simple_GAN", "WGAN_clip", "WGAN_GP"):
        assert f"{name}-seed-0: epoch 3/3, discr_loss" in out
        assert (folder / "2" / f"0-main_21-{name}.weights.h5").is_file()


@pytest.mark.thorough
def test_faces_with_two_devices(child):
    """The script of the faces as well."""
    folder, out = child
    assert out.count("on 2 parts of the CPU") == 2
    assert "WGAN_GP: epoch 1/1, discr_loss" in out
    for name in ("generator.h5", "discriminator.h5", "quality.csv", "samples.png"):
        assert (folder / "0-main_32" / name).is_file()
    assert list((folder / "0-main_32").glob("checkpoint-*.npz"))


@pytest.mark.parametrize("name", ["0-main_21", "0-main_32"])
def test_more_devices_than_there_are(monkeypatch, capsys, tmp_path, name):
    """A machine with one GPU, asked for two devices: one sentence, and nothing is trained."""
    monkeypatch.setattr(script, "GPUS", [SimpleNamespace(name="GPU:0")])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda gpu, enable: None)
    with pytest.raises(SystemExit):
        __import__(name).main(["--devices", "2", "--no-show", "--out", str(tmp_path)])
    assert "error: --devices: expected at most 1, the number of GPUs that TensorFlow has here, got 2" in \
        capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["0", "two", "1.5"])
def test_not_a_number_of_devices(capsys, tmp_path, text):
    with pytest.raises(SystemExit):
        __import__("0-main_21").main(["--devices", text, "--out", str(tmp_path)])
    assert f"argument --devices: expected a whole number of at least 1, got '{text}'" in capsys.readouterr().err


def test_several_gpus(monkeypatch, tmp_path, capsys):
    """With three GPUs, `--devices 2` takes the first two; a script takes memory as it needs it, on all of them."""
    gpus = [SimpleNamespace(name=f"GPU:{i}") for i in range(3)]
    growing, asked = [], []
    monkeypatch.setattr(script, "GPUS", gpus)
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", lambda gpu, on: growing.append((gpu.name, on)))
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda gpu: {"device_name": "Some Card"})
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", asked.append)
    parser = script.parser("")
    script.add_devices(parser)
    script.start(parser, ["--devices", "2", "--out", str(tmp_path)])
    devices._mirrored.cache_clear()
    assert asked == [["GPU:0", "GPU:1"]]
    assert growing == [("GPU:0", True), ("GPU:1", True), ("GPU:2", True)]
    assert "on 2 GPUs (Some Card)" in capsys.readouterr().out


def test_memory_when_tensorflow_runs_already(monkeypatch):
    """In a notebook TensorFlow may run before a script's `start`: that is no error."""
    def refuse(gpu, enable):
        raise RuntimeError("Physical devices cannot be modified after being initialized")

    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", refuse)
    devices.share_memory([SimpleNamespace(name="GPU:0")])


def test_cpu_that_is_not_divided():
    """Once TensorFlow computes, the CPU cannot be divided: an error with the number, not TensorFlow's."""
    tf.zeros(1)
    with pytest.raises(ValueError, match="expected at most 1, the number of CPUs that TensorFlow has here, got 2"):
        devices.strategy(2, [])


# --------------------------------------------------------------- other errors

class FakeStrategy:
    num_replicas_in_sync = 3
    extended = SimpleNamespace(variable_created_in_scope=lambda variable: True)


def test_batch_that_cannot_be_divided(monkeypatch):
    """A batch of 11 for three devices: the model says so, and a script ends with that sentence."""
    message = "batch_size: expected a multiple of 3, the number of devices, got 11"
    with pytest.raises(SystemExit, match=f"--devices: {message}"):
        script.scope(argparse.Namespace(strategy=FakeStrategy()), 11)
    monkeypatch.setattr(tf.distribute, "get_strategy", FakeStrategy)
    with pytest.raises(ValueError, match=message):
        small(WGAN_GP, batch_size=11)


def test_one_device_is_left_alone():
    """Without `--devices` nothing is in between: TensorFlow's default strategy, Keras's own Adam."""
    assert devices.strategy(1, []) is tf.distribute.get_strategy()
    with devices.strategy(1, []).scope():
        assert not tf.distribute.has_strategy()
        G = small(WGAN_GP)
    assert type(G.generator.optimizer) is type(G.discriminator.optimizer) is tf.keras.optimizers.Adam


def test_compiled_by_xla():
    """jit_compile=True and several devices exclude each other."""
    model = SimpleNamespace(jit_compile=True)
    with pytest.raises(ValueError, match="jit_compile: expected False for a training on several devices, got True"):
        devices.on_every_replica(model, None, None)
