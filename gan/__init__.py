"""What the five tasks and their main scripts share.

* `model`: the base class of the three GANs (sampling, fit, the progress bar, weights).
* `checks`: the checks of arguments behind its error messages.
* `networks`: latent generators and fully connected networks.
* `examples`: the real examples (circle, four clouds, cloud in the corner, faces).
* `figures`: every picture and animation.
* `indicators`: numbers that say how good a generator is.
* `quality`: the same for small pictures, calibrated; the PCA generator.
* `latent`, `attributes`: walks in latent space, and directions that change a face's attribute.
* `training`: what a long training needs (averages, samples, checkpoints).
* `page`: a web page that makes faces.
* `draws`: random numbers in a compiled training step.
* `settings`: what decides a training, compared before a graph or a checkpoint is used again.
* `weight_files`: files of weights, looked at before Keras reads them and written from memory.
* `whole`: Keras's functions that would write a GAN as a whole.
* `files`: files written whole or not at all.
* `script`: what a main script needs (seeds, device, command line, output folder).
* `keras_settings`: whether Keras, as it is set up on this machine, can be used at all.
"""
