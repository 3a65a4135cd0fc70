"""Every picture and animation. A function that draws returns its matplotlib figure."""

import io
import os
from pathlib import Path

from gan.backend import matplotlib, plt  # before TensorFlow, because Keras 3 imports pyplot

# isort: split
import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow import keras

from gan import checks, notebook
from gan.files import written_whole

MOST_DPI = 2000  # a picture of 1 GB in memory
RESOLUTION = 150  # points along each axis of a map of the discriminator's values
MOST_FRAMES = 30  # of the animation of a training
# In every picture; what the generator makes has its colour.
GENERATOR, DISCRIMINATOR, REAL = "tab:orange", "tab:blue", "0.35"


def finish(figure, show=True, title=None, filename=None, dpi=200):
    """What every picture ends with: its title, its file, its window if there is a screen. Returns the figure."""
    if title:
        figure.suptitle(str(title), parse_math=_is_math(str(title)))
    if filename:
        path = _picture_file(filename)
        with written_whole(path) as temporary:
            figure.savefig(temporary, dpi=dpi)
    on_a_screen, in_notebook = figure.canvas.required_interactive_framework, notebook.shell()
    if show and on_a_screen:
        plt.show()
    elif in_notebook:
        notebook.take(figure, show)
    if filename or show or in_notebook:
        plt.close(figure)  # pyplot forgets the figure; who asked for it still has it
    return figure


def _is_math(title):
    """Whether what stands between dollar signs is a formula; else the signs are meant as they are."""
    try:
        matplotlib.mathtext.MathTextParser("path").parse(title)
    except ValueError:
        return False
    return True


def _picture_file(filename):
    """The path of a picture file; as matplotlib does it, a name without an ending gets .png."""
    if not isinstance(filename, (str, os.PathLike)):
        raise TypeError(f"filename: expected the path of a picture, got {filename!r} ({type(filename).__name__})")
    path = Path(filename)
    kinds = matplotlib.backend_bases.FigureCanvasBase.get_supported_filetypes()
    kind = os.path.splitext(path.name)[1][1:].lower()
    if not kind:
        path = path.with_name(f"{path.name.rstrip('.')}.png")
    elif kind not in kinds:
        raise ValueError(f"filename: expected a name that ends in one of {', '.join(sorted(kinds))}, "
                         f"got {str(filename)!r}")
    if not os.path.isdir(path.parent):
        raise ValueError(f"filename: expected a file in a folder that exists, got {str(filename)!r}")
    return path


def _points(axis, cloud, title=None, low=-.1, high=1.1, **options):
    """The first two coordinates of a cloud, in the square [low, high]^2."""
    if title:
        axis.set_title(title)
    axis.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    return axis.scatter(cloud[:, 0], cloud[:, 1], s=options.pop("s", 2), **options)


def _map(axis, function, low, high):
    """The values of a function of the plane on [low, high]^2; `function`: (k, 2) tensor -> (k, 1) tensor."""
    line = np.linspace(low, high, RESOLUTION)
    x, y = np.meshgrid(line, line)
    plane = tf.constant(np.stack([x.ravel(), y.ravel()], axis=1), dtype=tf.float32)
    values = np.asarray(function(plane))[:, 0].reshape(RESOLUTION, RESOLUTION)
    axis.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    return axis.pcolormesh(line, line, values, shading="gouraud")


def _say_if_equal(axis, values):
    """Write the value into a panel whose values are all the same, so that it has one colour."""
    if np.ptp(values) < 1e-3:
        axis.text(.5, .04, f"all values are {np.mean(values):.3f}", transform=axis.transAxes, ha="center",
                  bbox=dict(facecolor="white", alpha=.8, edgecolor="none"))


def plot_losses(axis, history):
    """Both losses over the epochs, the generator's first, with a legend."""
    epochs = np.arange(1, len(history["gen_loss"]) + 1)
    marker = "." if len(epochs) <= 20 else None  # a line through one epoch would not be seen
    axis.plot(epochs, history["gen_loss"], color=GENERATOR, marker=marker, label="generator")
    axis.plot(epochs, history["discr_loss"], color=DISCRIMINATOR, marker=marker, label="discriminator")
    axis.set(xlabel="epoch", ylabel="loss")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.legend()


