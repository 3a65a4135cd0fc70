"""A StyleGAN: the latent vector becomes a style, and each layer of the generator is told that style anew.

The progressive GAN's generator begins with the latent vector. This one begins with a constant of 4 x 4 pixels that it
has learned. What the picture shows comes in by the styles:

    w = f(z)                                            f: the mapping, dense layers; w: the style
    AdaIN(x, w) = scale(w) (x - mean x) / deviation x + shift(w)     for each channel of each picture

after every convolution; scale and shift are a dense layer of w. So each layer can be given the style of another face:
the first ones decide what is large, such as the pose, the last ones tones. Pictures whose first layers have one style
and whose last layers another one are made in the training too (mixing). After every convolution one channel of noise
is added as well, to each channel with a strength that is learned: for what is chance, such as single hairs. Pictures
are enlarged bilinearly: an even ramp stays one.

With l(v) = log(1 + exp(v)), and D's values before the sigmoid:

    discr_loss = mean l(-D(real)) + mean l(D(fake)) + gamma / 2 mean |gradient of D at real|^2
    gen_loss   = mean l(-D(fake))

The penalty (R1) makes D flat where the real pictures are, so that the game comes to rest. Pictures are shown by the
mean of the generators of the last steps.

Built on `beyond.progressive`, of which the source changes only the generator, and measured by `beyond.evaluation`.

Karras et al. (2019), A Style-Based Generator Architecture for GANs, https://arxiv.org/abs/1812.04948. R1: Mescheder et
al. (2018), https://arxiv.org/abs/1801.04406. The source describes the method and has no networks of its own; these are
small ones that do not grow.

    python -m beyond.stylegan --quick     faces of 16 x 16 pixels, their styles mixed, and what each layer decides
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import warnings
from functools import partial

import numpy as np
import tensorflow as tf
from tensorflow import keras

from beyond.common import data, training
from beyond.common.base import in_batches, update
from beyond.common.measures import Quality
from beyond.common.unpaired import update_all
from beyond.evaluation.paths import path_length
from beyond.progressive import MinibatchDeviation, PixelNorm, leaky
from gan import checks
from gan.engine import System
from gan.faces.pictures import OWN_FACES
from gan.picture_measures import flat

layers = keras.layers

SYSTEM = {
    "family": "growing",
    "line": "StyleGAN: a style for each layer, mixed styles, noise",
    "totals": {},
    "quick": "2 minutes",
}
SIZES = (4, 8, 16)        # pixels of the blocks, with two convolutions each
LAYERS = 2 * len(SIZES)   # places where a style comes in
LATENT, WIDTH = 32, 64    # numbers of a latent vector, of a style


# ------------------------------------------------------------ layers

class LearnedConstant(layers.Layer):
    """The same learned picture for every style of a batch."""

    def __init__(self, shape, **options):
        super().__init__(**options)
        self.shape_of_one = shape

    def build(self, shape):
        self.constant = self.add_weight(name="constant", shape=self.shape_of_one, initializer="random_normal")

    def call(self, styles):
        return tf.repeat(self.constant[None], tf.shape(styles)[0], axis=0)

    def get_config(self):
        return {**super().get_config(), "shape": self.shape_of_one}


class Noise(layers.Layer):
    """x + strength noise: one channel of noise goes to all channels of x, to each with its own strength, at first 0."""

    def build(self, shapes):
        self.strength = self.add_weight(name="strength", shape=(shapes[0][-1],), initializer="zeros")

    def call(self, x_and_noise):
        x, noise = x_and_noise
        return x + self.strength * noise


class AdaIN(layers.Layer):
    """Adaptive instance normalisation of x, (batch, h, w, c), by factors and shifts (batch, 2 c), factors first.

    Over the pixels of a picture, each channel has mean 0 and deviation 1 before them. So afterwards its mean is the
    shift, and its deviation the factor's size, whatever came in.
    """

    def call(self, x_and_style):
        x, style = x_and_style
        mean, variance = tf.nn.moments(x, axes=[1, 2], keepdims=True)
        scale, shift = tf.split(style[:, None, None, :], 2, axis=-1)
        return scale * (x - mean) * tf.math.rsqrt(variance + 1e-8) + shift


class OneAndZero(keras.initializers.Initializer):
    """Where AdaIN's factors and shifts begin: 1 and 0."""

    def __call__(self, shape, dtype=None, **options):
        return tf.concat([tf.ones(shape[0] // 2, dtype), tf.zeros(shape[0] // 2, dtype)], axis=0)


def mapping_network(depth=4):
    """z -> w: (batch, LATENT) -> (batch, WIDTH); z is first brought to length sqrt(LATENT)."""
    return keras.Sequential([keras.Input((LATENT,)), PixelNorm(),
                             *(part for _ in range(depth) for part in (layers.Dense(WIDTH), layers.LeakyReLU(.2)))],
                            name="mapping")


def synthesis_network(filters=16):
    """Styles (batch, LAYERS, WIDTH) and, for each layer, noise (batch, size, size, 1) -> pictures (batch, 16, 16, 1).

    The blocks have 4, 2 and 1 times `filters` channels.
    """
    styles, noises = keras.Input((LAYERS, WIDTH)), []
    x = None
    for layer in range(LAYERS):
        size, channels = SIZES[layer // 2], filters << (len(SIZES) - 1 - layer // 2)
        if layer == 0:
            x = LearnedConstant((size, size, channels))(styles)
        elif layer % 2 == 0:
            x = layers.UpSampling2D(interpolation="bilinear")(x)
        if layer:
            x = layers.Conv2D(channels, 3, padding="same")(x)
        noises.append(keras.Input((size, size, 1)))
        x = layers.LeakyReLU(.2)(Noise()([x, noises[-1]]))
        style = layers.Dense(2 * channels, bias_initializer=OneAndZero())(styles[:, layer])
        x = AdaIN()([x, style])
    return keras.Model([styles, *noises], layers.Conv2D(1, 1)(x), name="synthesis")


def discriminator_network(filters=16):
    """Pictures (batch, 16, 16, 1) -> values (batch, 1): the progressive GAN's, at full size."""
    shown = x = keras.Input((SIZES[-1], SIZES[-1], 1))
    parts = leaky(1, filters)
    for width in (filters, 2 * filters):
        parts += [*leaky(3, width), *leaky(3, 2 * width), layers.AveragePooling2D(2)]
    parts += [MinibatchDeviation(), *leaky(3, 4 * filters), layers.Flatten(), layers.Dense(1)]
    for part in parts:
        x = part(x)
    return keras.Model(shown, x, name="discriminator")


# ------------------------------------------------------------ the class

class StyleGAN(System):
    """A GAN whose generator is a mapping from latent vectors to styles, and a synthesis of pictures from styles.

    Args:
        filters: width of the networks.
        pictures: in [-1, 1], (n, 16, 16, 1).
        batch_size: pictures in a sample.
        learning_rate: of Adam; the mapping's is a tenth of that.
        gamma: weight of the penalty.
        mixing: the share of pictures that get a second style from some layer on.
        average: how much of the means of mapping and synthesis stays in a step; it begins lower.
    """

    also_settings = ("gamma", "mixing", "average")

    def __init__(self, filters, pictures, batch_size=16, learning_rate=.002, gamma=1., mixing=.9, average=.995):
        super().__init__(batch_size)
        rate = checks.learning_rate(learning_rate)
        self.gamma = checks.number("gamma", gamma, zero_allowed=True)
        self.mixing, self.average = (_share(name, value) for name, value in (("mixing", mixing), ("average", average)))
        for network, factor in ((mapping_network(), .1), (synthesis_network(filters), 1.),
                                (discriminator_network(filters), 1.)):
            self.add_network(network.name, network, keras.optimizers.Adam(factor * rate, beta_1=0., beta_2=.99))
        for name, network in (("mean_mapping", mapping_network()), ("mean_synthesis", synthesis_network(filters))):
            network.set_weights(getattr(self, name.removeprefix("mean_")).get_weights())
            self.add_network(name, network)
        self.add_examples("pictures", pictures)

    # -------------------------------------------------- what a step draws

    def draw_latent(self):
        return self.drawn(lambda: tf.random.normal((self.batch_size, LATENT)))

    def draw_noises(self):
        """Fresh noise for all layers."""
        return [self.drawn(partial(tf.random.normal, (self.batch_size, size, size, 1))) for size in layer_sizes()]

    def draw_crossovers(self):
        """From which layer on each picture has its second style: LAYERS, for none, or 1 to LAYERS - 1."""
        chosen = self.drawn(lambda: tf.random.uniform((self.batch_size,)))
        crossover = self.drawn(lambda: tf.random.uniform((self.batch_size,), 1, LAYERS, tf.int32))
        return tf.where(chosen < self.mixing, crossover, LAYERS)

    def make(self):
        """A batch of new pictures, as the training makes them."""
        styles = mixed(*(self.mapping(self.draw_latent(), training=True) for _ in range(2)), self.draw_crossovers())
        return self.synthesis([styles, *self.draw_noises()], training=True)

    def train_step(self, useless_argument):
        """An update of the discriminator and one of mapping and synthesis; returns their losses and the penalty."""
        real, fake = self.sample("pictures"), self.make()
        with tf.GradientTape() as tape:
            with tf.GradientTape() as inner:
                inner.watch(real)
                real_values = self.discriminator(real, training=True)
            slope = inner.gradient(real_values, real)
            penalty = tf.reduce_mean(tf.reduce_sum(tf.square(slope), axis=[1, 2, 3]))
            fake_values = self.discriminator(fake, training=True)
            discr_loss = tf.reduce_mean(tf.nn.softplus(-real_values)) + tf.reduce_mean(tf.nn.softplus(fake_values))
            whole_loss = discr_loss + self.gamma / 2 * penalty
        update(self.discriminator, tape, whole_loss)

        with tf.GradientTape() as tape:
            gen_loss = tf.reduce_mean(tf.nn.softplus(-self.discriminator(self.make(), training=True)))
        update_all([self.mapping, self.synthesis], tape, gen_loss)
        self.follow()
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, "penalty": penalty}

    def follow(self):
        """Bring the means a step nearer to mapping and synthesis."""
        steps = tf.cast(self.synthesis.optimizer.iterations, "float32")
        kept = tf.minimum(self.average, (1 + steps) / (10 + steps))
        for mean, network in ((self.mean_mapping, self.mapping), (self.mean_synthesis, self.synthesis)):
            for average, weight in zip(mean.weights, network.weights):
                average.assign(kept * average + (1 - kept) * weight)

    # -------------------------------------------------- what is shown

    def styles(self, latent):
        """The styles of latent vectors, by the mean of the mappings: an array (n, WIDTH)."""
        return in_batches(self.mean_mapping, np.asarray(latent, "float32"))

    def made(self, styles, noises, at_once=500):
        """What the mean of the generators makes, an array (n, 16, 16, 1): in [-1, 1], or a little outside.

        Args:
            styles: (n, WIDTH), for all layers, or (n, LAYERS, WIDTH), one for each.
            noises: for each layer an array (n, size, size, 1), such as `fixed_noises(n)`.
        """
        styles = layered(styles)
        parts = [[tf.constant(part[i:i + at_once]) for part in (styles, *noises)]
                 for i in range(0, len(styles), at_once)]
        return np.concatenate([self.mean_synthesis(part, training=False) for part in parts])

    def draw(self, styles, noises):
        """As `made`, in [0, 1]."""
        return data.unit(self.made(styles, noises))


def _share(name, value):
    value = checks.number(name, value, zero_allowed=True)
    if value > 1:
        raise ValueError(f"{name}: expected a share from 0 to 1, got {value!r}")
    return value


def layer_sizes():
    """Pixels along the pictures of each layer."""
    return [size for size in SIZES for _ in range(2)]


def layered(styles):
    """Styles (n, WIDTH) or (n, LAYERS, WIDTH) as an array (n, LAYERS, WIDTH)."""
    styles = np.asarray(styles, "float32")
    return styles if styles.ndim == 3 else np.repeat(styles[:, None], LAYERS, axis=1)


def mixed(first, second, crossovers):
    """Styles for all layers, (n, LAYERS, WIDTH): before its crossover a picture has its first style, then its second.

    Args:
        first, second: (n, WIDTH). crossovers: (n,); 0 leaves only the second, LAYERS only the first.
    """
    before = tf.range(LAYERS)[None, :, None] < tf.reshape(tf.cast(crossovers, tf.int32), (-1, 1, 1))
    return tf.where(before, first[:, None], second[:, None])


# ------------------------------------------------------------ measuring

COUNT = 1000  # faces that are measured
PARTS = {"4": (0, 2), "8": (2, 4), "16": (4, 6), "4 and 8": (0, 4)}  # of the layers, by the sizes of their blocks
# Attributes that can be read off 16 x 16 pixels: what the head does, how tones are, and others.
SHAPE, OTHERS = ("yaw", "roll"), ("glasses", "smile", "light_x")
TONE = ("hair_tone", "skin_tone", "background_left", "background_right")


def fixed_noises(count, seed=0):
    """Noise for all layers that is always the same, arrays (count, size, size, 1)."""
    stream = np.random.default_rng(seed)
    return [stream.normal(size=(count, size, size, 1)).astype("float32") for size in layer_sizes()]


def coarse(difference):
    """Which part of a difference of pictures, (n, 16, 16, 1), lies in the means of its 4 x 4 squares: 0 to 1.

    It is the share of the sum of squares: 1/16 for noise that is as strong in each pixel, 0 if nothing differs.
    """
    n, side = difference.shape[:2]
    means = difference.reshape(n, 4, side // 4, 4, side // 4).mean(axis=(2, 4))
    return float(np.sum(means ** 2) * (side // 4) ** 2 / max(np.sum(difference ** 2), 1e-12))


def moved(own, others, made):
    """How far numbers went from their own values, (n,), to those of the others: 0 not at all, 1 all the way.

    The factor by which the differences of others and own, multiplied, come nearest to those of made and own. Numbers
    of faces that have nothing to do with either give 1/2.
    """
    whole = others - own
    return float(np.sum((made - own) * whole) / np.sum(whole ** 2))


class Reader:
    """Reads attributes off faces, as numbers: a small network that learned it from drawn faces, whose own are known.

    Args:
        pictures: (n, 16, 16, 1) in [0, 1]; a fifth of them are held out.
        attributes: dict of arrays (n,).
        rounds: over the pictures.

    Attributes:
        names: of the attributes.
        explained: of each, the share of the variance of held-out faces that it explains (R^2).
    """

    def __init__(self, pictures, attributes, rounds=40):
        from sklearn.metrics import r2_score  # here: they take a second to load
        from sklearn.neural_network import MLPRegressor
        self.names = list(attributes)
        table = np.stack([attributes[name] for name in self.names], axis=1)
        self.mean, self.deviation = table.mean(axis=0), table.std(axis=0) + 1e-8
        rows, table = flat(pictures), (table - self.mean) / self.deviation
        learned = len(rows) - len(rows) // 5
        self.network = MLPRegressor(hidden_layer_sizes=(128, 64), alpha=1., max_iter=rounds, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that more rounds would help
            self.network.fit(rows[:learned], table[:learned])
        values = r2_score(table[learned:], self.network.predict(rows[learned:]), multioutput="raw_values")
        self.explained = dict(zip(self.names, map(float, values)))

    def __call__(self, pictures):
        """The attributes of pictures (n, 16, 16, 1): {name: (n,)}."""
        return dict(zip(self.names, (self.network.predict(flat(pictures)) * self.deviation + self.mean).T))


def reader_of(pictures):
    """A `Reader` that learned from these `beyond.common.data.Pictures`; None if nobody knows their attributes.

    The table of attributes describes the package's own faces, all of them or the first ones.
    """
    table = data.OWN_FACES.with_name("faces_attributes.csv")
    if not pictures.name.startswith(OWN_FACES) or not table.is_file():
        return None
    rows = np.genfromtxt(table, delimiter=",", names=True)[:len(pictures.train)]
    return Reader(pictures.train, {name: rows[name] for name in SHAPE + OTHERS + TONE})


def effects(G, reader=None, count=COUNT, seed=0):
    """What the styles and the noise of each of PARTS decide; {part: figures}.

    change: how far a face moves if the part gets the style of another one, as a share of the way between two faces.
    coarse: which share of this change lies in the means of 4 x 4 squares, see `coarse`.
    noise, coarse_noise: the same for new noise in this part alone.
    The attributes of `reader`: how far each goes to that of the other face, see `moved`.
    """
    stream = np.random.default_rng([seed, 1])
    noises, others = fixed_noises(count, seed), fixed_noises(count, seed + 1)
    first, second = (layered(G.styles(stream.normal(size=(count, LATENT)))) for _ in range(2))
    own, other = G.draw(first, noises), G.draw(second, noises)
    whole, result = np.sqrt(np.mean((other - own) ** 2)), {}
    for part, ends in PARTS.items():
        here = slice(*ends)
        swapped, fresh = first.copy(), list(noises)
        swapped[:, here], fresh[here] = second[:, here], others[here]
        made = G.draw(swapped, noises)
        restless = G.draw(first, fresh) - own
        figures = {"change": np.sqrt(np.mean((made - own) ** 2)) / whole, "coarse": coarse(made - own),
                   "noise": np.sqrt(np.mean(restless ** 2)) / whole, "coarse_noise": coarse(restless)}
        if reader:
            before, wanted, after = map(reader, (own, other, made))
            figures.update({name: moved(before[name], wanted[name], after[name]) for name in reader.names})
        result[part] = {name: float(value) for name, value in figures.items()}
    return result


def paths(G, count=COUNT, seed=0):
    """How fast pictures change on the way between two faces: along a circle in z, along the straight line in w.

    Both ways lead from the same faces to the same faces; see `beyond.evaluation.paths`.
    """
    stream = np.random.default_rng([seed, 2])
    noises = fixed_noises(count, seed)
    a, b = stream.normal(size=(2, count, LATENT))
    return {"z": path_length(lambda z: G.made(G.styles(z), noises), a, b),
            "w": path_length(lambda w: G.made(w, noises), G.styles(a), G.styles(b),
                             interpolate=lambda a, b, t: (1 - t) * a + t * b)}


def quality_of(G, quality, seed=0):
    """Figures of as many pictures as `quality`, a `Quality`, needs; mixed: the distance of pictures of two styles."""
    stream = np.random.default_rng([seed, 3])
    noises = fixed_noises(quality.size, seed)
    first, second = (G.styles(stream.normal(size=(quality.size, LATENT))) for _ in range(2))
    both = mixed(first, second, stream.integers(1, LAYERS, quality.size)).numpy()
    return {**quality(G.draw(first, noises)), "mixed": quality(G.draw(both, noises))["frechet"]}


# ------------------------------------------------------------ training, drawing

QUICK = dict(epochs=10)
DEFAULTS = dict(epochs=25, steps=200, batch=16, rate=.002, filters=16, gamma=1., mixing=.9)


def train(pictures, options, name=None):
    """Train; returns the record, with sheets of the same 81 faces (None without epochs), and the StyleGAN."""
    G = StyleGAN(options.filters, data.signed(pictures.train), options.batch, options.rate, options.gamma,
                 options.mixing)
    if not options.epochs:
        return None, G
    latent, noises = np.random.default_rng(options.seed).normal(size=(81, LATENT)), fixed_noises(81)
    return training.train_GAN(G, options, draw=lambda: G.draw(G.styles(latent), noises), name=name), G


def mixing_sheets(G, count=6, seed=0):
    """Panels for `visualize_sheets`: beside faces, and above, those that are mixed of both; one panel a block.

    A mixed face has all styles of the face to its left but those of the block, which come from the face above it.
    """
    stream = np.random.default_rng([seed, 4])
    noises = [np.repeat(part[:1], count, axis=0) for part in fixed_noises(1, seed)]
    left, top = (layered(G.styles(stream.normal(size=(count, LATENT)))) for _ in range(2))
    panels, edge, head = [], G.draw(left, noises), G.draw(top, noises)
    for block, size in enumerate(SIZES):
        rows = [np.ones_like(head[:1]), head]
        for row in range(count):
            styles = np.repeat(left[row:row + 1], count, axis=0)
            styles[:, 2 * block:2 * block + 2] = top[:, 2 * block:2 * block + 2]
            rows += [edge[row:row + 1], G.draw(styles, noises)]
        panels.append((f"{size} x {size}: styles from above", np.concatenate(rows)))
    return panels


def noise_rows(G, count=8, draws=50, seed=0):
    """Rows for `visualize_rows`: faces without noise, with that of some blocks, and how much it moves each pixel."""
    latent = np.random.default_rng([seed, 5]).normal(size=(count, LATENT))
    styles, noises = G.styles(latent), fixed_noises(count, seed)
    kept = {"no noise": (), "4 x 4 alone": (0, 1), "16 x 16 alone": (4, 5), "all": range(LAYERS)}
    rows = [(name, G.draw(styles, [part * (layer in those) for layer, part in enumerate(noises)]), None)
            for name, those in kept.items()]
    many = np.repeat(styles, draws, axis=0)
    found = []
    for block in range(len(SIZES)):
        fresh = [part * (layer // 2 == block) for layer, part in enumerate(fixed_noises(len(many), seed + 1))]
        found.append(G.draw(many, fresh).reshape(count, draws, *rows[0][1].shape[1:]).std(axis=1))
    most = max(1e-6, max(map(np.max, found)))
    return rows + [(f"deviation, {size} x {size}", part / most, None) for size, part in zip(SIZES, found)], most


def visualize_effects(found, names):
    """Bars: how far each attribute goes to that of another face if one block gets the other's style."""
    from gan.backend import plt
    figure, axis = plt.subplots(figsize=(9, 4), layout="constrained")
    places = np.arange(len(names))
    for number, size in enumerate(SIZES):
        axis.bar(places + .27 * (number - 1), [found[str(size)][name] for name in names], .25,
                 label=f"the block of {size} x {size}", color=plt.get_cmap("viridis")((.15, .5, .85)[number]))
    axis.axhline(0, color="0.5", lw=.8)
    axis.set_xticks(places, [name.replace("_", "\n") for name in names])
    axis.set(ylabel="share of the way to the other face",
             title="StyleGAN: what moves if one block gets another face's styles")
    axis.set_ylim(top=1.15 * max(1., axis.get_ylim()[1]))  # room for the legend
    axis.legend(ncols=3, loc="upper center", frameon=False)
    return figure


def measure(row, seed, steps=None):
    """Figures of a StyleGAN, for `beyond.claims`, after a training or, with 0 epochs, before it."""
    options = training.settings(**{**DEFAULTS, **QUICK, **row, "steps": steps or DEFAULTS["steps"]}, seed=seed)
    pictures = data.load("faces", SIZES[-1])
    training.set_seeds(seed)
    _, G = train(pictures, options)
    ways = paths(G, seed=seed)
    return {**quality_of(G, Quality(pictures), seed), **summary(effects(G, reader_of(pictures), seed=seed)),
            "path in z": ways["z"], "path in w": ways["w"], "w / z": ways["w"] / ways["z"]}


def summary(found):
    """The figures of `effects` in one dict: means of the attributes of shape and of tone, and the others."""
    result = {}
    for part, figures in found.items():
        for group, names in (("shape", SHAPE), ("tone", TONE)):
            if names[0] in figures:
                result[f"{group} by {part}"] = float(np.mean([figures[name] for name in names]))
        result.update({f"{name.replace('_', ' ')} of {part}": value for name, value in figures.items()
                       if name not in SHAPE + OTHERS + TONE})
    return result


CLAIMS = [("StyleGAN", "mixing .9", partial(measure, {})),
          ("StyleGAN", "without mixing", partial(measure, dict(mixing=0.))),
          ("StyleGAN", "untrained", partial(measure, dict(epochs=0)))]


def main(argv=None):
    from beyond.common import figures, rows, script
    from gan.options import number
    parser = script.parser("stylegan", __doc__, QUICK, data="faces", epochs=DEFAULTS["epochs"],
                           steps=DEFAULTS["steps"], batch=DEFAULTS["batch"], rate=DEFAULTS["rate"])
    parser.add_argument("--filters", type=script.width, default=DEFAULTS["filters"], metavar="N",
                        help=f"width of the layers (default {DEFAULTS['filters']})")
    parser.add_argument("--gamma", type=script.zero_or_more, default=DEFAULTS["gamma"], metavar="X",
                        help=f"weight of the penalty (default {DEFAULTS['gamma']})")
    parser.add_argument("--mixing", type=number(0, 1, "a share from 0 to 1"), default=DEFAULTS["mixing"], metavar="X",
                        help=f"share of pictures with two styles in the training (default {DEFAULTS['mixing']})")
    options = script.start(parser, argv)
    pictures = script.pictures(options, size=SIZES[-1])
    record, G = train(pictures, options, "stylegan")
    print("new faces:", script.line(quality_of(G, Quality(pictures), options.seed)), flush=True)
    reader = reader_of(pictures)
    if reader:
        print("read off held-out faces, R^2:", script.line(reader.explained), flush=True)
    found = effects(G, reader, seed=options.seed)
    for part, values in found.items():
        print(f"styles and noise of {part}: {script.line(values)}", flush=True)
    ways = paths(G, seed=options.seed)
    print(f"length of a path: {script.line(ways)}, w / z {ways['w'] / ways['z']:.3f}", flush=True)
    script.meaning("frechet", "precision", "recall", "spread", "kinds", mixed="frechet, of pictures of two styles",
                   change="how far a face moves if that part has another face's styles, as a share of the way to that "
                          "face; the attributes: the same of each",
                   noise="the same for new noise",
                   coarse="which share of it lies in the means of squares of 4 x 4 pixels")
    noisy, most = noise_rows(G)
    plots = {
        "samples": figures.visualize_sheets([("real", pictures.train[:81]), *record.sheets], panel_columns=4,
                                            title="StyleGAN"),
        "losses": figures.visualize_losses([("StyleGAN", record.losses)]),
        "mixing": figures.visualize_sheets(mixing_sheets(G), 7,
                                           title="StyleGAN: all styles from the left, but those of a block"),
        "noise": rows.visualize_rows(noisy, "StyleGAN: the same styles, other noise",
                                     note="below: standard deviation of each pixel over 50 draws of the noise of one "
                                          f"block; white is {most:.2f} of 1"),
    }
    if reader:
        plots["layers"] = visualize_effects(found, reader.names)
    for name, figure in plots.items():
        script.finish(figure, options, f"stylegan-{name}.png")
    print("What you see: a mixed face has all styles of the face at its left, but those of one block, which come "
          "from the face above. Styles of the first two blocks move shapes, and hair and light with them; those of "
          "the last one move the tone of the skin most. The bars say how far.")
    return list(plots.values())


if __name__ == "__main__":
    main()
