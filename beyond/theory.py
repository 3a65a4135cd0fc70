"""What a lecture on GANs writes on the blackboard, in numbers and one figure each.

    entropy         H(P) = -sum P log P: how short a message can be on average
    cross entropy   -sum P log Q: its length with a code that was made for Q
    KL              sum P log(P / Q), the difference of both. It is not symmetric
    JS              the mean KL of P and of Q to their middle (P + Q) / 2. It ends at log 2, which is 1 bit
    best D          P / (P + Q): the discriminator that no training can beat, P being real and Q fake
    its value       max over D of  E log D(real) + E log(1 - D(fake))  =  -2 log 2 + 2 JS
    EMD             the earth mover's distance: how far P has to be carried on average to become Q

On one line everything can be computed exactly, by sums over a fine grid. The discriminator that is trained beside the
best one has 64 units in two layers. Examples of four letters are a lecture's by Tran Vu Hoang; it measures in bits,
what is about discriminators is in nats, 1.44 bits each. Two of its statements are not followed. Its codes 0, 1, 10, 11
and 11, 01, 0, 1 cannot be read back, and are shorter than the entropy. And a strong discriminator does not make JS 0:
JS is log 2 then, and what is 0 is the value of the game.

Goodfellow et al. (2014), Generative Adversarial Networks, https://arxiv.org/abs/1406.2661; Arjovsky, Bottou (2017),
Towards principled methods for training GANs, https://arxiv.org/abs/1701.04862.

    python -m beyond.theory             ten pages, each a picture; theory.pdf has all, to be projected; the numbers
    python -m beyond.theory --quick     a shorter training of the discriminator
"""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import functools
import heapq

import numpy as np
import tensorflow as tf
from scipy import optimize, stats
from scipy.special import xlogy
from tensorflow import keras

from beyond.common import training
from beyond.common.base import update
from beyond.common.cross_entropy import cross_entropy as binary_cross_entropy
from gan.engine import System

SYSTEM = {
    "family": "theory",
    "line": "what a lecture writes on the blackboard, in numbers and one figure each",
    "totals": {},
    "quick": "1 minute",
}

# ------------------------------------------------------------ distributions of a few letters, in bits

LETTERS = "ABCD"
P = np.array([.11, .29, .41, .19])  # the lecture's: what is there
Q = np.array([.1, .3, .4, .2])  # what is guessed
UNREADABLE = [1, 1, 2, 2], [2, 2, 1, 1]  # bits of the lecture's two codes for A, B, C, D


def entropy(p):
    """Bits that a message needs on average, if its code is made for p. A letter that never comes needs none."""
    return float(-np.sum(xlogy(p, p)) / np.log(2))


def cross_entropy(p, q):
    """Bits that it needs with a code that was made for q."""
    return float(-np.sum(xlogy(p, q)) / np.log(2))


def kl(p, q):
    """The bits too many."""
    return cross_entropy(p, q) - entropy(p)


