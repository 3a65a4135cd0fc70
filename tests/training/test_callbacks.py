"""The callbacks of Keras in the table of `gan/README.md`, each with a GAN, and our own that redraws a picture."""

import csv
import functools
import importlib.util
import re
import sys
import types

import pytest
from tensorflow import keras

from gan import notebook
from gan.figures import plt, visualize_2D, visualize_losses
from gan.live_plot import LivePlot
from tests.helpers import (
    ROOT,
    Simple_GAN,
    fully_connected_GenDiscr,
    latent_vectors,
    points,
    same,
    set_seeds,
    state,
    steps_done,
)

callbacks = keras.callbacks
EPOCHS = 3


def tiny():
    """The cheapest GAN of the plane."""
    set_seeds(5)
    G = Simple_GAN(*fully_connected_GenDiscr([2, 4, 2])[:2], latent_vectors, points(20, 2), batch_size=6, disc_iter=1)
    G.compile()
    return G


def fitted(callback=(), epochs=EPOCHS, G=None):
    G = G or tiny()
    G.fit(epochs=epochs, steps_per_epoch=2, verbose=0, callbacks=callback)
    return G


def eagerly(callback=(), epochs=EPOCHS):
    """Trained without a graph, whose making takes longer than so few steps."""
    G = tiny()
    G.compile(run_eagerly=True)
    return fitted(callback, epochs, G)


@functools.cache
def trained():
    """A GAN to draw."""
    return eagerly()


def rates(G):
    return [float(network.optimizer.learning_rate) for network in (G.generator, G.discriminator)]


# ------------------------------------------------ what each one has done, in the order of the table

def early_stopping(folder):
    G = fitted(callbacks.EarlyStopping("gen_loss", mode="min", baseline=-9., patience=1, restore_best_weights=True), 9)
    assert len(G.history.epoch) == 2


def model_checkpoint(folder):
    G = fitted(callbacks.ModelCheckpoint(str(folder / "{epoch}.weights.h5"), save_weights_only=True))
    other = tiny()
    other.load_weights(folder / f"{EPOCHS}.weights.h5")
    assert same(state(other), state(G)) and len(list(folder.iterdir())) == EPOCHS


def csv_logger(folder):
    G = fitted(callbacks.CSVLogger(str(folder / "log.csv")))
    with open(folder / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, values in G.history.history.items():
        assert [float(row[name]) for row in rows] == pytest.approx(values, rel=1e-6)


def tensor_board(folder):
    callback = callbacks.TensorBoard(str(folder))
    if importlib.util.find_spec("tensorboard"):
        fitted(callback)
        assert list(folder.glob("train/events*"))
    else:
        with pytest.raises(Exception, match="TensorBoard is not installed"):
            fitted(callback)


def backup_and_restore(folder):
    class Stop(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted([callbacks.BackupAndRestore(str(folder)), Stop()])
    G = fitted(callbacks.BackupAndRestore(str(folder)))
    assert G.history.epoch == [1, 2] and steps_done(G) == (6, 6)


def terminate_on_nan(folder):
    G = tiny()
    G.generator.layers[-1].set_weights([w * float("nan") for w in G.generator.layers[-1].get_weights()])
    with pytest.raises(FloatingPointError, match="nan"):
        fitted(callbacks.TerminateOnNaN(), G=G)


def lambda_callback(folder):
    seen = []
    G = fitted(callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, dict(logs)))))
    assert [epoch for epoch, _ in seen] == [0, 1, 2]
    assert [logs["gen_loss"] for _, logs in seen] == G.history.history["gen_loss"]


def learning_rate_scheduler(folder):
    G = fitted(callbacks.LearningRateScheduler(lambda epoch: .01 / (epoch + 1)))
    assert rates(G) == pytest.approx([.01 / 3] * 2)


def reduce_lr_on_plateau(folder):
    G = tiny()
    before = rates(G)
    fitted(callbacks.ReduceLROnPlateau("gen_loss", mode="min", patience=1, min_delta=100., factor=.5, cooldown=9), G=G)
    assert rates(G) == pytest.approx([rate / 2 for rate in before])


def progbar_logger(folder):
    assert steps_done(fitted(callbacks.ProgbarLogger())) == (6, 6)


def history(folder):
    own = callbacks.History()
    assert fitted(own).history.history == own.history


ROWS = {"EarlyStopping": early_stopping, "ModelCheckpoint": model_checkpoint, "CSVLogger": csv_logger,
        "TensorBoard": tensor_board, "BackupAndRestore": backup_and_restore, "TerminateOnNaN": terminate_on_nan,
        "LambdaCallback": lambda_callback, "LearningRateScheduler": learning_rate_scheduler,
        "ReduceLROnPlateau": reduce_lr_on_plateau, "History": history, "ProgbarLogger": progbar_logger}

SHOWN = ("EarlyStopping", "ModelCheckpoint", "CSVLogger", "BackupAndRestore", "LambdaCallback",
         "LearningRateScheduler", "ReduceLROnPlateau", "History")


