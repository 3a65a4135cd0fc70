"""The command line of the measures, what is drawn, what is claimed; see `beyond/evaluation/__init__.py`."""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import textwrap
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from beyond import evaluation
from beyond.common import classifier, data, training
from beyond.evaluation import blind, files, pixels
from beyond.evaluation.damages import damaged, noisy
from beyond.evaluation.scores import inception_score
from beyond.evaluation.table import BETTER, FEWEST, Table, badness, evaluate, lines, short

REAL = "real, held out"


# ----------------------------------------------------------- damaged real ones

def quarters(pictures, seed):
    """Labelled pictures in four parts: what a judge learns, what fakes are compared with, what calibrates, what is
    damaged. The first is a `Judge`, the others are pairs (pictures, labels).
    """
    everything = np.concatenate([pictures.train, pictures.test])[:4000]
    labels = np.concatenate([pictures.train_labels, pictures.test_labels])[:4000]
    parts = np.array_split(np.random.default_rng(seed).permutation(len(everything)), 4)
    learned = data.Pictures(pictures.name, everything[parts[0]], everything[:0], labels[parts[0]], labels[:0],
                            pictures.classes)
    return classifier.train_judge(learned), *((everything[part], labels[part]) for part in parts[1:])


def all_damages(pictures, seed):
    """The `Table`, the judge, the pictures that are damaged, and the sets of fakes {name: (pictures, labels)}."""
    judge, train, held_out, sources = quarters(pictures, seed)
    table = Table(train[0], held_out[0], judge, train[1], held_out[1])
    return table, judge, sources[0], {REAL: sources, **damaged(*train, *sources, seed)}


# -------------------------------------------------------------------- measuring

KEPT = [name for name in BETTER if name not in ("mode score", "Frechet distance, pixels", "F1", "sliced Wasserstein",
                                                "MMD, normal kernel", "1-NN accuracy, real", "PSNR to the nearest",
                                                "tested on fakes", "contrast", "edge kurtosis")]
DAMAGES = (REAL, "a little noise", "noise", "much noise", "blurred", "two in one", "five classes of ten",
           "one picture a class", "copies of the training set", "other class than asked for")


@lru_cache(maxsize=1)
def damaged_digits(seed):
    """The `Table` and the sets of fakes of the embedded digits; the runs of a seed share them."""
    training.set_seeds(seed)
    table, _, _, sets = all_damages(data.load("digits"), seed)
    return table, sets


def measure(name, seed, steps=None):
    """The measures of one of the sets of fakes, of the embedded digits; `steps` is not needed: there is no training."""
    table, sets = damaged_digits(seed)
    values = table(*sets[name])
    return {key: values[key] if np.isfinite(values[key]) else short(values[key]) for key in KEPT}


CLAIMS = [("evaluation", name, partial(measure, name)) for name in DAMAGES]


# -------------------------------------------------------------------- pictures

def visualize_noise(judge, table, sources):
    """Inception score and Frechet distance over the strength of the noise."""
    from beyond.common.figures import plt
    from gan.figures import DISCRIMINATOR, GENERATOR
    draws, values, strengths = np.random.default_rng(0), [], np.linspace(0, .5, 11)
    for strength in strengths:
        fakes = noisy(sources, strength, draws)
        values.append((inception_score(judge.probabilities(fakes)),
                       evaluation.frechet_distance(table.features, judge.features(fakes))))
    figure, left = plt.subplots(figsize=(7, 4.2), layout="constrained")
    right = left.twinx()
    for axis, column, color, name in ((left, 0, GENERATOR, "inception score (10: as high as it can be)"),
                                      (right, 1, DISCRIMINATOR, "Frechet distance (0: the same cloud)")):
        axis.plot(strengths, np.array(values)[:, column], "o-", color=color)
        axis.set_ylabel(name, color=color)
        axis.set_ylim(bottom=0)
    left.set(xlabel="standard deviation of the noise on each pixel", title="Noise on real digits: one measure falls, "
             "the other one rises")
    return figure


