"""The course's pseudo code turned into Keras models in the plainest way, trained by plain Keras.

What a student would hand in, with none of the package: the classes of the tasks must train exactly as these do.
"""

import tensorflow as tf
from tensorflow import keras


class PlainGAN(keras.Model):
    """What the three have in common; `losses` holds the two functions that define the game."""

    beta_1 = .5

    def __init__(self, generator, discriminator, latent_generator, real_examples, batch_size=200, disc_iter=2,
                 learning_rate=.005):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.latent_generator, self.real_examples = latent_generator, real_examples
        self.batch_size, self.disc_iter = batch_size, disc_iter
        self.optimizers = [keras.optimizers.Adam(learning_rate=learning_rate, beta_1=self.beta_1, beta_2=.9)
                           for _ in range(2)]

    def real_sample(self):
        order = tf.random.shuffle(tf.range(tf.shape(self.real_examples)[0]))
        return tf.gather(self.real_examples, order[:self.batch_size])

    def fake_sample(self):
        return self.generator(self.latent_generator(self.batch_size), training=True)

    def update(self, which, tape, loss):
        variables = (self.generator, self.discriminator)[which].trainable_variables
        self.optimizers[which].apply_gradients(zip(tape.gradient(loss, variables), variables))

    def train_step(self, unused):
        for _ in range(self.disc_iter):
            with tf.GradientTape() as tape:
                real, fake = self.real_sample(), self.fake_sample()
                discr_loss, gp, penalized = self.critic_losses(real, fake)
            self.update(1, tape, penalized)
            self.after_update()
        with tf.GradientTape() as tape:
            gen_loss = self.generator_loss(self.discriminator(self.fake_sample(), training=True))
        self.update(0, tape, gen_loss)
        return {"discr_loss": discr_loss, "gen_loss": gen_loss, **gp}

    def critic_losses(self, real, fake):
        loss = self.discriminator_loss(self.discriminator(real, training=True), self.discriminator(fake, training=True))
        return loss, {}, loss

    def after_update(self):
        pass


class PlainSimpleGAN(PlainGAN):
    def generator_loss(self, x):
        return keras.losses.MeanSquaredError()(x, tf.ones(x.shape))

    def discriminator_loss(self, x, y):
        distance = keras.losses.MeanSquaredError()
        return distance(x, tf.ones(x.shape)) + distance(y, -1 * tf.ones(y.shape))


class PlainWGANClip(PlainGAN):
    def generator_loss(self, x):
        return -tf.math.reduce_mean(x)

    def discriminator_loss(self, x, y):
        return tf.math.reduce_mean(y) - tf.math.reduce_mean(x)

    def after_update(self):
        for variable in self.discriminator.trainable_variables:
            variable.assign(tf.clip_by_value(variable, -1, 1))


class PlainWGANGP(PlainGAN):
    beta_1 = .3
    lambda_gp = 10
    generator_loss = PlainWGANClip.generator_loss
    discriminator_loss = PlainWGANClip.discriminator_loss

    def critic_losses(self, real, fake):
        u = tf.random.uniform([self.batch_size] + [1] * (len(real.shape) - 1))
        between = u * real + (1 - u) * fake
        loss, _, _ = super().critic_losses(real, fake)
        with tf.GradientTape() as tape:
            tape.watch(between)
            values = self.discriminator(between, training=True)
        slope = tape.gradient(values, between)
        norm = tf.sqrt(tf.reduce_sum(tf.square(slope), axis=list(range(1, len(real.shape)))))
        gp = tf.reduce_mean((norm - 1) ** 2)
        return loss, {"gp": gp}, loss + self.lambda_gp * gp