def js(p, q):
    """Jensen and Shannon's divergence, 0 to 1 bit."""
    middle = (np.asarray(p) + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def code_lengths(p):
    """Bits of each letter in the best code that can be read back: Huffman's, which joins the two rarest ever again."""
    heap = [(share, i, [i]) for i, share in enumerate(p)]
    heapq.heapify(heap)
    lengths = np.zeros(len(p), int)
    while len(heap) > 1:
        (one, i, letters), (other, _, more) = heapq.heappop(heap), heapq.heappop(heap)
        lengths[letters + more] += 1
        heapq.heappush(heap, (one + other, i, letters + more))
    return lengths


def kraft(lengths):
    """Kraft's sum of 2^-length: a code that can be read back has at most 1."""
    return float(np.sum(2. ** -np.asarray(lengths)))


def guess(t):
    """A guess on the line from P (t = 0) through Q (t = 1), on to the last ones at t = -19 and 11."""
    return P + t * (Q - P)


# ------------------------------------------------------------ densities on a line, in nats

X = np.linspace(-16, 16, 6401)
STEP = X[1] - X[0]
Z = np.linspace(-8, 8, 1601)  # standard normal numbers and how often they come
WEIGHT = stats.norm.pdf(Z) * (Z[1] - Z[0])


def log_normal(mean, deviation):
    """The logarithm of a normal density on the grid X."""
    return stats.norm.logpdf(X, mean, deviation)


def log_mixture():
    """The logarithm of the density that one Gaussian is fitted to: two hills, the larger one at the left."""
    return np.logaddexp(np.log(.7) + log_normal(-1, .8), np.log(.3) + log_normal(2.5, .6))


def divergences(log_p, log_q):
    """Five divergences of two densities, given by their logarithms on the grid X, in nats."""
    p, q = np.exp(log_p), np.exp(log_q)
    log_middle = np.logaddexp(log_p, log_q) - np.log(2)

    def total(values):
        return float(np.sum(values) * STEP)

    forward, backward = total(p * (log_p - log_q)), total(q * (log_q - log_p))
    return {"KL": forward, "KL reversed": backward,
            "JS": total(p * (log_p - log_middle) + q * (log_q - log_middle)) / 2,
            "Jeffreys": forward + backward,
            "Pearson": total(np.exp(np.minimum(2 * log_p - log_q, 700))) - 1}  # integral of (p - q)^2 / q


def earth_movers_distance(log_p, log_q):
    """How far the mass of one density has to be carried on average to become the other."""
    return float(stats.wasserstein_distance(X, X, np.exp(log_p), np.exp(log_q)))


def best_logits(log_p, log_q):
    """The best discriminator before its sigmoid: D = p / (p + q) is the sigmoid of log(p / q)."""
    return log_p - log_q


def game_value(log_p, log_q, logits):
    """E log D(real) + E log(1 - D(fake)) of any discriminator, given by its logits on the grid X."""
    inside = np.exp(log_p) * np.logaddexp(0, -logits) + np.exp(log_q) * np.logaddexp(0, logits)
    return float(-np.sum(inside) * STEP)


@functools.lru_cache(None)
def fitted(name):
    """Mean and deviation of the Gaussian that is nearest to the mixture by that divergence."""
    target = log_mixture()

    def distance(parameters):
        return divergences(target, log_normal(parameters[0], np.exp(parameters[1])))[name]

    starts = [(0., np.log(1.8)), (-1., np.log(.8)), (2.5, np.log(.6))]  # each hill may be a minimum of its own
    found = min((optimize.minimize(distance, start, method="Nelder-Mead") for start in starts), key=lambda f: f.fun)
    return float(found.x[0]), float(np.exp(found.x[1]))


def table_of_fits():
    """Rows: by which divergence was fitted; columns: the divergences of that fit from the mixture."""
    names = list(divergences(log_normal(0, 1), log_normal(0, 1)))
    return names, np.array([list(divergences(log_mixture(), log_normal(*fitted(name))).values()) for name in names])


# ------------------------------------------------------------ gradients

def slow_start(start=5., rate=.05, steps=400):
    """Distance of a generator to the real data, step by step, with both of its losses.

    The real data are standard normal, the generator makes z + distance. The discriminator is the best one at every
    step. It is held while the generator moves each of its points by the gradient, as in a training.

    Returns:
        dict of loss -> array of steps + 1 distances.
    """
    found = {}
    for loss in ("log(1 - D)", "-log D"):
        distances = [start]
        for _ in range(steps):
            distance = distances[-1]
            probability = 1 / (1 + np.exp(distance ** 2 / 2 + distance * Z))  # D at z + distance
            slope = probability if loss == "log(1 - D)" else 1 - probability
            distances.append(distance - rate * distance * float(np.sum(WEIGHT * slope)))
        found[loss] = np.array(distances)
    return found


def gradient_estimates(count, coordinates=1, mean=1., seed=0):
    """Estimates of the derivative of E |z|^2 by the mean of the first coordinate, from one draw of z each.

    z is normal about (mean, ..., mean) with deviation 1; the derivative is 2 mean.

    Returns:
        dict with two arrays (count,): "through the draw", which takes z = mean + epsilon and derives |z|^2;
        "through the density", |z|^2 times the derivative of the log density, which is epsilon.
    """
    epsilon = np.random.default_rng(seed).normal(size=(count, coordinates))
    z = mean + epsilon
    return {"through the draw": 2 * z[:, 0], "through the density": np.sum(z ** 2, axis=1) * epsilon[:, 0]}


def gradient_variances(coordinates, mean=1.):
    """The variances of these estimates, by moments of normal numbers (mean and deviation as above)."""
    own = mean ** 4 + 18 * mean ** 2 + 15  # E z^4 epsilon^2
    rest = (coordinates - 1) * (mean ** 2 + 1)  # E of the other squares
    squares = (coordinates - 1) * (2 + 4 * mean ** 2) + rest ** 2
    density = own + 2 * (mean ** 2 + 3) * rest + squares - 4 * mean ** 2
    return {"through the draw": 4. + 0 * density, "through the density": density}


# ------------------------------------------------------------ a discriminator that is trained

class Judge(System):
    """A discriminator alone: it learns to tell standard normal numbers from those about `gap`, of another deviation.

    Its loss is half of minus the value of the game. Args:
        gap, deviation: of the fakes; both are variables, and one graph serves every case.
    """

    def __init__(self, gap=0., deviation=1., batch_size=512, rate=.003):
        super().__init__(batch_size)
        network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(32, activation="tanh"),
                                    keras.layers.Dense(32, activation="tanh"), keras.layers.Dense(1)])
        self.add_network("discriminator", network, keras.optimizers.Adam(rate))
        self.add_number("gap", gap)
        self.add_number("deviation", deviation)

    def train_step(self, useless_argument):
        real = self.drawn(lambda: tf.random.normal((self.batch_size, 1)))
        fake = self.gap + self.deviation * self.drawn(lambda: tf.random.normal((self.batch_size, 1)))
        with tf.GradientTape() as tape:
            real_values, fake_values = self.discriminator(real, training=True), self.discriminator(fake, training=True)
            loss = (binary_cross_entropy(1., real_values) + binary_cross_entropy(0., fake_values)) / 2
        update(self.discriminator, tape, loss)
        return {"discr_loss": loss}

    def logits(self):
        """Its values on the grid X."""
        return self.discriminator(X[:, None].astype("float32")).numpy()[:, 0].astype("float64")


