"""How a GAN fails: a healthy training, mode collapse, and a player that wins, each with its diagnosis.

Four dense pairs on digits: one that learns; one with latent vectors of two coordinates, whose samples come to look
alike; one whose discriminator wins (with and without the source's ReLU before the last sigmoid); and one whose
discriminator hardly learns, so that the generator wins.

    mode collapse           the samples are of few kinds, while the losses look much as in a healthy training
    convergence failure     one player wins: its loss goes to 0, and the other one learns nothing more from it

Built on `beyond.dense_gan`: the game is its game, the healthy pair is its pair. `beyond.common.diagnosis` says how the
labels are found.

    python -m beyond.failures --quick           five trainings: samples, losses, diagnoses
    python -m beyond.failures --data mnist      on the source's digits
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

import numpy as np
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import normal
from beyond.common.diagnosis import diagnose
from beyond.common.measures import Classifier, Diversity
from beyond.dense_gan import DenseGAN, digits_GenDiscr

layers = keras.layers

SYSTEM = {
    "family": "measuring",
    "line": "how a GAN fails: a healthy one, mode collapse, a player that wins, each with its diagnosis",
    "totals": {"collapse-generator": 51152, "collapse-discriminator": 50305,
               "failure-generator": 39984, "failure-discriminator": 566273},
    "quick": "5 minutes",
}


def mode_collapse_GenDiscr():
    """The pair whose samples all look alike: one narrow layer each, and latent vectors of two coordinates.

    Returns:
        generator: (batch, 2) -> (batch, 28, 28, 1) in [0, 1]; 51,152 parameters.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 50,305 parameters.
        latent_generator: normal, k -> (k, 2).
    """
    generator = keras.Sequential([
        keras.Input((2,)), layers.Dense(64, activation="relu"),
        layers.Dense(784, activation="sigmoid"), layers.Reshape((28, 28, 1))], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(1)],
        name="discriminator")
    return generator, discriminator, normal(2)


def convergence_failure_GenDiscr(relu=True):
    """A generator of one layer against a discriminator of four: the discriminator wins.

    The source names the unequal sizes as the reason. There is a stronger one: its generator has a ReLU before the
    last sigmoid, so no pixel is ever darker than 1/2, while most pixels of a digit are black.

    Args:
        relu: False leaves the ReLU out: only the sizes are unequal then.

    Returns:
        generator: (batch, 50) -> (batch, 28, 28, 1) in [0, 1], with the ReLU in [1/2, 1]; 39,984 parameters.
        discriminator: (batch, 28, 28, 1) -> (batch, 1) logits; 566,273 parameters.
        latent_generator: normal, k -> (k, 50).
    """
    generator = keras.Sequential([
        keras.Input((50,)), layers.Dense(784, activation="relu" if relu else None), layers.Reshape((28, 28, 1)),
        layers.Activation("sigmoid")], name="generator")
    discriminator = keras.Sequential([
        keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(512, activation="relu"),
        layers.Dense(256, activation="relu"), layers.Dense(128, activation="relu"), layers.Dense(1)],
        name="discriminator")
    return generator, discriminator, normal(50)


def networks():
    """The networks of the failures, as the source prints them."""
    return {f"{name}-{network.name}": network for name, build in (("collapse", mode_collapse_GenDiscr),
                                                                  ("failure", convergence_failure_GenDiscr))
            for network in build()[:2]}


# --------------------------------------------------------- training, measuring

# networks, learning rate, and by how much less the discriminator learns
RUNS = {
    "healthy": (digits_GenDiscr, .0002, 1),
    "latent vectors of 2 coordinates": (mode_collapse_GenDiscr, .0003, 1),
    "generator of one layer": (convergence_failure_GenDiscr, .0001, 1),
    "generator of one layer, no ReLU": (lambda: convergence_failure_GenDiscr(relu=False), .0001, 1),
    "discriminator hardly learns": (digits_GenDiscr, .0002, 10000),
}
SAMPLES = 1000


def train(name, pictures, options, training_name=None):
    """Train the pair of that name; returns its record and SAMPLES pictures that it makes."""
    build, rate, less = RUNS[name]
    G = DenseGAN(*build(), pictures.train, batch_size=options.batch, learning_rate=rate)
    G.discriminator.optimizer.learning_rate = rate / less
    record = training.train_GAN(G, options, name=training_name)
    return record, np.asarray(G.get_fake_sample(SAMPLES))


def measure(name, seed, steps=None):
    """Figures of one training on the embedded digits: losses, diversity, classes, darkest pixel, the diagnosis."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    record, made = train(name, pictures, training.settings(epochs=10, steps=steps or 300, batch=60))
    diversity = Diversity(pictures.train)(made)
    found = record.last()
    return {**found, **diversity, "classes": Classifier(pictures).classes(made), "darkest": made.min(),
            "diagnosis": diagnose(record.losses, diversity)[0]}


CLAIMS = [("failures", name, partial(measure, name)) for name in RUNS]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("failures", __doc__, dict(epochs=10, steps=300), epochs=100, steps=500, batch=60)
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    diversity, classifier = Diversity(pictures.train), Classifier(pictures)
    print(f"the classifier that counts classes is right on {100 * classifier.accuracy:.1f} % of the test pictures")
    sheets, losses = [("real", pictures.train[:81])], []
    for name in RUNS:
        print(f"{name}:", flush=True)
        record, made = train(name, pictures, options, f"failures-{name}")
        found = diversity(made)
        label, reason = diagnose(record.losses, found)
        print(f"  diagnosis: {label}; {reason}")
        print(f"  spread {found['spread']:.2f}, kinds {found['kinds']:.2f} of the real ones; "
              f"{classifier.classes(made):.1f} classes; darkest pixel {made.min():.2f}", flush=True)
        sheets.append((f"{name}\ndiagnosis: {label}", made[:81]))
        losses.append((name, record.losses))

    script.meaning("spread", "kinds", "classes", darkest_pixel="of all samples, 0 is black",
                   accuracy="how often the discriminator is right about what is real")
    plots = [figures.visualize_sheets(sheets, panel_columns=3),
             figures.visualize_losses(losses, panel_columns=3)]
    script.finish(plots[0], options, "failures-samples.png")
    script.finish(plots[1], options, "failures-losses.png")
    print("What you see: the first sheet is real, each other one is of a training with its diagnosis. A mode "
          "collapse shows in the samples, which are alike; that one player wins shows in the losses.")
    return plots


if __name__ == "__main__":
    main()