def _check(G, filename, dpi, examples, latent=None):
    """Say what is wrong with the arguments of a figure of a GAN before anything is drawn.

    The model must have examples (and latent vectors) with these numbers of coordinates.
    """
    if filename:
        _picture_file(filename)
    if not 1 <= checks.number("dpi", dpi) <= MOST_DPI:
        raise ValueError(f"dpi: expected a number from 1 to {MOST_DPI}, got {dpi}")
    missing = [name for name in ("generator", "discriminator", "latent_generator", "real_examples")
               if not hasattr(G, name)]
    if missing:
        raise TypeError(f"G: expected a GAN, got {type(G).__name__} without {', '.join(missing)}")
    got = G.real_examples.shape[1:]
    if tuple(got) != (examples,):
        raise ValueError(f"G: expected a model of points in {examples} dimensions, got real examples of shape "
                         f"{('n', *got)}")
    if latent and tuple(G.generator.input_shape[1:]) != (latent,):
        raise ValueError(f"G: expected latent vectors of {latent} dimensions, got {G.generator.input_shape}")


def visualize_2D(G, show=True, title=None, filename=None, dpi=200):
    """Three panels: real and fake points, the discriminator's values around them, both losses (task 0).

    Args:
        G: a trained GAN on points of the plane.
        show: open a window if there is a screen.
        title: above the panels.
        filename: also save the picture there, with `dpi` dots per inch.

    Raises:
        ValueError: the real examples are not points of the plane.
    """
    _check(G, filename, dpi, examples=2)
    if not getattr(getattr(G, "history", None), "history", {}).get("gen_loss"):
        raise ValueError("G: expected a trained GAN, whose losses can be drawn, got one that has not been trained")
    name = type(G).__name__
    figure, axes = plt.subplots(1, 3, figsize=(15, 4.8), layout="constrained")
    count = min(200, len(G.real_examples))
    for sample, label, color in ((G.get_real_sample(size=count), "real", REAL),
                                 (G.get_fake_sample(size=200), "fake", GENERATOR)):
        _points(axes[0], np.asarray(sample), f"{name}: {count} real and 200 fake points", s=6, color=color, label=label)
    axes[0].legend(loc="upper right", markerscale=2)

    values = _map(axes[1], lambda plane: G.discriminator(plane, training=False), -.1, 1.1)
    axes[1].set_title(f"{name}: the discriminator's value of each point")
    figure.colorbar(values, ax=axes[1], label="value")
    _say_if_equal(axes[1], values.get_array())
    for axis in axes[:2]:
        axis.set(xlabel="x", ylabel="y")

    plot_losses(axes[2], G.history.history)
    axes[2].set_title(f"{name}: losses")
    return finish(figure, show, title, filename, dpi)


def visualize_5D(G, show=True, title=None, filename=None, dpi=200):
    """Six panels for coloured points (x, y, red, green, blue) and latent vectors of two dimensions (tasks 0 to 2).

    Left and middle: real and fake points in their colours, and coloured by the discriminator's values. Right: the
    value that the discriminator gives to what the generator makes, over the latent plane and over a latent sample.

    The course's version draws the lower middle panel with new points in the colours of an earlier sample; here a
    point has its own value. Arguments as in `visualize_2D`.

    Raises:
        ValueError: the real examples have not five coordinates, or the latent vectors not two.
    """
    _check(G, filename, dpi, examples=5, latent=2)
    name = type(G).__name__
    real = np.asarray(G.real_examples)
    latent = G.latent_generator(10000)
    made = G.generator(latent, training=False)
    fake = np.asarray(made)
    real_values = np.asarray(G.discriminator(G.real_examples, training=False))[:, 0]
    fake_values = np.asarray(G.discriminator(made, training=False))[:, 0]

    figure, axes = plt.subplots(2, 3, figsize=(14, 9), layout="constrained")
    _points(axes[0, 0], real, f"{name}: real points in their colours", c=np.clip(real[:, 2:], 0, 1))
    _points(axes[0, 1], fake, f"{name}: fake points in their colours", c=np.clip(fake[:, 2:], 0, 1))
    shown = [
        _map(axes[0, 2], lambda plane: G.discriminator(G.generator(plane, training=False), training=False), -3, 3),
        _points(axes[1, 0], real, f"{name}: discriminator(real)", c=real_values),
        _points(axes[1, 1], fake, f"{name}: discriminator(fake)", c=fake_values),
        _points(axes[1, 2], np.asarray(latent), f"{name}: discriminator(generator(latent sample))", -3, 3,
                c=fake_values)]
    axes[0, 2].set_title(f"{name}: discriminator(generator(latent plane))")
    for axis in axes.flat:
        axis.title.set_size("medium")

    # One scale for the four panels of values.
    everything = np.concatenate([np.ravel(values.get_array()) for values in shown])
    low, high = everything.min(), everything.max()
    for axis, values in zip((axes[0, 2], *axes[1]), shown):
        values.set_clim(low, high if high > low else low + 1e-3)  # one value, one colour
        _say_if_equal(axis, values.get_array())
    figure.colorbar(shown[0], ax=axes[:, 2], label="value of the discriminator, in the four panels")
    for axis in axes[:, :2].flat:
        axis.set(xlabel="x", ylabel="y")
    for axis in axes[:, 2]:
        axis.set(xlabel="first latent coordinate", ylabel="second latent coordinate")
    return finish(figure, show, title, filename, dpi)


