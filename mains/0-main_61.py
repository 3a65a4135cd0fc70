#!/usr/bin/env python3
"""How a GAN fails: a healthy training, mode collapse, and a player that wins, each with its diagnosis.

Four dense pairs on digits: one that learns; one with latent vectors of two coordinates, whose samples come to look
alike; one whose discriminator wins (with and without the source's ReLU before the last sigmoid); and one whose
discriminator hardly learns, so that the generator wins. The source's digits: --data mnist.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np  # noqa: E402

from beyond import data, dense_gan, figures, script  # noqa: E402
from beyond.dense_gan import DenseGAN  # noqa: E402
from beyond.diagnosis import diagnose  # noqa: E402
from beyond.measures import Classifier, Diversity  # noqa: E402

# networks, learning rate, and by how much less the discriminator learns
RUNS = {
    "healthy": (dense_gan.digits_GenDiscr, .0002, 1),
    "latent vectors of 2 coordinates": (dense_gan.mode_collapse_GenDiscr, .0003, 1),
    "generator of one layer": (dense_gan.convergence_failure_GenDiscr, .0001, 1),
    "generator of one layer, no ReLU": (lambda: dense_gan.convergence_failure_GenDiscr(relu=False), .0001, 1),
    "discriminator hardly learns": (dense_gan.digits_GenDiscr, .0002, 10000),
}
SAMPLES = 1000


def train(name, pictures, options, script_name=None):
    """Train the pair of that name; returns its record and SAMPLES pictures that it makes."""
    build, rate, less = RUNS[name]
    G = DenseGAN(*build(), pictures.train, batch_size=options.batch, learning_rate=rate)
    G.discriminator.optimizer.learning_rate = rate / less
    record = script.train_GAN(G, options, name=script_name)
    return record, np.asarray(G.get_fake_sample(SAMPLES))


def measure(name, seed, steps=None):
    """Figures of one training on the embedded digits: losses, diversity, classes, darkest pixel, the diagnosis."""
    script.set_seeds(seed)
    pictures = data.load("digits")
    record, made = train(name, pictures, script.settings(epochs=10, steps=steps or 300, batch=60))
    diversity = Diversity(pictures.train)(made)
    found = record.last()
    return {**found, **diversity, "classes": Classifier(pictures).classes(made), "darkest": made.min(),
            "diagnosis": diagnose(record.losses, diversity)[0]}


def main(argv=None):
    parser = script.parser(__doc__, dict(epochs=10, steps=300), epochs=100, steps=500, batch=60)
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    diversity, classifier = Diversity(pictures.train), Classifier(pictures)
    print(f"the classifier that counts classes is right on {100 * classifier.accuracy:.1f} % of the test pictures")
    sheets, losses = [("real", pictures.train[:81])], []
    for name in RUNS:
        print(f"{name}:", flush=True)
        record, made = train(name, pictures, options, f"0-main_61-{name}")
        found = diversity(made)
        label, reason = diagnose(record.losses, found)
        print(f"  diagnosis: {label}; {reason}")
        print(f"  spread {found['spread']:.2f}, kinds {found['kinds']:.2f} of the real ones; "
              f"{classifier.classes(made):.1f} classes; darkest pixel {made.min():.2f}", flush=True)
        sheets.append((f"{name}\ndiagnosis: {label}", made[:81]))
        losses.append((name, record.losses))

    drawn = [figures.visualize_sheets(sheets, panel_columns=3),
             figures.visualize_losses(losses, panel_columns=3)]
    script.finish(drawn[0], options, "0-main_61-samples.png")
    script.finish(drawn[1], options, "0-main_61-losses.png")
    return drawn


if __name__ == "__main__":
    main()
