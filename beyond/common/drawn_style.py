"""Photographs as if somebody had drawn them: few tones, strong edges. And drawings whose edges are smoothed.

All pictures are arrays (n, h, w, channels) in [0, 1].
"""

import numpy as np
from scipy import ndimage

from beyond.common.pairs import LUMINANCE

TONES = 5  # of a drawing
AMOUNT = 3.  # of its sharpening
WEAK, STRONG = 100 / 255, 200 / 255  # slopes that count as an edge: strong ones, and weak ones beside them


def drawn(pictures, tones=TONES):
    """Drawings of pictures: a colour has one of a few tones, is stronger than it was, and edges are sharpened.

    The same picture always becomes the same drawing, so what a network makes of it can be compared with that.
    """
    return sharpened(posterised(pictures, tones))


def posterised(pictures, tones=TONES):
    """Pictures of a few tones, evenly spaced from black to white; the colours around the grey are half as strong again.
    """
    grey = _grey(pictures)
    flat = np.round(grey * (tones - 1)) / (tones - 1)
    return np.clip(flat + 1.5 * (pictures - grey), 0, 1).astype("float32")


def sharpened(pictures, amount=AMOUNT):
    """The unsharp mask: what differs from the blurred picture is added, `amount` times."""
    blurred = _blurred(pictures, 1.)
    return np.clip((amount + 1) * pictures - amount * blurred, 0, 1).astype("float32")


def with_smooth_edges(pictures, reach=1):
    """The same pictures, blurred at their edges and `reach` pixels around them only."""
    near = np.stack([ndimage.binary_dilation(edge, np.ones((2 * reach + 1,) * 2)) for edge in edges(pictures)])
    return np.where(near[..., None], _blurred(pictures, 1.1), pictures).astype("float32")


def edges(pictures):
    """Where a picture has an edge, bool (n, h, w): slopes above STRONG, and those above WEAK that hang together with
    them.
    """
    grey = _grey(pictures)[..., 0]
    across = np.outer([1, 2, 1], [-1, 0, 1])  # Sobel's
    slope = sum(np.abs(ndimage.correlate(grey, kernel[None], mode="mirror")) for kernel in (across, across.T))
    connected = np.zeros((3, 3, 3), bool)
    connected[1] = True  # within a picture, also across the corners
    return ndimage.binary_propagation(slope > STRONG, connected, slope > WEAK)


def _grey(pictures):
    """Their luminance, (n, h, w, 1)."""
    return pictures if pictures.shape[-1] == 1 else pictures @ LUMINANCE[:, None]


def _blurred(pictures, deviation):
    """Means of 5 x 5 pixels, weighted by a bell of this standard deviation."""
    # The second argument is (pictures, rows, columns, channels); two pixels to each side are 5.
    return ndimage.gaussian_filter(pictures, (0, deviation, deviation, 0), mode="mirror", truncate=2 / deviation)
