"""Task 1: a Wasserstein GAN, its discriminator (the "critic") kept Lipschitz by clipping its weights.

The critic no longer says real or fake: it learns a function whose mean on real examples lies as far as possible above
its mean on fake ones. Among the functions of slope at most 1 the largest such gap is the Wasserstein distance of the
two distributions; weights in [-1, 1] keep the slope bounded.

Arjovsky, Chintala and Bottou (2017), Wasserstein GAN, https://arxiv.org/abs/1701.07875.
"""

import os
import sys

import tensorflow as tf

sys.path.insert(0, os.path.dirname(os.path.abspath(globals().get("__file__", "cell"))))  # gan stands beside this file
from gan.model import GAN


class WGAN_clip(GAN):
    """The GAN of task 1. Arguments, attributes and samples: see `gan.model.GAN`."""

    @staticmethod
    def generator_loss(x):
        """x = D(fake), shape (batch, 1). Returns a scalar."""
        # Fill this in:
        # the opposite of the mean of x
        raise NotImplementedError("generator_loss is not filled in yet")

    @staticmethod
    def discriminator_loss(x, y):
        """x = D(real), y = D(fake), shape (batch, 1) each. Returns a scalar."""
        # Fill this in:
        # small where the critic's values of real examples lie above those of fake ones: a difference of means
        raise NotImplementedError("discriminator_loss is not filled in yet")

    def train_step(self, useless_argument):
        """As in task 0, and after each of its updates the critic's weights are clipped to [-1, 1]."""
        # Fill this in:
        # disc_iter times:
        #     draw a real and a fake sample
        #     in a tape that watches the discriminator's weights: its values of both samples,
        #         the loss of these values
        #     one update of the discriminator by its optimizer
        #     clip every weight of the discriminator to [-1, 1]
        # then once:
        #     in a tape that watches the generator's weights: a fresh fake sample, the discriminator's values of it,
        #         the loss of these values
        #     one update of the generator by its optimizer
        # return a dictionary of the last losses: "discr_loss" and "gen_loss"
        raise NotImplementedError("train_step is not filled in yet")
