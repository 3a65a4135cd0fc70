"""Two sets of pictures as people have them: folders, .npy and .npz files."""

import os
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from beyond.common import classifier, data
from beyond.evaluation import checked
from gan import checks

LARGEST = 128  # side that pictures of folders are scaled to


def read_sets(fakes, real, size=None):
    """Fakes and real pictures from two paths, in the same shape: ((pictures, labels or None), (pictures, labels)).

    Args:
        fakes, real: paths of a folder of pictures, an array .npy, or an .npz with the array `pictures` and, if there
            are classes, `labels`; with a single array its name does not matter.
        size: height and width that all are scaled to. Default: those of the array, or of the first real picture of two
            folders, at most LARGEST.

    Pictures are (n, h, w), (n, h, w, 1) or (n, h, w, 3); uint8 from 0 to 255, or floats from 0 to 1.

    Raises:
        ValueError: what is wrong, in one sentence with the path.
    """
    arrays = {name: None if os.path.isdir(path) else _array(name, path) for name, path in (("FAKES", fakes),
                                                                                           ("REAL", real))}
    known = {name: found[0].shape[1:] for name, found in arrays.items() if found is not None}
    if size is None and len(known) == 2 and known["FAKES"] != known["REAL"]:
        raise ValueError(f"FAKES, REAL: expected pictures of one size and number of colours, got {known['FAKES']} in "
                         f"{str(fakes)!r} and {known['REAL']} in {str(real)!r}; --size N scales them")
    height, width, channels = known.get("REAL") or known.get("FAKES") or _first_picture(real)
    if size is None and len(known) < 2 and height != width:
        raise ValueError(f"FAKES, REAL: expected square pictures, to which those of a folder are cropped, got "
                         f"{height} x {width} in the array; --size N scales them")
    side = size or height
    result = []
    for name, path in (("FAKES", fakes), ("REAL", real)):
        if arrays[name] is None:
            try:
                result.append((data.load(path, side, channels).train, None))
            except ValueError as error:
                raise ValueError(str(error).replace("data:", f"{name}:", 1)) from error
        else:
            pictures, labels = arrays[name]
            result.append((_scaled(_colours(pictures, channels), size), labels))
    return tuple(result)


def _first_picture(folder):
    """Side (at most LARGEST) and number of colours of the first picture in the folder."""
    try:
        file = data.picture_files(Path(folder))[0]
    except ValueError as error:
        raise ValueError(str(error).replace("data:", "REAL:", 1)) from error
    try:
        with Image.open(file) as image:
            grey = image.mode in ("1", "L", "I", "F", "LA") or image.mode.startswith("I;")
            side = min(LARGEST, *image.size)
    except OSError as error:
        raise ValueError(f"REAL: {str(file)!r} is not a picture that can be read ({error})") from error
    return side, side, 1 if grey else 3


def _array(name, path):
    """The pictures of a file (n, h, w, c) float32 in [0, 1], and the labels or None."""
    got = f"got {str(path)!r}"
    if not os.path.isfile(path) or Path(path).suffix not in (".npy", ".npz"):
        raise ValueError(f"{name}: expected a folder of pictures, an .npy or an .npz file, {got}")
    try:
        loaded, labels = np.load(path, allow_pickle=False), None
        if isinstance(loaded, np.lib.npyio.NpzFile):
            with loaded:
                others = [key for key in loaded.files if key != "labels"]
                if "pictures" not in others and len(others) != 1:
                    raise ValueError(f"expected one array beside 'labels', or one of the name 'pictures', found "
                                     f"{', '.join(map(repr, others)) or 'none'}")
                labels = loaded["labels"] if "labels" in loaded.files else None
                loaded = loaded["pictures" if "pictures" in others else others[0]]
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{name}: expected a whole file of arrays without Python objects, {got} "
                         f"({checks.first_line(error)})") from error
    if loaded.dtype == np.uint8:
        loaded = loaded / np.float32(255)
    elif loaded.dtype.kind != "f":
        raise ValueError(f"{name}: expected pictures of type uint8 or float, got {loaded.dtype} in {str(path)!r}")
    try:
        pictures = checked.pictures(name, loaded)
        labels = None if labels is None else checked.labels(f"{name}, labels", labels, len(pictures))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{error} in {str(path)!r}") from error
    return pictures, labels


def _colours(pictures, channels):
    """Grey pictures in three equal colours, or coloured ones as their grey levels, if the other set is so."""
    if pictures.shape[-1] == channels:
        return pictures
    return np.repeat(pictures, 3, axis=-1) if channels == 3 else classifier.grey(pictures)


def _scaled(pictures, size):
    """Pictures scaled to size x size; None: as they are."""
    if size in (None, pictures.shape[1]) and size in (None, pictures.shape[2]):
        return pictures
    return classifier.scaled(pictures, size)
