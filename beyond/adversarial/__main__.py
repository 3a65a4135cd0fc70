"""Attacks against a classifier of digits, and what the defences are worth; see `beyond/adversarial/__init__.py`."""

if __name__ == "__main__":
    import gan.quiet_start  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)

import time
from functools import lru_cache, partial

import numpy as np
import tensorflow as tf
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from tensorflow import keras

from beyond import adversarial
from beyond.adversarial import attacks, defences
from beyond.common import classifier, data, training
from beyond.common.classifier import one_hot
from beyond.lsgan import dense_GenDiscr
from beyond.vae import VAE, decoder_network, encoder_network
from beyond.wgan_gp import WGAN_GP
from gan.picture_measures import flat

EPSILON = .15
STRENGTHS = (0., .05, .1, .15, .2, .3)
NETS = dict(steps=400, rate=.003)
VICTIMS = 100  # pictures that are attacked
MEASURED_VICTIMS = 40  # of each run in CLAIMS


# -------------------------------------------------------------------- classifiers

class Scene:
    """Two disjoint halves of training pictures, test pictures to attack, and a classifier to attack.

    Args:
        pictures: `beyond.common.data.Pictures` with labels.
        victims: how many test pictures, all of them right to the plain classifier.
    """

    def __init__(self, pictures, victims=VICTIMS, nets=None):
        self.nets = nets or NETS
        half = min(len(pictures.train), 4000) // 2
        self.classes = len(pictures.classes)
        self.halves = [(pictures.train[i:i + half], pictures.train_labels[i:i + half]) for i in (0, half)]
        self.plain = self.trained(classifier.network(self.classes))
        right = attacks.predicted(self.plain, pictures.test[:1000]) == pictures.test_labels[:1000]
        self.clean_accuracy = float(np.mean(right))
        self.test, self.test_labels = pictures.test[:victims], pictures.test_labels[:victims]
        self.victims = pictures.test[:1000][right][:victims]
        self.labels = pictures.test_labels[:1000][right][:victims]
        self.targets = attacks.second_choice(self.plain, self.victims, self.labels)
        self.learned = {}

    def trained(self, net, half=0, targets=None):
        """The network, trained on a half with its classes, or with other targets."""
        pictures, labels = self.halves[half]
        return classifier.train(net, pictures, one_hot(labels, self.classes) if targets is None else targets,
                                **self.nets)

    def learner(self, name):
        """The network of that name of LEARNERS, trained once."""
        if name not in self.learned:
            self.learned[name] = LEARNERS[name](self)
        return self.learned[name]

    def accuracy(self, seen, labels=None):
        """How often the classes seen, (n,), are those of the victims."""
        return float(np.mean(seen == (self.labels if labels is None else labels)))


def dense_network(classes=10):
    """Another architecture than `beyond.common.classifier.network`, without convolutions."""
    layers = keras.layers
    return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(128, activation="relu"),
                             layers.Dense(64, activation="relu"), layers.Dense(classes)], name="dense")


def without_gradient(model, half):
    """A function from pictures to classes, of a scikit-learn model trained on that half."""
    model.fit(flat(half[0]), half[1])
    return lambda pictures: model.predict(flat(pictures))


@lru_cache(maxsize=1)
def scene(seed):
    """The `Scene` of the embedded digits; the runs of a seed share it."""
    training.set_seeds(seed)
    return Scene(data.load("digits"), MEASURED_VICTIMS)


# -------------------------------------------------------------------------- attacks

ATTACKS = {
    "FGSM": lambda s: attacks.fgsm(s.plain, s.victims, s.labels, EPSILON),
    "L-BFGS": lambda s: attacks.lbfgs(s.plain, s.victims, s.targets),
    "JSMA": lambda s: attacks.jsma(s.plain, s.victims, s.targets),
    "DeepFool": lambda s: attacks.deepfool(s.plain, s.victims),
    "Carlini-Wagner": lambda s: attacks.carlini_wagner(s.plain, s.victims, s.labels),
    "by a GAN": lambda s: attacks.train_attacker(s.plain, *s.halves[0], EPSILON)(s.victims),
    "ZOO": lambda s: attacks.zoo(lambda some: tf.nn.softmax(s.plain(some)).numpy(), s.victims, s.labels)[0],
}


def measure_attack(name, seed, steps=None):
    """Share of the victims that are fooled, and how much those that are were changed (L0, L2, Linf)."""
    here = scene(seed)
    training.set_seeds(seed)
    changed = ATTACKS[name](here)
    fooled = attacks.predicted(here.plain, changed) != here.labels
    return {"fooled": float(np.mean(fooled)),
            **(attacks.sizes(here.victims[fooled], changed[fooled]) if fooled.any() else {})}


