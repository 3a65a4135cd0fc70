"""Right solutions, each task written in two or three ways; solutions.py changes a line or two of one to make another.

`plain(task)` follows the order of the course's comments; `tidy(task)` has methods for the losses and one function for a
descent; `dense(task)` writes everything into the step. `pair_functional` and `pair_sequential` are task 3, `faces` and
`faces_by_hand` are task 4.
"""

NAMES = {0: "Simple_GAN", 1: "WGAN_clip", 2: "WGAN_GP"}


def changed(text, *changes):
    """The text with every (old, new) replaced; each old part must stand in it exactly once."""
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{text.count(old)} times in the text instead of once: {old!r}")
        text = text.replace(old, new)
    return text


def without(text, *blocks):
    """The text without these parts, each of which must stand in it exactly once."""
    return changed(text, *((block, "") for block in blocks))


# ---------------------------------------------------------------- plain

PLAIN = '''\
#!/usr/bin/env python3
"""A GAN."""
import tensorflow as tf
from tensorflow import keras
import numpy as np
import matplotlib.pyplot as plt


class NAME(keras.Model):
    """A pair of networks that train each other."""

    def __init__(self, generator, discriminator, latent_generator,
                 real_examples, batch_size=200, disc_iter=2,
                 learning_rate=.005):
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.latent_generator = latent_generator
        self.real_examples = real_examples
        self.batch_size = batch_size
        self.disc_iter = disc_iter
        self.learning_rate = learning_rate
        self.beta_1 = .5
        self.beta_2 = .9

        self.generator.loss = lambda x: GEN_LOSS
        self.generator.optimizer = keras.optimizers.Adam(
            learning_rate=self.learning_rate, beta_1=self.beta_1, beta_2=self.beta_2)
        self.generator.compile(optimizer=generator.optimizer, loss=generator.loss)

        self.discriminator.loss = lambda x, y: DISCR_LOSS
        self.discriminator.optimizer = keras.optimizers.Adam(
            learning_rate=self.learning_rate, beta_1=self.beta_1, beta_2=self.beta_2)
        self.discriminator.compile(optimizer=discriminator.optimizer, loss=discriminator.loss)

    def get_fake_sample(self, size=None, training=False):
        """Fakes."""
        if not size:
            size = self.batch_size
        return self.generator(self.latent_generator(size), training=training)

    def get_real_sample(self, size=None):
        """Real examples, in random order."""
        if not size:
            size = self.batch_size
        order = tf.random.shuffle(tf.range(tf.shape(self.real_examples)[0]))
        return tf.gather(self.real_examples, order[:size])

    def train_step(self, useless_argument):
        """Updates of the discriminator, then one of the generator."""
        for _ in range(self.disc_iter):
            with tf.GradientTape() as d_tape:
                real = self.get_real_sample()
                fake = self.get_fake_sample(training=True)
                real_out = self.discriminator(real, training=True)
                fake_out = self.discriminator(fake, training=True)
                discr_loss = self.discriminator.loss(real_out, fake_out)
            d_grads = d_tape.gradient(discr_loss, self.discriminator.trainable_variables)
            self.discriminator.optimizer.apply_gradients(zip(d_grads, self.discriminator.trainable_variables))

        with tf.GradientTape() as g_tape:
            fake = self.get_fake_sample(training=True)
            gen_loss = self.generator.loss(self.discriminator(fake, training=True))
        g_grads = g_tape.gradient(gen_loss, self.generator.trainable_variables)
        self.generator.optimizer.apply_gradients(zip(g_grads, self.generator.trainable_variables))

        return {"discr_loss": discr_loss, "gen_loss": gen_loss}
'''
PLAIN_LOSSES = {
    0: (
        "tf.keras.losses.MeanSquaredError()(x, tf.ones(x.shape))",
        "(tf.keras.losses.MeanSquaredError()(x, tf.ones(x.shape))\n"
        "            + tf.keras.losses.MeanSquaredError()(y, -1 * tf.ones(y.shape)))",
    ),
    1: ("-tf.math.reduce_mean(x)", "tf.math.reduce_mean(y) - tf.math.reduce_mean(x)"),
}
PLAIN_LOSSES[2] = PLAIN_LOSSES[1]
D_APPLY = "self.discriminator.optimizer.apply_gradients(zip(d_grads, self.discriminator.trainable_variables))\n"
G_APPLY = "self.generator.optimizer.apply_gradients(zip(g_grads, self.generator.trainable_variables))\n"
PLAIN_CLIP = """\
            for w in self.discriminator.trainable_variables:
                w.assign(tf.clip_by_value(w, -1.0, 1.0))
"""
PLAIN_SHAPES = """\
        self.lambda_gp = lambda_gp
        self.dims = self.real_examples.shape
        self.len_dims = tf.size(self.dims)
        self.axis = tf.range(1, self.len_dims, delta=1, dtype="int32")
        self.scal_shape = self.dims.as_list()
        self.scal_shape[0] = self.batch_size
        for k in range(1, self.len_dims):
            self.scal_shape[k] = 1
        self.scal_shape = tf.convert_to_tensor(self.scal_shape)
"""
PLAIN_PENALTY = '''\
    def get_interpolated_sample(self, real_sample, fake_sample):
        """Points between real and fake."""
        u = tf.random.uniform(self.scal_shape)
        return u * real_sample + (tf.ones(self.scal_shape) - u) * fake_sample

    def gradient_penalty(self, interpolated_sample):
        """How far the slopes are from 1."""
        with tf.GradientTape() as gp_tape:
            gp_tape.watch(interpolated_sample)
            pred = self.discriminator(interpolated_sample, training=True)
        grads = gp_tape.gradient(pred, [interpolated_sample])[0]
        norm = tf.sqrt(tf.reduce_sum(tf.square(grads), axis=self.axis))
        return tf.reduce_mean((norm - 1.0) ** 2)

'''


