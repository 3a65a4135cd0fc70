"""What the systems of `beyond` share.

* `data`: digits, clothes, faces, folders of pictures.
* `pairs`: pictures before and after a change, for what turns one picture into another.
* `base`, `cross_entropy`, `blocks`: pieces of the train_steps, the losses of most GANs here, pieces of the networks.
* `classes`: the GANs that are asked for a class.
* `training`: seeds, progress, pictures on the way, checkpoints.
* `classifier`: a small one: features and classes to measure by, a target to attack.
* `measures`, `diagnosis`: how good and how varied pictures are; what went wrong in a training.
* `script`, `class_script`: the command line of a system, and its pictures. A system imports them when it runs.
* `figures`: sheets of pictures grey or in colour, losses of every step.
* `catalogue`: what systems there are, read without TensorFlow.
"""