LEARNERS = {
    "plain": lambda s: s.plain,
    "dense": lambda s: s.trained(dense_network(s.classes)),
    "label smoothing": lambda s: s.trained(classifier.network(s.classes),
                                           targets=.8 * one_hot(s.halves[0][1], s.classes) + .2 / s.classes),
    "adversarial training": lambda s: defences.adversarial_training(
        classifier.network(s.classes), *s.halves[0], s.classes, EPSILON, **s.nets),
    "distillation": lambda s: defences.distillation(classifier.network(s.classes), classifier.network(s.classes),
                                                    *s.halves[0], s.classes, **s.nets),
}


def accuracy_by_epsilon(here, net):
    """Accuracy on the first test pictures under FGSM of growing epsilon: {epsilon: accuracy}."""
    return {f"eps {epsilon:g}": here.accuracy(attacks.predicted(net, attacks.fgsm(
        net, here.test, here.test_labels, epsilon)), here.test_labels) for epsilon in STRENGTHS}


def measure_epsilon(name, seed, steps=None):
    here = scene(seed)
    training.set_seeds(seed)
    return accuracy_by_epsilon(here, here.learner(name))


# ------------------------------------------------------------------------- transfer

SEERS = {
    "the network itself": lambda s: partial(attacks.predicted, s.plain),
    "same architecture, other half": lambda s: partial(attacks.predicted, s.trained(
        classifier.network(s.classes), half=1)),
    "dense, same half": lambda s: partial(attacks.predicted, s.learner("dense")),
    "dense, other half": lambda s: partial(attacks.predicted, s.trained(dense_network(s.classes), half=1)),
    "forest, other half": lambda s: without_gradient(RandomForestClassifier(100, random_state=0), s.halves[1]),
    "neighbours, other half": lambda s: without_gradient(KNeighborsClassifier(3), s.halves[1]),
}


def transfers(here, sees):
    """How often others are wrong on what fools the network: clean, with random noise of that size, with FGSM."""
    draws = np.random.default_rng(0)
    noise = np.clip(here.victims + EPSILON * draws.choice([-1, 1], here.victims.shape), 0, 1).astype("float32")
    attacked = {f"FGSM {epsilon:g}": attacks.fgsm(here.plain, here.victims, here.labels, epsilon)
                for epsilon in (EPSILON, 2 * EPSILON)}
    return {name: 1 - here.accuracy(sees(pictures)) for name, pictures in {
        "clean": here.victims, f"random {EPSILON:g}": noise, **attacked}.items()}


def measure_transfer(name, seed, steps=None):
    here = scene(seed)
    training.set_seeds(seed)
    return transfers(here, SEERS[name](here))


# ------------------------------------------------------------------------- defences

class Defended:
    """A classifier with its defence.

    Args:
        sees: function from pictures to classes; -1 (or the number of classes) for "refused".
        white: what a white box attack may use, a function from pictures to logits; None: there are no gradients.
        breaker: name of the attack that breaks it, and a function of the scene that makes its pictures.
    """

    def __init__(self, sees, white, breaker, attack):
        self.sees, self.white, self.breaker, self.attack = sees, white, breaker, attack


STRONGER = "FGSM .3, plain network", lambda s: attacks.fgsm(s.plain, s.victims, s.labels, 2 * EPSILON)


def _by_carlini_wagner(model):
    return lambda s: attacks.carlini_wagner(model, s.victims, s.labels, rounds=5)


def _white(net):
    return Defended(partial(attacks.predicted, net), net, "Carlini-Wagner", _by_carlini_wagner(net))


def _forest(s):
    return Defended(without_gradient(RandomForestClassifier(100, random_state=0), s.halves[0]), None, *STRONGER)


def _squeezed(s):
    return Defended(lambda some: attacks.predicted(s.plain, defences.fewer_levels(some)), s.plain, *STRONGER)


def _null(s):
    net = defences.null_class(
        classifier.network(s.classes + 1), *s.halves[0], s.classes, 2 * EPSILON,
        lambda some, labels, size: attacks.fgsm(s.plain, some, labels, size), **s.nets)
    return Defended(partial(attacks.predicted, net), s.plain, "C&W, white box",
                    lambda s: attacks.carlini_wagner(lambda some: net(some)[:, :s.classes] + 0 * net(some)[:, -1:]
                                                     - tf.nn.relu(net(some)[:, -1:] - net(some)[:, :s.classes]),
                                                     s.victims, s.labels, rounds=5))


