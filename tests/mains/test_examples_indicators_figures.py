"""Example data, indicators, and what the figures hold: points, values, titles and limits, never pixels."""

import inspect

import numpy as np
import pytest
import tensorflow as tf
from matplotlib import colors
from PIL import Image
from tensorflow import keras

from gan import examples, figures, indicators
from gan.faces.figures import visualize_faces
from gan.faces.pictures import Faces
from gan.numbers_in_words import mean_and_spread
from gan.script import set_seeds
from tests.helpers import (
    Simple_GAN,
    WGAN_clip,
    points,
    same,
    small,
    small_pictures,
    steps_done,
)

# ----------------------------------------------------------------- examples


def test_circle():
    """The circle's points lie at distance .3 from (.5, .5), all around it."""
    set_seeds(2)
    circle = np.asarray(examples.circle_example(1009))
    assert circle.shape == (1009, 2) and circle.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(circle - .5, axis=1), .3, atol=1e-6)
    angles = np.arctan2(*(circle - .5).T)
    assert np.histogram(angles, bins=7, range=(-np.pi, np.pi))[0].min() > 100  # 144 expected in each


def test_four_clouds():
    """Four clouds at their places, in their order, coloured by x^2, y^2 and the rest, drawn from NumPy's stream."""
    n = 1009
    set_seeds(2)
    clouds = np.asarray(examples.four_clouds_example(n))
    assert clouds.shape == (n, 5) and clouds.dtype == np.float32
    x, y, red, green, blue = clouds.astype("float64").T
    set_seeds(2)
    expected_x, expected_y = np.random.randn(n) * .05, np.random.randn(n) * .05
    for rows, center in ((slice(0, 252), (.75, .75)), (slice(252, 504), (.75, .25)), (slice(504, 756), (.25, .75)),
                         (slice(756, n), (.25, .25))):
        np.testing.assert_allclose(x[rows], expected_x[rows] + center[0], atol=1e-6)
        np.testing.assert_allclose(y[rows], expected_y[rows] + center[1], atol=1e-6)
    np.testing.assert_allclose(red, x ** 2, atol=1e-6)
    np.testing.assert_allclose(green, y ** 2, atol=1e-6)
    np.testing.assert_allclose(blue, np.maximum(1 - x ** 2 - y ** 2, 0), atol=1e-6)


def test_cloud_in_the_corner():
    """The cloud's coordinates are .8 + sigma times a standard normal number; one version is NumPy's, one a tensor."""
    set_seeds(2)
    wanted = np.random.randn(7 * 5).reshape(7, 5) * .05 + .8
    set_seeds(2)
    np.testing.assert_array_equal(examples.cloud_in_the_corner_numpy(5, .05, 7), wanted)
    set_seeds(2)
    tensor = examples.cloud_in_the_corner(5, .05, 7)
    assert tensor.dtype == tf.float32
    np.testing.assert_allclose(tensor, wanted, rtol=1e-6)


def test_faces(tmp_path):
    """Faces are scaled to [0, 1], centred, divided by each pixel's largest value, and recovered from that."""
    stored = np.random.default_rng(4).integers(20, 256, (401, 16, 16)).astype("uint8")
    stored[:, 3, 5] = 0  # a pixel that is always black
    np.save(tmp_path / "faces.npy", stored)
    faces = Faces(tmp_path / "faces.npy")
    pictures = stored / 255
    np.testing.assert_allclose(faces.pictures, pictures, atol=1e-6)
    np.testing.assert_allclose(faces.mean_face, pictures.mean(axis=0), atol=1e-6)
    assert faces.multiplier.shape == (16, 16) and faces.multiplier[3, 5] == 1
    multiplier = np.where(stored.max(axis=0) > 0, stored.max(axis=0) / 255, 1)
    np.testing.assert_allclose(faces.normalized, (pictures - pictures.mean(axis=0)) / multiplier, atol=1e-6)
    assert faces.normalized.dtype == np.float32
    np.testing.assert_allclose(faces.recover(faces.normalized), pictures, atol=1e-6)
    np.testing.assert_allclose(faces.recover(faces.normalized[17]), pictures[17], atol=1e-6)


# --------------------------------------------------------------- indicators

def test_indicators_of_a_known_cloud():
    """The two indicators of three points, worked out on paper."""
    cloud = np.array([[.8, .8], [1.1, .4], [.8, 1.4]])  # squared distances 0, .25, .36; barycentre (.9, .8667)
    assert indicators.mean_squared_dist_cloud_to_center(cloud) == pytest.approx(.61 / 3)
    assert indicators.squared_dist_barycenter_to_center(cloud) == pytest.approx(.01 + 1 / 225)


