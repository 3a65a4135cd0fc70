"""What cannot be trained is refused before anything is drawn, read or taught: nobody waits a minute for one word."""

import importlib
import sys

import numpy as np
import pytest
import tensorflow as tf

from beyond.common import data, features, pairs, training
from gan import script
from gan.seeds import set_seeds

WRONG = [
    ("cyclegan", ["--size", "20"], "size: expected 8, 16, 32, 64, 128 or 256"),
    ("cyclegan", ["--pictures", "1"], "--pictures: expected a whole number of at least 2, got 1"),
    ("cyclegan", ["--network", "zebras"], "--network: expected resnet or unet for pictures of 32x32x3"),
    ("cyclegan", ["--data", "photographs", "--change", "colour", "--size", "20"], "size: expected 8, 16, 32, 64"),
    ("discogan", ["--size", "20"], "size: expected 8, 16, 32, 64, 128 or 256"),
    ("discogan", ["--batch", "1001"], "--batch: expected at most 1000, the number of pictures of a set, got 1001"),
    ("pix2pix", ["--data", "OWN", "--size", "24"], "size: expected 8, 16, 32, 64, 128 or 256"),
    ("pix2pix", ["--data", "photographs", "--size", "900"], "size: expected at most the height of a photograph"),
    ("pix2pix", ["--batch", "1001"], "--batch: expected at most 1000, the number of pairs, got 1001"),
    ("srgan", ["--content", "0", "--gan", "0"], "pixel_weight: expected one of content_weight, "),
    ("srgan", ["--features", "vgg"], "features: expected faces, or vgg where Keras has the weights of VGG19"),
    ("cartoongan", ["--size", "24"], "size: expected 8, 16, 32, 64, 128 or 256"),
    ("cartoongan", ["--features", "vgg"], "features: expected faces, or vgg where Keras has the weights of VGG19"),
    ("cartoongan", ["--batch", "501"], "--batch: expected at most 500, the number of photographs or of drawings"),
    ("context_encoder", ["--size", "24"], "size: expected a multiple of 16"),
    ("context_encoder", ["--batch", "1001"], "--batch: expected at most 1000, the number of pictures, got 1001"),
]


@pytest.fixture
def nothing_is_drawn(monkeypatch, tmp_path):
    def never(*arguments, **options):
        raise AssertionError("drawn, read or taught before the arguments were looked at")

    for module, name in ((pairs.renderer, "draw_versions"), (pairs, "_patches"), (data, "read_files"),
                         (features, "_train")):
        monkeypatch.setattr(module, name, never)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


@pytest.mark.parametrize("room, arguments, sentence", WRONG)
def test_refused_before_anything_is_drawn(nothing_is_drawn, tmp_path, room, arguments, sentence):
    """`beyond.cyclegan --size 20` drew a thousand faces, and then said that it cannot halve them."""
    own = tmp_path / "own"
    own.mkdir()
    for number in range(20):
        (own / f"{number}.png").touch()
    arguments = [str(own) if argument == "OWN" else argument for argument in arguments]
    with pytest.raises(SystemExit) as stopped:
        importlib.import_module(f"beyond.{room}").main(["--no-show", "--out", str(tmp_path / "out"), *arguments])
    assert str(stopped.value.code).startswith(sentence) and "\n" not in str(stopped.value.code)


@pytest.mark.parametrize("room, epochs", [("progressive", 2), ("loss_and_quality", 1)])
def test_too_few_epochs_for_what_is_shown(capsys, tmp_path, room, epochs):
    """A network that never grew was called grown; one look at the samples ended in an error of NumPy."""
    with pytest.raises(SystemExit):
        importlib.import_module(f"beyond.{room}").main(["--epochs", str(epochs), "--out", str(tmp_path), "--no-show"])
    assert "--epochs: expected at least 3, " in capsys.readouterr().err


@pytest.mark.parametrize("size", ["0", "1025", "999999999999", "2.5"])
def test_sizes_that_no_command_line_takes(capsys, tmp_path, size):
    """A side of a million pixels was refused by the operating system, with its stack trace."""
    with pytest.raises(SystemExit):
        importlib.import_module("beyond.pix2pix").main(["--out", str(tmp_path), "--size", size])
    assert "--size: expected a whole number of at" in capsys.readouterr().err


def test_the_rehearsal_leaves_no_trace():
    """A network that is built only to be tried must not move the random numbers of the one that is trained."""
    options = training.settings(data=["faces"], halves=False, pictures=4, size=8, batch=2, seed=3)
    shapes = []

    def make(black):
        shapes.append((black.train_a.shape[1:], black.train_b.shape[1:]))
        np.random.random(), tf.random.uniform(())

    pairs.from_options(options, "colour", make)
    got = np.random.random(), float(tf.random.uniform(()))
    set_seeds(3)
    assert got == (np.random.random(), float(tf.random.uniform(())))
    assert shapes == [((8, 8, 1), (8, 8, 3))]


@pytest.mark.parametrize("arguments, sentence", [
    (["cyclegan"], "expected --totals or nothing, got 'cyclegan'; a system runs as python -m beyond.NAME"),
    (["--quick"], "expected --totals or nothing, got '--quick'; a system runs as python -m beyond.NAME")])
def test_the_catalogue_says_how_a_system_is_run(capsys, arguments, sentence):
    """`python -m beyond cyclegan` said no more than that the argument is unrecognized."""
    with pytest.raises(SystemExit):
        importlib.import_module("beyond.__main__").main(arguments)
    assert capsys.readouterr().err.endswith(f"error: {sentence}\n")


def test_out_is_a_folder(capsys, tmp_path):
    """Whoever gives the name of a picture learns that a folder is wanted, not that a file exists."""
    (tmp_path / "picture.png").touch()
    with pytest.raises(SystemExit):
        importlib.import_module("beyond.vae").main(["--out", str(tmp_path / "picture.png")])
    assert f"error: --out: expected a folder, got the file '{tmp_path}/picture.png'\n" in capsys.readouterr().err


def test_ctrl_c_ends_in_one_line(capsys, monkeypatch, tmp_path):
    """Where no checkpoint is kept, Ctrl-C ended in forty lines of TensorFlow; errors are still told."""
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    script.start(script.parser("test"), ["--out", str(tmp_path), "--no-show"])
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capsys.readouterr().err == "\nstopped by Ctrl-C\n"
    met_in_c = SystemError("<built-in function len> returned a result with an error set")
    met_in_c.__cause__ = KeyboardInterrupt()
    sys.excepthook(SystemError, met_in_c, None)
    assert capsys.readouterr().err == "\nstopped by Ctrl-C\n"
    sys.excepthook(ValueError, ValueError("size: 3"), None)
    assert capsys.readouterr().err == "ValueError: size: 3\n"