def visualize_sight(table, found):
    """What each measure sees: a row a measure, a column a damage; red is worse than real pictures, blue is better.

    Args:
        table: a `Table`.
        found: {name: measures}, first those of real pictures.
    """
    from beyond.common.figures import plt
    worse = np.array([[badness(name, values[name], table.reference[name]) for values in found.values()]
                      for name in BETTER])
    # No farther from the reference than other real pictures, of the first column: white.
    worse = np.sign(worse) * np.maximum(np.abs(worse) - np.nan_to_num(np.abs(worse[:, :1]), posinf=0), 0)
    finite = np.where(np.isfinite(worse), worse, 0)
    largest = np.maximum(np.max(np.abs(finite), axis=1, keepdims=True), 1e-12)
    # The root, for a Frechet distance of 20 beside one of 170 is seen all the same.
    shade = np.where(np.isinf(worse), np.sign(worse), np.sign(finite) * np.sqrt(np.abs(finite) / largest))
    figure, axis = plt.subplots(figsize=(15, 11), layout="constrained")
    axis.imshow(shade, cmap="RdBu_r", vmin=-1.6, vmax=1.6, aspect="auto")
    for row, name in enumerate(BETTER):
        for column, values in enumerate(found.values()):
            axis.text(column, row, short(values[name]), ha="center", va="center", fontsize=9)
    axis.set_xticks(range(len(found)), [textwrap.fill(name, 14) for name in found])
    axis.set_yticks(range(len(BETTER)), [f"{name} ({'as real' if best == 'real' else best})"
                                         for name, best in BETTER.items()])
    axis.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
    axis.set_title("What each measure sees. Red: worse than held-out real pictures; blue: better; white: blind.\n"
                   "In brackets what is good. The shades of a row are relative to its largest difference.", pad=14)
    return figure


def visualize_spectra(sets):
    """The power of the waves over their frequency, a line for each set {name: pictures}."""
    from beyond.common.figures import plt
    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    for (name, pictures), style in zip(sets.items(), ("k-", "C1-", "C0--")):
        power = pixels.power_spectrum(pictures)
        axis.loglog(range(1, len(power) + 1), np.maximum(power, 1e-12), style, label=name)
    axis.set(xlabel="waves across the picture", ylabel="mean power", title="Power spectra")
    axis.legend()
    return figure