def plain(task):
    gen_loss, discr_loss = PLAIN_LOSSES[task]
    text = changed(PLAIN, ("NAME", NAMES[task]), ("GEN_LOSS", gen_loss), ("DISCR_LOSS", discr_loss))
    if task == 1:
        text = changed(text, (D_APPLY, D_APPLY + PLAIN_CLIP))
    if task == 2:
        text = changed(
            text,
            ("learning_rate=.005)", "learning_rate=.005, lambda_gp=10)"),
            ("        self.beta_1 = .5\n", "        self.beta_1 = .3\n"),
            ("        self.beta_2 = .9\n", "        self.beta_2 = .9\n" + PLAIN_SHAPES),
            ("    def train_step(", PLAIN_PENALTY + "    def train_step("),
            (
                "loss(real_out, fake_out)\n",
                "loss(real_out, fake_out)\n"
                "                between = self.get_interpolated_sample(real, fake)\n"
                "                gp = self.gradient_penalty(between)\n"
                "                new_discr_loss = discr_loss + self.lambda_gp * gp\n",
            ),
            ("d_tape.gradient(discr_loss,", "d_tape.gradient(new_discr_loss,"),
            ('"gen_loss": gen_loss}', '"gen_loss": gen_loss, "gp": gp}'),
        )
    return text


# ----------------------------------------------------------------- tidy

