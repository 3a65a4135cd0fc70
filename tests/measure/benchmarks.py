"""How fast a training step is: `python -m tests.measure.benchmarks [--rounds 3] [--out outputs]`.

Side by side in one process: a plain transcription of the course's pseudo code trained by plain Keras; our classes by
default and in their fastest setting; and the same in PyTorch, torch.compile and JAX (with optax), if they are
installed, each in a process of its own. The rounds run through all of them forwards and backwards in turn, so that a
machine that slows down slows all of them; the median counts. The arithmetic limit is the time that the step's matrix
products and convolutions alone would take at the speed that a large one reaches. Then: where the time of the fastest
setting goes; the time to the first step and the most memory, each in a process of its own; and how the time of a step
grows. Prints tables; writes benchmarks.csv and benchmarks.png.
"""

import argparse
import csv
import importlib.util
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from gan import script
from gan.examples import circle_example, cloud_in_the_corner, four_clouds_example
from gan.figures import plt
from gan.files import written_whole
from gan.networks import fully_connected_GenDiscr, normal_generator
from tests.measure.memory import most_memory
from tests.measure.peer import DENSE_ONLY, PEERS
from tests.transcription import PlainSimpleGAN, PlainWGANGP

keras, tf = script.keras, script.tf
logging.getLogger("tensorflow").setLevel(logging.ERROR)  # the counter of operations is an old part of TensorFlow
ROOT = Path(__file__).resolve().parents[2]
convolutional_GenDiscr = __import__("3-generate_faces").convolutional_GenDiscr
OURS = {"Simple_GAN": __import__("0-simple_gan").Simple_GAN, "WGAN_GP": __import__("2-wgan_gp").WGAN_GP}
PLAIN = {"Simple_GAN": PlainSimpleGAN, "WGAN_GP": PlainWGANGP}
CASES = {  # networks, examples, steps of one measurement
    "1-10-10-2, n = 1,000": ([1, 10, 10, 2], lambda: circle_example(1000), 1600),
    "2-10-10-5, n = 1,000": ([2, 10, 10, 5], lambda: four_clouds_example(1000), 1600),
    "49-98-98-49, n = 10,000": ([49, 98, 98, 49], lambda: cloud_in_the_corner(49, .05, 10000), 500),
    "faces 16 x 16, n = 10,000": (None, lambda: np.load(script.DATA / "small_res_faces_10000.npy")[..., None]
                                  / np.float32(255), 10),
}
FASTEST = {True: 250, False: 10}  # steps a call with dense networks, with convolutions
OTHERS = [name for name, (library, *_) in PEERS.items() if importlib.util.find_spec(library)]
WAYS = ["transcription", "default", "fastest", *OTHERS]


