"""The latent space of a GAN of coloured faces: means, mixtures, arithmetic, overwritten coordinates, directions.

What do the numbers mean that a face is made of? The source draws a hundred latent vectors of a hundred coordinates,
looks at the faces, and works with the vectors of those that have something in common:

    means          the mean of several latent vectors of red-haired faces is a red-haired face
    mixtures       the mean of two such means has a hair colour between
    overwriting    ten or twenty of the hundred coordinates are replaced by noise, a Hanning window, zeros or ones
    arithmetic     a man with glasses - a man + a woman, each the mean of three vectors, as in the paper
    directions     the source sees "no programmatic way" to find what controls what; a linear regression of what a
                   classifier sees on the latent vectors is one

Here nobody looks: a second classifier, a `Reader`, which learned from other drawn faces, says what a face shows. So
there are shares of thousands of trials in the place of a few pictures, and what the source has not: what chance would
give, and how much of a change to expect. The mean of nine vectors has length 3.3, where a vector that is drawn has 10.
Ten fresh coordinates have length 3.2: for a mean that is no small change.

The faces are drawn (`data/make_faces.py`), of 16 x 16 pixels, well lit, with black, ash, golden or red hair.

Radford et al. (2016), DCGAN, https://arxiv.org/abs/1511.06434, figure 7; Shen et al. (2020), Interpreting the Latent
Space of GANs, https://arxiv.org/abs/1907.10786.

Built on `beyond.wgan_gp`, whose class it trains.

    python -m beyond.latent --quick      trains a small generator, then everything above, in pictures and numbers
    python -m beyond.latent --resume     with the generator that the same command trained before
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import warnings
from collections import namedtuple

import numpy as np
from sklearn.linear_model import Ridge
from tensorflow import keras

from beyond.common import data, pairs, training
from beyond.common.base import in_batches, normal
from beyond.wgan_gp import WGAN_GP
from gan.faces.attributes import attribute_direction
from gan.faces.latent import changes
from gan.picture_measures import flat

layers = keras.layers

SYSTEM = {
    "family": "theory",
    "line": "the latent space of coloured faces: means, mixtures, arithmetic, directions",
    "totals": {},
    "quick": "3 minutes",
}

SIZE, LATENT = 16, 100
HAIR = {"black": (.05, .5), "ash": (.42, .05), "golden": (.42, .5), "red": (.3, 1.)}  # tone and hue of the renderer
LEARNED, READ, HELD_OUT = 1500, 1200, 300  # faces for the GAN, for the reader to learn from, to test it with
GROUP = 9  # vectors in a mean; the source has 6 to 11
STEPS = (.01, .1, 1.)  # lengths of a step in latent space
AMOUNT = 2.5  # how far along a direction


# ------------------------------------------------------------------------ faces

Faces = namedtuple("Faces", "pictures hair shows")  # (n, 16, 16, 3); kind of hair (n,); {name: True or False, (n,)}


def attributes(count, seed):
    """What `count` drawn faces show, for the renderer, and the kind of hair of each, a number (count,)."""
    if not pairs.renderer:
        raise ValueError("data: expected the package's folder data, whose renderer draws the faces, got an "
                         "installation without it")
    stream = np.random.default_rng([seed, 7])
    hair = stream.integers(len(HAIR), size=count)
    tone, hue = np.array(list(HAIR.values()))[hair].T + [[.03], [.04]] * stream.normal(size=(2, count))
    drawn = pairs.renderer.draw_attributes(
        count, np.random.default_rng([seed, 0]), hat=0., bald=0., hair_grey=0., hair_tone=tone.clip(.02, 1),
        dark_glasses=0., glasses=stream.random(count) < .4, hairline=-.85, zoom=.92, pitch=0., roll=0., shift_x=-.01,
        shift_y=-.02, ambient=.75, gamma=.93, light_y=-.45, light_x=.5 * stream.normal(size=count).clip(-1, 1),
        yaw=.2 * stream.normal(size=count).clip(-1.5, 1.5))
    return {**drawn, **pairs.renderer.draw_colours(count, np.random.default_rng([seed, 1]),
                                                   hair_hue=hue.clip(0, 1))}, hair


def faces(seed=0, say=None):
    """Drawn faces for the GAN, for the reader, and to test it with: three `Faces`, always the same for a seed."""
    counts = LEARNED, READ, HELD_OUT
    known, hair = attributes(sum(counts), seed)
    pictures = pairs.faces_with(known, SIZE, 3, seed, say)
    shows = {"glasses": known["glasses"] > .5, "male": known["male"] > .5, "smile": known["smile"] > .4,
             **{f"{name} hair": hair == kind for kind, name in enumerate(HAIR)}}
    edges = np.cumsum([0, *counts])
    return [Faces(pictures[start:stop], hair[start:stop], {name: values[start:stop] for name, values in shows.items()})
            for start, stop in zip(edges, edges[1:])]


class Reader:
    """Says what faces show. It learned from faces that the GAN has never seen.

    Args:
        learned, held_out: `Faces`.

    Attributes:
        names: of what it sees; the last ones are the kinds of hair.
        accuracy: of each, on the held-out faces: a dict.
    """

    def __init__(self, learned, held_out, rounds=80):
        from sklearn.neural_network import MLPClassifier  # here: it takes a second to load
        self.names = list(learned.shows)
        self.network = MLPClassifier((64,), alpha=1., max_iter=rounds, random_state=0)
        answers = np.stack(list(learned.shows.values()), axis=1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that more rounds would help
            self.network.fit(flat(learned.pictures), answers)
        self.palette = np.array(list(HAIR.values()))
        self.ridge = Ridge(30.).fit(flat(learned.pictures), self.palette[learned.hair])
        right = {name: self.shows(name, held_out.pictures) == values for name, values in held_out.shows.items()}
        self.accuracy = {**{name: float(np.mean(right[name])) for name in self.names[:-len(HAIR)]},
                         "hair": float(np.mean(self.hair(held_out.pictures) == held_out.hair))}

    def hair(self, pictures):
        """The kind of hair of each face, (n,)."""
        return np.argmax(self.network.predict_proba(flat(pictures))[:, -len(HAIR):], axis=1)

    def shows(self, name, pictures):
        """Whether each face shows that, (n,)."""
        number = self.names.index(name)
        if number >= len(self.names) - len(HAIR):
            return self.hair(pictures) == number - (len(self.names) - len(HAIR))
        return self.network.predict_proba(flat(pictures))[:, number] > .5

    def colour(self, pictures):
        """Tone and hue of the hair of each face, (n, 2), both divided by their spread over the four kinds."""
        return self.ridge.predict(flat(pictures)) / self.palette.std(axis=0)


# ---------------------------------------------------------------------- the GAN

def faces_GenDiscr(filters=32):
    """Networks for faces of 16 x 16 pixels in three colours in [-1, 1].

    Returns:
        generator: (batch, 100) -> (batch, 16, 16, 3).
        discriminator: (batch, 16, 16, 3) -> (batch, 1) values of a critic.
        latent_generator: normal, k -> (k, 100).
    """
    def normalized():
        return [layers.BatchNormalization(momentum=.8), layers.ReLU()]

    generator = keras.Sequential([
        keras.Input((LATENT,)), layers.Dense(4 * 4 * 4 * filters), layers.Reshape((4, 4, 4 * filters)), *normalized(),
        layers.Conv2DTranspose(2 * filters, 4, 2, padding="same"), *normalized(),  # (8, 8)
        layers.Conv2DTranspose(3, 4, 2, padding="same", activation="tanh")], name="generator")  # (16, 16)
    critic = keras.Sequential([keras.Input((SIZE, SIZE, 3))], name="discriminator")
    for width in (filters, 2 * filters):  # (8, 8), (4, 4)
        critic.add(layers.Conv2D(width, 4, 2, padding="same"))
        critic.add(layers.LeakyReLU(.2))
    critic.add(layers.Flatten())
    critic.add(layers.Dense(1))
    return generator, critic, normal(LATENT)


EPOCHS, TRAINING_STEPS, BATCH, RATE, FILTERS = 10, 200, 32, .001, 32


def train(learned, options, name=None):
    """Train on these `Faces`; returns the averaged generator as a function from latent vectors to pictures in [0, 1],
    and the `Record` of the training."""
    from gan.faces.recipe import AveragedGenerator  # here, because it draws
    G = WGAN_GP(*faces_GenDiscr(options.filters), data.signed(learned.pictures), batch_size=options.batch, disc_iter=1,
                learning_rate=options.rate)
    average = AveragedGenerator(G.generator, .998)

    def generate(latent_vectors):
        return data.unit(in_batches(lambda some: average.network(some, training=False),
                                    np.asarray(latent_vectors, "float32")))

    sheet = np.random.default_rng(0).normal(size=(100, LATENT))
    record = training.Record(lambda: generate(sheet))
    G.compile(steps_per_execution=min(options.steps, 10 if name else 50))
    training.fit(G, options, name, [average, record], [average, record], steps_per_epoch=options.steps)
    return generate, record


# ------------------------------------------------------------------ experiments

def in_groups(codes, size):
    """Latent vectors (n, 100) as groups (n // size, size, 100)."""
    return codes[:len(codes) // size * size].reshape(-1, size, codes.shape[1])


def lengthened(codes):
    """Latent vectors made as long as those that are drawn: 10."""
    return codes * np.sqrt(codes.shape[1]) / np.linalg.norm(codes, axis=1, keepdims=True)


def group_means(generate, reader, codes):
    """Does the mean of nine latent vectors of faces with the same kind of hair make such a face? By chance: 1/4."""
    seen = reader.hair(generate(codes))
    kept, kept_long = [], []
    for kind in range(len(HAIR)):
        means = in_groups(codes[seen == kind], GROUP).mean(axis=1)
        if len(means):
            kept.append(np.mean(reader.hair(generate(means)) == kind))
            kept_long.append(np.mean(reader.hair(generate(lengthened(means))) == kind))
    return {"means keep the hair": float(np.mean(kept)), "lengthened means": float(np.mean(kept_long))}


def mixtures(generate, reader, codes):
    """Where the hair of the mean of two means is, on the way from the colour of one (0) to that of the other (1)."""
    seen = reader.hair(generate(codes))
    means = [in_groups(codes[seen == kind], GROUP).mean(axis=1) for kind in range(len(HAIR))]
    where = []
    for first in range(len(HAIR)):
        for second in range(first):
            count = min(len(means[first]), len(means[second]))
            if count:
                a, b = means[first][:count], means[second][:count]
                start, middle, end = (reader.colour(generate(z)) for z in (a, (a + b) / 2, b))
                where.extend(np.sum((middle - start) * (end - start), axis=1) / np.sum((end - start) ** 2, axis=1))
    where = np.array(where or [np.nan])
    return {"mixtures between": float(np.mean((where > 0) & (where < 1))),
            "place on the way": float(np.median(where))}


def triples(reader, codes, pictures, size):
    """Latent vectors of men with glasses, men without, women without, in groups: three arrays (n, size, 100)."""
    male, glasses = reader.shows("male", pictures), reader.shows("glasses", pictures)
    groups = [in_groups(codes[chosen], size) for chosen in (male & glasses, male & ~glasses, ~male & ~glasses)]
    return [group[:min(map(len, groups))] for group in groups]


def arithmetic(generate, reader, codes):
    """How often a man with glasses - a man + a woman is a woman with glasses, and how often any fake is one."""
    def right(pictures):
        return float(np.mean(reader.shows("glasses", pictures) & ~reader.shows("male", pictures)))

    made = generate(codes)
    found = {"any fake": right(made)}
    for size, name in ((3, "means of three"), (1, "single vectors")):
        a, b, c = triples(reader, codes, made, size)
        found[f"arithmetic, {name}"] = right(generate(np.mean(a - b + c, axis=1))) if len(a) else float("nan")
        if size == 3:
            means = [np.mean([generate(group[:, i]) for i in range(3)], axis=0) for group in (a, b, c) if len(a)]
            found["arithmetic, pixels"] = right(np.clip(means[0] - means[1] + means[2], 0, 1)) if means else \
                float("nan")
    return found


FILLERS = {"noise": lambda count, rng: rng.normal(size=count), "Hanning window": lambda count, rng: np.hanning(count),
           "zeros": lambda count, rng: np.zeros(count), "ones": lambda count, rng: np.ones(count)}


def overwritten(code, starts, count, filler, rng):
    """The latent vector with `count` coordinates from each of `starts` replaced: (len(starts), 100)."""
    result = np.repeat(code[None], len(starts), axis=0)
    for row, start in zip(result, starts):
        row[start:start + count] = FILLERS[filler](count, rng)
    return result


def overwritten_as_listed(code, starts, count, filler, rng):
    """The source's loop, which overwrites the same vector again and again: the changes pile up."""
    code, result = code.copy(), []
    for start in starts:
        code[start:start + count] = FILLERS[filler](count, rng)
        result.append(code.copy())
    return np.stack(result)


def overwriting(generate, reader, codes, rng):
    """How much a face changes when coordinates are overwritten, in distances between two fakes.

    A linear generator would give a draw sqrt(count / 100) for noise, .32 and .45, and a mean of nine
    sqrt(10/9 count / 200), .24 and .33.
    """
    apart = np.median(_distance(generate(codes), generate(np.roll(codes, 1, axis=0))))
    found = {}
    for start, name in ((in_groups(codes, GROUP).mean(axis=1), "a mean"), (codes[:400], "a draw")):
        before = generate(start)
        for filler, count in (("noise", 10), *((filler, 20) for filler in FILLERS)):
            places = rng.integers(0, LATENT - count + 1, size=len(start))
            after = generate(np.concatenate([overwritten(code, [place], count, filler, rng)
                                             for code, place in zip(start, places)]))
            found[f"{count} of {name}, {filler}"] = float(np.median(_distance(before, after)) / apart)
    return found


def _distance(a, b):
    return np.linalg.norm(flat(a) - flat(b), axis=1)


DIRECTIONS = ("glasses", "male", "smile", "red hair")


def directions(generate, learned, codes):
    """The unit vectors in latent space along which faces come to show each of DIRECTIONS: a dict."""
    made = generate(codes)
    return {name: attribute_direction(learned.pictures, learned.shows[name], codes, made)[0] for name in DIRECTIONS}


def moved(codes, direction, amount):
    """Latent vectors with `amount` in that direction, whatever they had in it before."""
    return codes + (amount - codes @ direction)[:, None] * direction


def along(generate, reader, found, codes):
    """What share of fakes shows each of `directions` when moved against it and along it, and how spread out these are.

    A direction that lay in ten coordinates would have all its weight, 1, in the ten that have most of it.
    """
    result = {}
    for name, direction in found.items():
        for amount, word in ((-AMOUNT, "less"), (AMOUNT, "more")):
            result[f"{name}, {word}"] = float(np.mean(reader.shows(name, generate(moved(codes, direction, amount)))))
    result["weight of ten coordinates"] = float(np.mean([np.sort(direction ** 2)[-10:].sum()
                                                         for direction in found.values()]))
    return result


def small_steps(generate, codes, rng):
    """How much a step in latent space changes a face, in distances between two fakes."""
    return {f"a step of {length:g}": share for length, share in changes(generate, codes, STEPS, rng).items()}


def experiments(generate, learned, reader, rng, count=6000):
    """All figures: a dict of their groups' names -> dict of figures."""
    codes = rng.normal(size=(count, LATENT))
    return {"means": group_means(generate, reader, codes), "mixtures": mixtures(generate, reader, codes),
            "arithmetic": arithmetic(generate, reader, codes),
            "overwritten": overwriting(generate, reader, codes[:1000], rng),
            "directions": along(generate, reader, directions(generate, learned, codes),
                                rng.normal(size=(1000, LATENT))),
            "small steps": small_steps(generate, codes[:500], rng)}


def measure(seed, steps=None):
    """All figures of a generator that trains from that seed; the faces and the reader are always the same."""
    training.set_seeds(seed)
    learned, read, held_out = faces()
    options = training.settings(epochs=EPOCHS, steps=steps or TRAINING_STEPS, batch=BATCH, rate=RATE, filters=FILTERS)
    generate, _ = train(learned, options)
    reader = Reader(read, held_out)
    found = experiments(generate, learned, reader, np.random.default_rng(seed))
    return {**{f"reader, {name}": right for name, right in reader.accuracy.items()},
            **{name: value for figures in found.values() for name, value in figures.items()}}


CLAIMS = [("latent space", "coloured faces", measure)]


# --------------------------------------------------------------------- pictures

def blank(count=1):
    """White pictures, a gap in a row."""
    return np.ones((count, SIZE, SIZE, 3))


def visualize_groups(generate, reader, codes):
    """Nine fakes of each kind of hair, their mean, and the mean at the length of a draw."""
    from beyond.common.rows import visualize_rows
    seen, rows = reader.hair(generate(codes)), []
    for kind, name in enumerate(HAIR):
        members = codes[seen == kind][:GROUP]
        if len(members):
            mean = members.mean(axis=0, keepdims=True)
            made = [generate(members), blank(GROUP - len(members) + 1), generate(mean), generate(lengthened(mean))]
            rows.append((name, np.concatenate(made), [""] * (GROUP + 1) + ["mean", "length 10"]))
    return visualize_rows(rows, "nine fakes of each kind of hair, the mean of their latent vectors, and the mean made "
                                "as long as a vector that is drawn", size=.9)


def visualize_mixtures(generate, reader, codes):
    """From the mean of nine vectors of one kind of hair to that of another one."""
    from beyond.common.rows import visualize_rows
    from gan.faces.latent import segment
    seen, rows = reader.hair(generate(codes)), []
    names = list(HAIR)
    for first in range(len(HAIR)):
        for second in range(first):
            ends = [codes[seen == kind][:GROUP] for kind in (second, first)]
            if min(map(len, ends)):
                way = generate(segment(np.stack([members.mean(axis=0) for members in ends]), 9))
                rows.append((f"{names[second]}, {names[first]}", way, None))
    rows = rows or [("one kind only", blank(9), None)]
    rows[-1] = (*rows[-1][:2], ["mean of one", "", "", "", "half", "", "", "", "of the other"])
    return visualize_rows(rows, "from the mean of nine latent vectors to that of nine others", size=.9)


def visualize_arithmetic(generate, reader, codes, count=4):
    """Three men with glasses and their mean, three men, three women, and what is left."""
    from beyond.common.rows import visualize_rows
    rows = []
    for a, b, c in list(zip(*triples(reader, codes, generate(codes), 3)))[:count]:
        parts = []
        for group in (a, b, c):
            parts += [generate(group), generate(group.mean(axis=0)[None]), blank()]
        result = a.mean(axis=0) - b.mean(axis=0) + c.mean(axis=0)
        rows.append(("", np.concatenate([*parts, generate(result[None])]),
                     ["", "", "", "mean", "$-$", "", "", "", "mean", "+", "", "", "", "mean", "=", ""]))
    rows = rows or [("one kind only", blank(), None)]
    return visualize_rows(rows, "men with glasses - men without + women without = women with glasses? (means of three "
                                "latent vectors)", size=.8)


def visualize_overwritten(generate, code, seed):
    """One latent vector with ten or twenty coordinates overwritten, at nine places."""
    from beyond.common.rows import visualize_rows
    starts, rows = 10 * np.arange(9), []
    original = generate(code[None])
    for name, change, count, filler in (
            ("10: noise", overwritten, 10, "noise"), ("20: noise", overwritten, 20, "noise"),
            *((f"20: {filler}", overwritten, 20, filler) for filler in list(FILLERS)[1:]),
            ("10: noise, as listed", overwritten_as_listed, 10, "noise")):
        made = generate(change(code, starts, count, filler, np.random.default_rng(seed)))
        rows.append((name, np.concatenate([original, blank(), made]), None))
    rows[-1] = (*rows[-1][:2], ["as it was", "", *(f"from {start}" for start in starts)])
    return visualize_rows(rows, "coordinates of one latent vector overwritten; as listed, the changes pile up",
                          size=.9)


def visualize_directions(generate, found, codes):
    """Ten fakes, moved along each direction."""
    from beyond.common.figures import visualize_sheets
    panels = [(f"{name}: less, neutral, more",
               np.concatenate([generate(moved(codes, direction, amount)) for amount in (-AMOUNT, 0, AMOUNT)]))
              for name, direction in found.items()]
    return visualize_sheets(panels, 10, size=7, panel_columns=2, row_names=[f"{-AMOUNT:g}", "0", f"{AMOUNT:g}"],
                            title="ten fakes moved so far along each direction")


def main(argv=None):
    import sys

    from beyond.common import figures, script
    parser = script.parser("latent", __doc__, dict(epochs=EPOCHS), data=None, epochs=3 * EPOCHS, steps=TRAINING_STEPS,
                           batch=BATCH, rate=RATE)
    parser.add_argument("--filters", type=script.width, default=FILTERS, metavar="N",
                        help=f"of the narrowest convolutions (default {FILTERS})")
    options = script.start(parser, argv)
    if options.batch > LEARNED:  # before the faces are drawn, which takes a while
        parser.error(f"--batch: expected at most {LEARNED}, the number of faces, got {options.batch}")
    try:
        learned, read, held_out = faces(say=lambda text: print(text, flush=True))
    except ValueError as error:
        sys.exit(str(error))
    generate, record = train(learned, options, "latent")
    reader = Reader(read, held_out)
    print("the reader is right on held-out faces:", script.line(reader.accuracy))
    rng = np.random.default_rng(options.seed)
    for name, values in experiments(generate, learned, reader, rng).items():
        print(f"{name}: {script.line(values)}", flush=True)
    script.meaning(
        means="how often the mean of nine latent vectors keeps their kind of hair, .25 by chance; lengthened: made as "
              "long as a vector that is drawn",
        mixtures="share of means of two means whose hair is between both, and where on the way, .5 is half",
        arithmetic="how often a man with glasses - a man + a woman is a woman with glasses",
        overwritten="how far the face goes, 1 is as far as to another face",
        directions="share of faces that show it, moved against it (less) and along it (more)",
        small_steps="how far the face goes, 1 is as far as to another face")
    codes = rng.normal(size=(2000, LATENT))
    plots = {"groups": visualize_groups(generate, reader, codes),
             "mixtures": visualize_mixtures(generate, reader, codes),
             "arithmetic": visualize_arithmetic(generate, reader, codes),
             "overwritten": visualize_overwritten(generate, codes[0], options.seed),
             "directions": visualize_directions(generate, directions(generate, learned, codes), codes[:10]),
             "training": figures.visualize_sheets([("real", learned.pictures[:100]), record.sheets[-1]], 10,
                                                  title="drawn faces, and fakes of the averaged generator"),
             "losses": figures.visualize_losses([("WGAN-GP", record.losses)])}
    for name, figure in plots.items():
        script.finish(figure, options, f"latent-{name}.png")
    print("What you see: the mean of latent vectors with one kind of hair makes a face that is more usual, and "
          "mostly of the same hair. Half-way between two means lies a mixture; overwriting some coordinates changes "
          "a bit of everything.")
    return list(plots.values())


if __name__ == "__main__":
    main()