TIDY = '''\
"""Adversarial training, with one method for each thing."""

import tensorflow as tf
import tensorflow.keras as K


class NAME(K.Model):
    def __init__(self, generator, discriminator, latent_generator, real_examples,
                 batch_size=200, disc_iter=2, learning_rate=0.005):
        super(NAME, self).__init__()
        self.latent_generator, self.real_examples = latent_generator, real_examples
        self.generator, self.discriminator = generator, discriminator
        self.batch_size, self.disc_iter, self.learning_rate = batch_size, disc_iter, learning_rate
        self.beta1, self.beta2 = BETA_1, 0.9
        self.g_opt, self.d_opt = self.new_optimizer(), self.new_optimizer()
        self.generator.loss, self.discriminator.loss = self.generator_loss, self.discriminator_loss
        self.generator.optimizer, self.discriminator.optimizer = self.g_opt, self.d_opt

    def new_optimizer(self):
        return K.optimizers.Adam(self.learning_rate, beta_1=self.beta1, beta_2=self.beta2)

    def generator_loss(self, fake_scores):
        return GEN_LOSS

    def discriminator_loss(self, fake_scores, real_scores):
        return DISCR_LOSS

    def get_real_sample(self, size=None):
        n = self.batch_size if size is None else size
        return tf.random.shuffle(self.real_examples)[:n]

    def get_fake_sample(self, size=None, training=False):
        n = self.batch_size if size is None else size
        return self.generator(self.latent_generator(n), training=training)

    def descend(self, network, optimizer, loss_of):
        weights = network.trainable_weights
        with tf.GradientTape() as tape:
            loss = loss_of()
            slopes = tape.gradient(loss, weights)
        optimizer.apply_gradients([(s, w) for s, w in zip(slopes, weights) if s is not None])
        return loss

    def critic_objective(self):
        fake, real = self.get_fake_sample(), self.get_real_sample()
        return self.discriminator_loss(self.discriminator(fake), self.discriminator(real))

    def maker_objective(self):
        return self.generator_loss(self.discriminator(self.get_fake_sample()))

    def train_step(self, data):
        for _ in range(self.disc_iter):
            discr_loss = self.descend(self.discriminator, self.d_opt, self.critic_objective)
        gen_loss = self.descend(self.generator, self.g_opt, self.maker_objective)
        return dict(discr_loss=discr_loss, gen_loss=gen_loss)
'''
TIDY_LOSSES = {
    0: (
        "tf.reduce_mean(tf.square(fake_scores - 1))",
        "tf.reduce_mean(tf.square(fake_scores + 1)) + tf.reduce_mean(tf.square(real_scores - 1))",
    ),
    1: ("-tf.reduce_mean(fake_scores)", "tf.reduce_mean(fake_scores - real_scores)"),
}
TIDY_LOSSES[2] = TIDY_LOSSES[1]
TIDY_PENALTY = """\
    def get_interpolated_sample(self, a, b):
        t = tf.random.uniform(self.scal_shape)
        return b + t * (a - b)

    def gradient_penalty(self, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = self.discriminator(x)
        g = tape.gradient(y, x)
        length = tf.sqrt(tf.reduce_sum(g * g, axis=self.axis) + 1e-12)
        return tf.reduce_mean(tf.square(length - 1))

"""


def tidy(task):
    gen_loss, discr_loss = TIDY_LOSSES[task]
    text = TIDY.replace("NAME", NAMES[task])
    text = changed(text, ("GEN_LOSS", gen_loss), ("DISCR_LOSS", discr_loss), ("BETA_1", "0.3" if task == 2 else "0.5"))
    if task == 1:
        text = changed(
            text,
            (
                "self.critic_objective)\n",
                "self.critic_objective)\n"
                "            for layer in self.discriminator.layers:\n"
                "                for w in layer.trainable_weights:\n"
                "                    w.assign(tf.clip_by_value(w, -1, 1))\n",
            ),
        )
    if task == 2:
        text = changed(
            text,
            ("learning_rate=0.005)", "learning_rate=0.005, lambda_gp=10)"),
            (
                "        self.g_opt, self.d_opt = self.new",
                "        self.lambda_gp = lambda_gp\n"
                "        self.dims = real_examples.shape\n"
                "        self.len_dims = len(self.dims)\n"
                "        self.axis = tuple(range(1, self.len_dims))\n"
                "        self.scal_shape = [batch_size] + [1] * (self.len_dims - 1)\n"
                "        self.g_opt, self.d_opt = self.new",
            ),
            ("    def descend(", TIDY_PENALTY + "    def descend("),
            (
                "        return self.discriminator_loss(self.discriminator(fake), self.discriminator(real))\n",
                "        self.parts = (self.discriminator_loss(self.discriminator(fake), self.discriminator(real)),\n"
                "                      self.gradient_penalty(self.get_interpolated_sample(real, fake)))\n"
                "        return self.parts[0] + self.lambda_gp * self.parts[1]\n",
            ),
            ("            discr_loss = self.descend(", "            self.descend("),
            (
                "        return dict(discr_loss=discr_loss, gen_loss=gen_loss)",
                "        discr_loss, gp = self.parts\n"
                "        return dict(discr_loss=discr_loss, gen_loss=gen_loss, gp=gp)",
            ),
        )
    return text


# ---------------------------------------------------------------- dense