GAPS = (0., .5, 1., 1.5, 2., 3., 4., 6.)
CASE = 1.5, .6  # gap and deviation of the picture of the best discriminator


def trained_discriminators(steps):
    """Logits of a discriminator trained on CASE, and values of the game of one trained for each of GAPS."""
    judge = Judge(*CASE)

    def train(gap, deviation):
        judge.gap.assign(gap)
        judge.deviation.assign(deviation)
        for part, rate in ((.7, .003), (.3, .0003)):  # the last steps are small: they end nearer to the best
            judge.set_rates([rate])
            judge.fit(epochs=1, steps_per_epoch=max(1, int(part * steps)), verbose=0)
        return judge.logits()

    judge.compile()
    logits = train(*CASE)
    return logits, {gap: game_value(log_normal(0, 1), log_normal(gap, 1), train(gap, 1.)) for gap in GAPS}


# ------------------------------------------------------------ pages

INK, PALE = "0.15", "0.6"
JS_COLOR, EMD_COLOR = "tab:purple", "tab:green"
STYLE = {"font.size": 21, "axes.labelsize": 21, "xtick.labelsize": 18, "ytick.labelsize": 18, "lines.linewidth": 4,
         "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": PALE, "xtick.color": PALE, "ytick.color": PALE,
         "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.spines.top": False, "axes.spines.right": False,
         "axes.linewidth": 1.5, "mathtext.fontset": "dejavusans", "pdf.fonttype": 42}


def page(title, formula, widths=(1,), space=.28, bottom=.14):
    """An empty page: what it says in large letters, the formula below; and its panels, from left to right."""
    from gan.backend import plt
    figure = plt.figure(figsize=(16, 9), facecolor="white")
    figure.text(.05, .915, title, fontsize=36, fontweight="bold", va="center")
    figure.text(.05, .83, formula, fontsize=25, color="0.4", va="center")
    grid = figure.add_gridspec(1, len(widths), left=.08, right=.95, bottom=bottom, top=.74, wspace=space,
                               width_ratios=widths)
    return figure, [figure.add_subplot(grid[i]) for i in range(len(widths))]


