"""Task 4: the WGAN_GP of task 2, with networks that were trained before.

The class learns one thing more: to take the weights of both networks from files, written by `save_weights` of each.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(globals().get("__file__", "cell"))))  # task 2 stands beside it
_WGAN_GP = __import__("2-wgan_gp").WGAN_GP


class WGAN_GP(_WGAN_GP):
    """The GAN of task 2 with `replace_weights`."""

    def replace_weights(self, gen_h5, disc_h5):
        """Load the generator's weights from the file `gen_h5` and the discriminator's from `disc_h5`.

        The layers are matched by their order: stored names such as conv2d_42 only tell how many layers the writer
        had made before.

        Raises:
            ValueError: a file is missing, damaged or of another network; then neither network changes.
        """
        # Fill this in:
        # load the generator's weights from one file and the discriminator's from the other
        raise NotImplementedError("replace_weights is not filled in yet")

    replace_weight = replace_weights  # the name in the course's prose