def generator_of(pictures, steps=600):
    """A generator of these pictures in [0, 1] for Defense-GAN, and its latent generator: WGAN-GP, as in its paper."""
    G = WGAN_GP(*dense_GenDiscr(), data.signed(pictures), batch_size=50, disc_iter=3, learning_rate=.0003)
    training.train_GAN(G, training.settings(epochs=1, steps=steps), list)
    return lambda latent: (G.generator(latent, training=False) + 1) / 2, G.latent_generator


def _defense_gan(s, steps=600):
    guard = defences.DefenseGAN(*generator_of(s.halves[0][0], steps))
    return Defended(lambda some: attacks.predicted(s.plain, guard.reform(some)), s.plain, *STRONGER)


def autoencoder_of(pictures, epochs=20):
    """A VAE for MagNet, with 16 latent coordinates and little noise."""
    autoencoder = VAE(encoder_network(16), decoder_network(16), .002, kl_weight=.1)
    autoencoder.fit(pictures, epochs=epochs, batch_size=50, verbose=0)
    return autoencoder


def _magnet(s, epochs=20):
    autoencoder = autoencoder_of(s.halves[0][0], epochs)
    guard = defences.MagNet(autoencoder, s.halves[1][0])

    def both(pictures):
        return s.plain(autoencoder(pictures))
    return Defended(lambda some: np.where(guard.detect(some), -1, attacks.predicted(both, some)), s.plain,
                    "C&W, white box", _by_carlini_wagner(both))


DEFENCES = {
    "none": lambda s: _white(s.plain),
    "adversarial training": lambda s: _white(s.learner("adversarial training")),
    "distillation": lambda s: _white(s.learner("distillation")),
    "gradient hiding (a forest)": _forest,
    "squeezing to one bit": _squeezed,
    "blocked transfer (class null)": _null,
    "Defense-GAN": _defense_gan,
    "MagNet": _magnet,
}


def worth(here, defended):
    """What a defence costs and is worth: shares of pictures.

    right: clean test pictures that get their class. refused: of those, as tampered with. FGSM: white box at EPSILON
    (without gradients, or for a defence before the network: of the plain network); share that gets its class or is
    refused. broken: the same under the attack that breaks it, and the mean length of its changes.
    """
    seen = defended.sees(here.test)
    white = defended.white or here.plain
    attacked, broken = attacks.fgsm(white, here.victims, here.labels, EPSILON), defended.attack(here)

    def held(pictures):
        seen = defended.sees(pictures)
        return float(np.mean((seen == here.labels) | (seen < 0) | (seen == here.classes)))
    return {"right": here.accuracy(seen, here.test_labels),
            "refused": float(np.mean((seen < 0) | (seen == here.classes))), "FGSM": held(attacked),
            "breaker": defended.breaker, "broken": held(broken), "L2": attacks.sizes(here.victims, broken)["L2"]}


def measure_defence(name, seed, steps=None):
    here = scene(seed)
    training.set_seeds(seed)
    return worth(here, DEFENCES[name](here))


CLAIMS = [*[("attacks", name, partial(measure_attack, name)) for name in ATTACKS],
          *[("accuracy over epsilon", name, partial(measure_epsilon, name)) for name in LEARNERS],
          *[("transfer", name, partial(measure_transfer, name)) for name in SEERS],
          *[("defences", name, partial(measure_defence, name)) for name in DEFENCES]]


# ------------------------------------------------------------------------- pictures

def visualize_attacks(here, made):
    """Attacked pictures, and beside them what was changed: grey is unchanged."""
    from beyond.common import figures
    panels = [("clean", here.victims[:10])]
    for name, changed in made.items():
        fooled = np.mean(attacks.predicted(here.plain, changed) != here.labels)
        size = attacks.sizes(here.victims, changed)
        title = (f"{name}: {100 * fooled:.0f} % fooled\n{size['L0']:.0f} pixels, length {size['L2']:.1f}, "
                 f"at most {size['Linf']:.2f}")
        panels.append((title, np.concatenate([changed[:10], .5 + (changed - here.victims)[:10] / 2])))
    panels[0] = (panels[0][0] + "\n(below each attack: what it changed)",
                 np.concatenate([here.victims[:10], np.full_like(here.victims[:10], .5)]))
    return figures.visualize_sheets(panels, columns=10, size=6, panel_columns=2)


