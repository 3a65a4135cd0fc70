#!/usr/bin/env python3
"""Beyond: a semi-supervised GAN against the same classifier trained alone, both with few labels.

Draws its samples, its losses, and the accuracy of both on test pictures over the number of labels. The source's data
are --data fashion, its training 60 epochs with all labels.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np  # noqa: E402

from beyond import class_script, data, figures, results, script  # noqa: E402
from beyond.sgan import SGAN, SGAN_GenDiscr, few_labels, train_classifier  # noqa: E402

QUICK = dict(epochs=10, steps=120, filters=16, batch=50, rate=.003)


def train_alone(discriminator, pictures, count, options):
    """Train the discriminator of an SGAN as a classifier with `count` labels; returns its accuracy."""
    labels = few_labels(pictures.train_labels, count)
    known = labels >= 0
    train_classifier(discriminator, data.signed(pictures.train)[known], labels[known],
                     options.epochs * options.steps, options.batch, options.rate)
    return results.test_accuracy(discriminator, pictures)


def compare(pictures, count, options, name=None):
    """Train the classifier alone and an SGAN with `count` labels; returns the accuracies and the `Record`."""
    networks = [SGAN_GenDiscr(len(pictures.classes), options.filters, options.as_listed) for _ in range(2)]
    alone = train_alone(networks[0][1], pictures, count, options)
    G = SGAN(*networks[1], data.signed(pictures.train), few_labels(pictures.train_labels, count),
             batch_size=options.batch, learning_rate=options.rate, as_listed=options.as_listed)
    record = script.train_GAN(G, options, data.unit, name=name)
    return {"alone": alone, "sgan": results.test_accuracy(G.discriminator, pictures)}, record


def measure(count, as_listed, seed, steps=None):
    """The accuracies of classifier and SGAN with `count` labels of the embedded digits."""
    script.set_seeds(seed)
    options = script.settings(**{**QUICK, "steps": steps or QUICK["steps"]}, as_listed=as_listed)
    return compare(data.load("digits"), count, options)[0]


def measure_alone(filters, seed, steps=None):
    """The accuracy of the classifier alone with so many filters, by the number of labels of the embedded digits."""
    script.set_seeds(seed)
    pictures = data.load("digits")
    options = script.settings(**{**QUICK, "epochs": 1, "steps": steps or 600})
    return {f"{count} labels": train_alone(SGAN_GenDiscr(len(pictures.classes), filters)[1], pictures, count, options)
            for count in (25, 50, 100)}


def main(argv=None):
    parser = class_script.parser(__doc__, data="digits", epochs=60, steps=500, batch=100, rate=.0001,
                                 quick=dict(QUICK, labels=[25, 100]))
    parser.add_argument("--labels", type=script.positive, nargs="+", default=[25, 50, 100], metavar="N",
                        help="numbers of labelled pictures to compare with (default 25 50 100)")
    parser.add_argument("--as-listed", action="store_true",
                        help="the source's program: a last layer of its own for 'real', one class more for 'fake', and "
                             "a generator that tries to fool instead of matching the mean features of real pictures")
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    if max(options.labels) > len(pictures.train):
        parser.error(f"--labels: expected at most {len(pictures.train)}, the number of pictures, "
                     f"got {max(options.labels)}")
    accuracies = []
    for count in options.labels:
        found, record = compare(pictures, count, options, f"0-main_55-{count}-labels")
        accuracies.append(list(found.values()))
        print(f"{count} labels: accuracy on test pictures {found['alone']:.3f} alone, {found['sgan']:.3f} SGAN",
              flush=True)

    alone, with_GAN = np.transpose(accuracies)
    drawn = [figures.visualize_accuracies(options.labels, {"classifier alone": alone, "SGAN": with_GAN}),
             *script.finish_GAN(record, pictures, options, "0-main_55", title=f"SGAN, {options.labels[-1]} labels")]
    script.finish(drawn[0], options, "0-main_55-accuracy.png")
    return drawn


if __name__ == "__main__":
    main()