# What the quick tests show elsewhere (`test_fit.py`, `test_whole.py`) is here for the table.
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.thorough] * (name in SHOWN)) for name in ROWS])
def test_each_callback_of_the_table(tmp_path, name):
    """What the table promises of a callback is what it does: somebody who relies on it loses no training."""
    ROWS[name](tmp_path)


def test_the_table_has_each_of_them():
    """The table of the page and the tests name the same callbacks: none is promised without a test."""
    text = (ROOT / "gan" / "README.md").read_text()
    table = text[text.index("| callback |"):].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)`", table, flags=re.MULTILINE) == [*ROWS, "LivePlot"]


# ------------------------------------------------------------------------ our own

class Place:
    """A stand-in for the place in a notebook's cell where pictures are put."""

    def __init__(self):
        self.pictures = []

    def display(self, picture, **options):
        self.pictures.append(picture)
        return self

    update = display


@pytest.fixture
def place(monkeypatch):
    """A notebook that only counts what is put into it."""
    place = Place()
    module = types.SimpleNamespace(display=place.display, Image=lambda data: data)
    shell = types.SimpleNamespace(execution_count=1)
    monkeypatch.setattr(notebook, "shell", lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(
        get_ipython=lambda: None, display=module, version_info=(9, 0)))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    place.shell = shell
    return place


@pytest.mark.parametrize("every, epochs, count", [(1, 3, 3), (2, 4, 2), (5, 3, 1)])
def test_it_draws_every_so_many_epochs_and_the_last(place, every, epochs, count):
    """A picture after so many epochs, in one place, and one at the end; the losses of all epochs so far are in it."""
    seen = []

    def draw(G, show):
        seen.append(len(G.history.history["gen_loss"]))
        return plt.figure()

    eagerly(LivePlot(draw, every), epochs)
    assert len(place.pictures) == count == len(seen) and seen[-1] == epochs
    assert seen == sorted({*range(every, epochs + 1, every), epochs})


def test_the_training_is_the_same_with_it(place):
    """A picture draws samples of its own; no step of the training may get other random numbers for it."""
    assert same(state(fitted(LivePlot())), state(fitted()))
    assert all(picture.startswith(b"\x89PNG") for picture in place.pictures)


def test_a_window_is_drawn_again(monkeypatch):
    """Where there is a screen, one window shows each picture in turn."""
    pauses = []
    monkeypatch.setattr(type(plt.figure().canvas), "required_interactive_framework", "a screen", raising=False)
    monkeypatch.setattr(plt, "pause", pauses.append)
    plt.close("all")
    eagerly(LivePlot())
    assert len(pauses) == EPOCHS and len(plt.get_fignums()) == 1
    plt.close("all")


def test_nowhere_to_draw():
    """In a script without a screen it gives up after the first picture, and the training goes on."""
    calls = []

    def draw(G, show):
        calls.append(1)
        return plt.figure()

    G = eagerly(LivePlot(draw))
    assert len(calls) == 1 and steps_done(G) == (6, 6) and not plt.get_fignums()


@pytest.mark.parametrize("arguments, error, start", [
    ((3,), TypeError, "visualize: expected a function that draws a GAN"), ((visualize_2D, 0), ValueError, "every: "),
    ((visualize_2D, 1.5), TypeError, "every: "), (("x",), TypeError, "visualize: "),
])
def test_bad_arguments(arguments, error, start):
    """One sentence that names the argument, before anything trains."""
    with pytest.raises(error, match=f"^{start}"):
        LivePlot(*arguments)


# ------------------------------------------------------------------- in a notebook

def test_a_figure_is_shown_once(place):
    """As a cell's last line, with a semicolon, in a loop: one picture. Pyplot keeps none, which Jupyter would add."""
    figure = visualize_2D(trained())
    assert len(place.pictures) == 1 and not plt.get_fignums()
    figure._ipython_display_()  # the last line of the same cell
    assert len(place.pictures) == 1
    place.shell.execution_count += 1
    figure._ipython_display_()  # of a later cell
    assert len(place.pictures) == 2


def test_a_figure_that_is_not_to_be_shown(place, tmp_path):
    """`show=False` shows nothing, with or without a file; the figure is a picture where a cell ends with it."""
    G = trained()
    for options in ({}, {"filename": tmp_path / "a.png"}):
        figure = visualize_2D(G, show=False, **options)
        assert not place.pictures and not plt.get_fignums()
    figure._ipython_display_()
    assert len(place.pictures) == 1


def test_other_figures_too(place):
    """Those without `show` are not left open either: Jupyter would show them twice."""
    assert visualize_losses(trained()) and not plt.get_fignums() and not place.pictures


def test_a_terminal_is_no_notebook(monkeypatch):
    """IPython in a terminal shows no pictures, and nothing is printed in their place."""
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=object))
    assert notebook.shell() is None
