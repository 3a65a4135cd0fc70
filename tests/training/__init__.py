"""Trainings of any GAN of this package: fit, many steps a call, changes, devices, checkpoints."""
