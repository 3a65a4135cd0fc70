"""The same nets, losses and updates in PyTorch, as its users would write them; for `tests.measure.benchmarks` only."""

import time

import numpy as np
import torch
from torch import nn
from torch.func import functional_call


def dense(widths, last):
    layers = []
    for wide, narrow in zip(widths, widths[1:]):
        layers += [nn.Linear(wide, narrow), nn.Tanh()]
    return nn.Sequential(*layers[:-1], last)


def convolutional():
    """The two networks of task 3."""
    up, layers = nn.Upsample(scale_factor=2), []
    for before, after in ((512, 64), (64, 16), (16, 1)):
        layers += [up, nn.Conv2d(before, after, 3, padding="same"), nn.BatchNorm2d(after), nn.Tanh()]
    generator = nn.Sequential(nn.Linear(16, 2048), nn.Tanh(), nn.Unflatten(1, (512, 2, 2)), *layers)
    layers = []
    for before, after in ((1, 32), (32, 64), (64, 128), (128, 256)):
        layers += [nn.Conv2d(before, after, 3, padding="same"), nn.MaxPool2d(2), nn.Tanh()]
    return generator, nn.Sequential(*layers, nn.Flatten(), nn.Linear(256, 1), nn.Tanh())


class Twin:
    """Simple_GAN or WGAN_GP with eager execution and the fused Adam."""

    def __init__(self, name, shape, real_examples, learning_rate, batch_size=200, disc_iter=2):
        self.penalized = name == "WGAN_GP"
        self.latent, self.batch_size, self.disc_iter = (shape or [16])[0], batch_size, disc_iter
        if shape:
            self.generator = dense(shape, nn.Sigmoid())
            self.discriminator = dense([*shape[:0:-1], 1], nn.Tanh())
        else:
            self.generator, self.discriminator = convolutional()
            real_examples = np.transpose(real_examples, (0, 3, 1, 2))
        self.real_examples = torch.from_numpy(np.ascontiguousarray(real_examples, "float32"))
        betas = (.3 if self.penalized else .5, .9)
        self.optimizers = [torch.optim.Adam(network.parameters(), learning_rate, betas, eps=1e-7, fused=True)
                           for network in (self.generator, self.discriminator)]

    def fake(self):
        return self.generator(torch.randn(self.batch_size, self.latent))

    def update(self, which, loss):
        self.optimizers[which].zero_grad()
        loss.backward(inputs=list((self.generator, self.discriminator)[which].parameters()))
        self.optimizers[which].step()

    def train_step(self):
        for _ in range(self.disc_iter):
            real = self.real_examples[torch.randperm(len(self.real_examples))[:self.batch_size]]
            with torch.no_grad():
                fake = self.fake()
            x, y = self.discriminator(real), self.discriminator(fake)
            if not self.penalized:
                self.update(1, ((x - 1) ** 2).mean() + ((y + 1) ** 2).mean())
                continue
            u = torch.rand(self.batch_size, *[1] * (real.dim() - 1))
            between = (u * real + (1 - u) * fake).requires_grad_()
            slope, = torch.autograd.grad(self.discriminator(between).sum(), between, create_graph=True)
            gp = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
            self.update(1, y.mean() - x.mean() + 10 * gp)
        values = self.discriminator(self.fake())
        self.update(0, -values.mean() if self.penalized else ((values - 1) ** 2).mean())

    def fit(self, steps):
        """The seconds that so many steps take."""
        start = time.perf_counter()
        for _ in range(steps):
            self.train_step()
        return time.perf_counter() - start


class CompiledTwin(Twin):
    """The same on dense nets with torch.compile: it does not take a gradient of a gradient by `backward`, but those of
    `torch.func` it does. Draws and Adam stay outside."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.parameters = [dict(network.named_parameters()) for network in (self.generator, self.discriminator)]
        self.gradients = [torch.compile(torch.func.grad(loss)) for loss in (self.gen_loss, self.discr_loss)]

    def gen_loss(self, parameters, latent):
        values = self.discriminator(functional_call(self.generator, parameters, latent))
        return -values.mean() if self.penalized else ((values - 1) ** 2).mean()

    def discr_loss(self, parameters, real, latent, u):
        def discriminator(rows):
            return functional_call(self.discriminator, parameters, rows)

        fake = self.generator(latent)
        x, y = discriminator(real), discriminator(fake)
        if not self.penalized:
            return ((x - 1) ** 2).mean() + ((y + 1) ** 2).mean()
        slopes = torch.func.grad(lambda rows: discriminator(rows).sum())(u * real + (1 - u) * fake)
        return y.mean() - x.mean() + 10 * ((slopes.norm(dim=1) - 1) ** 2).mean()

    def update(self, which, *numbers):
        for name, gradient in self.gradients[which](self.parameters[which], *numbers).items():
            self.parameters[which][name].grad = gradient
        self.optimizers[which].step()

    def train_step(self):
        for _ in range(self.disc_iter):
            real = self.real_examples[torch.randperm(len(self.real_examples))[:self.batch_size]]
            self.update(1, real, torch.randn(self.batch_size, self.latent), torch.rand(self.batch_size, 1))
        self.update(0, torch.randn(self.batch_size, self.latent))
