"""What the systems of `beyond` share.

Pictures
* `data`: digits, clothes, faces, folders of pictures.
* `pairs`: pictures before and after a change, for what turns one picture into another.
* `drawn_style`: photographs as if somebody had drawn them.

Networks and training
* `base`, `cross_entropy`, `blocks`: pieces of the train_steps, the losses of most GANs here, pieces of the networks.
* `classes`: the GANs that are asked for a class.
* `translators`: networks and errors of what turns one picture into another.
* `unpaired`: the same without pairs: four networks, and how well they do it.
* `training`: seeds, progress, pictures on the way, checkpoints.

What is measured
* `classifier`: a small one: features and classes to measure by, a target to attack.
* `features`: attributes of drawn faces, and features for losses that look at content.
* `measures`, `diagnosis`: how good and how varied pictures are; what went wrong in a training.
* `likeness`: how near pictures come to the truth, and how sharp they are.
* `batches`: by what a discriminator tells real from fake: by the example, or by its batch.

How a system runs; it imports these when it does
* `script`, `class_script`: the command line of a system, and its pictures.
* `figures`: sheets of pictures grey or in colour, losses of every step.
* `rows`: rows of held-out pictures, and a film of how they were learned.

What systems there are
* `catalogue`: read without TensorFlow.
* `parts`: what a system in a folder offers, by its name.
"""
