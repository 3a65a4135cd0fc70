"""What is looked at while a GAN trains: gradients in 49 dimensions; loss and quality side by side."""

import re

import numpy as np
import pytest
from tensorflow import keras

from beyond import gradients, loss_and_quality
from beyond.gradients import looked_at, norm, swing
from beyond.loss_and_quality import together
from gan.networks import fully_connected_GenDiscr
from tests.beyond.short import eagerly, few_pictures
from tests.helpers import CLASSES, points, set_seeds, state

TINY = ["--epochs", "2", "--steps", "1", "--no-show"]


@pytest.fixture
def quickly(monkeypatch):
    """Fewer pictures, and no graphs, whose making takes most of so short a run."""
    eagerly(monkeypatch)
    few_pictures(monkeypatch)


# ------------------------------------------------------------ gradients

def test_norm():
    """Several arrays as one vector: 3, 4 and 12 have the norm 13."""
    assert norm([np.array([[3.]]), np.array([4., 12.])]) == 13


def forward(network, x):
    """What dense layers of tanh give; a generator's last one is a sigmoid."""
    weights = [array.astype("float64") for array in network.get_weights()]
    for i in range(0, len(weights), 2):
        x = x @ weights[i] + weights[i + 1]
        last = i == len(weights) - 2 and network.name == "generator"
        x = 1 / (1 + np.exp(-x)) if last else np.tanh(x)
    return x


@pytest.mark.parametrize("chosen_type", CLASSES, ids=lambda c: c.__name__)
def test_a_look_against_differences(chosen_type):
    """Slope of D at the fakes and the gradient of the generator's loss, by differences in float64; nothing moves."""
    set_seeds(2)
    generator, discriminator, latent_generator = fully_connected_GenDiscr([2, 4, 3])
    G = chosen_type(generator, discriminator, latent_generator, points(20, 3), batch_size=5)
    latent, real = np.asarray(latent_generator(6)), points(7, 3)
    before = state(G)
    row = looked_at(G, latent, real)
    for one, other in zip(before, state(G)):
        np.testing.assert_array_equal(one, other)

    fakes = forward(generator, latent.astype("float64"))
    moves = np.eye(3) * 1e-5
    slopes = np.stack([forward(discriminator, fakes + move) - forward(discriminator, fakes - move)
                       for move in moves], axis=-1)[:, 0] / 2e-5
    assert row["slope"] == pytest.approx(np.linalg.norm(slopes, axis=1).mean(), rel=1e-3)

    def loss():
        values = forward(discriminator, forward(generator, latent.astype("float64")))
        return np.mean((values - 1) ** 2) if chosen_type is CLASSES[0] else -np.mean(values)

    weights, squares = generator.get_weights(), 0.
    for i, array in enumerate(weights):
        for place in np.ndindex(array.shape):
            sides = []
            for move in (1e-2, -1e-2):  # float32 weights
                moved = [other.copy() for other in weights]
                moved[i][place] += move
                generator.set_weights(moved)
                sides.append(loss())
            squares += ((sides[0] - sides[1]) / 2e-2) ** 2
    assert row["gradient"] == pytest.approx(np.sqrt(squares), rel=1e-2)


def test_who_is_sure():
    """The share of |D| > .99 is of real and fake examples together."""
    set_seeds(2)
    generator, discriminator, latent_generator = fully_connected_GenDiscr([2, 4, 3])
    G = CLASSES[0](generator, discriminator, latent_generator, points(20, 3), batch_size=5)
    latent = latent_generator(6)
    assert looked_at(G, latent, points(2, 3))["sure"] == 0
    discriminator.set_weights([np.full((3, 4), .001), np.zeros(4), np.full((4, 1), 3.), np.zeros(1)])
    assert looked_at(G, latent, np.full((2, 3), 1e4, "float32"))["sure"] == .25, "2 of 2 real ones, 0 of 6 fakes"
    discriminator.set_weights([*discriminator.get_weights()[:-1], np.array([9.], "float32")])
    discriminator.layers[-1].kernel.assign(0 * discriminator.layers[-1].kernel)
    row = looked_at(G, latent, points(2, 3))
    assert row["sure"] == 1 and row["slope"] == 0 and row["gradient"] == 0


def test_swing():
    """0 for what rests; 1 for what jumps from 0 to 2 and back. Only the last third counts."""
    assert swing([9., 1., 4., 2., 2., 2.]) == 0
    assert swing([5.] * 4 + [0., 2.]) == 1