DENSE = """\
import keras
import tensorflow as tf


class NAME(keras.Model):
    def __init__(self, generator, discriminator, latent_generator, real_examples, batch_size=200, disc_iter=2,
                 learning_rate=.005EXTRA):
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.latent_generator = latent_generator
        self.real_examples = real_examples
        self.batch_size = batch_size
        self.disc_iter = disc_iter
        self.learning_rate = learning_rate
SHAPES
        for net in (self.generator, self.discriminator):
            net.optimizer = keras.optimizers.Adam(learning_rate=learning_rate, beta_1=BETA_1, beta_2=.9)

    def get_fake_sample(self, size=None, training=True):
        return self.generator(self.latent_generator(size or self.batch_size), training=training)

    def get_real_sample(self, size=None):
        indices = tf.random.shuffle(tf.range(len(self.real_examples)))[:size or self.batch_size]
        return tf.gather(self.real_examples, indices, axis=0)
PENALTY
    @tf.function
    def train_step(self, _):
        D, G = self.discriminator, self.generator
        for i in range(self.disc_iter):
            x = self.get_real_sample()
            y = self.get_fake_sample()
            with tf.GradientTape() as t:
                Dy, Dx = D(y, training=False), D(x, training=False)
                a = DISCR_LOSS
            D.optimizer.apply_gradients(zip(t.gradient(LOSS, D.trainable_variables), D.trainable_variables))
        with tf.GradientTape() as t:
            y = self.get_fake_sample()
            Dy = D(y, training=False)
            b = GEN_LOSS
        G.optimizer.apply_gradients(zip(t.gradient(b, G.trainable_variables), G.trainable_variables))
        return {"gen_loss": b, "discr_loss": aGP}
"""
DENSE_LOSSES = {
    0: (
        "tf.reduce_mean((Dy - tf.ones_like(Dy)) ** 2)",
        "tf.reduce_mean((Dx - tf.ones_like(Dx)) ** 2) + tf.reduce_mean((Dy + tf.ones_like(Dy)) ** 2)",
    ),
    1: ("tf.reduce_mean(-Dy)", "tf.reduce_mean(Dy) - tf.reduce_mean(Dx)"),
}
DENSE_LOSSES[2] = DENSE_LOSSES[1]


def dense(task):
    gen_loss, discr_loss = DENSE_LOSSES[task]
    text = changed(
        DENSE,
        ("NAME", NAMES[task]),
        ("EXTRA", ", lambda_gp=10" if task == 2 else ""),
        (
            "SHAPES\n",
            "        self.lambda_gp = lambda_gp\n        self.dims = self.real_examples.shape\n" if task == 2 else "",
        ),
        ("BETA_1", ".3" if task == 2 else ".5"),
        (
            "PENALTY",
            """
    def get_interpolated_sample(self, real_sample, fake_sample):
        n = tf.shape(real_sample)[0]
        e = tf.random.uniform(tf.concat([[n], tf.ones(len(self.dims) - 1, "int32")], 0), 0.0, 1.0)
        return (1 - e) * real_sample + e * fake_sample

    def gradient_penalty(self, interpolated_sample):
        with tf.GradientTape() as t:
            t.watch(interpolated_sample)
            p = self.discriminator(interpolated_sample)
        g = t.gradient(p, interpolated_sample)
        g = tf.reshape(g, (tf.shape(g)[0], -1))
        return tf.reduce_mean(tf.pow(tf.norm(g, axis=1) - 1.0, 2))
"""
            if task == 2
            else "",
        ),
        ("DISCR_LOSS", discr_loss),
        ("LOSS, D.", "c, D." if task == 2 else "a, D."),
        ("GEN_LOSS", gen_loss),
        ("aGP}", 'a, "gp": p}' if task == 2 else "a}"),
    )
    line = f"                a = {discr_loss}\n"
    if task == 1:
        descent = "D.trainable_variables), D.trainable_variables))\n"
        clip = "            [w.assign(tf.clip_by_value(w, -1., 1.)) for w in D.trainable_weights]\n"
        text = changed(text, (descent, descent + clip))
    if task == 2:
        text = changed(
            text,
            (
                line,
                line + "                p = self.gradient_penalty(self.get_interpolated_sample(x, y))\n"
                "                c = a + p * self.lambda_gp\n",
            ),
        )
    return text