def colors():
    """Those of the real data, the generator and the discriminator, as in every picture of the package."""
    from gan.figures import DISCRIMINATOR, GENERATOR, REAL
    return REAL, GENERATOR, DISCRIMINATOR


def bare(axis):
    """Without the axis at the left: what matters is the shape."""
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)


def hill(axis, log_density, color, alpha=.35, low=-16., high=16., **options):
    """A density as a filled hill."""
    shown = (low <= X) & (high >= X)
    axis.fill_between(X[shown], np.exp(log_density[shown]), color=color, alpha=alpha, lw=0, **options)
    axis.plot(X[shown], np.exp(log_density[shown]), color=color, lw=2.5)


def draw_entropy():
    _, made, _ = colors()
    figure, (left, right) = page("Entropy: no code is shorter", r"$H(Q) = -\sum\ Q\ \log_2 Q$", (1, 1.25), .42)
    left.bar(list(LETTERS), Q, color=made, width=.7)
    for i, share in enumerate(Q):
        left.text(i, share + .008, f"{-np.log2(share):.2f} bits", ha="center", fontsize=19)
    left.set(ylabel="Q: how often it comes", ylim=(0, .46), yticks=(0, .2, .4))

    rows = {"all alike": 2., "best code": float(Q @ code_lengths(Q)), "lecture's code": float(Q @ UNREADABLE[0])}
    for i, (name, bits) in enumerate(rows.items()):
        possible = name != "lecture's code"
        right.barh(-i, bits, color=made if possible else "white", height=.6, edgecolor=made, lw=3,
                   hatch=None if possible else "/")
        right.text(bits + .04 if possible else bits / 2, -i, f"{bits:.1f}", va="center", ha="left" if possible else
                   "center", bbox=None if possible else {"facecolor": "white", "edgecolor": "none"})
    right.text(entropy(Q) + .06, -2, "cannot be\nread back", va="center")
    right.plot([entropy(Q)] * 2, (-2.5, .48), color=INK, ls="--", lw=3)
    right.text(entropy(Q), .55, f"H = {entropy(Q):.3f}", ha="center")
    right.set(yticks=(0, -1, -2), yticklabels=list(rows), xlim=(0, 2.9), ylim=(-2.5, .9), xticks=(0, 1, 2),
              xlabel="bits a letter")
    right.tick_params(axis="y", length=0)
    return figure


def draw_cross_entropy():
    real, made, _ = colors()
    figure, (left, right) = page("Cross entropy: a wrong guess costs bits", r"$-\sum\ P\ \log_2 Q\ =\ H(P) + KL(P, Q)$",
                                 (1, 1.25), .34)
    for shift, values, color, name in ((-.19, P, real, "P, the truth"), (.19, Q, made, "Q, a guess")):
        left.bar(np.arange(4) + shift, values, width=.36, color=color, label=name)
    left.set(xticks=range(4), xticklabels=list(LETTERS), yticks=(0, .2, .4), ylim=(0, .52), ylabel="how often it comes")
    left.legend(frameon=False, loc="upper left", borderpad=0)

    t = np.linspace(-17.5, 10.5, 300)
    costs = [cross_entropy(P, guess(one)) for one in t]
    right.fill_between(t, entropy(P), costs, color=made, alpha=.25, lw=0)
    right.plot(t, costs, color=made)
    right.axhline(entropy(P), color=real, ls="--", lw=3)
    right.plot(0, entropy(P), "o", ms=16, color=real, clip_on=False, zorder=5)
    right.text(0, entropy(P) - .035, f"P:  {entropy(P):.4f}", ha="center", va="top", color=real)
    right.plot(1, cross_entropy(P, Q), "o", ms=10, color=made, zorder=6)
    right.annotate(f"Q:  {cross_entropy(P, Q):.4f}", (1, cross_entropy(P, Q)), (1.5, 2.07), color=made, ha="center",
                   arrowprops={"arrowstyle": "-", "color": made, "lw": 2})
    right.text(-11, 1.875, "KL", ha="center", color=made)
    right.set(xticks=(), yticks=(1.8, 2, 2.2), ylim=(1.75, 2.3), xlabel="guesses on a line through P and Q",
              ylabel="bits a letter")
    right.xaxis.labelpad = 12
    return figure


