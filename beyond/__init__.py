"""The family of networks that the five tasks belong to: one room a system.

A room is a module that reads from the top to the bottom: the idea, the losses, the paper; the networks; the class with
its `train_step`; how it is trained; what is measured; `main`. What the task classes have (losses, clipping, penalty,
samples, fit, weights) comes from them and is not written again here.

`python -m beyond` prints the systems, `python -m beyond.NAME --quick` runs one; `beyond.common` holds what they share,
`beyond/README.md` is the catalogue.
"""
