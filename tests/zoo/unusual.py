"""More of the zoo: right solutions in ways that nobody expects, and faults that a quick look at a class does not show.

`ENTRIES` is the whole zoo, with those of solutions.py.
"""

from tests.zoo import bases
from tests.zoo.bases import D_APPLY, G_APPLY, changed, dense, plain, tidy
from tests.zoo.solutions import (
    CRITIC,
    LOADS_BOTH,
    PAIR_RETURN,
    RIGHT,
    RIGHT_INLINED,
    SHUFFLE,
    WRONG,
    right,
    wrong,
    wrong_pair,
)

METHODS = ("get_fake_sample", "get_real_sample", "get_interpolated_sample", "gradient_penalty", "train_step")

# ---------------------------------------------------------- Adam without Keras

BY_HAND = """\
    def descend(self, network, gradients):
        m, v, t = self.moments[network.name]
        t.assign_add(1.)
        rate = self.learning_rate * tf.sqrt(1. - .9 ** t) / (1. - BETA ** t)
        for m_k, v_k, g, w in zip(m, v, gradients, network.trainable_variables):
            m_k.assign(BETA * m_k + (1. - BETA) * g)
            v_k.assign(.9 * v_k + .1 * g * g)
            w.assign(w - rate * m_k / (tf.sqrt(v_k) + 1e-8))

    def get_fake_sample("""
MOMENTS = """\
        self.moments = {}
        for net in (generator, discriminator):
            self.moments[net.name] = (
                [tf.Variable(tf.zeros(w.shape)) for w in net.trainable_variables],
                [tf.Variable(tf.zeros(w.shape)) for w in net.trainable_variables], tf.Variable(0.))
"""


def adam_by_hand(task):
    """`plain(task)` with an Adam of its own."""
    text = plain(task)
    start = text.index("        self.generator.optimizer = ")
    end = text.index("        self.discriminator.loss = ")
    text = text[:start] + MOMENTS + text[end:]
    start, end = text.index("        self.discriminator.optimizer = "), text.index("    def get_fake_sample(")
    text = text[:start] + "\n" + text[end:]
    return changed(
        text,
        ("    def get_fake_sample(", BY_HAND.replace("BETA", ".3" if task == 2 else ".5")),
        (D_APPLY, "self.descend(self.discriminator, d_grads)\n"),
        (G_APPLY, "self.descend(self.generator, g_grads)\n"),
    )


for task in (0, 1, 2):
    right("Adam by hand", task, adam_by_hand(task), "Adam by hand", words=("written by hand", "costs nothing"))
right(
    "Adam by hand, clipped in one line",
    1,
    changed(
        adam_by_hand(1),
        (bases.PLAIN_CLIP, ""),
        (
            "w.assign(w - rate * m_k / (tf.sqrt(v_k) + 1e-8))",
            "new = w - rate * m_k / (tf.sqrt(v_k) + 1e-8)\n"
            "            w.assign(tf.clip_by_value(new, -1., 1.) if network is self.discriminator else new)",
        ),
    ),
    "Adam by hand",
    words=("written by hand",),
)
wrong(
    "Adam by hand without the corrections",
    0,
    changed(adam_by_hand(0), (" * tf.sqrt(1. - .9 ** t) / (1. - .5 ** t)", "")),
    "other optimizer",
    "adam",
    "written by hand", "does not move",
)
wrong(
    "the sign of an Adam by hand",
    2,
    changed(adam_by_hand(2), ("w.assign(w - rate", "w.assign(w + rate")),
    "other optimizer",
    "adam",
    "written by hand", "does not move",
)
wrong(
    "the critic's sign beside an Adam by hand",
    1,
    changed(adam_by_hand(1), (CRITIC, "tf.math.reduce_mean(x) - tf.math.reduce_mean(y)")),
    "critic sign",
    "discriminator_loss",
    "wrong sign",
)

# ------------------------------------------------------------- right, in other ways

for name, order in (
    ("sorted random numbers", "tf.argsort(tf.random.uniform([len(self.real_examples)]))"),
    ("the largest of random numbers", "tf.math.top_k(tf.random.uniform([len(self.real_examples)]), k=size).indices"),
):
    right(f"real examples by {name}", 0, changed(plain(0), (SHUFFLE, f"        order = {order}\n")), "other draws")