def visualize_curves(curves):
    """Accuracy over epsilon, a line for each way to train."""
    from beyond.common.figures import plt
    figure, axis = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for (name, accuracies), marker in zip(curves.items(), "os^vD"):
        axis.plot(STRENGTHS, list(accuracies.values()), marker=marker, label=name)
    axis.set(xlabel="epsilon: largest change of a pixel", ylabel="accuracy", ylim=(-.02, 1.02),
             title="FGSM, white box: each network attacked by its own gradient")
    figure.legend(loc="outside lower center", ncols=3, frameon=False)  # it hides no curve
    return figure


def visualize_worth(rows):
    """What each defence costs and is worth, three bars each."""
    from beyond.common.figures import plt
    figure, axis = plt.subplots(figsize=(9, 5.5), layout="constrained")
    names = [f"{name}\nbroken by: {found['breaker']}" for name, found in rows.items()]
    for offset, (key, color, label) in enumerate((("right", "0.75", "clean pictures: right"),
                                                  ("FGSM", "C0", f"FGSM {EPSILON:g}: right or refused"),
                                                  ("broken", "C3", "the attack that breaks it: right or refused"))):
        heights = np.arange(len(rows)) + .26 * (offset - 1)
        values = [found[key] for found in rows.values()]
        axis.barh(heights, values, .24, color=color, label=label)
        for height, value in zip(heights, values):
            axis.text(value + .01, height, f"{value:.2f}", va="center", fontsize=8)
    axis.set_yticks(range(len(rows)), names)
    axis.invert_yaxis()
    axis.set(xlim=(0, 1.09), xlabel="share of the pictures", title="What the defences are worth")
    axis.legend(loc="upper center", bbox_to_anchor=(.4, -.1), ncols=3, frameon=False, fontsize="small")
    return figure


def attacked(count, wanted):
    """How many pictures are attacked, in words: no more can be than the network has right."""
    return f"{count} pictures are attacked" + (f", all that it has right, not {wanted}" if count < wanted else "")


def main(argv=None):
    from beyond.common import script
    parser = script.parser("adversarial", adversarial.__doc__, dict(victims=40), data="digits")
    parser.add_argument("--victims", type=script.whole_number(10, 1000), default=VICTIMS, metavar="N",
                        help=f"test pictures that are attacked (default {VICTIMS})")
    options = script.start(parser, argv)
    here = Scene(script.pictures(options, labelled=True), options.victims)
    print(f"the attacked network is right on {100 * here.clean_accuracy:.1f} % of the test pictures; "
          f"{attacked(len(here.victims), options.victims)}", flush=True)
    made = {}
    for name, attack in ATTACKS.items():
        start = time.perf_counter()
        made[name] = attack(here)
        fooled = float(np.mean(attacks.predicted(here.plain, made[name]) != here.labels))
        print(f"{name}: {script.line({'fooled': fooled, **attacks.sizes(here.victims, made[name])})}, "
              f"{time.perf_counter() - start:.0f} s", flush=True)
    script.meaning(fooled="share of pictures that are taken for another class", L0="pixels changed",
                   L2="length of the change", Linf="largest change of a pixel; black is 0, white 1")
    curves = {name: accuracy_by_epsilon(here, here.learner(name)) for name in LEARNERS}
    for name, accuracies in curves.items():
        print(f"{name}: accuracy {script.line(accuracies)}")
    script.meaning(accuracy="share that still gets its class", eps="largest change that FGSM makes, with the gradient "
                                                                   "of that very network")
    for name, make in SEERS.items():
        print(f"{name} is wrong: {script.line(transfers(here, make(here)))}", flush=True)
    print("(pictures that were changed for the attacked network, shown to others: the share that these get wrong)")
    rows = {}
    for name, make in DEFENCES.items():
        rows[name] = worth(here, make(here))
        print(f"{name}: {script.line(rows[name])}", flush=True)
    script.meaning(right="share of clean pictures", refused="share of them, as tampered with",
                   FGSM=f"share of pictures changed by {EPSILON:g} that is right or refused",
                   broken="the same under the attack that breaks the defence, the breaker", L2="length of its changes")
    plots = {"attacks": visualize_attacks(here, made), "epsilon": visualize_curves(curves),
             "defences": visualize_worth(rows)}
    for name, figure in plots.items():
        script.finish(figure, options, f"adversarial-{name}.png")
    print("What you see: below each attacked picture is what was changed; grey is unchanged. FGSM changes many "
          "pixels a little, JSMA few pixels much. No defence holds against all: beside its name is the attack that "
          "breaks it.")
    return list(plots.values())


if __name__ == "__main__":
    main()