def test_expected_indicators():
    """For 49 coordinates of spread .05 and 500 points the indicators are expected to be .1225 and .000245."""
    assert indicators.expected_mean_squared_dist_cloud_to_center(49, .05, 500) == pytest.approx(.1225)
    assert indicators.expected_squared_dist_barycenter_to_center(49, .05, 500) == pytest.approx(.000245)
    set_seeds(2)
    cloud = examples.cloud_in_the_corner_numpy(49, .05, 10007)
    # Standard errors: .00025, and a fifth of the expected value.
    assert indicators.mean_squared_dist_cloud_to_center(cloud) == pytest.approx(.1225, abs=.001)
    assert indicators.squared_dist_barycenter_to_center(cloud) == pytest.approx(.1225 / 10007, rel=.6)


def test_sliced_wasserstein():
    """The distance is zero for the same points in any order, and for a moved cloud the move seen from all sides."""
    cloud = points(101, 2)
    shuffled = np.random.default_rng(1).permutation(cloud)
    assert indicators.sliced_wasserstein(cloud, shuffled) == pytest.approx(0, abs=1e-12)
    moved = indicators.sliced_wasserstein(cloud, cloud + [3, 4])
    # A move by 5 in the plane seen from a random side: 5 x mean |cos| = 10/pi; standard error 5 x .31 / sqrt(500).
    assert moved == pytest.approx(10 / np.pi, abs=.25)
    assert indicators.sliced_wasserstein(cloud + [3, 4], cloud) == pytest.approx(moved)
    line = points(101, 1)
    assert indicators.sliced_wasserstein(line, line + .7) == pytest.approx(.7)
    # Points 0 and 1 against 0 and 3: one stays, one moves by 2.
    assert indicators.sliced_wasserstein([[0.], [1.]], [[3.], [0.]]) == pytest.approx(1)


@pytest.mark.parametrize("values, options, written", [
    ([1.5, 2.5], {}, "2.0000 +- 0.5000"), ([2.25], {}, "2.2500"),
    ([.1, .1, .1], {"form": ".3g", "spread_form": ".2g"}, "0.1 +- 0"), ([1, 2, 6], {"form": ".1f"}, "3.0 +- 2.2")])
def test_a_mean_and_its_spread_are_written_in_one_way(values, options, written):
    """Tables of claims, of quality and of 0-main_21 write a mean over seeds and its standard deviation alike."""
    assert mean_and_spread(values, **options) == written


# ------------------------------------------------------------------- figures

HISTORY = {"discr_loss": [2.1, 1.9, 1.7], "gen_loss": [1.2, 1.3, 1.5]}


def with_history(G):
    """Give a model the History of a training of three epochs."""
    G.history = keras.callbacks.History()
    G.history.history = dict(HISTORY)
    return G


def titles(figure):
    return [axis.get_title() for axis in figure.axes if axis.get_title()]


def scattered(axis):
    """The points of each scatter plot of the axis."""
    return [np.asarray(c.get_offsets()) for c in axis.collections if len(c.get_offsets()) > 1]


def lines(axis):
    return [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in axis.lines]


def values_of_map(axis):
    """The values of a `pcolormesh`, 150 x 150, and those of the plane's points they stand for, from low to high."""
    low, high = axis.get_xlim()
    line = np.linspace(low, high, 150)
    x, y = np.meshgrid(line, line)
    values = np.asarray(axis.collections[0].get_array()).reshape(-1)
    return values, np.stack([x.ravel(), y.ravel()], axis=1).astype("float32")


@pytest.mark.parametrize("draw", [figures.visualize_2D, figures.visualize_5D])
def test_signature_of_the_courses_figures(draw):
    """The course's two figures keep their arguments."""
    assert str(inspect.signature(draw)) == "(G, show=True, title=None, filename=None, dpi=200)"


def test_visualize_2D(tmp_path):
    """Real and fake points, the discriminator's values around them, and the generator's loss before the other's."""
    G = with_history(small(Simple_GAN, gen_shape=(1, 7, 2), real_examples=points(211, 2)))
    figure = figures.visualize_2D(G, show=False, title="a title", filename=tmp_path / "a.png", dpi=40)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (15 * 40, 4.8 * 40)
    assert figure.get_suptitle() == "a title"
    assert titles(figure) == ["Simple_GAN: 200 real and 200 fake points",
                              "Simple_GAN: the discriminator's value of each point", "Simple_GAN: losses"]
    left, middle, right = figure.axes[:3]
    for axis in (left, middle):
        assert axis.get_xlim() == axis.get_ylim() == (-.1, 1.1) and axis.get_aspect() == 1
    real, fake = scattered(left)
    assert real.shape == fake.shape == (200, 2)
    rows = {tuple(row) for row in points(211, 2)}
    assert {tuple(row) for row in real.astype("float32")} <= rows
    assert not {tuple(row) for row in fake.astype("float32")} & rows
    assert [tuple(c.get_facecolor()[0]) for c in left.collections] == [colors.to_rgba(figures.REAL),
                                                                      colors.to_rgba(figures.GENERATOR)]
    values, plane = values_of_map(middle)
    np.testing.assert_allclose(values, np.asarray(G.discriminator(plane))[:, 0], atol=1e-5)
    assert lines(right) == [([1, 2, 3], HISTORY["gen_loss"]), ([1, 2, 3], HISTORY["discr_loss"])]