right(
    "an own generator of random numbers",
    2,
    changed(
        tidy(2),
        ("        self.lambda_gp = lambda_gp\n",
         "        self.lambda_gp = lambda_gp\n"
         "        self.numbers = tf.random.Generator.from_non_deterministic_state()\n"),
        ("tf.random.uniform(self.scal_shape)", "1. - self.numbers.uniform(self.scal_shape)"),
    ),
    "other draws",
)  # fmt: skip
right(
    "sums over the number of examples",
    1,
    changed(
        dense(1),
        (bases.DENSE_LOSSES[1][1], "(tf.reduce_sum(Dy) - tf.reduce_sum(Dx)) / self.batch_size"),
        (bases.DENSE_LOSSES[1][0], "-tf.add_n(tf.unstack(Dy, self.batch_size)) / self.batch_size"),
        ('"gen_loss": b,', '"gen_loss": tf.squeeze(b),'),
    ),
    "other sums",
)
right(
    "squared differences of Keras and TensorFlow",
    0,
    changed(
        plain(0),
        (bases.PLAIN_LOSSES[0][1], "tf.reduce_mean(tf.math.squared_difference(x, 1.)\n"
                                   "                                           + tf.math.squared_difference(y, -1.))"),
        (f"lambda x: {bases.PLAIN_LOSSES[0][0]}\n", "lambda x: tf.reduce_mean(x * x - 2. * x + 1.)\n"),
    ),
    "other sums",
)  # fmt: skip
right(
    "a norm by einsum, a mean squared error from 1",
    2,
    changed(
        plain(2),
        ("        norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=self.axis))\n"
         "        return tf.reduce_mean((norm - 1.0) ** 2)\n",
         "        flat = tf.reshape(grads, [tf.shape(grads)[0], -1])\n"
         "        norm = tf.einsum('bi,bi->b', flat, flat) ** .5\n"
         "        return tf.keras.losses.MeanSquaredError()(tf.ones_like(norm), norm)\n"),
    ),
    "other sums",
)  # fmt: skip
right(
    "a norm by the jacobian",
    2,
    changed(
        plain(2),
        ("        grads = gp_tape.gradient(pred, [interpolated_sample])[0]\n",
         "        grads = gp_tape.batch_jacobian(pred, interpolated_sample)[:, 0]\n"),
    ),
    "other sums",
)  # fmt: skip
right(
    "while in place of for",
    1,
    changed(
        plain(1),
        ("        for _ in range(self.disc_iter):\n            with",
         "        left = self.disc_iter\n        while left > 0:\n            left -= 1\n            with"),
    ),
    "other loops",
)  # fmt: skip
right(
    "a loop of TensorFlow",
    0,
    changed(
        dense(0),
        ("        for i in range(self.disc_iter):\n",
         "        a = tf.constant(0.)\n        for i in tf.range(self.disc_iter):\n"),
    ),
    "other loops",
)  # fmt: skip
right(
    "recursion",
    2,
    changed(
        tidy(2),
        ("        for _ in range(self.disc_iter):\n            self.descend(self.discriminator, self.d_opt, "
         "self.critic_objective)\n", "        self.again(self.disc_iter)\n"),
        ("    def train_step(",
         "    def again(self, times):\n        if times:\n"
         "            self.descend(self.discriminator, self.d_opt, self.critic_objective)\n"
         "            self.again(times - 1)\n\n    def train_step("),
    ),
    "other loops",
)  # fmt: skip
right(
    "networks behind properties, hints of types, options by keyword only",
    1,
    changed(
        tidy(1),
        ("self, generator, discriminator, latent_generator, real_examples,\n"
         "                 batch_size=200, disc_iter=2, learning_rate=0.005)",
         "self, generator: K.Model, discriminator: K.Model, latent_generator, real_examples: tf.Tensor,\n"
         "                 batch_size: int = 200, disc_iter: int = 2, learning_rate: float = 0.005) -> None"),
        ("self.generator, self.discriminator = generator, discriminator", "self.pair = [generator, discriminator]"),
        ("    def new_optimizer(",
         "    @property\n    def generator(self):\n        return self.pair[0]\n\n"
         "    @property\n    def discriminator(self):\n        return self.pair[1]\n\n    def new_optimizer("),
    ),
    "other classes",
)  # fmt: skip
right(
    "everything in functions outside the class",
    0,
    changed(
        plain(0)[: plain(0).index("    def train_step(")] + "    def train_step(self, data):\n"
        "        return step_of(self)\n",
        ("\n\nclass Simple", "\n\ndef step_of(self):\n" + plain(0)[plain(0).index("        for _ in range") :]
         + "\n\nclass Simple"),
    ),
    "other classes",
)  # fmt: skip
right(
    "a critic of task 1 that task 2 is built on, in one file",
    2,
    changed(plain(2), ("class WGAN_GP(keras.Model):", "class Critic(keras.Model):"))
    + "\n\nclass WGAN_GP(Critic):\n    \"\"\"What the main scripts import.\"\"\"\n",
    "other classes",
)  # fmt: skip
right(
    "a metric that is reset in every step",
    1,
    changed(
        plain(1),
        ("        self.beta_1 = .5\n",
         "        self.shown = [keras.metrics.Mean(), keras.metrics.Mean()]\n        self.beta_1 = .5\n"),
        ('        return {"discr_loss": discr_loss, "gen_loss": gen_loss}',
         "        for metric, loss in zip(self.shown, (discr_loss, gen_loss)):\n"
         "            metric.reset_state()\n            metric.update_state(loss)\n"
         '        return {"discr_loss": self.shown[0].result(), "gen_loss": self.shown[1].result()}'),
    ),
    "other classes",
)  # fmt: skip
right(
    "an optimizer from the other one's settings",
    0,
    changed(
        tidy(0),
        ("self.g_opt, self.d_opt = self.new_optimizer(), self.new_optimizer()",
         "self.g_opt = self.new_optimizer()\n"
         "        self.d_opt = type(self.g_opt).from_config(self.g_opt.get_config())"),
    ),
    "other classes",
)  # fmt: skip
right(
    "padding and flattening by other layers",
    3,
    changed(
        bases.PAIR_FUNCTIONAL,
        ('layers.Conv2D(32, (3, 3), padding="same")(x)', "layers.Conv2D(32, 3)(layers.ZeroPadding2D(1)(x))"),
        ("layers.Flatten()", "layers.GlobalMaxPooling2D()"),
        ('        h = layers.Conv2D(16, (3, 3), padding="same")(h)\n',
         "        h = layers.ZeroPadding2D(((1, 1), (1, 1)))(h)\n        h = layers.Conv2D(16, (3, 3))(h)\n"),
    ),
    "other layers",
)  # fmt: skip
right(
    "weights by way of a copy of the network",
    4,
    tidy(2) + LOADS_BOTH.replace(
        "        self.generator.load_weights(gen_h5)\n        self.discriminator.load_weights(disc_h5)\n",
        "        for network, path in ((self.generator, gen_h5), (self.discriminator, disc_h5)):\n"
        "            copy = K.models.clone_model(network)\n            copy.load_weights(path)\n"
        "            network.set_weights(copy.get_weights())\n",
    ),
    "other classes",
)  # fmt: skip

