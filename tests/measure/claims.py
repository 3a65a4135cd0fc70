"""Measure the course's claim that in small dimension Simple_GAN beats both Wasserstein classes.

    python -m tests.measure.claims [--seeds 5]

trains the three classes on the circle and on the four clouds, with the settings of the course's main scripts, and
prints the sliced Wasserstein distance between all 1000 real examples and 1000 fake ones (smaller is better), mean and
standard deviation over the seeds. For the claims in 49 dimensions see `mains/0-main_21.py --seeds 5`.
"""

import argparse

from gan import script
from gan.examples import circle_example, four_clouds_example
from gan.indicators import sliced_wasserstein
from gan.numbers_in_words import mean_and_spread

CLASSES = (__import__("0-simple_gan").Simple_GAN, __import__("1-wgan_clip").WGAN_clip, __import__("2-wgan_gp").WGAN_GP)
EXAMPLES = {"circle": (circle_example, [1, 10, 10, 2]), "four clouds": (four_clouds_example, [2, 10, 10, 5])}


def distance(chosen_type, example, seed, epochs):
    """Train one class from one seed; returns the sliced Wasserstein distance of its examples to the real ones."""
    draw, shape = EXAMPLES[example]
    script.set_seeds(seed)
    G = script.example_fully_connected_GAN(chosen_type, draw(1000), shape, epochs, steps_per_epoch=100,
                                           learning_rate=.001, verbose=0)
    return sliced_wasserstein(G.real_examples, G.get_fake_sample(1000))


def main():
    parser = argparse.ArgumentParser(description="distance of fake to real examples in small dimension")
    parser.add_argument("--seeds", type=script.positive, default=5)
    parser.add_argument("--epochs", type=script.positive, default=16)
    options = parser.parse_args()
    for example, (draw, _) in EXAMPLES.items():
        script.set_seeds(options.seeds)
        floor = sliced_wasserstein(draw(1000), draw(1000))
        print(f"{example}, {options.epochs} epochs of 100 steps (real against real: {floor:.4f})")
        for chosen_type in CLASSES:
            found = [distance(chosen_type, example, seed, options.epochs) for seed in range(options.seeds)]
            values = " ".join(f"{value:.3f}" for value in found)
            print(f"  {chosen_type.__name__:10}  {mean_and_spread(found, alone=True)}   ({values})", flush=True)


if __name__ == "__main__":
    main()