class Measured:
    """One way to train one class on one case; `run(steps)` gives the seconds that they take."""

    def __init__(self, way, name, shape, real_examples, batch_size=200):
        script.set_seeds(0)
        rate = .001 if shape else .0001
        self.other = None
        if way in PEERS:
            with tempfile.TemporaryDirectory() as folder:
                np.savez(Path(folder) / "twin.npz", name=name, shape=shape or [], real_examples=real_examples,
                         rate=rate, batch_size=batch_size)
                self.other = subprocess.Popen([sys.executable, "-m", "tests.measure.peer", way, folder], cwd=ROOT,
                                              text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                self.other.stdout.readline()
            return
        if shape:
            generator, discriminator, latent_generator = fully_connected_GenDiscr(shape)
        else:
            generator, discriminator = convolutional_GenDiscr()

            def latent_generator(k):
                return normal_generator(k, 16)
        self.G = (PLAIN if way == "transcription" else OURS)[name](
            generator, discriminator, latent_generator, tf.constant(real_examples), batch_size=batch_size,
            learning_rate=rate)
        self.G.compile(**({"steps_per_execution": FASTEST[bool(shape)]} if way == "fastest" else {}))
        # Keras trains one step a batch of the data given: this many give the steps exactly.
        self.data = tf.data.Dataset.from_tensors(0.).repeat()

    def run(self, steps):
        if self.other:
            print(steps, file=self.other.stdin, flush=True)
            return float(self.other.stdout.readline())
        start = time.perf_counter()
        self.G.fit(self.data, epochs=1, steps_per_epoch=steps, shuffle=False, verbose=0)
        return time.perf_counter() - start

    def close(self):
        if self.other:
            self.other.stdin.close()
            self.other.wait()


def side_by_side(made, steps, rounds):
    """Milliseconds a step of each of a dict of `Measured`: the median of the rounds, after one that does not count."""
    times = {way: [] for way in made}
    for i in range(rounds + 1):
        for way in list(made)[::1 if i % 2 else -1]:
            seconds = made[way].run(steps if i else min(steps, 250))
            if i:
                times[way].append(1000 * seconds / steps)
    for one in made.values():
        one.close()
    return {way: statistics.median(values) for way, values in times.items()}


# -------------------------------------------------------- the arithmetic limit

def operations_a_step(G):
    """Floating point operations of the matrix products and convolutions of a training step, counted in its graph."""
    graph = tf.function(lambda: G.train_step(None), autograph=False).get_concrete_function().graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    nodes = tf.compat.v1.profiler.profile(graph, cmd="op", options=options).children
    total, queue = 0, list(nodes)
    while queue:
        node = queue.pop()
        queue += node.children
        if node.name.startswith(("MatMul", "Conv2D")):
            total += node.float_ops
    return total


def best_speed():
    """Operations a second of a large matrix product and of a large convolution, the best of five each."""
    square, pictures, kernel = tf.random.normal((2000, 2000)), tf.random.normal((200, 8, 8, 512)), \
        tf.random.normal((3, 3, 512, 64))

    def best(function, operations):
        function()
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            function().numpy()
            seconds.append(time.perf_counter() - start)
        return operations / min(seconds)

    product = best(lambda: tf.matmul(square, square), 2 * 2000 ** 3)
    convolution = best(lambda: tf.nn.conv2d(pictures, kernel, 1, "SAME"), 2 * 200 * 64 * 9 * 512 * 64)
    return {True: product, False: convolution}


# ---------------------------------------------------------------- the benchmarks

def speed(options, rows):
    """The table of the cases."""
    limit = best_speed()
    print("milliseconds a step (times as fast as the transcription)\n")
    print("| | " + " | ".join([*WAYS, "arithmetic limit"]) + " |\n" + "|---" * (len(WAYS) + 2) + "|", flush=True)
    for case, (shape, examples, steps) in CASES.items():
        if options.no_faces and not shape:
            continue
        for name in OURS if shape else ["WGAN_GP"]:
            script.set_seeds(0)
            real_examples = np.asarray(examples(), "float32")
            made = {way: Measured(way, name, shape, real_examples) for way in WAYS if shape or way not in DENSE_ONLY}
            found = side_by_side(made, steps, options.rounds)
            least = 1000 * operations_a_step(made["default"].G) / limit[bool(shape)]
            cells = [f"{found[way]:.2f} ({found['transcription'] / found[way]:.1f}x)" if way in found else ""
                     for way in WAYS[1:]]
            print(f"| {name}, {case} | {found['transcription']:.2f} | " + " | ".join(cells) + f" | {least:.2f} |",
                  flush=True)
            rows += [{"part": "speed", "class": name, "case": case, "way": way, "value": ms, "unit": "ms"}
                     for way, ms in {**found, "limit": least}.items()]


def start_and_memory(rows):
    """Seconds until the first step is done, and the most memory, of Simple_GAN on the smallest networks."""
    print("\nSimple_GAN, 1-10-10-2, in a process of its own: until the first step is done (imports not counted); most "
          "memory\n")
    for way in WAYS:
        program = ["tests.measure.peer", way] if way in PEERS else ["tests.measure.benchmarks", "--first", way]
        run = subprocess.run([sys.executable, "-m", *program], capture_output=True, text=True, cwd=ROOT, check=True)
        seconds, megabytes = map(float, run.stdout.split()[-2:])
        print(f"{way:14}{seconds:6.1f} s{megabytes:8.0f} MB", flush=True)
        rows += [{"part": "start", "class": "Simple_GAN", "case": "1-10-10-2", "way": way, "value": value, "unit": unit}
                 for value, unit in ((seconds, "s"), (megabytes, "MB"))]


def first(way):
    """What `start_and_memory` runs for one way."""
    shape, examples, _ = next(iter(CASES.values()))
    real_examples = np.asarray(examples(), "float32")
    start = time.perf_counter()
    Measured(way, "Simple_GAN", shape, real_examples).run(1)
    print(time.perf_counter() - start, most_memory())


def usual_seconds(function, *arguments):
    """Median of twenty calls."""
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        tf.nest.map_structure(np.asarray, function(*arguments))  # waits for the numbers
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def profile(rows):
    """Where the time of the fastest setting goes: drawing, in a thread of its own, and the compiled arithmetic."""
    print("\nmilliseconds a step of the fastest setting: drawing and arithmetic, each alone; in `fit` they overlap\n")
    print("| | drawing | arithmetic | fit |\n|---|---|---|---|")
    for case, (shape, examples, steps) in CASES.items():
        for name in OURS if shape else []:
            script.set_seeds(0)
            made = Measured("fastest", name, shape, np.asarray(examples(), "float32"))
            made.run(steps)
            parts = made.G.train_steps
            if not hasattr(parts, "program"):
                continue  # wide layers with TensorFlow 2.15: steps in one graph, with their random numbers
            numbers = parts._draw(parts.chunk)
            milliseconds = [1000 * usual_seconds(function, *arguments) / parts.chunk for function, *arguments in (
                (parts._draw, parts.chunk), (parts.program(parts.chunk), *numbers))]
            milliseconds.append(1000 * min(made.run(steps) for _ in range(2)) / steps)
            print(f"| {name}, {case} | " + " | ".join(f"{ms:.2f}" for ms in milliseconds) + " |", flush=True)
            rows += [{"part": "profile", "class": name, "case": case, "way": way, "value": ms, "unit": "ms"}
                     for way, ms in zip(("drawing", "arithmetic", "fit"), milliseconds)]


def profile_of_faces(rows):
    """How the time of all threads in a training of the faces divides among the kinds of operations."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    shape, examples, steps = CASES["faces 16 x 16, n = 10,000"]
    made = Measured("fastest", "WGAN_GP", shape, np.asarray(examples(), "float32"))
    made.run(steps)
    with tempfile.TemporaryDirectory() as folder:
        with tf.profiler.experimental.Profile(folder):
            made.run(steps)
        space = xplane_pb2.XSpace.FromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
    seconds = Counter()
    for plane in space.planes:
        for event in (event for line in plane.lines for event in line.events):
            name = plane.event_metadata[event.metadata_id].name
            if name.startswith("while/"):  # an operation of the loop of steps: path:kind
                kind = name.rsplit(":", 1)[-1].replace("_MklNative", "")
                seconds["convolutions" if "Conv2D" in kind else kind] += event.duration_ps / 1e12
    total = sum(seconds.values())
    shares = [(kind, 100 * one / total) for kind, one in seconds.most_common(8)]
    print("\nWGAN_GP on the faces, percent of the time of all threads: "
          + ", ".join(f"{kind} {share:.0f}" for kind, share in shares), flush=True)
    rows += [{"part": "profile", "class": "WGAN_GP", "case": "faces", "way": kind, "value": share, "unit": "%"}
             for kind, share in shares]


GROWTH = {"examples n": [10 ** 3, 10 ** 4, 10 ** 5, 10 ** 6], "batch size": [50, 200, 800, 3200],
          "width": [10, 40, 160, 640]}


def growth(options, rows):
    """Milliseconds a step of WGAN_GP on 2-10-10-2 when one thing grows."""
    print("\nWGAN_GP, 2-10-10-2, n = 10,000, batch size 200, when one of them grows; milliseconds a step\n")
    print("| | | " + " | ".join(WAYS) + " |\n" + "|---" * (len(WAYS) + 2) + "|")
    rng = np.random.default_rng(0)
    for what, values in GROWTH.items():
        for value in values:
            n = value if what == "examples n" else 10 ** 4
            width = value if what == "width" else 10
            batch_size = value if what == "batch size" else 200
            real_examples = rng.normal(size=(n, 2)).astype("float32")
            made = {way: Measured(way, "WGAN_GP", [2, width, width, 2], real_examples, batch_size) for way in WAYS}
            steps = 100 if max(n // 1000, batch_size, width) <= 320 else 50
            found = side_by_side(made, steps, min(2, options.rounds))
            print(f"| {what} | {value:,} | " + " | ".join(f"{ms:.2f}" for ms in found.values()) + " |", flush=True)
            rows += [{"part": what, "class": "WGAN_GP", "case": value, "way": way, "value": ms, "unit": "ms"}
                     for way, ms in found.items()]


def plot(rows):
    """Left: milliseconds a step of the cases; right: how they grow."""
    figure, axes = plt.subplots(1, 4, figsize=(18, 5), width_ratios=[2.2, 1, 1, 1], constrained_layout=True)
    parts = [row for row in rows if row["part"] == "speed"]
    cases = list(dict.fromkeys((row["class"], row["case"]) for row in parts))
    ways = list(dict.fromkeys(row["way"] for row in parts))
    for i, way in enumerate(ways):
        heights = [next((row["value"] for row in parts if (row["class"], row["case"], row["way"]) == (*case, way)),
                        np.nan) for case in cases]
        axes[0].barh(np.arange(len(cases)) + i / (len(ways) + 1), heights, 1 / (len(ways) + 1),
                     label="arithmetic limit" if way == "limit" else way)
    axes[0].set_yticks(np.arange(len(cases)) + .4, [f"{name}\n{case.split(',')[0]}" for name, case in cases])
    axes[0].invert_yaxis()
    axes[0].set(xscale="log", xlabel="milliseconds a step")
    axes[0].legend()
    for axis, what in zip(axes[1:], GROWTH):
        for way in WAYS:
            found = [(row["case"], row["value"]) for row in rows if row["part"] == what and row["way"] == way]
            axis.plot(*zip(*found), "o-", label=way)
        axis.set(xscale="log", yscale="log", xlabel=what)
    axes[1].set(ylabel="milliseconds a step, WGAN_GP 2-10-10-2")
    axes[1].legend()
    return figure


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=script.positive, default=3, metavar="N",
                        help="measurements of each (default 3)")
    parser.add_argument("--out", type=Path, default=Path("outputs"), metavar="DIR",
                        help="folder for benchmarks.csv and benchmarks.png (default outputs)")
    parser.add_argument("--no-faces", action="store_true", help="leave the faces, the slowest, out")
    parser.add_argument("--first", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.first:
        first(options.first)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    print(f"TensorFlow {tf.__version__} on {script.device()}", flush=True)
    rows = []
    speed(options, rows)
    profile(rows)
    if not options.no_faces:
        profile_of_faces(rows)
    start_and_memory(rows)
    growth(options, rows)
    with written_whole(options.out / "benchmarks.csv") as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    with written_whole(options.out / "benchmarks.png") as temporary:
        plot(rows).savefig(temporary, dpi=100)
    print(f"\nsaved {options.out / 'benchmarks.csv'}\nsaved {options.out / 'benchmarks.png'}")


if __name__ == "__main__":
    main()