def draw_divergences():
    real, made, _ = colors()
    figure, (left, right) = page("KL depends on the side, JS does not",
                                 r"$JS = \frac{1}{2}\,KL(P, M) + \frac{1}{2}\,KL(Q, M),\quad M = \frac{P + Q}{2}$",
                                 (1.5, 1), .36)
    t = np.linspace(-18.9, 10.9, 600)
    lines = {"KL(P, Q)": ([kl(P, guess(one)) for one in t], made),
             "KL(Q, P)": ([kl(guess(one), P) for one in t], real),
             "JS": ([js(P, guess(one)) for one in t], JS_COLOR)}
    for name, (values, color) in lines.items():
        left.plot(t, values, color=color, label=name)
    left.legend(frameon=False, loc="upper center")
    left.set(xticks=(), yticks=(0, .2, .4), ylim=(0, .5), xlabel="guesses Q on a line; P lies where all are 0",
             ylabel="bits")
    left.xaxis.labelpad = 12

    names = list(lines)
    values = [1000 * value for value in (kl(P, Q), kl(Q, P), js(P, Q))]
    right.barh([2, 1, 0], values, color=[color for _, color in lines.values()], height=.6)
    for y, value in zip((2, 1, 0), values):
        right.text(value + .04, y, f"{value:.2f}", va="center")
    right.set(yticks=(2, 1, 0), yticklabels=names, xticks=(0, .5, 1, 1.5), xlim=(0, 1.9),
              xlabel="P and the lecture's Q:\nthousandths of a bit")
    right.tick_params(axis="y", length=0)
    return figure


def draw_discriminator(trained):
    real, made, discr = colors()
    figure, (axis,) = page("The best discriminator is known", r"$D(x)\ =\ \frac{P(x)}{P(x) + Q(x)}$")
    low, high = -4., 4.5
    shown = (low <= X) & (high >= X)
    hill(axis, log_normal(0, 1), real, low=low, high=high)
    hill(axis, log_normal(*CASE), made, low=low, high=high)
    axis.text(-1.35, .23, "P, real", color=real, ha="right")
    axis.text(2.1, .58, "Q, fake", color=made)
    axis.text(3.35, .76, "no examples\nhere", color="0.4", ha="center", va="center")
    best = 1 / (1 + np.exp(-best_logits(log_normal(0, 1), log_normal(*CASE))[shown]))
    axis.plot(X[shown], best, color=INK, lw=3, ls=(0, (4, 2)), zorder=5)
    axis.plot(X[shown], 1 / (1 + np.exp(-trained[shown])), color=discr, lw=6, alpha=.7)
    axis.text(-3.9, .93, "best", color=INK, va="top")
    axis.text(-2.9, .93, "trained", color=discr, va="top")
    axis.axhline(.5, color=PALE, lw=1.5, zorder=0)
    axis.set(xlim=(low, high), ylim=(0, 1.03), yticks=(0, .5, 1), ylabel="D, and densities", xticks=(-2, 0, 2, 4))
    return figure


def draw_value(values):
    _, _, discr = colors()
    figure, (axis,) = page("What the best discriminator earns is JS",
                           r"$\max_D\ V\ =\ -2\,\log 2\ +\ 2\,JS(P, Q)$")
    gaps = np.linspace(0, 6.2, 120)
    line = [-2 * np.log(2) + 2 * divergences(log_normal(0, 1), log_normal(gap, 1))["JS"] for gap in gaps]
    axis.plot(gaps, line, color=JS_COLOR, label=r"$-2\,\log 2 + 2\,JS$")
    axis.plot(list(values), list(values.values()), "o", ms=15, color=discr, label="trained discriminators", zorder=5)
    for level, text in ((0, "0: they never meet"), (-2 * np.log(2), r"$-2\,\log 2 = -1.386$: they are the same")):
        axis.axhline(level, color=PALE, lw=2, ls="--", zorder=0)
        axis.text(6.2, level + .03, text, ha="right", va="bottom", color="0.4")
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, .9))
    axis.set(xlim=(-.1, 6.25), ylim=(-1.5, .14), yticks=(-1.2, -.8, -.4, 0), ylabel="value of the game",
             xlabel="distance of real and fake normal numbers, deviation 1")
    return figure