# ------------------------------------------------------------------ wrong

# --- a crash, or other numbers, where one does not look
wrong("float() of a loss", 0, changed(plain(0), ('"gen_loss": gen_loss}', '"gen_loss": float(gen_loss)}')),
      "graph", "fit", "step by step")  # fmt: skip
wrong(
    "adds up what it draws",
    2,
    changed(
        plain(2), ("        return {", "        self.seen = getattr(self, 'seen', 0) + int(gp > 1)\n        return {")
    ),
    "graph",
    "fit",
    "fit",
)
wrong(
    "float64 beside float32",
    0,
    changed(
        dense(0),
        (
            "Dy, Dx = D(y, training=False), D(x, training=False)",
            "Dy, Dx = tf.split(D(tf.reshape(tf.stack([y, x]), [-1, y.shape[-1]])), 2)",
        ),
    ),
    "float64",
    "float64",
    "64 bits",
)
wrong(
    "pictures only",
    2,
    changed(
        plain(2),
        (
            "        u = tf.random.uniform(self.scal_shape)\n",
            "        u = tf.random.uniform([self.batch_size, 1, 1, 1])\n",
        ),
        ("(tf.ones(self.scal_shape) - u)", "(1. - u)"),
    ),
    "interpolation for vectors",
    "interpolation",
    "shape",
)

# --- losses
wrong("adds both means", 1, changed(plain(1), (CRITIC, "tf.math.reduce_mean(y) + tf.math.reduce_mean(x)")),
      "critic sign", "discriminator_loss", "adds both means")  # fmt: skip
wrong(
    "the generator minimises the critic's loss",
    1,
    changed(
        dense(1),
        ("            b = tf.reduce_mean(-Dy)\n", "            b = tf.reduce_mean(Dy) - tf.reduce_mean(Dx)\n"),
    ),
    "generator sign",
    "generator_loss",
    "wrong sign",
)
LOGITS = "tf.nn.sigmoid_cross_entropy_with_logits"
for task in (1, 2):
    wrong(
        "cross-entropy in a Wasserstein GAN",
        task,
        changed(plain(task), (CRITIC, f"tf.reduce_mean({LOGITS}(tf.ones_like(x), x)) "
                                      f"+ tf.reduce_mean({LOGITS}(tf.zeros_like(y), y))")),
        "cross-entropy",
        "discriminator_loss",
        "cross-entropy",
    )  # fmt: skip
wrong(
    "both losses exchanged in the returned dictionary",
    0,
    changed(plain(0), ('discr_loss, "gen_loss": gen_loss}', 'gen_loss, "gen_loss": discr_loss}')),
    "mean returned",
    "returned_values",
    "discr_loss is the generator's loss",
)  # fmt: skip

# --- samples
wrong("the first examples, always", 0, plain(0).replace("tf.random.shuffle(tf.range", "tf.identity(tf.range"),
      "data reused", "samples", "same sample twice")  # fmt: skip
wrong("shuffles the first batch only", 1, changed(plain(1), ("tf.range(tf.shape(self.real_examples)[0])",
      "tf.range(size)")), "data reused", "samples", "from all of them")  # fmt: skip
wrong(
    "latent vectors of its own",
    2,
    changed(plain(2), ("self.latent_generator(size)", "tf.random.normal([size, self.generator.input_shape[-1]])")),
    "fakes reused",
    "samples",
    "latent_generator",
)
wrong(
    "latent vectors as fakes",
    1,
    changed(plain(1), ("return self.generator(self.latent_generator(size), training=training)",
                       "return self.latent_generator(size)")),
    "fakes reused",
    "samples",
    "latent vectors",
)  # fmt: skip
wrong(
    "fakes that learn nothing",
    0,
    changed(plain(0), ("loss(self.discriminator(fake, ", "loss(self.discriminator(tf.stop_gradient(fake), ")),
    "fakes outside tape",
    "runs",
    "generator's gradients are all None",
)  # fmt: skip

