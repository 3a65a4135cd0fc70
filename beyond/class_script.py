"""What the main scripts of the GANs with classes share: `--filters`, and sheets with one row for each class or code."""

import numpy as np

from beyond import data, figures, results, script
from beyond.classes import one_row_a_class
from beyond.data import unit

COLUMNS = 9


def parser(description, quick, **settings):
    """`beyond.script.parser` with `--filters`."""
    result = script.parser(description, quick, **settings)
    result.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="of the widest convolutions (default 128)")
    return result


def train(G, options, name):
    """As `beyond.script.train_GAN`; the sheets of the `Record` have one row for each class, always the same z."""
    rows = one_row_a_class(G.classes, COLUMNS)
    latent_vectors = G.latent_generator(len(rows))
    return script.train_GAN(G, options, draw=lambda: unit(G.pictures_of(rows, latent_vectors)), name=name)


def real_rows(pictures):
    """Real pictures, COLUMNS of each class after those of the class before."""
    of_each = [np.flatnonzero(pictures.train_labels == c)[:COLUMNS] for c in range(len(pictures.classes))]
    return pictures.train[np.concatenate(of_each)]


def finish(record, pictures, options, name, row_names, real=True):
    """Draw the last sheet with the names of its rows, all sheets of the training, the losses; returns the figures."""
    title = type(record.model).__name__
    sheets = [("real", real_rows(pictures))] * real + record.sheets[-1:]
    drawn = [figures.visualize_sheets(sheets, COLUMNS, row_names=row_names, title=title),
             figures.visualize_sheets(record.sheets, COLUMNS, panel_columns=3, title=title),
             figures.visualize_losses([(title, record.losses)])]
    for figure, kind in zip(drawn, ("samples", "training", "losses")):
        script.finish(figure, options, f"{name}-{kind}.png")
    return drawn


# ------------------------------------------------- GANs that are asked for classes, CGAN and ACGAN

EPOCHS, STEPS = 10, 150  # of a narrow one


def measure(make, narrow, seed, steps=None, **options):
    """Figures of a narrow GAN of the embedded digits; see `beyond.results.of_class_GAN`.

    Args:
        make: function (pictures, filters=, batch=, rate=, and these options) -> a new `beyond.classes.ClassGAN`.
        narrow: its filters, batch and rate.
    """
    script.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, **narrow, **options)
    script.train_GAN(G, script.settings(epochs=EPOCHS, steps=steps or STEPS), draw=list)
    return results.of_class_GAN(G, pictures)


def main(argv, description, make, narrow, epochs, name):
    """The main script of a GAN that is asked for classes; arguments as for `measure` and `parser`."""
    quick = dict(epochs=EPOCHS, steps=STEPS, **narrow)
    options = script.start(parser(description, quick, epochs=epochs, steps=500, batch=100, rate=.0001), argv)
    pictures = script.pictures(options, labelled=True)
    G = make(pictures, options.filters, options.batch, options.rate)
    record = train(G, options, name)
    print(results.line(results.of_class_GAN(G, pictures)))
    return finish(record, pictures, options, name, pictures.classes)