def test_visualize_5D():
    """Six panels: points in their colours, their own scores, and the scores over the latent plane and sample."""
    G = with_history(small(WGAN_clip, gen_shape=(2, 7, 5), real_examples=points(211, 5)))
    drawn, draw = [], G.latent_generator
    G.latent_generator = lambda k: drawn.append(draw(k)) or drawn[-1]
    figure = figures.visualize_5D(G, show=False)
    assert titles(figure) == [f"WGAN_clip: {panel}" for panel in (
        "real points in their colours", "fake points in their colours", "discriminator(generator(latent plane))",
        "discriminator(real)", "discriminator(fake)", "discriminator(generator(latent sample))")]
    axes = np.array(figure.axes[:6]).reshape(2, 3)
    assert all(axis.get_aspect() == 1 for axis in axes.flat)
    for row in axes:
        assert [axis.get_xlim() for axis in row] == [axis.get_ylim() for axis in row] == \
            [(-.1, 1.1), (-.1, 1.1), (-3, 3)]

    real = points(211, 5)
    for axis in axes[:, 0]:
        np.testing.assert_allclose(scattered(axis)[0], real[:, :2], atol=1e-6)
    np.testing.assert_allclose(axes[0, 0].collections[0].get_facecolor()[:, :3], real[:, 2:], atol=1e-6)

    def panel_shows(axis, latent, position, score=None):
        """Whether the axis shows, at `position` of the examples made from `latent`, their scores."""
        example = np.asarray(G.generator(latent))
        at, shown = scattered(axis)[0], axis.collections[0].get_array()
        score = np.asarray(G.discriminator(example))[:, 0]
        return at.shape == (10000, 2) and np.allclose(at, position(example, latent), atol=1e-6) and \
            (shown is None or np.allclose(shown, score, atol=1e-6))

    for axis in (axes[0, 1], axes[1, 1]):
        assert any(panel_shows(axis, latent, lambda example, _: example[:, :2]) for latent in drawn)
    assert any(panel_shows(axes[1, 2], latent, lambda _, latent: latent) for latent in drawn)
    assert axes[1, 1].collections[0].get_array() is not None and axes[1, 2].collections[0].get_array() is not None
    fake = np.asarray(G.generator(drawn[0]))
    np.testing.assert_allclose(axes[0, 1].collections[0].get_facecolor()[:, :3], fake[:, 2:], atol=1e-6)
    score = np.asarray(G.discriminator(real))[:, 0]
    np.testing.assert_allclose(axes[1, 0].collections[0].get_array(), score, atol=1e-6)
    shown = [axis.collections[0] for axis in (axes[0, 2], *axes[1])]
    assert {values.get_clim() for values in shown} == {(min(np.min(values.get_array()) for values in shown),
                                                        max(np.max(values.get_array()) for values in shown))}
    values, plane = values_of_map(axes[0, 2])
    np.testing.assert_allclose(values, np.asarray(G.discriminator(G.generator(plane)))[:, 0], atol=1e-5)


def test_faces_are_drawn_from_their_own_pixels():
    """Each of the ten faces is the recovered picture of its own latent vector; the histograms hold 400 values each."""
    G = with_history(small_pictures(Simple_GAN, real_examples=points(401, 5, 3)))
    offset = points(5, 3, seed=2)
    latent = points(13, 2, seed=3)
    figure = visualize_faces(G, latent, lambda pictures: pictures + offset)
    made = np.asarray(G.generator(latent, training=False))[:, :, :, 0] + offset
    faces = [axis.get_images()[0] for axis in figure.axes if axis.get_images()]
    assert len(faces) == 10
    for face, wanted in zip(faces, made):
        np.testing.assert_allclose(face.get_array(), wanted, atol=1e-6)
        assert face.get_clim() == (0, 1)
    assert titles(figure) == [*(f"Simple_GAN: the discriminator's values of 400 {kind} faces"
                                for kind in ("real", "fake")), "Simple_GAN: losses"]
    for axis in figure.axes[10:12]:
        assert sum(patch.get_height() for patch in axis.patches) == 400
        assert axis.get_xlim() == figure.axes[10].get_xlim()
    assert len(visualize_faces(G, latent, lambda pictures: pictures, show_history=False).axes) == 12


