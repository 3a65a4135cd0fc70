#!/usr/bin/env python3
"""Beyond: a variational autoencoder of digits; its reconstructions, its latent plane, its losses.

The source's training is --data mnist --epochs 20.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
from beyond import data, figures, results, script  # noqa: E402
from beyond.vae import VAE, decoder_network, encoder_network  # noqa: E402


def train(pictures, options, kl_weight=1., name=None):
    """A VAE trained on these pictures, with one line of progress; its losses stand in `G.history.history`."""
    G = VAE(encoder_network(), decoder_network(), kl_weight=kl_weight)
    script.fit_of(G, options, name)(
        x=pictures.train, epochs=options.epochs, batch_size=64, validation_data=(pictures.test, pictures.test),
        verbose=0, callbacks=[script.TimeLeft("VAE")])
    return G


def measure(kl_weight, seed, steps=None):
    """Figures of a VAE of the embedded digits; see `beyond.results.of_vae`."""
    script.set_seeds(seed)
    pictures = data.load("digits", most=steps and 64 * steps)
    G = train(pictures, script.settings(epochs=60), kl_weight)
    return {"test loss, first epoch": G.history.history["val_loss"][0], "last": G.history.history["val_loss"][-1],
            **results.of_vae(G, pictures)}


def main(argv=None):
    parser = script.parser(__doc__, data="digits", epochs=300, quick=dict(epochs=80))
    options = script.start(parser, argv)
    pictures = script.pictures(options, labelled=True)
    G = train(pictures, options, name="0-main_50")
    print(results.line(results.of_vae(G, pictures)))

    shown = [("test pictures", pictures.test[:25]),
             ("their reconstructions", G.reconstruct(pictures.test[:25]))]
    drawn = [figures.visualize_sheets(shown, columns=5),
             figures.visualize_plane(G.encode(pictures.test), pictures.test_labels, pictures.classes, G.decode),
             figures.visualize_losses([("VAE", {"training": G.history.history["loss"],
                                                "test pictures": G.history.history["val_loss"]})], xlabel="epoch")]
    for figure, name in zip(drawn, ("reconstructions", "plane", "losses")):
        script.finish(figure, options, f"0-main_50-{name}.png")
    return drawn


if __name__ == "__main__":
    main()