def visualize_blind(pictures, columns=8):
    """The sheet for people: every picture with its number."""
    from beyond.common.figures import plt
    rows = -(-len(pictures) // columns)
    figure, axes = plt.subplots(rows, columns, squeeze=False, figsize=(1.25 * columns, 1.5 * rows),
                                layout="constrained")
    for axis in axes.flat:
        axis.axis("off")
    for number, (axis, picture) in enumerate(zip(axes.flat, pictures), 1):
        axis.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")  # the map is for one channel
        axis.set_title(number, fontsize="medium")
    figure.suptitle("Which are real, which are fake? Write down r or f for each number.")
    return figure


# -------------------------------------------------------------------- main

def write_sheet(real, fake, options):
    """Draw the sheet for people, and write the answers beside it; returns the figure."""
    from beyond.common import script
    from gan.files import store
    from gan.outputs import saving
    sheet, is_real = blind.blind_sheet(real, fake, options.blind, options.seed)
    figure = visualize_blind(sheet)
    script.finish(figure, options, "evaluation-blind.png")
    path = options.out / "evaluation-answers.csv"
    with saving(path):
        store(path, blind.answers_text(is_real).encode())
    print(f'the answers are apart; python -m beyond.evaluation --score {path} "r f f r ..." scores what was said')
    return figure


def print_score(path, text):
    """What `--score` prints."""
    is_real = blind.read_answers(path)
    found = blind.blind_score(is_real, blind.said(text, len(is_real)))
    print(f"{found['right']} of {found['of']} right: {100 * found['accuracy']:.0f} %, with 95 % confidence between "
          f"{100 * found['low']:.0f} and {100 * found['high']:.0f} %")
    print(f"{100 * found['fooled']:.0f} % of the fakes were taken for real. By guessing one would be so far from one "
          f"half, or farther, with a chance of {found['p_value']:.2g}.")


def demonstration(options):
    """What --quick does: damaged digits, the table, what each measure sees, a sheet for people."""
    from beyond.common import figures, script
    pictures = script.pictures(options, labelled=True)
    table, judge, sources, sets = all_damages(pictures, options.seed)
    found = {}
    for name, (fakes, labels) in sets.items():
        found[name] = table(fakes, labels)
        print(f"{name}: inception score {short(found[name]['inception score'])}, Frechet distance "
              f"{short(found[name]['Frechet distance'])}", flush=True)
    print("\n".join(lines([(name[:16], values) for name, values in found.items()])))
    panels = [(f"{name}\nIS {short(found[name]['inception score'])}, Frechet "
               f"{short(found[name]['Frechet distance'])}", fakes[:36]) for name, (fakes, _) in sets.items()]
    plots = {"samples": figures.visualize_sheets(panels, columns=6, size=3, panel_columns=5),
             "sight": visualize_sight(table, found), "noise": visualize_noise(judge, table, sources)}
    for name, figure in plots.items():
        script.finish(figure, options, f"evaluation-{name}.png")
    print("What you see: a white field is a damage that the measure of this row does not see. No measure sees all. The "
          "numbered sheet is for people: who tells its fakes from its real digits?")
    return [*plots.values(), write_sheet(sources, sets["two in one"][0], options)]


def comparison(options, parser):
    """What two paths do: the table, samples, spectra; with --blind the sheet."""
    from beyond.common import figures, script
    try:
        (fakes, fake_labels), (real, real_labels) = files.read_sets(*options.sets, options.size)
        for name, pictures, fewest in (("FAKES", fakes, FEWEST), ("REAL", real, 2 * FEWEST)):
            if len(pictures) < fewest:
                raise ValueError(f"{name}: expected at least {fewest} pictures, got {len(pictures)}")
        most = min(2 * len(fakes), 2 * len(real))  # half of a sheet is real
        if options.blind and options.blind > most:
            raise ValueError(f"--blind: expected at most {most}, twice the pictures of the smaller set, got "
                             f"{options.blind}")
    except ValueError as error:
        parser.error(str(error))
    print(f"{len(fakes)} fakes and {len(real)} real pictures of {'x'.join(map(str, real.shape[1:]))}")
    judged = script.pictures(options, labelled=True)
    judge = classifier.train_judge(judged)
    print("features and classes: of a small classifier of these pictures; half of the real pictures are compared with, "
          "the others calibrate", flush=True)
    found, reference = evaluate(fakes, real, judge, fake_labels, real_labels, options.seed)
    print("\n".join(lines([("fakes", found), ("other real", reference)])))
    plots = [figures.visualize_sheets([("real", real[:64]), ("fake", fakes[:64])], columns=8),
             visualize_spectra({"real": real, "fake": fakes})]
    for name, figure in zip(("samples", "spectra"), plots):
        script.finish(figure, options, f"evaluation-{name}.png")
    print("What you see: real pictures beside fakes, and how much power each has in waves across the picture, from "
          "long ones to short ones. In the table above the figures of the other real pictures are what can be reached.")
    return plots + ([write_sheet(real, fakes, options)] if options.blind else [])


def main(argv=None):
    from beyond.common import script
    from gan.options import command_line
    parser = script.parser("evaluation", evaluation.__doc__, dict(blind=40), data="digits")
    parser.add_argument("sets", nargs="*", metavar="FAKES REAL",
                        help="folders of pictures, arrays .npy, or .npz with `pictures` and perhaps `labels`")
    parser.add_argument("--size", type=script.whole_number(4, 1024), metavar="N",
                        help="scale all pictures to N x N (default: as they are)")
    parser.add_argument("--blind", type=script.whole_number(2, 400), metavar="N",
                        help="also a sheet of N pictures for people, half of them real")
    parser.add_argument("--score", nargs=2, metavar=("ANSWERS", "SAID"),
                        help="only score what somebody said, such as 'r f f r', by the file of answers of a sheet")
    options = parser.parse_args(command_line() if argv is None else argv)
    if options.score:
        try:
            return print_score(Path(options.score[0]), options.score[1])
        except ValueError as error:
            parser.error(str(error))
    if len(options.sets) != 2 and not (options.quick and not options.sets):
        parser.error(f"expected FAKES and REAL, two folders or arrays of pictures, or --quick; got "
                     f"{' '.join(options.sets) or 'neither'}")
    for path in options.sets:
        if not Path(path).exists():
            parser.error(f"{('FAKES', 'REAL')[options.sets.index(path)]}: there is nothing at {path!r}")
    options = script.start(parser, argv)
    return comparison(options, parser) if options.sets else demonstration(options)


if __name__ == "__main__":
    main()