def test_movement_is_that_of_an_epoch():
    """`moved` is the distance of the generator's weights from those of the look before; a look does not train."""
    kept = []

    class Kept(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            kept.append(self.model.generator.get_weights())

        def on_epoch_end(self, epoch, logs=None):
            kept.append(self.model.generator.get_weights())

    set_seeds(2)
    generator, discriminator, latent_generator = fully_connected_GenDiscr([2, 4, 3])
    G = CLASSES[0](generator, discriminator, latent_generator, points(20, 3), batch_size=5)
    G.compile(run_eagerly=True)
    looks = gradients.Looks(latent_generator(6), points(7, 3))
    G.fit(epochs=2, steps_per_epoch=2, verbose=0, callbacks=[Kept(), looks])
    distances = [norm([a - b for a, b in zip(new, old)]) for new, old in zip(kept[1:], kept)]
    assert [row["moved"] for row in looks.rows] == pytest.approx([0, *distances]) and min(distances) > 0


def test_script_of_the_gradients(capsys, tmp_path, quickly):
    """Six panels with a line for each class; a table."""
    figures = gradients.main([*TINY, "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert [path.name for path in tmp_path.glob("*.png")] == ["gradients.png"]
    for name in gradients.CLASSES:
        assert re.search(rf"^{name} *( +[\d.e+-]+){{7}}$", out, flags=re.MULTILINE)
    assert re.search(r"^\(" + ".*; ".join(f"{key}:" for key in (*gradients.PANELS, "swing")), out, flags=re.MULTILINE)
    assert [len(axis.get_lines()) for axis in figures[0].axes] == [3, 3, 3, 3, 4, 4]
    assert [row for _, row, _ in gradients.CLAIMS] == list(gradients.CLASSES)


# ------------------------------------------------------------ loss and quality

def test_going_together():
    """By ranks: 1 for any rising relation, -1 for a falling one, 0 where one of both never changes."""
    t = np.arange(8.)
    assert together(t, np.exp(t)) == pytest.approx({"all": 1, "second half": 1, "changes": 0}), "t changes evenly"
    assert together(-t ** 3, np.exp(t))["all"] == pytest.approx(-1)
    assert together(np.ones(8), t) == {"all": 0, "second half": 0, "changes": 0}


def test_a_common_trend_is_told_from_knowing_each_other():
    """Two series that both fall go together over all looks; their ups and downs may be opposite."""
    t, zigzag = np.arange(20), np.tile([0., 1.], 10)
    found = together(-10 * t + 3 * zigzag + t % 3 * .1, -10. * t - 3 * zigzag)
    assert found["all"] == pytest.approx(1) and found["changes"] < -.5


def test_losses_are_means_of_an_epoch():
    """Each look has the mean of the epoch's steps, with the sign that the run gives, and the distance."""
    class Told:
        epoch_losses = [{"discr_loss": -1., "gen_loss": 5.}, {"discr_loss": -3., "gen_loss": 7.}]

    watched = loss_and_quality.Watched({"distance": ("discr_loss", -1), "generator's": ("gen_loss", 1)}, lambda G: 9.)
    watched.set_model(Told)
    watched.on_epoch_end(0)
    assert watched.rows == [{"distance": 2., "generator's": 6., "frechet": 9.}]


def test_script_of_loss_and_quality(capsys, tmp_path, quickly):
    """A panel for each loss: two of the GAN, one of each critic; a line of figures for each run."""
    figures = loss_and_quality.main([*TINY, "--epochs", "3", "--batch", "5", "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert len([axis for axis in figures[0].axes if axis.get_title()]) == 4
    for name in loss_and_quality.RUNS:
        assert re.search(rf"^{name}: Frechet distance [\d.]+ at the first look, ", out, flags=re.MULTILINE)
    assert len(re.findall("^  rank correlation of it and the .+: all .+, second half .+, changes ", out, re.M)) == 4
    assert sorted(path.name for path in tmp_path.glob("*.png")) == [
        "loss_and_quality-samples.png", "loss_and_quality.png"]


def test_what_is_measured(quickly, monkeypatch):
    """Three correlations for each loss, and the first and last distance."""
    monkeypatch.setattr(loss_and_quality, "LOOKS", 4)
    assert [row for _, row, _ in loss_and_quality.CLAIMS] == list(loss_and_quality.RUNS)
    figures = loss_and_quality.CLAIMS[0][2](3, 1)
    assert len(figures) == 2 * 3 + 2 and all(np.isfinite(list(figures.values())))
