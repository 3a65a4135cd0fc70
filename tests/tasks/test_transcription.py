"""The classes train exactly as a plain transcription of the course's pseudo code does, step by step."""

import pytest
import tensorflow as tf

from gan.examples import circle_example, four_clouds_example
from gan.networks import fully_connected_GenDiscr, spheric_generator
from gan.script import set_seeds
from tests.helpers import (
    WGAN_GP,
    Recorder,
    Simple_GAN,
    WGAN_clip,
    convolutional_GenDiscr,
    difference,
    points,
    weights,
)
from tests.transcription import PlainSimpleGAN, PlainWGANClip, PlainWGANGP

# Seen in both lanes: equal to the last bit for Simple_GAN and WGAN_clip, 1e-6 for WGAN_GP (another order of sums).
# One random operation more or less changes losses by .01 and more.
TOLERANCE = 1e-5
TWINS = {Simple_GAN: PlainSimpleGAN, WGAN_clip: PlainWGANClip, WGAN_GP: PlainWGANGP}


def circle():
    return *fully_connected_GenDiscr([1, 10, 10, 2]), circle_example(1000)


def clouds():
    return *fully_connected_GenDiscr([2, 10, 10, 5]), four_clouds_example(1000)


def faces():
    return *convolutional_GenDiscr(), lambda k: spheric_generator(k, 16) * .3 + .5, tf.constant(points(41, 16, 16))


def trained(chosen_type, example, epochs, steps, compile_options, options):
    """The model after training from seed 0, the losses of each step, and the History."""
    set_seeds(0)
    G = chosen_type(*example(), **options)
    G.compile(**compile_options)
    recorder = Recorder()
    history = G.fit(G.real_examples, epochs=epochs, steps_per_epoch=steps, verbose=0, callbacks=[recorder])
    return G, recorder, history.history


@pytest.fixture(scope="module")
def plain():
    """Trains each transcription once; returns a function (class, example, ...) -> model, losses, History."""
    done = {}

    def lookup(chosen_type, example, epochs, steps, options):
        key = chosen_type, example
        if key not in done:
            done[key] = trained(TWINS[chosen_type], example, epochs, steps, {}, options)
        return done[key]
    return lookup


@pytest.mark.parametrize("chosen_type, example, epochs, steps, at_once, options", [
    (Simple_GAN, circle, 2, 30, 1, {"learning_rate": .001}),
    (Simple_GAN, circle, 2, 30, 7, {"learning_rate": .001}),
    (Simple_GAN, clouds, 2, 30, 7, {}),
    (WGAN_clip, clouds, 2, 30, 1, {}),
    (WGAN_clip, clouds, 2, 30, 7, {}),
    (WGAN_GP, circle, 2, 30, 7, {"disc_iter": 1}),
    (WGAN_GP, clouds, 2, 30, 1, {}),
    (WGAN_GP, clouds, 2, 30, 7, {}),
    (Simple_GAN, faces, 1, 3, 1, {"disc_iter": 1, "batch_size": 10, "learning_rate": .001}),
], ids=lambda value: getattr(value, "__name__", None))
def test_equals_the_transcription(plain, chosen_type, example, epochs, steps, at_once, options):
    """At the same seeds: the same losses at each step, the same weights and the same History, up to float noise."""
    other, one_by_one, other_history = plain(chosen_type, example, epochs, steps, options)
    G, recorder, history = trained(chosen_type, example, epochs, steps, {"steps_per_execution": at_once}, options)
    assert len(one_by_one.losses) == epochs * steps

    # Keras shows callbacks the last step of each execution: 7, 14, 21, 28 and 30 of an epoch of 30 by sevens.
    last = [i for i in range(steps) if (i + 1) % at_once == 0 or i + 1 == steps]
    shown = [one_by_one.losses[epoch * steps + i] for epoch in range(epochs) for i in last]
    assert len(recorder.losses) == len(shown)
    for ours, theirs in zip(recorder.losses, shown):
        assert ours == pytest.approx(theirs, abs=TOLERANCE)
    assert set(history) == set(other_history)
    for name in history:
        assert history[name] == pytest.approx(other_history[name], abs=TOLERANCE)
    for network in ("generator", "discriminator"):
        assert difference(weights(G)[network], weights(other)[network]) < TOLERANCE
