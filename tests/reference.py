"""One training step of the three classes, written a second time and independently.

Float64, plain arrays, no layer, loss or optimizer of Keras: a dense network is a list of (matrix, bias), Adam is the
formula of its paper. All that is random is given as tables.
"""

import numpy as np
import tensorflow as tf


class Adam:
    """Kingma and Ba (2014), https://arxiv.org/abs/1412.6980, in the form of the end of section 2.

    The small constant is the paper's "epsilon hat", 1e-7 in Keras.
    """

    def __init__(self, alpha, beta_1, beta_2):
        self.alpha, self.beta_1, self.beta_2 = alpha, beta_1, beta_2
        self.t = 0

    def new_weights(self, theta, gradients):
        if self.t == 0:
            self.m = [0 * w for w in theta]
            self.v = [0 * w for w in theta]
        self.t += 1
        self.m = [self.beta_1 * m + (1 - self.beta_1) * g for m, g in zip(self.m, gradients)]
        self.v = [self.beta_2 * v + (1 - self.beta_2) * g ** 2 for v, g in zip(self.v, gradients)]
        alpha_t = self.alpha * np.sqrt(1 - self.beta_2 ** self.t) / (1 - self.beta_1 ** self.t)
        return [w - alpha_t * m / (np.sqrt(v) + 1e-7) for w, m, v in zip(theta, self.m, self.v)]


def dense(x, theta, last):
    """tanh(x W + b) for every layer but the last, whose activation is `last`; theta = [W, b, W, b, ...]."""
    for W, b in zip(theta[:-2:2], theta[1:-2:2]):
        x = tf.tanh(x @ W + b)
    return last(x @ theta[-2] + theta[-1])


class ReferenceGAN:
    """Dense networks as `fully_connected_GenDiscr` makes them.

    Args:
        name: "Simple_GAN", "WGAN_clip" or "WGAN_GP".
        generator, discriminator: lists of arrays [W, b, W, b, ...].
    """

    def __init__(self, name, generator, discriminator, learning_rate, disc_iter, lambda_gp=None):
        self.name, self.disc_iter, self.lambda_gp = name, disc_iter, lambda_gp
        self.generator = [np.asarray(w, "float64") for w in generator]
        self.discriminator = [np.asarray(w, "float64") for w in discriminator]
        beta_1 = .3 if name == "WGAN_GP" else .5
        self.adam_g = Adam(learning_rate, beta_1, .9)
        self.adam_d = Adam(learning_rate, beta_1, .9)

    def train_step(self, real, latent, u=None):
        """`real`: one sample for each update of the discriminator; `latent`: those and one for the generator's;
        `u`: the interpolation weights of each update, shape (batch, 1)."""
        real, latent = np.asarray(real, "float64"), np.asarray(latent, "float64")
        for i in range(self.disc_iter):
            theta = [tf.constant(w) for w in self.discriminator]
            fake = dense(latent[i], self.generator, tf.sigmoid)
            with tf.GradientTape() as tape:
                tape.watch(theta)
                on_real, on_fake = dense(real[i], theta, tf.tanh), dense(fake, theta, tf.tanh)
                if self.name == "Simple_GAN":
                    loss = tf.reduce_mean((on_real - 1) ** 2) + tf.reduce_mean((on_fake + 1) ** 2)
                else:
                    loss = tf.reduce_mean(on_fake) - tf.reduce_mean(on_real)
                minimised = loss
                if self.name == "WGAN_GP":
                    gp = self.penalty(theta, u[i] * real[i] + (1 - u[i]) * fake)
                    minimised = loss + self.lambda_gp * gp
            gradients = [g.numpy() for g in tape.gradient(minimised, theta)]
            self.discriminator = self.adam_d.new_weights(self.discriminator, gradients)
            if self.name == "WGAN_clip":
                self.discriminator = [np.clip(w, -1, 1) for w in self.discriminator]

        theta = [tf.constant(w) for w in self.generator]
        with tf.GradientTape() as tape:
            tape.watch(theta)
            on_fake = dense(dense(latent[-1], theta, tf.sigmoid), self.discriminator, tf.tanh)
            generator_loss = tf.reduce_mean((on_fake - 1) ** 2 if self.name == "Simple_GAN" else -on_fake)
        gradients = [g.numpy() for g in tape.gradient(generator_loss, theta)]
        self.generator = self.adam_g.new_weights(self.generator, gradients)

        losses = {"discr_loss": float(loss), "gen_loss": float(generator_loss)}
        return {**losses, "gp": float(gp)} if self.name == "WGAN_GP" else losses

    def penalty(self, theta, x):
        """Mean of (|gradient| - 1)^2, the gradient of tanh networks written out layer by layer."""
        matrices, slopes = theta[::2], []
        for W, b in zip(matrices, theta[1::2]):
            x = tf.tanh(x @ W + b)
            slopes.append(1 - x ** 2)
        gradient = slopes[-1]  # (batch, 1), and one layer further down each time
        for W, slope in zip(matrices[:0:-1], slopes[-2::-1]):
            gradient = gradient @ tf.transpose(W) * slope
        gradient = gradient @ tf.transpose(matrices[0])  # (batch, coordinates)
        return tf.reduce_mean((tf.sqrt(tf.reduce_sum(gradient ** 2, axis=1)) - 1) ** 2)
