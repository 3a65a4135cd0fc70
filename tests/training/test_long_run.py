"""Long trainings: checkpoints, clean stops, going on with the same numbers, and what can go wrong on the way."""

import functools
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf
from tensorflow import keras

from gan.engine import long_run
from gan.engine.long_run import LongRun
from gan.faces.recipe import AveragedGenerator
from gan.files import written_whole
from tests.helpers import (
    ROOT,
    WGAN_GP,
    KillAt,
    Killed,
    Simple_GAN,
    WGAN_clip,
    difference,
    each_class,
    same,
    small,
    small_pictures,
    state,
)

thorough = pytest.mark.thorough
SETTINGS = {"epochs": 3, "seed": 3}
EPOCHS, STEPS = 3, 12


class SignalAt(KillAt):
    """Sends this process a signal after so many calls."""

    def __init__(self, calls, number):
        super().__init__(calls)
        self.number = number

    def on_train_batch_end(self, batch, logs=None):
        self.calls -= 1
        if self.calls == 0:
            os.kill(os.getpid(), self.number)
            time.sleep(.01)  # Python runs the handler between two instructions


def tiny(chosen_type, **options):
    """Two layers a network, which cost a third less to trace than three."""
    return small(chosen_type, **{"gen_shape": (2, 5, 3), **options})


def train(folder, make, chosen_type=Simple_GAN, at_once=4, every=0., resume=False, callbacks=(), epochs=EPOCHS,
          settings=SETTINGS, long=True, disc_iter=1, **options):
    """A GAN, trained in a `LongRun` or by plain `fit`, and its averaged generator."""
    keras.backend.clear_session()  # the layers' names, as in a new process: they decide the order of some sums
    G = make(chosen_type, disc_iter=disc_iter, **options)
    average = AveragedGenerator(G.generator, .9)
    G.compile(steps_per_execution=at_once)
    if long:
        run = LongRun(folder, "name", settings, every, resume, parts=[average])
        run.fit(G, epochs=epochs, steps_per_epoch=STEPS, callbacks=[average, *callbacks], verbose=0)
    else:
        G.fit(epochs=epochs, steps_per_epoch=STEPS, callbacks=[average], verbose=0)
    return G, average