NARROW = .1  # deviation of the clouds that hardly ever meet


def draw_earth_mover():
    real, made, _ = colors()
    figure, (left, right) = page("JS does not say how far it is", r"EMD  $=$  mean way to carry $Q$ to $P$", (1, 1.35),
                                 .25)
    for i, gap in enumerate((4., 2., 0.)):
        top = np.exp(log_normal(0, NARROW)).max()
        for center, color in ((0., real), (gap, made)):
            shape = np.exp(log_normal(center, NARROW)) / top
            left.fill_between(X, -i, .5 * shape - i, where=shape > 1e-4, color=color, alpha=.75, lw=0)
        left.plot((-.6, 4.6), (-i, -i), color=PALE, lw=1.5)
        if gap:
            left.annotate("", (.15, .12 - i), (gap - .15, .12 - i), arrowprops={"arrowstyle": "-|>", "lw": 3,
                                                                                "color": EMD_COLOR})
        found = divergences(log_normal(0, NARROW), log_normal(gap, NARROW))["JS"]
        left.text(2.1, .57 - i, f"JS {found:.2f}", color=JS_COLOR, ha="right", va="center")
        left.text(2.4, .57 - i, f"EMD {gap:.0f}", color=EMD_COLOR, va="center")
    left.text(0, -2.12, "P", color=real, ha="center", va="top")
    left.text(4, -.12, "Q", color=made, ha="center", va="top")
    left.set(xlim=(-.6, 4.7), ylim=(-2.4, .75), xticks=())
    left.spines["bottom"].set_visible(False)
    bare(left)

    gaps = np.linspace(0, 4, 161)
    right.plot(gaps, gaps, color=EMD_COLOR)
    right.text(2.6, 2.95, "EMD", color=EMD_COLOR, ha="right")
    right.plot(gaps, [divergences(log_normal(0, NARROW), log_normal(gap, NARROW))["JS"] for gap in gaps],
               color=JS_COLOR)
    right.text(3.95, .78, "JS = log 2", color=JS_COLOR, ha="right")
    right.set(xlim=(0, 4), ylim=(0, 4), xticks=range(5), yticks=range(5), xlabel="gap between real and fake")
    return figure


def draw_noise():
    figure, (axis,) = page("Noise on the inputs: JS feels the gap again", r"$JS(P + noise,\ Q + noise)$")
    gaps = np.linspace(0, 6, 151)
    for noise, alpha, place in ((0., 1., .35), (.5, .75, 1.6), (1., .55, 2.6), (2., .38, 4.7)):
        deviation = np.hypot(NARROW, noise)
        line = np.array([divergences(log_normal(0, deviation), log_normal(gap, deviation))["JS"] for gap in gaps])
        axis.plot(gaps, line, color=JS_COLOR, alpha=alpha, lw=5)
        axis.text(place, np.interp(place, gaps, line) - .035, "no noise" if not noise else f"noise {noise:g}",
                  va="top", color=JS_COLOR, alpha=max(.6, alpha))
    axis.axhline(np.log(2), color=PALE, lw=2, ls="--", zorder=0)
    axis.text(6, np.log(2) + .015, "log 2", ha="right", color="0.4")
    axis.set(xlim=(0, 6.05), ylim=(0, .77), yticks=(0, .2, .4, .6), xlabel="gap between real and fake", ylabel="JS")
    return figure