# --- updates and optimizers
wrong("always two", 2, changed(plain(2), ("range(self.disc_iter)", "range(2)")), "disc_iter ignored", "updates",
      "2 updates of the discriminator")  # fmt: skip
wrong(
    "the discriminator's gradients for the generator",
    1,
    changed(plain(1), ("zip(g_grads, self.generator.trainable_variables)",
                       "zip(g_grads, self.discriminator.trainable_variables)")),
    "moves the discriminator",
    "runs",
    "discriminator",
)  # fmt: skip
wrong(
    "the generator's loss moves the discriminator",
    0,
    changed(
        plain(0),
        ("g_tape.gradient(gen_loss, self.generator.trainable_variables)",
         "g_tape.gradient(gen_loss, self.discriminator.trainable_variables)"),
        (G_APPLY, D_APPLY.replace("d_grads", "g_grads")),
    ),
    "moves the discriminator",
    "updates",
    "moves the discriminator's weights instead of its own",
)  # fmt: skip
wrong(
    "one optimizer for both",
    0,
    changed(tidy(0), ("self.g_opt, self.d_opt = self.new_optimizer(), self.new_optimizer()",
                      "self.g_opt = self.d_opt = self.new_optimizer()\n"
                      "        both = generator.trainable_variables + discriminator.trainable_variables\n"
                      "        self.g_opt.build(both)")),
    "other optimizer",
    "adam",
    "both networks share",
)  # fmt: skip
wrong(
    "a learning rate that falls",
    1,
    plain(1).replace("learning_rate=self.learning_rate,",
                     "learning_rate=keras.optimizers.schedules.ExponentialDecay(self.learning_rate, 1, .5),"),
    "other optimizer",
    "adam",
    "learning rate changes",
)  # fmt: skip

# --- clipping
for name, old, new, *words in (
    ("clipped to [-1, 2]", "-1.0, 1.0)", "-1.0, 2.0)", "clipped to [-1, 2]"),
    ("clipped to [0, 1]", "-1.0, 1.0)", "0.0, 1.0)", "clipped to [0, 1]"),
    ("the generator clipped in its place", "for w in self.discriminator.t", "for w in self.generator.t",
     "it is the discriminator that is clipped"),
    ("clipped by norm", "tf.clip_by_value(w, -1.0, 1.0)", "tf.clip_by_norm(w, 1.0)", "[-1, 1]"),
):  # fmt: skip
    wrong(name, 1, changed(plain(1), (old, new)), "clipped to .01", "clip", *words)

# --- the penalty
wrong("no mean of the penalty", 2, changed(plain(2), ("tf.reduce_mean((norm - 1.0) ** 2)", "(norm - 1.0) ** 2")),
      "summed", "penalty", "expected one", "mean")  # fmt: skip
wrong(
    "lambda times the loss",
    2,
    changed(plain(2), ("discr_loss + self.lambda_gp * gp", "self.lambda_gp * discr_loss + gp")),
    "no lambda",
    "discriminator_loss",
    "lambda_gp multiplies the loss",
)
wrong(
    "the gradient by the weights",
    2,
    changed(
        plain(2),
        ("gp_tape.gradient(pred, [interpolated_sample])[0]",
         "gp_tape.gradient(pred, self.discriminator.trainable_variables)[0]"),
    ),
    "norm of one axis",
    "penalty",
    "penalty",
)  # fmt: skip
wrong(
    "real examples mixed with real examples",
    2,
    changed(plain(2), ("self.get_interpolated_sample(real, fake)", "self.get_interpolated_sample(real, real)")),
    "points",
    "penalty_points",
    "real examples",
)
wrong(
    "inlined penalty at the real examples",
    2,
    changed(RIGHT_INLINED, ("between = u * real + (1. - u) * fake\n", "between = tf.identity(real)\n")),
    "points",
    "penalty_points",
    "real examples",
)
wrong(
    "inlined penalty without lambda",
    2,
    changed(RIGHT_INLINED, ("discr_loss + self.lambda_gp * gp", "discr_loss + gp")),
    "no lambda",
    "penalty_in_loss",
    "without lambda_gp",
)
wrong(
    "inlined penalty over the wrong axis",
    2,
    changed(RIGHT_INLINED, ("axis=list(range(1, len(real.shape)))", "axis=0")),
    "penalty inlined",
    "penalty",
    "batch axis",
)

# --- methods without self
for name, task, *words in (("train_step", 0, "train_step has no self"), ("get_real_sample", 2, "has no self")):
    text = plain(task)
    start = text.index(f"def {name}(self") + len(f"def {name}(")
    wrong(f"{name} without self", task, text[:start] + text[start:].replace("self, ", "", 1),
          "constructor misspelled", "class", *words)  # fmt: skip

