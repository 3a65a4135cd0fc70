"""Held-out pictures of a system that turns one picture into another: rows of them, and a film of how they were learned.

It draws, so the rooms import it in `main`.
"""

import textwrap

import numpy as np
from PIL import Image, ImageDraw

from beyond.common import figures, training
from gan.backend import plt
from gan.figures import save_animation
from gan.outputs import saving

FRAMES = 25  # of a film at most


def train(G, options, draw, name):
    """Train with one line of progress and a picture at more epochs than a sheet has; the `training.Record`."""
    at = {*np.linspace(0, options.epochs, FRAMES).round().astype(int), *_on_sheet(options.epochs)}
    record = training.Record(draw, at)
    G.compile(steps_per_execution=min(options.steps, 10))  # few: Ctrl-C waits for the call that is running
    training.fit(G, options, name, [record], [record], steps_per_epoch=options.steps)
    return record


def on_sheet(record, epochs):
    """The few of the record's (title, pictures) that a figure has room for."""
    titles = {f"epoch {epoch}" for epoch in _on_sheet(epochs)}
    return [sheet for sheet in record.sheets if sheet[0] in titles]


def _on_sheet(epochs):
    return np.linspace(0, epochs, 6).round().astype(int)


def visualize_rows(rows, title=None, size=1.1, note=None):
    """Rows of pictures, one below the other, the same scene in each column.

    Args:
        rows: list of (name, pictures (n, h, w, 1 or 3) in [0, 1], a text below each or None).
        title: above all. note: what the texts are, below the title.
        size: inches of a picture.
    """
    count = len(rows[0][1])
    # Few pictures leave no room for names and title, which would be cut off.
    names_width, title_lines = .5 + .11 * max(len(name) for name, *_ in rows), list(filter(None, (title, note)))
    width = max(size * count + names_width, 5.)
    title_lines = [part for line in title_lines for part in textwrap.wrap(line, int(12 * width))]
    figure, axes = plt.subplots(len(rows), 1, squeeze=False, layout="constrained",
                                figsize=(width, (size + .18) * len(rows) + .2 + .2 * len(title_lines)))
    figure.get_layout_engine().set(w_pad=.25)  # names end a little farther out than the layout reckons
    for axis, (name, pictures, texts) in zip(axes[:, 0], rows):
        pictures = np.asarray(pictures)
        axis.imshow(figures.sheet(pictures, count), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.set_frame_on(False)
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
        axis.set_yticks([])
        middles = np.arange(count) * (pictures.shape[2] + 1) + pictures.shape[2] / 2 - .5
        axis.set_xticks([] if texts is None else middles, [] if texts is None else texts, fontsize="small")
        axis.tick_params(length=0, pad=1)
    figure.suptitle("\n".join(title_lines), fontsize="medium")
    return figure


def save_film(record, before, after, options, name):
    """Write a GIF in the output folder: the inputs, what the system made of them at each epoch, and the truth.

    Args:
        record: of `train`.
        before, after: pictures (n, h, w, c) in [0, 1], above and below.
    """
    count, scale, frames = len(before), max(1, 128 // after.shape[1]), []
    for title, made in record.sheets:
        lines = [figures.sheet(_in_colour(pictures), count) for pictures in (before, made, after)]
        gap = np.ones((3, *lines[0].shape[1:]))
        levels = np.round(255 * np.concatenate([lines[0], gap, lines[1], gap, lines[2]])).astype("uint8")
        picture = Image.fromarray(levels.repeat(scale, axis=0).repeat(scale, axis=1))
        frame = Image.new("RGB", (max(picture.width, 270), picture.height + 14), "white")  # at least as the line
        frame.paste(picture, (0, 14))
        ImageDraw.Draw(frame).text((2, 1), f"above: input; middle: {title}; below: truth", fill="black")
        frames.append(figures.few_colours(frame))
    path = options.out / name
    with saving(path):
        save_animation(path, [*frames, *frames[-1:] * 5])  # the end stays for a while


def _in_colour(pictures):
    return np.broadcast_to(pictures, (*pictures.shape[:-1], 3))
