"""Short stored trainings: what each class did when `golden.json` was last written.

    python -m tests.measure.golden          (from the top folder)

writes the file anew and prints how far each number has moved.
"""

import json
from pathlib import Path

import numpy as np
from tensorflow import keras

from gan.networks import spheric_generator
from gan.script import set_seeds
from tests.helpers import CLASSES, Simple_GAN, convolutional_GenDiscr, points, small

FILE = Path(__file__).with_name("golden.json")


def on_clouds(chosen_type):
    """Three epochs of five steps of one class on 31 points in 5 dimensions."""
    return small(chosen_type, gen_shape=(2, 7, 5), seed=8)


def on_pictures(chosen_type):
    """The same on 23 made-up pictures, with the networks of task 3."""
    set_seeds(8)
    return chosen_type(*convolutional_GenDiscr(), lambda k: spheric_generator(k, 16) * .3 + .5, points(23, 16, 16),
                       batch_size=7, disc_iter=1, learning_rate=.001)


RUNS = {f"{c.__name__} on points": lambda c=c: on_clouds(c) for c in CLASSES}
RUNS["Simple_GAN on pictures"] = lambda: on_pictures(Simple_GAN)


def measure(name):
    """Train one of the runs; returns {name of a number: its value}."""
    keras.backend.clear_session()  # layers are named as in a new process: names decide the order of some sums
    G = RUNS[name]()
    G.compile(steps_per_execution=5)
    history = G.fit(epochs=3, steps_per_epoch=5, verbose=0).history
    numbers = {f"{loss} after epoch {i + 1}": value for loss, values in history.items()
               for i, value in enumerate(values)}
    for network in ("generator", "discriminator"):
        values = np.concatenate([w.ravel().astype("float64") for w in getattr(G, network).get_weights()])
        numbers[f"sum of the {network}'s weights"] = float(np.sum(values))
        numbers[f"sum of the {network}'s squares"] = float(np.sum(values ** 2))
    return numbers


def main():
    stored = json.loads(FILE.read_text()) if FILE.exists() else {}
    measured = {name: measure(name) for name in RUNS}
    for name, numbers in measured.items():
        print(name)
        for what, value in numbers.items():
            before = stored.get(name, {}).get(what)
            print(f"  {what:35} {value:14.8f}   " + ("new" if before is None else f"{value - before:+.1e}"))
    FILE.write_text(json.dumps(measured, indent=1) + "\n")
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
