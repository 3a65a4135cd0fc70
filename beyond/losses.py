"""Four losses side by side: GAN, LSGAN, WGAN and WGAN-GP with the same dense networks on the same pictures.

The networks are LSGAN's: their discriminator has no activation at its end and no batch normalisation, as the penalty
asks for. Each loss comes with the optimizer, learning rate and updates of the discriminator that suit it. All have the
same number of steps of the generator.

Built on `beyond.dense_gan`, `beyond.lsgan`, `beyond.wgan` and `beyond.wgan_gp`, whose classes it compares; each of them
explains its loss.

    python -m beyond.losses --quick     four trainings: samples, losses, a table of figures
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

from functools import partial

from beyond.common import data, training
from beyond.common.measures import Quality
from beyond.dense_gan import DenseGAN
from beyond.lsgan import LSGAN, dense_GenDiscr
from beyond.wgan import WGAN
from beyond.wgan_gp import WGAN_GP

SYSTEM = {
    "family": "measuring",
    "line": "four losses side by side: GAN, LSGAN, WGAN, WGAN-GP with the same networks",
    "totals": {},
    "quick": "4 minutes",
}

LOSSES = {
    "GAN": (DenseGAN, dict(learning_rate=.0002)),
    "LSGAN": (LSGAN, dict(learning_rate=.0002)),
    "WGAN": (WGAN, dict(learning_rate=.0002, disc_iter=3)),
    "WGAN-GP": (WGAN_GP, dict(learning_rate=.0002, disc_iter=3)),
}


def train(name, pictures, options, training_name=None):
    """Train the networks with that loss; returns the record and the GAN."""
    chosen_type, settings = LOSSES[name]
    G = chosen_type(*dense_GenDiscr(), data.signed(pictures.train), batch_size=options.batch, **settings)
    return training.train_GAN(G, options, data.unit, name=training_name), G


def measure(name, seed, steps=None):
    """Figures of one training on the embedded digits."""
    training.set_seeds(seed)
    pictures = data.load("digits")
    _, G = train(name, pictures, training.settings(epochs=10, steps=steps or 200, batch=50))
    quality = Quality(pictures)
    return quality(data.unit(G.get_fake_sample(quality.size)))


def real_figures(seed, steps=None):
    """The same figures of real pictures: what nothing can be expected to beat."""
    return Quality(data.load("digits")).reference


CLAIMS = [("losses", "real pictures", real_figures), *[("losses", name, partial(measure, name)) for name in LOSSES]]


def main(argv=None):
    from beyond.common import figures, script
    parser = script.parser("losses", __doc__, dict(epochs=10, steps=200), epochs=100, steps=500, batch=50)
    options = script.start(parser, argv)
    pictures = script.pictures(options)
    quality = Quality(pictures)
    rows, sheets, losses = {"real pictures": quality.reference}, [("real", pictures.train[:81])], []
    for name in LOSSES:
        training.set_seeds(options.seed)
        record, G = train(name, pictures, options, f"losses-{name}")
        made = data.unit(G.get_fake_sample(quality.size))
        rows[name] = quality(made)
        sheets.append((name, made[:81]))
        losses.append((name, record.losses))
    print(f"{'':13}  " + "  ".join(f"{figure:>9}" for figure in quality.reference))
    for name, row in rows.items():
        print(f"{name:13}  " + "  ".join(f"{value:9.3f}" for value in row.values()))

    plots = [figures.visualize_sheets(sheets, panel_columns=3), figures.visualize_losses(losses, panel_columns=2)]
    script.finish(plots[0], options, "losses-samples.png")
    script.finish(plots[1], options, "losses-losses.png")
    return plots


if __name__ == "__main__":
    main()