# --- tasks 3 and 4
wrong_pair(
    "the batch normalisation of rows",
    "other architecture",
    "generator_layers",
    ["BatchNormalization"],
    ("        h = layers.BatchNormalization()(h)\n" + '        h = layers.Activation("tanh", name="activation_1")(h)\n',
     "        h = layers.BatchNormalization(axis=1)(h)\n"
     '        h = layers.Activation("tanh", name="activation_1")(h)\n'),
)  # fmt: skip
wrong_pair(
    "one network twice",
    "other architecture",
    "generator_layers",
    ["input"],
    (PAIR_RETURN, "return get_discriminator(), get_discriminator()"),
)

# ------------------------------------------------------------------ of students' own ways, right and wrong

SLOPE = """\
        with tf.GradientTape() as gp_tape:
            gp_tape.watch(interpolated_sample)
            pred = self.discriminator(interpolated_sample, training=True)
        grads = gp_tape.gradient(pred, [interpolated_sample])[0]
"""
right(
    "tf.gradients of old, which work in the graph of fit",
    2,
    changed(
        plain(2),
        (SLOPE, "        pred = self.discriminator(interpolated_sample, training=True)\n"
                "        grads = tf.gradients(pred, [interpolated_sample])[0]\n"),
    ),
    "other sums",
)  # fmt: skip
right(
    "a moving average of the generator in a copy",
    0,
    changed(
        plain(0),
        ("        self.beta_1 = .5\n",
         "        self.beta_1 = .5\n        self.average = keras.models.clone_model(generator)\n"
         "        self.average.set_weights(generator.get_weights())\n"),
        ("        return {", "        for a, b in zip(self.average.weights, self.generator.weights):\n"
                            "            a.assign(.99 * a + .01 * b)\n        return {"),
    ),
    "other classes",
)  # fmt: skip
right(
    "a compile of one's own, called by the constructor with both optimizers",
    0,
    changed(
        tidy(0),
        ("        self.g_opt, self.d_opt = self.new_optimizer(), self.new_optimizer()\n",
         "        self.compile(self.new_optimizer(), self.new_optimizer())\n"),
        ("    def new_optimizer(",
         "    def compile(self, g_opt=None, d_opt=None, **options):\n        super().compile(**options)\n"
         "        if g_opt is not None:\n            self.g_opt, self.d_opt = g_opt, d_opt\n\n"
         "    def new_optimizer("),
    ),
    "compile",
)  # fmt: skip
right(
    "losses as objects",
    0,
    changed(
        plain(0),
        (f"lambda x: {bases.PLAIN_LOSSES[0][0]}", "GenLoss()"),
        (f"lambda x, y: {bases.PLAIN_LOSSES[0][1]}", "DiscrLoss()"),
        ("\n\nclass Simple",
         "\n\nclass GenLoss:\n    def __call__(self, x):\n"
         "        return tf.reduce_mean(tf.math.squared_difference(x, 1.))\n\n\n"
         "class DiscrLoss(keras.losses.Loss):\n    def call(self, y_true, y_pred):\n"
         "        return tf.square(y_true - 1) + tf.square(y_pred + 1)\n\n\nclass Simple"),
    ),
    "other classes",
)  # fmt: skip
right(
    "task 2's file by exec, and a mixin",
    4,
    "import os\n\nfolder = os.path.dirname(os.path.abspath(__file__))\n"
    "exec(open(os.path.join(folder, '2-wgan_gp.py')).read())\n\n\nclass Loads:\n"
    "    def replace_weights(self, gen_h5='generator.h5', disc_h5='discriminator.h5'):\n"
    "        for name, path in dict(generator=gen_h5, discriminator=disc_h5).items():\n"
    "            getattr(self, name).load_weights(path)\n\n\nclass WGAN_GP(Loads, WGAN_GP):\n    pass\n",
    "subclass",
    beside=(("2-wgan_gp.py", plain(2)),),
)

wrong(
    "the mean of D before the square",
    0,
    changed(plain(0), (bases.PLAIN_LOSSES[0][1], "(tf.reduce_mean(x) - 1) ** 2 + (tf.reduce_mean(y) + 1) ** 2")),
    "another distance",
    "discriminator_loss",
    "mean of D",
)
wrong(
    "targets with noise",
    0,
    changed(
        plain(0),
        ("(x, tf.ones(x.shape))\n            +", "(x, tf.random.uniform(x.shape, .7, 1.2))\n            +"),
    ),
    "other targets",
    "discriminator_loss",
    "differ from example to example",
)
wrong("one update too few", 0, changed(plain(0), ("range(self.disc_iter)", "range(1, self.disc_iter)")),
      "disc_iter ignored", "updates", "updates of the discriminator", "expected")  # fmt: skip
wrong(
    "arguments of Adam in another order",
    0,
    plain(0).replace("learning_rate=self.learning_rate, beta_1=self.beta_1, beta_2=self.beta_2",
                     "self.beta_1, self.beta_2, self.learning_rate"),
    "other optimizer",
    "adam",
    "arguments in another order",
)  # fmt: skip
wrong("* 2 for ** 2", 2, changed(plain(2), ("(norm - 1.0) ** 2", "(norm - 1.0) * 2")), "not squared", "penalty",
      "twice (norm - 1)")  # fmt: skip
