"""The same dense nets, losses and updates in JAX, many steps in one compiled loop; for the benchmarks only.

The real samples are drawn with replacement, which is less work than the course's: JAX draws without replacement by
sorting all examples, at every step.
"""

import time
from functools import partial

import jax
import jax.numpy as jnp
import optax

CHUNK = 50  # steps of one call; all numbers of steps that are measured can be divided by it, or are smaller


def network(layers, rows, last):
    for kernel, bias in layers[:-1]:
        rows = jnp.tanh(rows @ kernel + bias)
    kernel, bias = layers[-1]
    return last(rows @ kernel + bias)


def glorot(key, widths):
    """Weights as Keras starts them: a kernel and a bias a layer."""
    start = jax.nn.initializers.glorot_uniform()
    keys = jax.random.split(key, len(widths) - 1)
    return [(start(k, shape), jnp.zeros(shape[1])) for k, shape in zip(keys, zip(widths, widths[1:]))]


class Twin:
    """Simple_GAN or WGAN_GP on rows of numbers."""

    def __init__(self, name, shape, real_examples, learning_rate, batch_size=200, disc_iter=2):
        self.penalized = name == "WGAN_GP"
        self.latent, self.batch_size, self.disc_iter = shape[0], batch_size, disc_iter
        self.real_examples = jnp.asarray(real_examples, "float32")
        self.adam = optax.adam(learning_rate, b1=.3 if self.penalized else .5, b2=.9, eps=1e-7)
        networks = tuple(glorot(jax.random.key(i), widths) for i, widths in enumerate((shape, [*shape[:0:-1], 1])))
        self.state = networks, tuple(map(self.adam.init, networks)), jax.random.key(2)

    def fake(self, generator, key):
        return network(generator, jax.random.normal(key, (self.batch_size, self.latent)), jax.nn.sigmoid)

    def discr_loss(self, discriminator, generator, key):
        keys = jax.random.split(key, 3)
        real = self.real_examples[jax.random.randint(keys[0], (self.batch_size,), 0, len(self.real_examples))]
        fake = self.fake(generator, keys[1])
        x, y = network(discriminator, real, jnp.tanh), network(discriminator, fake, jnp.tanh)
        if not self.penalized:
            return ((x - 1) ** 2).mean() + ((y + 1) ** 2).mean()
        u = jax.random.uniform(keys[2], (self.batch_size, 1))
        slopes = jax.grad(lambda rows: network(discriminator, rows, jnp.tanh).sum())(u * real + (1 - u) * fake)
        return y.mean() - x.mean() + 10 * ((jnp.linalg.norm(slopes, axis=1) - 1) ** 2).mean()

    def gen_loss(self, generator, discriminator, key):
        values = network(discriminator, self.fake(generator, key), jnp.tanh)
        return -values.mean() if self.penalized else ((values - 1) ** 2).mean()

    def update(self, network, moments, gradients):
        updates, moments = self.adam.update(gradients, moments)
        return optax.apply_updates(network, updates), moments

    def train_step(self, state, _):
        (generator, discriminator), (gen_moments, discr_moments), key = state
        key, *keys = jax.random.split(key, self.disc_iter + 2)
        for one in keys[1:]:
            discriminator, discr_moments = self.update(
                discriminator, discr_moments, jax.grad(self.discr_loss)(discriminator, generator, one))
        generator, gen_moments = self.update(
            generator, gen_moments, jax.grad(self.gen_loss)(generator, discriminator, keys[0]))
        return ((generator, discriminator), (gen_moments, discr_moments), key), None

    @partial(jax.jit, static_argnums=(0, 2))
    def steps(self, state, steps):
        return jax.lax.scan(self.train_step, state, length=steps)[0]

    def fit(self, steps):
        """The seconds that so many steps take."""
        chunk = min(steps, CHUNK)
        start = time.perf_counter()
        for _ in range(steps // chunk):
            self.state = self.steps(self.state, chunk)
        jax.block_until_ready(self.state)
        return time.perf_counter() - start
