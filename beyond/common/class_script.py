"""What the GANs with classes share when they run: `--filters`, and sheets with one row for each class or code."""

import numpy as np

from beyond.common import data, figures, measures, script, training
from beyond.common.classes import one_row_a_class
from beyond.common.data import unit

COLUMNS = 9


def parser(name, description, quick, **settings):
    """`beyond.common.script.parser` with `--filters`."""
    result = script.parser(name, description, quick, **settings)
    result.add_argument("--filters", type=script.width, default=128, metavar="N",
                        help="of the widest convolutions (default 128)")
    return result


def train(G, options, name):
    """As `beyond.common.training.train_GAN`; the sheets have one row for each class, one column a latent vector."""
    rows = one_row_a_class(G.classes, COLUMNS)
    latent_vectors = np.tile(np.asarray(G.latent_generator(len(rows)))[:COLUMNS], (G.classes, 1))
    return training.train_GAN(G, options, draw=lambda: unit(G.pictures_of(rows, latent_vectors)), name=name)


def real_rows(pictures):
    """Real pictures, COLUMNS of each class after those of the class before."""
    of_each = [np.flatnonzero(pictures.train_labels == c)[:COLUMNS] for c in range(len(pictures.classes))]
    return pictures.train[np.concatenate(of_each)]


def finish(record, pictures, options, name, row_names, real=True):
    """Draw the last sheet with the names of its rows, all sheets of the training, the losses; returns the figures."""
    title = type(record.model).__name__
    sheets = [("real", real_rows(pictures))] * real + record.sheets[-1:]
    plots = [figures.visualize_sheets(sheets, COLUMNS, row_names=row_names, title=title),
             figures.visualize_sheets(record.sheets, COLUMNS, panel_columns=3, row_names=row_names, title=title),
             figures.visualize_losses([(title, record.losses)])]
    for figure, kind in zip(plots, ("samples", "training", "losses")):
        script.finish(figure, options, f"{name}-{kind}.png")
    print("What you see: each row is made of one class, or code, that the generator was given, each column of one "
          "latent vector. So a row should show one kind of thing in many ways. If all pictures of a row are alike, the "
          "generator takes no notice of its latent vectors.")
    return plots


# ------------------------------------------------- GANs that are asked for classes, CGAN and ACGAN

EPOCHS, STEPS = 10, 150  # of a narrow one


def measure(make, narrow, seed, steps=None, **options):
    """Figures of a narrow GAN of the embedded digits; see `beyond.common.measures.classes_asked_for`.

    Args:
        make: function (pictures, filters=, batch=, rate=, and these options) -> a new `beyond.common.classes.ClassGAN`.
        narrow: its filters, batch and rate.
    """
    training.set_seeds(seed)
    pictures = data.load("digits")
    G = make(pictures, **narrow, **options)
    training.train_GAN(G, training.settings(epochs=EPOCHS, steps=steps or STEPS), draw=list)
    return measures.classes_asked_for(G, pictures)


def main(argv, name, description, make, narrow, epochs):
    """The main of a GAN that is asked for classes; arguments as for `measure` and `parser`."""
    quick = dict(epochs=EPOCHS, steps=STEPS, **narrow)
    options = script.start(parser(name, description, quick, epochs=epochs, steps=500, batch=100, rate=.0001), argv)
    pictures = script.pictures(options, labelled=True)
    G = make(pictures, options.filters, options.batch, options.rate)
    record = train(G, options, name)
    print(script.line(measures.classes_asked_for(G, pictures)))
    script.meaning(class_accuracy="how often a classifier sees the class that was asked for",
                   spread="how much fakes of one class differ, 1 as real ones do",
                   real_accuracy="how often it is right about real pictures")
    return finish(record, pictures, options, name, pictures.classes)
