"""The faces of tasks 3 and 4: their file, and the pictures as the networks take them."""

import hashlib
import os
from pathlib import Path

import numpy as np

OWN_FACES, COURSE_FACES = "the package's own faces", "the course's faces"
SHA256 = {"04c3f89de21a7fc2328bb33ed3943578d208c4f32f98a23f8e7d8134b48e4e28": OWN_FACES,
          "ce9f8fbeb2d6bc395aa3024efa05c95ea97508cf2391c375d6c7bdae913ad609": COURSE_FACES}
MOST_FACES = 2 * 10 ** 9 // (4 * 16 * 16)


class Faces:
    """The grey pictures of tasks 3 and 4.

    Args:
        path: a .npy file of uint8 pictures, shape (n, 16, 16).

    Attributes:
        origin: whose faces these are, by the file's checksum: OWN_FACES, COURSE_FACES or "other faces (sha256 ...)".
        pictures: float32 in [0, 1], shape (n, 16, 16).
        mean_face: the mean of all pictures, (16, 16).
        multiplier: the largest value of each pixel, (16, 16).
        normalized: (pictures - mean_face) / multiplier, what the networks are trained on.

    Raises:
        ValueError: no such file, not an array of this dtype and shape, or more than MOST_FACES pictures.
    """

    def __init__(self, path):
        if not isinstance(path, (str, os.PathLike)) or not os.path.isfile(path):
            raise ValueError(f"faces: expected a .npy file of pictures, there is none at {str(path)!r}")
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except PermissionError as error:
            raise ValueError(f"faces: {str(path)!r} cannot be read ({error.strerror})") from error
        except Exception as error:  # NumPy raises ValueError, EOFError or OSError on a damaged file
            reason = str(error).split("\n")[0].split(". ")[0]  # NumPy goes on to advise how to load it all the same
            raise ValueError(f"faces: {str(path)!r} is not a complete .npy file ({reason})") from error
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else "an archive of arrays"
        if not found.startswith("uint8") or array.ndim != 3 or array.shape[1:] != (16, 16) or not len(array):
            raise ValueError(f"faces: expected an array of uint8 (n, 16, 16) in {str(path)!r}, got {found}")
        if len(array) > MOST_FACES:
            raise ValueError(f"faces: expected at most {MOST_FACES} pictures (2 GB as float32) in {str(path)!r}, "
                             f"got {len(array)} ({len(array) * 1024 / 1e9:.1f} GB)")
        self.path = Path(path)
        checksum = hashlib.sha256(self.path.read_bytes()).hexdigest()
        self.origin = SHA256.get(checksum, f"other faces (sha256 {checksum[:12]}...)")
        self.pictures = np.asarray(array).astype("float32") / 255
        self.mean_face = self.pictures.mean(axis=0)
        # A pixel that is black on every picture stays as it is instead of becoming 0 / 0.
        largest = np.max(np.abs(self.pictures), axis=0)
        self.multiplier = np.where(largest > 0, largest, 1).astype("float32")
        self.normalized = (self.pictures - self.mean_face) / self.multiplier

    def recover(self, normalized):
        """Pictures in [0, 1] from normalised ones, shape (..., 16, 16)."""
        return normalized * self.multiplier + self.mean_face