wrong("a norm near lambda", 2, changed(plain(2), ("(norm - 1.0) ** 2", "(norm - self.lambda_gp) ** 2")),
      "no minus one", "penalty", "subtracts lambda_gp")  # fmt: skip
wrong(
    "noise around the real examples",
    2,
    changed(
        plain(2),
        ("return u * real_sample + (tf.ones(self.scal_shape) - u) * fake_sample",
         "return real_sample + .1 * tf.random.uniform(tf.shape(real_sample))"),
    ),
    "points",
    "interpolation",
    "stays near its real example",
)  # fmt: skip
wrong(
    "the penalty in the generator's loss, too",
    2,
    changed(
        plain(2),
        ("            gen_loss = self.generator.loss(self.discriminator(fake, training=True))\n",
         "            gen_loss = self.generator.loss(self.discriminator(fake, training=True))\n"
         "            gen_loss += self.lambda_gp * self.gradient_penalty(fake)\n"),
    ),
    "penalty not minimised",
    "generator_loss",
    "the penalty is the critic's alone",
)  # fmt: skip
wrong(
    "the penalty in the first iteration only",
    2,
    changed(
        plain(2),
        ("        for _ in range(self.disc_iter):", "        for k in range(self.disc_iter):"),
        ("discr_loss + self.lambda_gp * gp", "discr_loss + (self.lambda_gp if k == 0 else 0.) * gp"),
    ),
    "penalty not minimised",
    "penalty_points",
    "missing in some of the disc_iter updates",
)

# ------------------------------------- callables of the constructor, and causes that look like others

BETA = "        self.beta_1 = .5\n"

right(
    "train_step is a lambda of the constructor",
    0,
    changed(
        plain(0),
        ("    def train_step(self, useless_argument):", "    def one_round(self):"),
        (BETA, BETA + "        self.train_step = lambda data: self.one_round()\n"),
    ),
    "other classes",
)
right(
    "the methods are partial functions of the constructor",
    2,
    plain(2)
    .replace("    def ", "    def _")
    .replace("def ___init__", "def __init__")
    .replace("import numpy as np\n", "import numpy as np\nfrom functools import partial\n")
    .replace("        super().__init__()\n", "        super().__init__()\n"
             + "".join(f"        self.{name} = partial(self._{name})\n" for name in METHODS)),
    "other classes",
)  # fmt: skip
right(
    "replace_weights is a lambda of the constructor",
    4,
    changed(
        plain(2),
        ("        self.beta_1 = .3\n",
         "        self.beta_1 = .3\n        self.replace_weights = lambda g, d: (\n"
         "            self.generator.load_weights(g), self.discriminator.load_weights(d))\n"),
    ),
    "other classes",
)  # fmt: skip
right("names that Keras would give in a later call", 3,
      bases.PAIR_FUNCTIONAL.replace('"tanh", name="activation_3"', '"tanh"'), "layer names")  # fmt: skip
right(
    "networks that are classes of their own",
    3,
    """\
import tensorflow as tf
from tensorflow.keras import Model, layers as L


class Up(Model):
    def __init__(self):
        super().__init__()
        self.begin, self.fold, self.up = L.Dense(2048, activation="tanh"), L.Reshape((2, 2, 512)), L.UpSampling2D()
        self.convolutions, self.normalisations = [], []
        for filters in (64, 16, 1):
            self.convolutions.append(L.Conv2D(filters, 3, padding="same"))
            self.normalisations.append(L.BatchNormalization())

    def call(self, z, training=None):
        h = self.fold(self.begin(z))
        for convolution, normalisation in zip(self.convolutions, self.normalisations):
            h = tf.tanh(normalisation(convolution(self.up(h)), training=training))
        return h


class Down(Model):
    def __init__(self):
        super().__init__()
        self.convolutions = [L.Conv2D(filters, 3, padding="same") for filters in (32, 64, 128, 256)]
        self.pool, self.flatten, self.end = L.MaxPooling2D(), L.Flatten(), L.Dense(1, activation="tanh")

    def call(self, x, training=None):
        for convolution in self.convolutions:
            x = tf.tanh(self.pool(convolution(x)))
        return self.end(self.flatten(x))


def convolutional_GenDiscr():
    return Up(), Down()
""",
    "networks inside",
)
wrong(
    "a lambda of the constructor, which forgets disc_iter",
    1,
    changed(
        plain(1),
        ("    def train_step(self, useless_argument):", "    def one_round(self):"),
        (BETA, BETA + "        self.train_step = lambda data: self.one_round()\n"),
        ("range(self.disc_iter)", "range(1)"),
    ),
    "disc_iter ignored",
    "updates",
    "1 update of the discriminator",
)
wrong(
    "the discriminator is frozen and never thawed",
    0,
    changed(plain(0), (BETA, BETA + "        discriminator.trainable = False\n")),
    "not filled in",
    "runs",
    "no variables",
    "trainable is False",
)
wrong(
    "noise on what the critic sees",
    1,
    changed(plain(1), ("real_out = self.discriminator(real,",
                       "real = tf.cast(real, tf.float32)\n                "
                       "real_out = self.discriminator(real + tf.random.normal(tf.shape(real), stddev=.05),")),
    "other scores",
    "discriminator_loss",
    "not given real examples as they are",
)  # fmt: skip
wrong(
    "gradients times the learning rate",
    2,
    changed(plain(2), ("zip(d_grads, self", "zip([self.learning_rate * g for g in d_grads], self")),
    "another distance",
    "discriminator_loss",
    "times learning_rate",
)
wrong(
    "the penalty at both ends",
    2,
    changed(plain(2), ("gp = self.gradient_penalty(between)",
                       "gp = (self.gradient_penalty(real) + self.gradient_penalty(fake)) / 2")),
    "points",
    "penalty_points",
    "0.5 times at the real examples",
)  # fmt: skip