class TrainingFilm(keras.callbacks.Callback):
    """Keeps the weights after every epoch of a training and draws an animation of it afterwards."""

    def on_train_begin(self, logs=None):
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights())

    def save(self, path, visualize, reseed):
        """Write a GIF with one frame an epoch, drawn by `visualize` (`visualize_2D` or `visualize_5D`).

        All frames have the same scales. Of more than MOST_FRAMES epochs it shows as many, close together at the start.
        `reseed` is called before every frame: all show the same samples, and only the networks change. The model is
        left as it was.
        """
        G, figures = self.model, []
        weights, history = G.get_weights(), G.history.history
        for epoch in _spread(len(self.epochs), MOST_FRAMES):
            G.set_weights(self.epochs[epoch - 1])
            G.history.history = {name: values[:epoch] for name, values in history.items()}
            reseed()
            figures.append(visualize(G, show=False, title=f"after {epoch} epoch{'s' * (epoch > 1)}"))
            plt.close(figures[-1])  # pyplot forgets it
        G.set_weights(weights)
        G.history.history = history
        _same_scales(figures)
        save_animation(path, _in_the_same_colours([as_picture(figure) for figure in figures]))


def _spread(last, count):
    """At most `count` of the numbers 1, ..., last, both ends included, the steps between them growing evenly."""
    if last <= count:
        return list(range(1, last + 1))
    return sorted({round(1 + (last - 1) * (i / (count - 1)) ** 2) for i in range(count)})


def _same_scales(figures):
    """Give each panel of all figures, which are alike, the limits that hold what it shows in any of them."""
    for axes in zip(*(figure.axes for figure in figures)):
        for name in ("x", "y"):
            limits = np.array([getattr(axis, f"get_{name}lim")() for axis in axes])
            for axis in axes:
                getattr(axis, f"set_{name}lim")(limits[:, 0].min(), limits[:, 1].max())
        for shown in zip(*(axis.collections for axis in axes)):
            limits = [one.get_clim() for one in shown if one.get_array() is not None]
            for one in shown if limits else ():
                one.set_clim(min(low for low, _ in limits), max(high for _, high in limits))


def as_picture(figure, dpi=60):
    """The figure as a Pillow image."""
    with io.BytesIO() as file:
        figure.savefig(file, dpi=dpi, format="png")
        return Image.open(file).convert("RGB")


