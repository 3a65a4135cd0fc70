"""Training on the course's examples."""

import functools

from gan.networks import fully_connected_GenDiscr


def example_fully_connected_GAN(chosen_type, real_examples, gen_shape, epochs, batch_size=200, steps_per_epoch=250,
                                latent_type="normal", learning_rate=.005, verbose=1, callbacks=(), run=None,
                                steps_per_execution=None):
    """Build dense networks and train a GAN of the class `chosen_type` on the real examples; returns the GAN.

    The first eight arguments are the course's; there, `batch_size` was taken and not used. `run` is a
    `gan.engine.LongRun` if the training shall store itself.
    """
    generator, discriminator, latent_generator = fully_connected_GenDiscr(gen_shape, real_examples, latent_type)
    G = chosen_type(generator, discriminator, latent_generator, real_examples, batch_size=batch_size,
                    learning_rate=learning_rate)
    G.compile(steps_per_execution=steps_per_execution)
    fit = G.fit if run is None else functools.partial(run.fit, G)
    fit(epochs=epochs, steps_per_epoch=steps_per_epoch, verbose=verbose, callbacks=callbacks)
    return G