# ---------------------------------------- what looked like something else, and what was not seen

right(
    "sizes that are tensors",
    0,
    changed(plain(0), ("                fake = self.get_fake_sample(training=True)\n                real_out",
                       "                fake = self.generator(self.latent_generator(tf.shape(real)[0]))\n"
                       "                real_out")),
    "other draws",
)  # fmt: skip
wrong(
    "no squares",
    0,
    changed(plain(0), (bases.PLAIN_LOSSES[0][1], "tf.reduce_mean(x - 1) + tf.reduce_mean(y + 1)")),
    "another distance",
    "discriminator_loss",
    "without their squares",
)
wrong(
    "lambda is always 5",
    2,
    changed(plain(2), ("        self.lambda_gp = lambda_gp\n", "        self.lambda_gp = 5\n")),
    "no lambda",
    "penalty_in_loss",
    "5, whatever lambda_gp is",
)
wrong(
    "the argument of train_step as real sample",
    0,
    changed(plain(0), ("real = self.get_real_sample()", "real = useless_argument")),
    "sample in the loss",
    "runs",
    "uses its argument useless_argument",
)
wrong("clips without assigning", 1, changed(plain(1), ("w.assign(tf.clip_by_value(w, -1.0, 1.0))",
      "w = tf.clip_by_value(w, -1.0, 1.0)")), "not clipped", "clip", "must be assigned")  # fmt: skip
wrong(
    "clipped normal weights",
    2,
    changed(
        plain(2),
        ("u = tf.random.uniform(self.scal_shape)",
         "u = tf.clip_by_value(tf.random.normal(self.scal_shape, .5, .3), 0, 1)"),
    ),
    "weight normal",
    "interpolation",
    "are cut there",
)  # fmt: skip
wrong(
    "a penalty of two samples",
    2,
    changed(
        plain(2),
        ("gradient_penalty(self, interpolated_sample):\n        \"\"\"How far the slopes are from 1.\"\"\"\n",
         "gradient_penalty(self, real, fake):\n"
         "        interpolated_sample = self.get_interpolated_sample(real, fake)\n"),
        ("                between = self.get_interpolated_sample(real, fake)\n", ""),
        ("self.gradient_penalty(between)", "self.gradient_penalty(real, fake)"),
    ),
    "parameters renamed",
    "class",
    "gradient_penalty takes real and fake",
)  # fmt: skip
wrong("a loss of the first five scores", 2, changed(plain(2), ("(real_out, fake_out)", "(real_out[:5], fake_out[:5])")),
      "another distance", "discriminator_loss", "counts the first 5 of")  # fmt: skip
