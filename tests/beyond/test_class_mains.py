"""VAE, PixelCNN, CGAN, SGAN, InfoGAN and ACGAN as they run: what they say, save and measure."""

import argparse
import importlib
import re

import numpy as np
import pytest
from PIL import Image
from tensorflow import keras

from gan import script
from gan.engine import PlainFit
from tests.beyond.short import eagerly, few_pictures

GAN_OPTIONS = ["--epochs", "2", "--steps", "1", "--batch", "4", "--filters", "4"]
RUNS = {
    "vae": (["--epochs", "2"], 3), "pixel_cnn": (["--epochs", "2", "--filters", "4", "--samples", "2"], 3),
    "cgan": (GAN_OPTIONS, 3), "sgan": ([*GAN_OPTIONS, "--labels", "5", "20"], 3),
    "sgan as listed": ([*GAN_OPTIONS, "--labels", "20", "--as-listed"], 3),
    "infogan": (GAN_OPTIONS, 3), "infogan numbers": ([*GAN_OPTIONS, "--continuous", "2"], 4), "acgan": (GAN_OPTIONS, 3),
}
MEASURES = {"vae": (.5,), "pixel_cnn": (), "cgan": (), "sgan": (25, False), "infogan": (0.,), "acgan": (0.,)}
SYSTEMS = sorted({name.split()[0] for name in RUNS})


def room(name):
    """The module of a system, by the first word of a name above."""
    return importlib.import_module(f"beyond.{name.split()[0]}")


@pytest.fixture
def quickly(monkeypatch):
    """Few pictures, no graphs, small pictures of the PixelCNN: these tests are about what is around."""
    eagerly(monkeypatch)
    eagerly(monkeypatch, PlainFit)
    few_pictures(monkeypatch, 150)
    from beyond.pixel_cnn import PixelCNN
    monkeypatch.setattr(PixelCNN, "generate", lambda self, count: np.eye(28)[None, :, :, None].repeat(count, axis=0))


@pytest.mark.parametrize("name", RUNS)
def test_script(capsys, tmp_path, quickly, name):
    """Says which data it uses and how good the result is, and saves its pictures."""
    arguments, count = RUNS[name]
    figures = room(name).main([*arguments, "--no-show", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    saved = re.findall(r"^saved (.*)$", out, flags=re.MULTILINE)
    assert sorted(saved) == sorted(map(str, tmp_path.glob("*.*"))) and len(saved) == len(figures) == count
    for path in saved:
        with Image.open(path) as picture:
            assert min(picture.size) > 100
    assert re.search(r"^data: \d+ pictures of 28x28x1: ", out, flags=re.MULTILINE)
    assert all(re.fullmatch(rf"{name.split()[0]}-\w+\.png", path.name) for path in tmp_path.glob("*.*"))
    wanted = {"vae": "same class", "pixel_cnn": "nll per pixel", "sgan": "20 labels: accuracy",
              "infogan": "purity"}.get(name.split()[0], "class accuracy")
    assert wanted in out
    if name.startswith("sgan"):
        assert ("\n5 labels: none of a picture of " in out) == ("5" in arguments) and "\n20 labels: none" not in out
        assert f"\n{'SGANAsListed' if 'listed' in name else 'SGAN'}: epoch 2/2, " in out
    losses = [line for figure in figures for axis in figure.axes for line in axis.get_lines()]
    assert losses and all(np.all(np.isfinite(line.get_ydata())) for line in losses)


@pytest.mark.parametrize("name", MEASURES)
def test_measure(quickly, name, monkeypatch):
    """A try with one step an epoch gives finite figures, all of them numbers."""
    module = room(name)
    if hasattr(module, "train"):  # VAE and PixelCNN: one epoch is enough
        train = module.train
        monkeypatch.setattr(module, "train", lambda pictures, options, *more: train(
            pictures, argparse.Namespace(**{**vars(options), "epochs": 1}), *more))
    figures = module.measure(*MEASURES[name], seed=1, steps=1)
    assert len(figures) >= 2 and all(np.isfinite(value) for value in figures.values())
    keras.backend.clear_session()


def test_measure_of_the_classifier_alone(quickly):
    """Its accuracy for each number of labels; one step of four filters leaves it near guessing."""
    found = room("sgan").measure_alone(4, seed=1, steps=1)
    assert list(found) == ["25 labels", "50 labels", "100 labels"] and all(0 <= right < .5 for right in found.values())


@pytest.mark.parametrize("name", ["vae", "pixel_cnn"])
def test_resumed(capsys, monkeypatch, tmp_path, quickly, name):
    """Killed in its third epoch, a training goes on with --resume: stored variables, one epoch, losses of all three."""
    class Killed(Exception):
        pass

    class KilledAt(script.TimeLeft):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch)
            if epoch == 2:
                kept.extend(self.model.get_weights() + [v.numpy() for v in self.model.optimizer.variables])
                raise Killed

    class Noted(script.TimeLeft):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch)
            begun.append(epoch)
            if epoch == 2:
                kept.extend(self.model.get_weights() + [v.numpy() for v in self.model.optimizer.variables])

    kept, begun, main = [], [], room(name).main
    command = [*{**RUNS, "vae": ([], 0)}[name][0], "--epochs", "3", "--no-show", "--save-every", "0",
               "--out", str(tmp_path)]
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(script, "TimeLeft", KilledAt)
        main(command)
    before, kept = kept, []
    with monkeypatch.context() as patch:
        patch.setattr(script, "TimeLeft", Noted)
        losses = main([*command, "--resume"])[-1]
    assert begun == [2] and len(before) == len(kept) > 4
    for one, other in zip(before, kept):
        np.testing.assert_array_equal(one, other)
    assert len(losses.axes[0].get_lines()[0].get_ydata()) == 3
    assert "(2 whole epochs)" in capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        main([*command, "--seed", "7", "--resume"])
    assert "another training: seed 0 instead of 7" in str(refused.value.code)


@pytest.mark.parametrize("name", SYSTEMS)
def test_help(capsys, name):
    """--help explains the system and has the options that all have."""
    module = room(name)
    with pytest.raises(SystemExit) as stopped:
        module.main(["--help"])
    out = capsys.readouterr().out
    assert stopped.value.code == 0 and module.__doc__.strip().split("\n")[0] in out
    assert out.startswith(f"usage: python -m beyond.{name} ")
    for option in ("--seed", "--out", "--no-show", "--epochs", "--data", "--quick", "--resume"):
        assert option in out
