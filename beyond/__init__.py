"""The family of networks that the five tasks belong to: one module a system, in the shape of the tasks.

A module holds a `keras.Model` with its `train_step` and, beside it, functions that build its networks. What the task
classes have (losses, clipping, penalty, samples, fit, weights) comes from them and is not written again here.

* `dense_gan`, `dcgan`: a GAN with the cross-entropy of its inventors, of dense and of convolutional networks.
* `lsgan`, `wgan`, `wgan_gp`: the same game with other losses.
* `vae`, `pixel_cnn`: two generative models that are no GANs.
* `cgan`, `sgan`, `infogan`, `acgan`: GANs that know about classes.

What they share:

* `data`: digits, clothes, faces, folders of pictures.
* `base`: a step of an optimizer, cross-entropy, accuracy, latent generators.
* `script`: command line, training and pictures of the main scripts (`mains/0-main_50.py` and on).
* `figures`: grids of pictures grey or in colour, losses of every step.
* `blocks`, `classes`, `class_script`: what the GANs with classes share.
* `measures`: how varied and how good pictures are; a classifier that knows nothing of the GAN.
* `results`: what is measured of VAE, PixelCNN and the GANs with classes.
* `diagnosis`: what went wrong in a training.
* `claims`: every claim of `beyond/README.md` measured over three seeds.
"""

import gan.script  # noqa: F401  (before TensorFlow: it keeps the start-up messages off the screen)
