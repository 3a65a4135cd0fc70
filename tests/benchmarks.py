"""How fast a training step is: `python -m tests.benchmarks [--rounds 3] [--csv FILE]`.

Side by side in one process: a plain transcription of the course's pseudo code trained by plain Keras, our classes by
default, with 50 steps a call, and with 250 (drawn ahead and compiled where that pays). The rounds run through all of
them forwards and backwards in turn, so that a machine that slows down slows all of them; the median counts.
"""

import argparse
import csv
import statistics
import time

import numpy as np

from gan import script
from gan.examples import circle_example, cloud_in_the_corner, four_clouds_example
from gan.files import written_whole
from gan.networks import fully_connected_GenDiscr, normal_generator

keras, tf = script.keras, script.tf
convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr
OURS = {"Simple_GAN": __import__("0-simple_gan").Simple_GAN, "WGAN_GP": __import__("2-wgan_gp").WGAN_GP}
CASES = {
    "1-10-10-2, n = 1,000": ([1, 10, 10, 2], lambda: circle_example(1000), 500),
    "2-10-10-5, n = 1,000": ([2, 10, 10, 5], lambda: four_clouds_example(1000), 500),
    "49-98-98-49, n = 10,000": ([49, 98, 98, 49], lambda: cloud_in_the_corner(49, .05, 10000), 500),
    "faces, n = 10,000": (None, None, 10),
}
WAYS = ("transcription", "default", "50 a call", "250 a call")


def plain(name):
    """The transcription of a class, kept with the tests."""
    from tests.transcription import PlainSimpleGAN, PlainWGANGP
    return {"Simple_GAN": PlainSimpleGAN, "WGAN_GP": PlainWGANGP}[name]


def model(name, case, way):
    """An untrained model, and the number of steps that one measurement takes."""
    shape, data, steps = CASES[case]
    script.set_seeds(0)
    if shape:
        generator, discriminator, latent_generator = fully_connected_GenDiscr(shape)
        real_examples, options = data(), {"learning_rate": .001}
    else:
        generator, discriminator = convolutional_GenDiscr()
        real_examples = tf.constant(np.load(script.DATA / "small_res_faces_10000.npy")[..., None] / np.float32(255))
        options = {"learning_rate": .0001}

        def latent_generator(k):
            return normal_generator(k, 16)
    chosen = plain(name) if way == "transcription" else OURS[name]
    G = chosen(generator, discriminator, latent_generator, real_examples, **options)
    at_once = {"50 a call": 50, "250 a call": 250}.get(way, 1)
    G.compile(**({"steps_per_execution": min(at_once, steps)} if at_once > 1 else {}))
    # Keras trains one step a batch of the data given: this many give the steps exactly.
    return G, tf.data.Dataset.from_tensors(0.).repeat(), steps


def fit(G, data, steps):
    start = time.perf_counter()
    G.fit(data, epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0)
    return time.perf_counter() - start


def measure(name, case, rounds):
    """Milliseconds a step (median of the rounds) and seconds to the end of the first steps, for each way."""
    made, first, times = {}, {}, {way: [] for way in WAYS}
    for way in WAYS:
        start = time.perf_counter()
        G, data, steps = made[way] = model(name, case, way)
        fit(G, data, min(steps, 250 if way == "250 a call" else 50 if way == "50 a call" else 1))
        first[way] = time.perf_counter() - start
    for i in range(rounds):
        for way in WAYS if i % 2 == 0 else WAYS[::-1]:
            G, data, steps = made[way]
            times[way].append(1000 * fit(G, data, steps) / steps)
    return {way: (statistics.median(times[way]), first[way]) for way in WAYS}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=script.positive, default=3, metavar="N",
                        help="measurements of each (default 3)")
    parser.add_argument("--csv", metavar="FILE", help="also write the numbers there")
    parser.add_argument("--no-faces", action="store_true", help="leave the faces, the slowest, out")
    options = parser.parse_args(argv)
    print(f"TensorFlow {tf.__version__} on {script.device()}: milliseconds a step (times the transcription)")
    print()
    print("| | " + " | ".join(WAYS) + " |\n" + "|---" * (len(WAYS) + 1) + "|", flush=True)
    rows = []
    for case in CASES:
        if options.no_faces and case.startswith("faces"):
            continue
        for name in OURS if not case.startswith("faces") else ["WGAN_GP"]:
            found = measure(name, case, options.rounds)
            slow = found["transcription"][0]
            cells = [f"{ms:.2f}" + (f" ({slow / ms:.1f}x)" if way != "transcription" else "")
                     for way, (ms, _) in found.items()]
            print(f"| {name}, {case} | " + " | ".join(cells) + " |", flush=True)
            rows += [{"class": name, "case": case, "way": way, "ms": ms, "first": first}
                     for way, (ms, first) in found.items()]
    print("\nseconds from nothing to the end of the first call: " + ", ".join(
        f"{way} {statistics.median(row['first'] for row in rows if row['way'] == way):.1f}" for way in WAYS))
    if options.csv:
        with written_whole(options.csv) as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