# --------------------------------------------------------------- task 3

PAIR_FUNCTIONAL = '''\
#!/usr/bin/env python3
"""Convolutional networks."""
from tensorflow import keras
from tensorflow.keras import layers


def convolutional_GenDiscr():
    """A generator and a discriminator."""

    def get_generator():
        z = keras.Input(shape=(16,))
        h = layers.Dense(2048, activation="tanh")(z)
        h = layers.Reshape((2, 2, 512))(h)
        h = layers.UpSampling2D((2, 2))(h)
        h = layers.Conv2D(64, (3, 3), padding="same")(h)
        h = layers.BatchNormalization()(h)
        h = layers.Activation("tanh", name="activation_1")(h)
        h = layers.UpSampling2D((2, 2))(h)
        h = layers.Conv2D(16, (3, 3), padding="same")(h)
        h = layers.BatchNormalization()(h)
        h = layers.Activation("tanh", name="activation_2")(h)
        h = layers.UpSampling2D((2, 2))(h)
        h = layers.Conv2D(1, (3, 3), padding="same")(h)
        h = layers.BatchNormalization()(h)
        h = layers.Activation("tanh", name="activation_3")(h)
        return keras.Model(z, h, name="generator")

    def get_discriminator():
        x = keras.Input(shape=(16, 16, 1))
        h = layers.Conv2D(32, (3, 3), padding="same")(x)
        h = layers.MaxPooling2D((2, 2))(h)
        h = layers.Activation("tanh", name="activation_4")(h)
        h = layers.Conv2D(64, (3, 3), padding="same")(h)
        h = layers.MaxPooling2D((2, 2))(h)
        h = layers.Activation("tanh", name="activation_5")(h)
        h = layers.Conv2D(128, (3, 3), padding="same")(h)
        h = layers.MaxPooling2D((2, 2))(h)
        h = layers.Activation("tanh", name="activation_6")(h)
        h = layers.Conv2D(256, (3, 3), padding="same")(h)
        h = layers.MaxPooling2D((2, 2))(h)
        h = layers.Activation("tanh", name="activation_7")(h)
        h = layers.Flatten()(h)
        h = layers.Dense(1, activation="tanh")(h)
        return keras.Model(x, h, name="discriminator")

    return get_generator(), get_discriminator()
'''
PAIR_SEQUENTIAL = """\
import tensorflow as tf

L = tf.keras.layers


def convolutional_GenDiscr():
    gen = tf.keras.Sequential([tf.keras.Input((16,)), L.Dense(2 * 2 * 512), L.Activation(tf.nn.tanh)], name="G")
    gen.add(L.Reshape((2, 2, 512)))
    for filters in [64, 16, 1]:
        gen.add(L.UpSampling2D())
        gen.add(L.Conv2D(filters, 3, padding="same"))
        gen.add(L.BatchNormalization())
        gen.add(L.Activation(tf.nn.tanh))

    discr = tf.keras.Sequential([tf.keras.Input((16, 16, 1))], name="D")
    for filters in [32, 64, 128, 256]:
        discr.add(L.Conv2D(filters, kernel_size=3, padding="same", activation="tanh"))
        discr.add(L.MaxPool2D())
    discr.add(L.Flatten())
    discr.add(L.Dense(1, activation=tf.nn.tanh))

    return gen, discr
"""

# --------------------------------------------------------------- task 4

FACES = (
    plain(2)
    + '''
    def replace_weights(self, gen_h5, disc_h5):
        """Take the weights of both networks from files."""
        self.generator.load_weights(gen_h5)
        self.discriminator.load_weights(disc_h5)
'''
)
FACES_BY_HAND = (
    changed(dense(2), ("import keras\n", "import h5py\nimport keras\n"))
    + """
    def replace_weight(self, gen_h5, disc_h5):
        for network, path in ((self.generator, gen_h5), (self.discriminator, disc_h5)):
            with h5py.File(path, "r") as file:
                arrays = []
                for layer in file.attrs["layer_names"]:
                    group = file[layer.decode() if isinstance(layer, bytes) else layer]
                    arrays += [group[name][()] for name in group.attrs["weight_names"]]
            network.set_weights(arrays)
"""
)
