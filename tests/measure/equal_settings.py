"""How equal the settings are: `python -m tests.measure.equal_settings`.

Trains the course's networks of the circle for 16 x 100 steps with each class: one step a call, by default, and in the
fastest setting; prints how far losses and weights are apart.
"""

import numpy as np

from gan import script
from gan.examples import circle_example
from gan.networks import fully_connected_GenDiscr

CLASSES = [__import__(module).__dict__[name] for module, name in (
    ("0-simple_gan", "Simple_GAN"), ("1-wgan_clip", "WGAN_clip"), ("2-wgan_gp", "WGAN_GP"))]
SETTINGS = {"one a call": {"steps_per_execution": 1}, "default": {}, "100 a call": {"steps_per_execution": 100}}


class Losses(script.keras.callbacks.Callback):
    """The losses of every step."""

    def __init__(self):
        super().__init__()
        self.rows = []

    def on_epoch_end(self, epoch, logs=None):
        self.rows += [list(losses.values()) for losses in self.model.epoch_losses]


def train(chosen_type, options):
    """The losses of 1,600 steps, and the weights after them."""
    script.set_seeds(0)
    real_examples = circle_example(1000)
    G = chosen_type(*fully_connected_GenDiscr([1, 10, 10, 2]), real_examples, learning_rate=.001)
    G.compile(**options)
    losses = Losses()
    G.fit(epochs=16, steps_per_epoch=100, verbose=0, callbacks=[losses])
    return np.array(losses.rows), [*G.generator.get_weights(), *G.discriminator.get_weights()]


def main():
    print(f"TensorFlow {script.tf.__version__}: largest difference to one step a call, over 1,600 steps of 1-10-10-2")
    print(f"{'':26}{'losses: 100':>12}{'400':>9}{'1,600 steps':>13}{'weights':>9}")
    for chosen_type in CLASSES:
        losses, weights = train(chosen_type, SETTINGS["one a call"])
        for name in ("default", "100 a call"):
            found, others = train(chosen_type, SETTINGS[name])
            apart = [np.abs(found - losses)[:steps].max() for steps in (100, 400, 1600)]
            apart.append(max(np.abs(a - b).max() for a, b in zip(weights, others)))
            print(f"{chosen_type.__name__:12}{name:14}{apart[0]:12.1g}{apart[1]:9.1g}{apart[2]:13.1g}{apart[3]:9.1g}",
                  flush=True)


if __name__ == "__main__":
    main()
