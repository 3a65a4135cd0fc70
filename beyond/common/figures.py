"""Pictures of the systems: sheets of pictures, grey or in colour, and losses step by step. Each returns its figure."""

import io

import numpy as np
from PIL import Image

from gan.backend import plt
from gan.figures import DISCRIMINATOR, GENERATOR, picture_sheet, save_animation
from gan.outputs import saving

COLORS = {"gen_loss": GENERATOR, "gan_loss": GENERATOR, "discr_loss": DISCRIMINATOR, "accuracy": "0.8"}


def sheet(pictures, columns, gap=1):
    """Pictures (n, h, w, 1) or (n, h, w, 3) in [0, 1], side by side: an array for `imshow`, with white between."""
    channels = [picture_sheet(pictures[..., channel], columns, gap) for channel in range(pictures.shape[-1])]
    return np.clip(np.nan_to_num(np.stack(channels, axis=-1), nan=1.), 0, 1)


def visualize_sheets(panels, columns=9, size=4.5, panel_columns=None, row_names=None, title=None):
    """Sheets of pictures side by side.

    Args:
        panels: list of (title, pictures of shape (n, h, w, 1 or 3) in [0, 1]).
        columns: pictures in a row of each sheet.
        size: inches of each sheet.
        panel_columns: sheets in a row; all of them by default.
        row_names: written beside the rows of each sheet, such as the classes.
        title: above all sheets.
    """
    panel_columns = min(panel_columns or len(panels), len(panels))
    sheets = [sheet(np.asarray(pictures), columns) for _, pictures in panels]
    lines = max(name.count("\n") for name, _ in panels)
    height = size * sheets[0].shape[0] / sheets[0].shape[1] + .4 + .2 * lines
    rows = -(-len(panels) // panel_columns)
    figure, axes = plt.subplots(rows, panel_columns, squeeze=False, layout="constrained",
                                figsize=(size * panel_columns, height * rows + (.3 if title else 0)))
    for axis in axes.flat[len(panels):]:
        axis.axis("off")
    for axis, (name, pictures), one_sheet in zip(axes.flat, panels, sheets):
        axis.imshow(one_sheet, cmap="gray", vmin=0, vmax=1, interpolation="nearest")  # the map is for one channel
        axis.set_title(name)
        axis.set_frame_on(False)
        axis.set(xticks=[], yticks=[])
        if row_names is not None:
            height = pictures.shape[1]
            axis.set_yticks([row * (height + 1) + (height - 1) / 2 for row in range(len(row_names))], row_names)
            axis.tick_params(length=0)
    if title:
        figure.suptitle(title)
    return figure


def visualize_losses(runs, panel_columns=None, title=None, xlabel="training step"):
    """What a training step returns, over the steps: one panel a run, each number as a line.

    Args:
        runs: list of (title, dict of name -> values, one a step); "accuracy" has its axis at the right.
        panel_columns: panels in a row; all of them by default.
        title: above all panels.
        xlabel: what the values were taken at.
    """
    panel_columns = min(panel_columns or len(runs), len(runs))
    rows = -(-len(runs) // panel_columns)
    figure, axes = plt.subplots(rows, panel_columns, squeeze=False, layout="constrained",
                                figsize=(max(5, 7 - len(runs)) * panel_columns, 3.6 * rows))
    for axis in axes.flat[len(runs):]:
        axis.axis("off")
    for axis, (name, losses) in zip(axes.flat, runs):
        right = axis.twinx() if "accuracy" in losses else None
        others = (f"C{number}" for number in range(2, 10))
        for loss, values in losses.items():
            color = COLORS.get(loss) or next(others)
            (right if loss == "accuracy" else axis).plot(range(1, len(values) + 1), values, color=color, lw=.8,
                                                         label=loss, marker="." if len(values) == 1 else None)
        if right:
            right.set(ylim=(0, 1.02), ylabel="accuracy (grey)")
            axis.set_zorder(right.get_zorder() + 1)  # the losses are drawn over the accuracy
            axis.set_frame_on(False)
        axis.set(title=name, xlabel=xlabel, ylabel="loss")
        axis.xaxis.get_major_locator().set_params(integer=True)  # there is no half of a step
        axis.legend(loc="upper center", bbox_to_anchor=(.5, -.17), ncols=4, frameon=False, fontsize="small")
    if title:
        figure.suptitle(title)
    return figure


def visualize_plane(codes, labels, classes, decode, limit=2., tiles=30, title=None):
    """A latent plane: where pictures lie in it, by class, and what its points decode to.

    Args:
        codes: (n, 2); labels: (n,); classes: the name of each.
        decode: function from points (n, 2) to pictures (n, h, w, 1) in [0, 1].
        limit: the decoded points fill [-limit, limit]^2, `tiles` x `tiles` of them.
        title: above both.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(15, 7.5), layout="constrained")
    for number, name in enumerate(classes):
        here = codes[labels == number]
        left.scatter(here[:, 0], here[:, 1], s=6, color=plt.get_cmap("tab10")(number), label=name)
    left.add_patch(plt.Rectangle((-limit, -limit), 2 * limit, 2 * limit, fill=False, ls=":"))
    left.set(title="means of test pictures", aspect="equal")

    line = np.linspace(-limit, limit, tiles)
    x, y = np.meshgrid(line, line[::-1])  # rows from the top down
    mosaic = sheet(decode(np.stack([x.ravel(), y.ravel()], axis=1)), tiles, gap=0)
    right.imshow(mosaic, cmap="gray", vmin=0, vmax=1, extent=(-limit, limit, -limit, limit))
    right.set_title("decoded points (the dotted square)")
    for axis in (left, right):
        axis.set(xlabel="first coordinate", ylabel="second coordinate")
    figure.legend(title="class", markerscale=3, loc="outside left upper", frameon=False)  # it hides no point
    if title:
        figure.suptitle(title)
    return figure


def visualize_accuracies(labels, accuracies, title):
    """Accuracy over the number of labelled pictures; `accuracies`: dict of name -> one value for each of `labels`."""
    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    for number, (name, values) in enumerate(accuracies.items(), 2):  # from 2 on: no generator's or discriminator's
        axis.plot(labels, values, "o-", color=f"C{number}", label=name)
    axis.set(title=title, xlabel="labelled pictures", ylabel="accuracy on test pictures", xticks=labels)
    axis.legend()
    return figure


def few_colours(image):
    """A Pillow image with the 256 colours that a frame of a GIF can have.

    Pillow's own choice for a GIF leaves out colours of which there is little: fair hair became red.
    """
    smaller = image.resize((max(1, image.width // 3), max(1, image.height // 3)), Image.Resampling.NEAREST)  # for speed
    palette = smaller.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1)
    return image.quantize(palette=palette, dither=Image.Dither.NONE)


def save_film(options, name, drawings, dpi=80):
    """Save figures as an animation in the output folder, and print its path.

    Args:
        drawings: functions that each draw a figure of the same size, one a frame. None is kept open.
    """
    frames = []
    for draw in drawings:
        figure = draw()
        with io.BytesIO() as file:
            figure.savefig(file, dpi=dpi, format="png")
            frames.append(few_colours(Image.open(file).convert("RGB")))
        plt.close(figure)
    path = options.out / name
    with saving(path):
        save_animation(path, frames)