@functools.cache
def plain(make=tiny, chosen_type=Simple_GAN, at_once=4, epochs=EPOCHS, disc_iter=1):
    """State, averages and history of plain `fit`, with which several tests compare: made once."""
    G, average = train(None, make, chosen_type, at_once, epochs=epochs, long=False, disc_iter=disc_iter)
    return state(G), average.averages, G.history.history


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A folder with the checkpoints of a training that was killed."""
    folder = tmp_path_factory.mktemp("stopped")
    with pytest.raises(Killed):
        train(folder, tiny, callbacks=[KillAt(4)])
    return folder


def copied(folder, target):
    for path in folder.iterdir():
        (target / path.name).write_bytes(path.read_bytes())


@pytest.fixture(scope="module")
def resumed(stopped, tmp_path_factory):
    """The killed training after it has gone on to its end: its folder, the GAN and the average."""
    folder = tmp_path_factory.mktemp("resumed")
    copied(stopped, folder)
    return folder, *train(folder, tiny, resume=True)


# ------------------------------------------------------------ the same training

@each_class
def test_stored_training_is_the_plain_one(tmp_path, chosen_type):
    """Checkpoints change no number: weights, optimizers and average are those of plain `fit` to the last bit."""
    expected, averages, _ = plain(tiny, chosen_type)
    G, average = train(tmp_path, tiny, chosen_type)
    assert same(state(G), expected) and same(average.averages, averages)


def test_goes_on_with_the_same_numbers(resumed):
    """A training killed inside an epoch goes on with the same random numbers: the same weights to the last bit."""
    _, G, average = resumed
    expected, averages, _ = plain()
    assert same(state(G), expected) and same(average.averages, averages)
    assert average.steps == EPOCHS * STEPS


@thorough
@pytest.mark.parametrize("chosen_type, make, at_once, calls", [
    (Simple_GAN, small, 5, 4), (WGAN_clip, small, 5, 4), (WGAN_GP, small, 1, 17), (WGAN_GP, small, 5, 5),
    (WGAN_GP, small_pictures, 5, 4)],
    ids=["Simple_GAN", "WGAN_clip", "one by one", "end of an epoch", "pictures"])
def test_killed_and_resumed(tmp_path, chosen_type, make, at_once, calls):
    """Of every class, from inside an epoch or its end, at any number of steps a call; also with pictures."""
    expected, averages, _ = plain(make, chosen_type, at_once, disc_iter=2)
    with pytest.raises(Killed):
        train(tmp_path, make, chosen_type, at_once, callbacks=[KillAt(calls)], disc_iter=2)
    G, average = train(tmp_path, make, chosen_type, at_once, resume=True, disc_iter=2)
    assert same(state(G), expected) and same(average.averages, averages)
    assert average.steps == EPOCHS * STEPS


def test_killed_and_resumed_compiled(tmp_path):
    """Also where the arithmetic is compiled and numbers are drawn in advance."""
    options = dict(at_once=100, epochs=2)
    whole, _ = train(tmp_path / "whole", tiny, **options)
    with pytest.raises(Killed):
        train(tmp_path / "killed", tiny, callbacks=[KillAt(1)], **options)
    G, _ = train(tmp_path / "killed", tiny, resume=True, **options)
    assert same(state(G), state(whole))


def test_new_random_numbers_would_be_seen(monkeypatch, tmp_path, stopped):
    """Going on without drawing the old numbers again ends far from the training that ran through."""
    copied(stopped, tmp_path)
    monkeypatch.setattr(Simple_GAN.__bases__[0], "skip_steps", lambda G, steps: True)
    G, _ = train(tmp_path, tiny, resume=True)
    assert difference(state(G), plain()[0]) > .01


@thorough
def test_many_kills(tmp_path):
    """Six kills at random moments, one after the other."""
    expected, averages, _ = plain(at_once=2)
    rng = random.Random(4)
    for _ in range(6):
        with pytest.raises(Killed):
            train(tmp_path, tiny, at_once=2, callbacks=[KillAt(rng.randrange(1, 4))], resume=True)
    G, average = train(tmp_path, tiny, at_once=2, resume=True)
    assert same(state(G), expected) and same(average.averages, averages)


def test_learning_rates_come_back(tmp_path):
    """A rate that a callback had lowered is that of the checkpoint, for both networks."""
    class Lower(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.optimizer.learning_rate = .001

    with pytest.raises(Killed):
        train(tmp_path, tiny, callbacks=[Lower(), KillAt(5)])
    G, _ = train(tmp_path, tiny, resume=True)
    for network in (G.generator, G.discriminator):
        assert float(np.asarray(network.optimizer.learning_rate)) == pytest.approx(.001)


def test_random_numbers_of_its_own(capsys, tmp_path):
    """A training step that draws past `drawn` goes on with other numbers, and that is said."""
    class Noisy(Simple_GAN):
        def train_step(self, useless_argument):
            return {**super().train_step(useless_argument), "noise": tf.random.normal(())}

    with pytest.raises(Killed):
        train(tmp_path, tiny, Noisy, callbacks=[KillAt(4)])
    G, _ = train(tmp_path, tiny, Noisy, resume=True)
    assert "draws random numbers in its own way" in capsys.readouterr().out
    assert int(G.generator.optimizer.iterations) == EPOCHS * STEPS


# ------------------------------------------------------------------- stopping

def test_history_has_all_epochs(tmp_path, resumed):
    """Those before the stop, too; also when nothing was left to train."""
    folder, G, _ = resumed
    copied(folder, tmp_path)
    for done in (G, train(tmp_path, tiny, resume=True)[0]):
        assert done.history.history == plain()[2] and done.history.epoch == [0, 1, 2]


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=thorough)],
                         ids=["Ctrl-C", "SIGTERM"])
def test_signals(capsys, tmp_path, number):
    """The call that runs is finished and saved; the way to go on is said; the exit code tells the signal."""
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as stopped:
        train(tmp_path, tiny, every=1e9, callbacks=[SignalAt(4, number)])
    assert stopped.value.code == 128 + number
    assert signal.getsignal(number) is before
    assert names(tmp_path) == ["name-00000016.npz"]
    assert "stopped after 16 steps (epoch 2)" in (out := capsys.readouterr().out) and "--resume" in out
    G, _ = train(tmp_path, tiny, every=1e9, resume=True)
    assert same(state(G), plain()[0])
    assert "going on after 16 steps (1 whole epochs)" in capsys.readouterr().out


class Bad(Simple_GAN):
    """Its loss becomes infinite in the step `bad_step`."""

    bad_step = 18

    def train_step(self, useless_argument):
        losses = super().train_step(useless_argument)
        done = tf.cast(self.generator.optimizer.iterations, tf.int32)
        factor = tf.where(done == self.bad_step, np.inf, 1.)
        variable = self.generator.trainable_variables[0]
        variable.assign(variable * factor)
        return {**losses, "gen_loss": losses["gen_loss"] * factor}


@pytest.mark.parametrize("at_once", [1, 4])
def test_a_loss_that_is_not_finite(tmp_path, at_once):
    """The training stops at once, says which loss in which step, and keeps the last good checkpoint."""
    with pytest.raises(SystemExit) as stopped:
        train(tmp_path, tiny, Bad, at_once)
    message = stopped.value.code
    assert "gen_loss became inf in step 6 of the epoch" in message and "(epoch 2)" in message
    good = 16 if at_once == 4 else 17
    assert f"name-{good:08d}.npz" in message and f"name-{good:08d}.npz" in names(tmp_path)[-1]
    with np.load(tmp_path / names(tmp_path)[-1]) as stored:
        assert all(np.isfinite(stored[key]).all() for key in stored if key != "place")


def test_not_finite_without_checkpoints():
    """Plain `fit` stops, too."""
    G = tiny(Bad, disc_iter=1)
    G.compile()
    with pytest.raises(FloatingPointError, match="gen_loss became inf in step 18 of the epoch; the training stopped"):
        G.fit(epochs=1, steps_per_epoch=30, verbose=0)


def test_weights_that_are_not_finite_are_not_stored(tmp_path):
    """The loss is computed before the weights move: these are looked at, too, before they replace a good checkpoint."""
    class Spoil(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch > 3:
                variable = self.model.generator.trainable_variables[0]
                variable.assign(variable * np.nan)

    with pytest.raises(SystemExit, match="name-00000004.npz"):
        train(tmp_path, tiny, callbacks=[Spoil()], epochs=1)
    assert names(tmp_path) == ["name-00000004.npz"]


# ----------------------------------------------------------------- checkpoints

def test_two_are_kept(stopped, resumed):
    """With a checkpoint after each call the last two stay, and nothing half written."""
    assert names(stopped) == ["name-00000012.npz", "name-00000016.npz"]
    assert names(resumed[0]) == ["name-00000032.npz", "name-00000036.npz"]


def test_time_between_checkpoints(monkeypatch, tmp_path):
    """One is written when the minutes are over, and one at the end."""
    now = [0.]
    monkeypatch.setattr(long_run.time, "monotonic", lambda: now[0])
    written = []
    savez = np.savez
    monkeypatch.setattr(long_run.np, "savez", lambda path, **arrays: written.append(now[0]) or savez(path, **arrays))

    class Clock(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            now[0] += 50.

    train(tmp_path, tiny, every=2., callbacks=[Clock()])
    assert written == [150., 300., 450., 450.]


def test_an_earlier_training_is_replaced_late(capsys, tmp_path):
    """Without --resume the older checkpoints stay until the first new one is there."""
    train(tmp_path, tiny)
    with pytest.raises(Killed):
        train(tmp_path, tiny, every=1e9, callbacks=[KillAt(1)])
    assert names(tmp_path) == ["name-00000032.npz", "name-00000036.npz"]
    assert "--resume would go on with it" in capsys.readouterr().out
    with pytest.raises(Killed):
        train(tmp_path, tiny, callbacks=[KillAt(2)])
    assert names(tmp_path) == ["name-00000004.npz", "name-00000008.npz"]


def test_half_written_files_of_a_killed_run_go(capsys, tmp_path):
    """What a kill in the middle of writing left is nothing to resume, which is said; the new training removes it."""
    tmp_path.joinpath(".77-part-name-00000004.npz").write_bytes(b"half")
    tmp_path.joinpath(".77-part-other-00000004.npz").write_bytes(b"half")
    train(tmp_path, tiny, resume=True, epochs=1)
    assert "no checkpoint in" in capsys.readouterr().out
    assert names(tmp_path) == [".77-part-other-00000004.npz", "name-00000008.npz", "name-00000012.npz"]


def test_a_full_disk(capsys, monkeypatch, tmp_path):
    """A checkpoint that cannot be written is one sentence; the one before stays, and the training goes on."""
    store, calls = long_run.store, []

    def full(path, content):
        calls.append(path)
        if len(calls) not in (3, 4):
            return store(path, content)
        with written_whole(path) as half:
            half.write_bytes(content[:99])
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(long_run, "store", full)
    with pytest.raises(Killed):
        train(tmp_path, tiny, callbacks=[KillAt(4)])
    out = capsys.readouterr().out
    assert out.count("could not write the checkpoint") == 2 and out.count("No space left on device") == 2
    assert names(tmp_path) == ["name-00000004.npz", "name-00000008.npz"]
    G, _ = train(tmp_path, tiny, resume=True, epochs=1)
    assert same(state(G), plain(epochs=1)[0])


def test_a_full_disk_at_the_stop(capsys, monkeypatch, tmp_path):
    """When even the last checkpoint cannot be written, the message does not claim so."""
    def full(path, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(long_run.np, "savez", full)
    with pytest.raises(SystemExit):
        train(tmp_path, tiny, every=1e9, callbacks=[SignalAt(4, signal.SIGTERM)])
    assert "no checkpoint could be written" in capsys.readouterr().out


def test_a_read_only_folder(monkeypatch, tmp_path):
    """Said before the training."""
    monkeypatch.setattr(long_run.os, "access", lambda path, mode: False)
    with pytest.raises(SystemExit, match="^cannot write checkpoints into the folder '.*': it is read-only$"):
        train(tmp_path, tiny)


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SystemExit, match="^cannot write checkpoints into the folder '.*file'"):
        train(tmp_path / "file", tiny)


def changed(key, value):
    def change(path):
        with np.load(path) as stored:
            arrays = dict(stored)
        place = json.loads(str(arrays["place"]))
        if isinstance(place[key], dict):
            place[key].update(value)
        else:
            place[key] = value
        np.savez(path, **{**arrays, "place": json.dumps(place)})
    return change


def cut(part):
    def change(path):
        whole = path.read_bytes()
        path.write_bytes(whole[:int(part * len(whole))])
    return change


def flipped(path):
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 255
    path.write_bytes(whole)


def without_a_variable(path):
    with np.load(path) as stored:
        arrays = dict(stored)
    del arrays["variable_3"]
    np.savez(path, **arrays)


@pytest.mark.parametrize("change, message", [
    (cut(0), "is damaged .*Remove it, and --resume goes on from '.*name-00000012.npz'"),
    (cut(.1), "is damaged"), (cut(.5), "is damaged"), (cut(.99), "is damaged"), (flipped, "is damaged"),
    (lambda path: path.write_bytes(b"not a checkpoint"), "is damaged"),
    (without_a_variable, "is a checkpoint of other networks; nothing was changed"),
    (changed("version", 99), "has layout 99, this program reads layout 1"),
    (changed("settings", {"Keras": 1}), "is of another training: Keras 1 instead of [23]$"),
    (changed("settings", {"seed": 4}), "is of another training: seed 4 instead of 3$"),
    (changed("settings", {"data": "0"}), "is of another training: data 0 instead of [0-9a-f]{16}$"),
], ids=["empty", "a tenth", "half", "nearly whole", "one byte", "other file", "variable", "version", "Keras", "seed",
        "data"])
def test_refused_checkpoints(tmp_path, stopped, change, message):
    """A checkpoint that is cut short, damaged or of another training: one sentence; files and GAN stay as they are."""
    copied(stopped, tmp_path)
    newest = sorted(tmp_path.iterdir())[-1]
    change(newest)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(SystemExit) as refused:
        train(tmp_path, tiny, resume=True)
    assert re.search(message, refused.value.code), refused.value.code
    assert str(newest) in refused.value.code and refused.value.code.startswith("--resume: ")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_other_networks(tmp_path, stopped):
    """Shapes are compared before anything is restored."""
    copied(stopped, tmp_path)
    with pytest.raises(SystemExit, match="is of another training: .*generator layer 2 units 5 instead of 6"):
        train(tmp_path, tiny, resume=True, gen_shape=(2, 6, 3))


def test_another_class(tmp_path, stopped):
    copied(stopped, tmp_path)
    with pytest.raises(SystemExit, match="class Simple_GAN instead of WGAN_GP"):
        train(tmp_path, tiny, WGAN_GP, resume=True)


# ----------------------------------------------------------- the real scripts

def script(name, *arguments, **options):
    return subprocess.Popen([sys.executable, ROOT / "mains" / f"{name}.py", "--no-show", *map(str, arguments)],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


@thorough
def test_kills_of_a_face_training(tmp_path):
    """`kill -9` in both epochs of 0-main_32, then --resume: the networks are those of a run that ran through."""
    faces = tmp_path / "faces.npy"
    rng = np.random.default_rng(4)
    np.save(faces, (rng.integers(20, 200, (160, 1, 1)) + rng.integers(0, 50, (160, 16, 16))).astype("uint8"))
    arguments = ["--faces", faces, "--epochs", 2, "--steps", 20, "--batch-size", 7, "--disc-iter", 1, "--save-every", 0,
                 "--average", .9]
    whole = script("0-main_32", *arguments, "--out", tmp_path / "whole")
    output, _ = whole.communicate()
    assert whole.returncode == 0, output
    folder = tmp_path / "killed" / "0-main_32"
    for steps in (10, 30):
        running = script("0-main_32", *arguments, "--resume", "--out", tmp_path / "killed")
        while not list(folder.glob(f"checkpoint-*{steps}.npz")) and running.poll() is None:
            time.sleep(.01)
        running.kill()
        running.communicate()
    last = script("0-main_32", *arguments, "--resume", "--out", tmp_path / "killed")
    output, _ = last.communicate()
    assert last.returncode == 0 and re.search(r"going on after [1-4]0 steps", output), output
    with np.load(tmp_path / "whole" / "0-main_32" / "checkpoint-00000040.npz") as one, \
            np.load(folder / "checkpoint-00000040.npz") as other:
        keys = [key for key in one if key.startswith(("variable", "part_0"))]
        assert len(keys) > 60 and difference([one[key] for key in keys], [other[key] for key in keys]) < 1e-5