def draw_slow_start():
    _, made, _ = colors()
    figure, (left, right) = page("log(1 − D) starts slowly", "generator:  minimise  log(1 − D)   or   −log D",
                                 (1, 1.25), .3)
    styles = {"log(1 - D)": (PALE, "log(1 − D)"), "-log D": (made, "−log D")}
    probability = np.linspace(.0005, .9995, 500)
    left.plot(probability, probability, color=PALE)
    left.plot(probability, 1 - probability, color=made)
    left.text(.62, .72, "log(1 − D)", color="0.45", ha="right")
    left.text(.62, .24, "−log D", color=made, ha="right")
    left.annotate("start: D is sure", (0, 0), (.1, .03), va="center", fontsize=18)
    left.plot(0, 0, "o", ms=14, color=PALE, clip_on=False)
    left.plot(0, 1, "o", ms=14, color=made, clip_on=False)
    left.set(xlim=(-.04, 1), ylim=(-.04, 1.02), xticks=(0, .5, 1), yticks=(0, .5, 1), xlabel="D of a fake",
             ylabel="pull on the logit")
    for loss, distances in slow_start().items():
        color, name = styles[loss]
        right.plot(distances, color=color)
    right.text(165, 4.75, "log(1 − D)", color="0.45")
    right.text(75, .75, "−log D", color=made)
    right.set(xlim=(0, 400), ylim=(0, 5.4), xticks=(0, 200, 400), yticks=(0, 5), xlabel="training step",
              ylabel="distance to the real data")
    return figure


def draw_reparametrise():
    _, made, _ = colors()
    figure, (left, right) = page("Why one draws  z = m + s ε",
                                 r"the same mean, another spread:  $\nabla_m\ E\,|z|^2\ =\ 2\,m$", (1.2, 1), .3)
    styles = {"through the density": PALE, "through the draw": made}
    for name, values in gradient_estimates(100000, 1).items():
        left.hist(values, np.linspace(-22, 26, 97), density=True, color=styles[name], alpha=.75)
    left.axvline(2, color=INK, ls="--", lw=3)
    left.text(2.8, .49, "2m", va="top")
    left.text(5.6, .17, "through\nthe draw", color=made)
    left.text(-21, .09, "through\nthe density", color="0.45")
    left.set(xlabel="estimates of the gradient from one z", xlim=(-22, 26), xticks=(-20, -10, 0, 10, 20), ylim=(0, .5))
    bare(left)
    counts = np.unique(np.logspace(0, 3, 60).astype(int))
    for name, values in gradient_variances(counts).items():
        right.loglog(counts, values, color=styles[name])
    right.text(30, 8, "through the draw: 4", color=made, ha="center")
    right.text(25, 9e3, "through\nthe density", color="0.45", ha="right")
    right.set(xlabel="coordinates of z", ylabel="variance", xlim=(1, 1000), ylim=(1, 1e7), xticks=(1, 10, 100, 1000),
              yticks=(1e2, 1e4, 1e6))
    right.minorticks_off()
    return figure


def draw_fits():
    from gan.backend import plt
    real, made, _ = colors()
    figure, (left, right) = page("Five divergences, five answers", "one Gaussian for two hills, fitted by each",
                                 (1, 1.2), .2, bottom=.06)
    names, table = table_of_fits()
    for axis in (left, right):
        axis.axis("off")
    shown = (X > -5) & (X < 6)
    for i, name in enumerate(names):
        place = left.get_position()
        height = place.height / len(names)
        axis = figure.add_axes((place.x0 + .1, place.y1 - (i + 1) * height + .01, place.width - .1, height - .02))
        hill(axis, log_mixture(), real, low=-5, high=6)
        axis.plot(X[shown], np.exp(log_normal(*fitted(name))[shown]), color=made)
        axis.text(-5.6, .14, name, ha="right", va="center")
        axis.set(xlim=(-5, 6), ylim=(0, .5), xticks=())
        bare(axis)
    place = right.get_position()
    axis = figure.add_axes((place.x0, place.y0, place.width, place.height + .03))
    axis.set(xlim=(-.1, 5), ylim=(-5, .6))
    axis.axis("off")
    for j, name in enumerate(names):
        axis.text(j + .5, .2, name.replace(" ", "\n"), ha="center", va="center", fontsize=19, color="0.4")
        for i in range(len(names)):
            best = i == j
            axis.add_patch(plt.Rectangle((j + .04, -i - .9), .92, .8, color=made if best else "0.95", lw=0))
            value = table[i, j]
            digits = 4 if value < .2 else 3 if value < 100 else 0
            axis.text(j + .5, -i - .5, f"{value:,.{digits}f}", ha="center", va="center", fontsize=19,
                      fontweight="bold" if best else "normal", color="white" if best else INK)
    return figure