def test_picture_sheet():
    """Pictures stand side by side, row after row, with a line of nothing between them."""
    pictures = points(7, 2, 3)
    sheet = figures.picture_sheet(pictures, columns=3)
    assert sheet.shape == (3 * 2 + 2, 3 * 3 + 2)
    for i, picture in enumerate(pictures):
        row, column = 3 * (i // 3), 4 * (i % 3)
        np.testing.assert_array_equal(sheet[row:row + 2, column:column + 3], picture)
    assert np.isfinite(sheet).sum() == pictures.size


def test_the_film_leaves_the_model_as_it_was(tmp_path):
    """The animation has a frame for each epoch, and drawing it changes neither the weights nor the History."""
    G = small(Simple_GAN, gen_shape=(1, 7, 2), real_examples=points(211, 2), disc_iter=1)
    film, seen = figures.TrainingFilm(), []
    G.compile()
    G.fit(epochs=3, steps_per_epoch=2, verbose=0, callbacks=film)
    of_film = G.get_weights()
    G.train_step(None)
    weights, history = G.get_weights(), dict(G.history.history)

    def visualize(G, show, title):
        seen.append((title, G.get_weights()[0], len(G.history.history["gen_loss"])))
        figure, axis = figures.plt.subplots()
        axis.plot(G.history.history["gen_loss"])
        return figure

    film.save(tmp_path / "a.gif", visualize, reseed=lambda: set_seeds(3))
    assert [(title, epochs) for title, _, epochs in seen] == [("after 1 epoch", 1), ("after 2 epochs", 2),
                                                              ("after 3 epochs", 3)]
    assert same([seen[-1][1]], of_film[:1]) and not same([seen[0][1]], of_film[:1])
    with Image.open(tmp_path / "a.gif") as picture:
        assert picture.n_frames == 3
    assert same(G.get_weights(), weights) and G.history.history == history
    assert steps_done(G) == (7, 7)
    assert len(figures.plt.get_fignums()) == 0


def test_a_long_film_has_fixed_scales_and_a_few_frames(monkeypatch, tmp_path):
    """Of many epochs some are shown, the first and the last among them; all frames have the same limits and colours."""
    monkeypatch.setattr(figures, "MOST_FRAMES", 12)
    film, seen = figures.TrainingFilm(), []
    G = with_history(small(Simple_GAN, gen_shape=(1, 7, 2), real_examples=points(211, 2)))
    film.set_model(G)
    film.epochs = [G.get_weights()] * 101
    G.history.history = {name: list(range(101)) for name in ("gen_loss", "discr_loss")}

    def visualize(G, show, title):
        figure, (left, right) = figures.plt.subplots(1, 2)
        epochs = len(G.history.history["gen_loss"])
        left.pcolormesh([[0, epochs], [1, 2]])
        figures.plot_losses(right, G.history.history)
        seen.append((epochs, figure))
        return figure

    film.save(tmp_path / "a.gif", visualize, reseed=lambda: None)
    epochs = [count for count, _ in seen]
    assert epochs == sorted(set(epochs)) and (epochs[0], epochs[-1]) == (1, 101)
    assert 6 < len(epochs) <= 12
    assert {figure.axes[0].collections[0].get_clim() for _, figure in seen} == {(0, 101)}
    assert len({(figure.axes[1].get_xlim(), figure.axes[1].get_ylim()) for _, figure in seen}) == 1
    assert seen[0][1].axes[1].get_xlim()[1] >= 101


def test_one_colour_each():
    """The generator's loss, what it makes and the discriminator's loss have the same colour wherever they are drawn."""
    from beyond.common.figures import visualize_losses
    G = with_history(small(Simple_GAN, gen_shape=(1, 7, 2), real_examples=points(211, 2)))
    drawn = [figures.visualize_losses(G).axes[0], figures.visualize_2D(G, show=False).axes[2],
             figures.visualize_corner([("Simple_GAN", HISTORY, 1., 1.)], (1., 1.)).axes[0],
             visualize_losses([("Simple_GAN", {"accuracy": [.5, 1.], **HISTORY})]).axes[0]]
    assert [{line.get_label().split("_")[0][:3]: line.get_color() for line in axis.lines} for axis in drawn] == [
        {"gen": figures.GENERATOR, "dis": figures.DISCRIMINATOR}] * 4
    assert len({figures.GENERATOR, figures.DISCRIMINATOR, figures.REAL}) == 3
    figures.plt.close("all")


def test_a_panel_of_one_colour_says_its_value():
    """A discriminator that gives the same value everywhere is not taken for a picture that failed."""
    G = with_history(small(Simple_GAN, gen_shape=(1, 7, 2), real_examples=points(211, 2)))
    G.discriminator.set_weights([np.zeros_like(array) for array in G.discriminator.get_weights()])
    texts = [text.get_text() for text in figures.visualize_2D(G, show=False).axes[1].texts]
    assert texts == ["all values are 0.000"]
    figures.plt.close("all")