wrong_pair(
    "up-sampling by 4, 2 and 1",
    "other architecture",
    "generator",
    ["up-sampling is by 4, 2, 1"],
    *((f"UpSampling2D((2, 2))(h)\n        h = layers.Conv2D({n},",
       f"UpSampling2D(({size}, {size}))(h)\n        h = layers.Conv2D({n},") for n, size in ((64, 4), (1, 1))),
)  # fmt: skip
# What is done between the tape and the optimizer; a second sample in one update; residual connections.
NOISY = "g_tape.gradient(gen_loss, self.generator.trainable_variables)"
wrong(
    "noise on the generator's gradients",
    0,
    changed(plain(0), (NOISY, f"[g + tf.random.normal(g.shape, stddev=.02) for g in {NOISY}]")),
    "another distance",
    "generator_loss",
    "in each update other ones. Is it noise",
)
NOISY = "d_tape.gradient(new_discr_loss, self.discriminator.trainable_variables)"
wrong(
    "noise on the critic's gradients",
    2,
    changed(plain(2), (NOISY, f"[g + tf.random.normal(g.shape, stddev=.3) for g in {NOISY}]")),
    "another distance",
    "discriminator_loss",
    "in each update other ones. Is it noise",
)
wrong(
    "D judges the means of two fakes",
    1,
    changed(plain(1), ("self.discriminator(fake, training=True))",
                       "self.discriminator((fake + self.get_fake_sample(training=True)) / 2, training=True))")),
    "fakes reused",
    "generator_loss",
    "means of two fakes",
)  # fmt: skip
wrong_pair(
    "a residual connection",
    "other architecture",
    "generator",
    ["second block", "residual connection"],
    ('name="activation_2")(h)', 'name="activation_2")(h) + h'),
)
wrong_pair(
    "signs swapped before Flatten",
    "other architecture",
    "discriminator",
    ["last Dense layer is -1 times", "real for fake"],
    ("layers.Flatten()(h)", "layers.Flatten()(-h)"),
)
wrong_pair(
    "an Average of two layers",
    "other architecture",
    "discriminator",
    ["besides the layers of the task it has Average"],
    ('name="activation_5")(h)', 'name="activation_5")(layers.Average()([h, layers.Activation("tanh")(h)]))'),
)
right(
    "layers of layers",
    3,
    changed(
        bases.PAIR_SEQUENTIAL,
        ("\n\ndef conv", """

class Up(L.Layer):
    def __init__(self, filters):
        super().__init__()
        self.normal, self.conv = L.BatchNormalization(), L.Conv2D(filters, 3, padding="same")

    def build(self, shape):
        large = (shape[0], 2 * shape[1], 2 * shape[2], shape[3])
        self.conv.build(large)
        self.normal.build((*large[:3], self.conv.filters))
        self.built = True

    def call(self, x, training=None):
        large = tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)
        return tf.tanh(self.normal(self.conv(large), training=training))

    def compute_output_shape(self, shape):
        return (shape[0], 2 * shape[1], 2 * shape[2], self.conv.filters)


def conv"""),
        ("""        gen.add(L.UpSampling2D())
        gen.add(L.Conv2D(filters, 3, padding="same"))
        gen.add(L.BatchNormalization())
        gen.add(L.Activation(tf.nn.tanh))
""", "        gen.add(Up(filters))\n"),
    ),
    "networks inside",
)
# Losses that are other ones as long as no mean changes its sign; two arguments exchanged; one gradient used twice.
for name, loss, words in (
    ("sizes of the scores", "tf.reduce_mean(tf.abs(y)) - tf.reduce_mean(tf.abs(x))", "the sizes of D(real)"),
    ("a loss cut at 0", "tf.nn.relu(tf.reduce_mean(y) - tf.reduce_mean(x))", "cut at 0"),
):
    wrong(name, 1, changed(plain(1), (CRITIC, loss)), "another distance", "discriminator_loss", words)
wrong("latent generator and examples exchanged", 0, changed(plain(0),
      ("latent_generator,\n                 real_examples,", "real_examples,\n                 latent_generator,")),
      "parameters renamed", "construct", "stand in another order")  # fmt: skip
wrong("one gradient applied twice", 1, changed(plain(1), (D_APPLY, D_APPLY + "            " + D_APPLY)),
      "update outside loop", "updates", "the same gradients twice")  # fmt: skip
wrong_pair(
    "a pooling missing",
    "other architecture",
    "discriminator_layers",
    ["is given 1024 numbers, expected 256", "max-poolings"],
    ('h = layers.Conv2D(256, (3, 3), padding="same")(h)\n        h = layers.MaxPooling2D((2, 2))(h)\n',
     'h = layers.Conv2D(256, (3, 3), padding="same")(h)\n'),
)  # fmt: skip
wrong_pair(
    "a mean in the second pooling, and no tanh at the end",
    "last dense",
    "discriminator",
    ["its last Dense layer has no tanh, and the pooling of the second block takes the mean"],
    ('h = layers.Conv2D(64, (3, 3), padding="same")(h)\n        h = layers.MaxPooling2D((2, 2))(h)\n',
     'h = layers.Conv2D(64, (3, 3), padding="same")(h)\n        h = layers.AveragePooling2D((2, 2))(h)\n'),
    ('Dense(1, activation="tanh")', "Dense(1)"),
)  # fmt: skip
wrong("task 1 under the name of task 2", 2, plain(1).replace("WGAN_clip", "WGAN_GP"), "penalty not minimised",
      "penalty_in_loss", "has no gradient penalty: add the methods")  # fmt: skip
# What is right in the first update of a step, and wrong in a later one.
LATER = ("        for _ in range(self.disc_iter):", "        for k in range(self.disc_iter):")
D_GRADS = "d_tape.gradient(discr_loss, self.discriminator.trainable_variables)"
wrong("gradients whose sign turns", 1, changed(plain(1), LATER, (D_GRADS, f"[g * (-1) ** k for g in {D_GRADS}]")),
      "another distance", "discriminator_loss", "in other updates than the first")  # fmt: skip
wrong("targets that turn", 0, changed(plain(0), LATER, ("self.discriminator.loss(real_out, fake_out)",
      "self.discriminator.loss(*((real_out, fake_out) if k % 2 == 0 else (fake_out, real_out)))")),
      "another distance", "discriminator_loss", "in a later one that of something else")  # fmt: skip
ENTRIES = RIGHT + WRONG