def pages(trained, values):
    """All pages by their names, in the order of a lecture."""
    return {"entropy": draw_entropy(), "cross-entropy": draw_cross_entropy(), "divergences": draw_divergences(),
            "discriminator": draw_discriminator(trained), "value": draw_value(values),
            "earth-mover": draw_earth_mover(), "noise": draw_noise(), "slow-start": draw_slow_start(),
            "reparametrise": draw_reparametrise(), "fits": draw_fits()}


# ------------------------------------------------------------ numbers

def print_numbers(trained, values):
    lengths = code_lengths(Q)
    print(f"entropy: H(Q) {entropy(Q):.4f}, H(P) {entropy(P):.4f} bits; best code {lengths} bits, {Q @ lengths:.2f} on "
          f"average; Kraft's sum of the lecture's codes {kraft(UNREADABLE[0])}, of the best {kraft(lengths):g}")
    print(f"cross entropy of P with the code of Q {cross_entropy(P, Q):.4f} bits: KL(P, Q) {kl(P, Q):.6f} more; "
          f"KL(Q, P) {kl(Q, P):.6f}, JS {js(P, Q):.6f} bits ({js(P, Q) * np.log(2):.6f} nats)")
    real = log_normal(0, 1)
    best = game_value(real, log_normal(*CASE), best_logits(real, log_normal(*CASE)))
    print(f"discriminator: value of the game {best:.4f} for the best, "
          f"{game_value(real, log_normal(*CASE), trained):.4f} for the trained one")
    for gap, value in values.items():
        js_there = divergences(real, log_normal(gap, 1))["JS"]
        print(f"  gap {gap:3.1f}: JS {js_there:.4f}, -2 log 2 + 2 JS {-2 * np.log(2) + 2 * js_there:7.4f}, "
              f"trained {value:7.4f}")
    for gap in (4., 2., 0.):
        clouds = log_normal(0, NARROW), log_normal(gap, NARROW)
        print(f"narrow clouds, gap {gap:g}: JS {divergences(*clouds)['JS']:.4f} nats, "
              f"EMD {earth_movers_distance(*clouds):.4f}")
    for loss, distances in slow_start().items():
        half = int(np.argmax(distances <= distances[0] / 2))
        print(f"generator minimises {loss}: half of the way after {half} steps")
    for count in (1, 10, 100):
        row = ", ".join(f"{name} {value:,.0f}" for name, value in gradient_variances(count).items())
        print(f"variance of the gradient, {count} coordinates: {row}")
    names, table = table_of_fits()
    print(f"{'fitted by':13}{'mean':>7}{'dev.':>7}" + "".join(f"{name:>13}" for name in names))
    for name, row in zip(names, table):
        print(f"{name:13}" + "".join(f"{value:7.3f}" for value in fitted(name))
              + "".join(f"{value:13.4f}" for value in row))


def main(argv=None):
    from matplotlib.backends.backend_pdf import PdfPages

    from beyond.common import script
    from gan.backend import matplotlib
    from gan.outputs import saving
    parser = script.parser("theory", __doc__, dict(steps=600), data=None, steps=3000)
    options = script.start(parser, argv)
    training.set_seeds(options.seed)
    trained, values = trained_discriminators(options.steps)
    print_numbers(trained, values)
    with matplotlib.rc_context(STYLE):
        plots = pages(trained, values)
        path = options.out / "theory.pdf"
        with saving(path), PdfPages(path) as pdf:
            for figure in plots.values():
                pdf.savefig(figure)
        for name, figure in plots.items():
            script.finish(figure, options, f"theory-{name}.png")
    print("What you see: one statement a page, with the numbers above drawn. theory.pdf has all pages, to be "
          "projected.")
    return list(plots.values())


if __name__ == "__main__":
    main()