def _in_the_same_colours(frames, count=96):
    """Frames with one palette of `count` colours; without dots of two colours, which a GIF stores badly.

    The palette is chosen by how many dots have a colour, so that large panels of similar values keep their shades.
    """
    some = frames[::-(-len(frames) // 8)]  # enough to know all colours
    together = Image.fromarray(np.concatenate([np.asarray(frame) for frame in some]))
    palette = together.quantize(count, method=Image.Quantize.FASTOCTREE)
    return [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]


def save_animation(path, frames, seconds=.4):
    """Write Pillow images as an endless GIF, each shown for `seconds`."""
    with written_whole(path) as temporary:
        frames[0].save(temporary, save_all=True, append_images=frames[1:], duration=int(seconds * 1000), loop=0)


def visualize_losses(G):
    """Both losses at the end of each epoch."""
    figure, axis = plt.subplots(figsize=(8, 4), layout="constrained")
    plot_losses(axis, G.history.history)
    axis.set(title=f"losses of {type(G).__name__}")
    return finish(figure, show=False)


# ------------------------------------------------- the cloud in the corner

def visualize_corner(runs, expected):
    """The losses of several models, the indicators of each under its panel (task 2).

    Args:
        runs: list of (name, history, msdcc, dbc).
        expected: the expected values of the two indicators.
    """
    figure, axes = plt.subplots(1, len(runs), figsize=(4.5 * len(runs), 4), squeeze=False, layout="constrained")
    for axis, (name, history, msdcc, dbc) in zip(axes[0], runs):
        plot_losses(axis, history)
        axis.set_title(name)
        axis.set_xlabel(f"epoch\n\nmsdcc : {msdcc:.4f} , dbc : {dbc:.4f}")
    figure.suptitle("losses of each class; expected msdcc : {:.4f} , expected dbc : {:.6f}".format(*expected))
    return finish(figure, show=False)


def visualize_indicators(panels):
    """Histograms with an expected value marked in each (task 2).

    Args:
        panels: list of (title, values, expected, the expected value's formula).
    """
    figure, axes = plt.subplots(1, len(panels), figsize=(6 * len(panels), 4), squeeze=False, layout="constrained")
    for axis, (title, values, expected, formula) in zip(axes[0], panels):
        heights, _, _ = axis.hist(values, bins=50, density=True, color=REAL, label=f"{len(values)} clouds")
        axis.plot([expected, expected], [0, heights.max()], color="tab:red",
                  label=f"expected: {formula} = {expected:.4g}")
        axis.set(ylim=(0, heights.max() * 1.2), title=title, xlabel="value", ylabel="density")
        axis.legend()
    return finish(figure, show=False)


def picture_sheet(pictures, columns, gap=1):
    """Pictures (n, h, w) side by side, row after row, with NaN between them: one array for `imshow`."""
    pictures = np.asarray(pictures)
    count, height, width = pictures.shape
    rows = -(-count // columns)
    sheet = np.full((rows, height + gap, columns, width + gap), np.nan, dtype="float32")
    for i, picture in enumerate(pictures):
        sheet[i // columns, :height, i % columns, :width] = picture
    sheet = sheet.reshape(rows * (height + gap), columns * (width + gap))
    return sheet[:-gap, :-gap] if gap else sheet


def picture_frame(sheet, scale):
    """A sheet of grey pictures (h, w), uint8 or in [0, 1], as a Pillow image with `scale` x `scale` dots a pixel."""
    sheet = np.asarray(sheet)
    if sheet.dtype != np.uint8:
        sheet = np.round(255 * np.clip(np.nan_to_num(sheet, nan=1.), 0, 1)).astype("uint8")
    return Image.fromarray(np.kron(sheet, np.ones((scale, scale), dtype="uint8")))


def visualize_pictures(panels, columns, size=5, panel_columns=None, cmap="gray", vmin=0., vmax=1., title=None,
                       row_names=None, column_names=None):
    """Sheets of small pictures side by side.

    Args:
        panels: list of (title, pictures of shape (n, h, w)).
        columns: pictures in a row of each sheet; a list if the sheets differ.
        size: inches of each sheet.
        panel_columns: sheets in a row; all of them by default.
        cmap, vmin, vmax: the colour of a value; by default black is 0 and white is 1. Other colours get a colour bar.
        title: above all sheets.
        row_names, column_names: written beside the rows and below the columns of each sheet.
    """
    panel_columns = panel_columns or len(panels)
    figure, axes = plt.subplots(-(-len(panels) // panel_columns), panel_columns, squeeze=False, layout="constrained")
    columns = columns if isinstance(columns, (list, tuple)) else [columns] * len(panels)
    sheets = [picture_sheet(pictures, count) for (_, pictures), count in zip(panels, columns)]
    rows, cols = axes.shape
    height = size * sheets[0].shape[0] / sheets[0].shape[1] + .4
    figure.set_size_inches(size * cols + (cmap != "gray"), height * rows + .4 * bool(title))
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[], frame_on=False)
    for axis, (name, pictures), sheet in zip(axes.flat, panels, sheets):
        shown = axis.imshow(sheet, cmap=cmap, vmin=vmin, vmax=vmax, interpolation="nearest")
        for names, side, set_ticks in ((row_names, 1, axis.set_yticks), (column_names, 2, axis.set_xticks)):
            if names:
                pitch = np.shape(pictures)[side] + 1  # a picture and the line beside it
                set_ticks([pitch * (i + .5) - 1 for i in range(len(names))], names)
        axis.tick_params(length=0)
        if name:
            axis.set_title(name)
    if cmap != "gray":
        figure.colorbar(shown, ax=axes, label="value", shrink=.8)
    if title:
        figure.suptitle(title)
    return finish(figure, show=False)
