#!/usr/bin/env python3
"""Task 4: train WGAN_GP on the faces and store the weights of both networks.

By default the course's training: 150 epochs of 200 steps, batches of 200, two updates of the discriminator a step,
learning rate .0001; hours on two cores. --quick is a shorter recipe. Ctrl-C saves and stops; --resume goes on.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(globals().get("__file__", "mains/x")).resolve().parents[1]))
import numpy as np

from gan import script
from gan.faces.figures import visualize_quality
from gan.faces.quality import PictureQuality, table
from gan.faces.recipe import COURSE, QUICK, AveragedGenerator, FacesLog, centre_critic
from gan.faces.stored_weights import save_keras2_weights
from gan.figures import visualize_pictures
from gan.networks import normal_generator

WGAN_GP = __import__("4-wgan_gp").WGAN_GP
convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr


def main(argv=None):
    parser = script.parser(__doc__)
    script.add_faces(parser)
    script.add_devices(parser)
    parser.add_argument("--quick", action="store_true", help=f"train with {QUICK}")
    script.add_long_run(parser)
    parser.add_argument("--every", type=script.positive, default=5, metavar="N",
                        help="epochs between two samples and measurements (default 5)")
    parser.add_argument("--decay", action=argparse.BooleanOptionalAction,
                        help="lower the learning rate to zero over the second half of the training (default no)")
    parser.add_argument("--last-tanh", action=argparse.BooleanOptionalAction,
                        help="train the critic with the tanh of its last layer (default yes)")
    for name in ("epochs", "steps", "batch_size", "disc_iter"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=script.positive, metavar="N",
                            help=f"default {COURSE[name]}")
    parser.add_argument("--learning-rate", type=script.positive_number, metavar="X",
                        help=f"default {COURSE['learning_rate']}")
    parser.add_argument("--average", type=script.number(0, .999999, "a number from 0 to less than 1"), metavar="X",
                        help="how much of the averaged generator stays in a step; 0, the default, is no average")
    options = script.start(parser, argv)
    settings = {name: value if getattr(options, name) is None else getattr(options, name)
                for name, value in (QUICK if options.quick else COURSE).items()}
    faces = script.faces(options, least=max(12, settings["batch_size"]))  # 12: what the indicators need
    folder = options.out / "0-main_32"
    with script.writing(folder):
        folder.mkdir(exist_ok=True)
    print(f"WGAN_GP on the {len(faces.pictures)} faces of {faces.path.name}: {settings}", flush=True)

    with script.scope(options, settings["batch_size"]):
        G = WGAN_GP(*convolutional_GenDiscr(), lambda k: normal_generator(k, 16), faces.pictures,
                    batch_size=settings["batch_size"], disc_iter=settings["disc_iter"],
                    learning_rate=settings["learning_rate"])
    if not settings["last_tanh"]:
        G.discriminator.layers[-1].activation = script.keras.activations.linear
    quality = PictureQuality(faces.pictures)
    latent_vectors = np.random.default_rng(options.seed).normal(size=(max(100, quality.size), 16)).astype("float32")
    average = AveragedGenerator(G.generator, settings["average"])
    log = FacesLog(folder, average, quality, latent_vectors, options.every)
    callbacks = [average, log, script.TimeLeft("WGAN_GP")]
    if settings["decay"]:
        callbacks.append(script.keras.callbacks.LearningRateScheduler(
            lambda epoch: settings["learning_rate"] * min(1, 2 * (1 - epoch / settings["epochs"]))))
    G.compile(steps_per_execution=10)
    run = script.long_run(options, folder.name, "checkpoint", parts=[average, log], **settings)
    run.fit(G, epochs=settings["epochs"], steps_per_epoch=settings["steps"], verbose=0, callbacks=callbacks)

    made = average.network.predict(latent_vectors, batch_size=500, verbose=0)
    if not settings["last_tanh"]:
        centre_critic(G.discriminator, faces.pictures[..., None], made)
    if log.rows:
        print(table({"real against real": quality.calibrate(),
                     f"after epoch {log.rows[-1]['epoch']:.0f}": log.rows[-1]}))
    for network, name in ((average.network, "generator.h5"), (G.discriminator, "discriminator.h5")):
        with script.saving(folder / name):
            save_keras2_weights(network, folder / name)
    figures = []
    if log.rows:
        title = "100 fake faces of WGAN_GP, averaged generator; black is 0, white is 1"
        figures = [visualize_quality(log.rows),
                   visualize_pictures([(title, made[:100, :, :, 0])], columns=10, size=8)]
        script.finish(figures[0], options, "0-main_32-quality.png")
        script.finish(figures[1], options, "0-main_32-faces.png")
        print(f"saved {folder / 'samples.gif'}")
        print("What you see: how near the fakes come to real faces, by five indicators over the training, and a "
              "hundred fakes in the end; the animation shows the same latent vectors over the training. Real faces "
              "against other real ones are the best that can be reached: the first row of the table.")
    return figures


if __name__ == "__main__":
    main()
