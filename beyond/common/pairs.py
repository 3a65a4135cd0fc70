"""Pairs of pictures, A and B, for the systems that turn one picture into another.

    load("faces", "smile", size=32)                 drawn faces before and after a change: `CHANGES`
    load("faces", "colour")                         A grey, B in colour
    load("faces", "size", size=64, scale=4)         A at a quarter of the size
    load("photographs", "colour")                   patches of photographs that come with installed libraries
    load("a/folder", "colour")                      own pictures: `colour` and `size` make A from B
    load(("a/folder", "b/folder"), "own")           own pictures in two folders, pairs by their names
    load("a/folder", "own", halves=True)            both in one picture, A on the left and B on the right, as in `maps`

All give `Pairs`. With `paired=False` no picture to train on has its counterpart among the others, as for CycleGAN. The
counterparts of the held-out pictures are known all the same, but for two folders: whoever draws a face before a change
can draw it after the change as well. So what was learned without pairs can be scored with them.
"""

import contextlib
import hashlib
import importlib.util
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from beyond.common import data
from gan import checks
from gan.seeds import set_seeds

RENDERER = Path(__file__).resolve().parents[2] / "data" / "face_renderer.py"  # a script's part, in no package


def _renderer():
    """The module that draws faces; None where the package was installed without its folder `data`."""
    if not RENDERER.is_file():
        return None
    specification = importlib.util.spec_from_file_location("face_renderer", RENDERER)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


renderer = _renderer()
CHANGES = (*(renderer.PAIRS if renderer else ("colour", "size")), "own")
LUMINANCE = np.array([.299, .587, .114])  # of red, green and blue, as the renderer and Pillow have it
# What the two sets of a change are called: before, A, and after it, B.
SETS = {"smile": ("no smile", "a smile"), "glasses": ("no glasses", "glasses"), "beard": ("no beard", "a beard"),
        "hair_length": ("short hair", "long hair"), "hair_hue": ("brown hair", "red hair"), "male": ("women", "men"),
        "age": ("young", "old"), "colour": ("grey", "in colour"), "size": ("small", "large")}
SHARE = .2  # of own pictures that is held out
LARGEST = 1024  # pixels of a side that a command line takes
KEPT = 500  # from so many drawn faces on they are kept in a file
# Photographs by the library that brings them; those whose line ends in True are held out, whatever is installed.
PHOTOGRAPHS = (("sklearn", "datasets/images/china.jpg", False), ("sklearn", "datasets/images/flower.jpg", True),
               ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", False), ("skimage", "data/astronaut.png", False),
               ("skimage", "data/chelsea.png", False), ("skimage", "data/coffee.png", True),
               ("skimage", "data/rocket.jpg", False), ("skimage", "data/motorcycle_left.png", False))


@dataclass
class Pairs:
    """Pictures A and B to train on, and others to test on.

    Attributes:
        name: what they are, for people.
        train_a, train_b, test_a, test_b: float32 in [0, 1], shape (n, h, w, channels).
        paired: whether train_b[i] is the counterpart of train_a[i]; else nobody's counterpart is in the other set.
        counterparts: whether test_b[i] is the counterpart of test_a[i].
        attributes: of drawn faces a dict of (n,) arrays for each of the four, {"train_a": {"smile": ...}, ...}.
        sets: what is in A and what in B, in words.
    """

    name: str
    train_a: np.ndarray
    train_b: np.ndarray
    test_a: np.ndarray
    test_b: np.ndarray
    paired: bool = True
    counterparts: bool = True
    attributes: dict = field(default_factory=dict)
    sets: tuple = ("A", "B")

    def __str__(self):
        shapes = " and ".join("x".join(map(str, part.shape[1:])) for part in (self.train_a, self.train_b))
        count = f"{len(self.train_a)} pairs" if self.paired else f"{len(self.train_a)} and {len(self.train_b)} pictures"
        return f"{count} of {shapes}, {len(self.test_a)} held out: {self.name}"

    def swapped(self):
        """The same pictures the other way round: from B to A."""
        turned = {"train_a": "train_b", "train_b": "train_a", "test_a": "test_b", "test_b": "test_a"}
        return Pairs(self.name, self.train_b, self.train_a, self.test_b, self.test_a, self.paired, self.counterparts,
                     {turned[part]: values for part, values in self.attributes.items()}, self.sets[::-1])


def load(source="faces", change="colour", size=32, most=None, held_out=None, seed=0, paired=True, halves=False,
         channels=3, scale=4, say=None, ready=None):
    """Pairs of pictures; see the top of the module.

    Args:
        source: "faces", "photographs", a folder of pictures, or two folders (A, B).
        change: one of CHANGES. "own" takes A and B as they are in the folders.
        size: height and width of B, and of A if the change is not "size".
        most: pairs to train on, or pictures of each kind if they are not paired (default: 1000 faces, 2000 patches,
            all own pictures).
        held_out: faces or patches to test on (default: a fifth of `most`). Of own pictures it is always a fifth.
        seed: which faces, patches, held-out pictures.
        paired: see `Pairs`.
        halves: each picture of the folder holds A on the left and B on the right.
        channels: 1 grey, 3 colour; with the change "colour" A is grey.
        scale: with the change "size", how many times larger B is than A.
        say: a function of a text, such as print, that is told what takes long.
        ready: a function that is told the shapes of A and B, and how many there will be to train on, before any is
            drawn or read. So it can refuse early what cannot be trained; what it raises is passed on.

    Raises:
        TypeError, ValueError: an argument that cannot be; a folder without pictures, with a damaged one, or with one
            that has no partner.
    """
    checks.whole_number("size", size)
    checks.whole_number("scale", scale, 2)
    checks.whole_number("seed", seed, 0)
    most = None if most is None else checks.whole_number("most", most, 1 if paired else 2)
    held_out = None if held_out is None else checks.whole_number("held_out", held_out)
    if change not in CHANGES:
        raise ValueError(f"change: expected one of {', '.join(CHANGES)}, got {change!r}")
    if channels not in (1, 3):
        raise ValueError(f"channels: expected 1 (grey) or 3 (colour), got {channels!r}")
    if channels == 1 and change in ("colour", "hair_hue"):
        raise ValueError(f"channels: expected 3 for the change {change}, which grey pictures do not show, got 1")
    if change == "size" and size % scale:
        raise ValueError(f"size: expected a multiple of {scale}, the scale, got {size}")
    places = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    if len(places) not in (1, 2):
        raise ValueError(f"data: expected faces, photographs, a folder, or two folders (A, B), got {len(places)} names")
    for place in places:
        if not os.path.isdir(place) and (len(places) == 2 or place not in ("faces", "photographs")):
            raise ValueError("data: expected faces, photographs, a folder of pictures, or two of them (A, B), got "
                             f"{str(place)!r}")
    if len(places) == 2 and os.path.samefile(*places):
        raise ValueError(f"data: expected two different folders (A, B), got {str(places[0])!r} twice")
    if halves and (len(places) == 2 or places[0] in ("faces", "photographs")):
        raise ValueError("halves: expected one folder of pictures that hold A and B side by side, got "
                         f"{' '.join(map(str, places))}")
    shapes = _Shapes(change, size, channels, scale, ready or (lambda shape_a, shape_b, count: None))
    if places == ["faces"]:
        most = most or 1000
        return _faces(shapes, most, held_out or max(1, most // 5), seed, paired, say)
    whole = places[0] == "photographs" or (len(places) == 1 and not halves)
    if whole and change not in ("colour", "size"):
        raise ValueError(f"data: expected faces, two folders (A, B), or a folder of pictures with both halves side by "
                         f"side for the change {change}; {str(places[0])!r} gives pairs for colour and size only")
    if places == ["photographs"]:
        most = most or 2000
        return _photographs(shapes, most, held_out or max(1, most // 5), seed, paired)
    return _own([Path(place) for place in places], shapes, most, seed, paired, halves)


@dataclass
class _Shapes:
    """How A and B look: their sizes and channels."""

    change: str
    size: int
    channels: int
    scale: int
    ready: object = field(repr=False)  # not in the name of the file that keeps drawn faces

    def __post_init__(self):
        self.size_a = self.size // self.scale if self.change == "size" else self.size
        self.channels_a = 1 if self.change == "colour" else self.channels

    def tell(self, count):
        self.ready((self.size_a, self.size_a, self.channels_a), (self.size, self.size, self.channels), count)

    def first(self, pictures):
        """A made from B: grey, or smaller by averages of squares."""
        if self.change == "colour":
            return (pictures @ LUMINANCE[:, None]).astype("float32")
        n, side, scale = len(pictures), self.size_a, self.scale
        return pictures.reshape(n, side, scale, side, scale, self.channels).mean((2, 4))


# ---------------------------------------------------------------- drawn faces

def _faces(shapes, most, held_out, seed, paired, say):
    if not renderer:
        raise ValueError("data: expected photographs, a folder of pictures, or two of them (A, B), got 'faces': they "
                         f"are drawn by data/{RENDERER.name}, which is not installed with the package")
    smallest, largest = renderer.SIDES
    for side in (shapes.size_a, shapes.size):
        if not smallest <= side <= largest:
            raise ValueError(f"size: expected {smallest} to {largest} pixels for a drawn face, got {side}")
    if shapes.change == "own":
        raise ValueError("change: expected another one than own for drawn faces: "
                         f"{', '.join(name for name in CHANGES if name != 'own')}")
    shapes.tell(most)
    total = most * (1 if paired else 2) + held_out
    before, after = renderer.pair_of_attributes(shapes.change, total, seed)
    a = (before, shapes.size_a, shapes.channels_a == 3)
    b = (after, shapes.size, shapes.channels == 3)
    quick = (before, renderer.SIDE, False)  # for nothing but the exposure that both of a pair have
    parts = ({"train": ([a, b], 0, most)} if paired else
             {"train_a": ([a], 0, most), "train_b": ([quick, b], most, 2 * most)})
    parts["test"] = ([a, b], total - held_out, total)
    key = [RENDERER.read_bytes(), shapes, most, held_out, seed, paired]
    drawn = _kept(key, total, say, lambda: [
        _drawn(versions, slice(start, stop), [seed, 2, number])
        for number, (versions, start, stop) in enumerate(parts.values())])
    if paired:
        (train_a, train_b), (test_a, test_b) = drawn
    else:
        (train_a,), (_, train_b), (test_a, test_b) = drawn
    of_b = slice(0, most) if paired else slice(most, 2 * most)
    rows = {"train_a": (before, slice(0, most)), "train_b": (after, of_b),
            "test_a": (before, slice(total - held_out, total)), "test_b": (after, slice(total - held_out, total))}
    attributes = {part: {attribute: values[where] for attribute, values in whole.items()}
                  for part, (whole, where) in rows.items()}
    name = f"drawn faces, seed {seed}, {shapes.change}" + ("" if paired else ", unpaired")
    return Pairs(name, *map(_unit, (train_a, train_b, test_a, test_b)), paired, True, attributes,
                 SETS[shapes.change])


def _drawn(versions, rows, seed):
    cut = {id(attributes): {name: values[rows] for name, values in attributes.items()} for attributes, *_ in versions}
    return renderer.draw_versions([(cut[id(attributes)], *rest) for attributes, *rest in versions],
                                  np.random.default_rng(seed))


def faces_with(attributes, size=32, channels=3, seed=0, say=None):
    """Drawn faces with given attributes; float32 in [0, 1], shape (n, size, size, channels).

    Args:
        attributes: dict of (n,) arrays, of the renderer's `draw_attributes` and `draw_colours`.
        seed: of the textures.
        say: as of `load`.

    Raises:
        ValueError: the renderer is not there, or does not draw such a size.
    """
    if not renderer:
        raise ValueError(f"data: expected the package's folder data with {RENDERER.name}, which draws the faces, got "
                         "an installation without it")
    smallest, largest = renderer.SIDES
    if not smallest <= checks.whole_number("size", size) <= largest:
        raise ValueError(f"size: expected {smallest} to {largest} pixels for a drawn face, got {size}")
    versions, count = [(attributes, size, channels == 3)], len(attributes["yaw"])
    key = [RENDERER.read_bytes(), size, channels, seed,
           *(part for name in sorted(attributes) for part in (name, attributes[name].tobytes()))]
    return _unit(_kept(key, count, say, lambda: [_drawn(versions, slice(0, count), [seed, 3])])[0][0])


def _unit(pictures):
    pictures = pictures if pictures.ndim == 4 else pictures[..., None]
    return pictures.astype("float32") / 255


def cache_folder():
    """Where drawn faces are kept: in the user's cache. The folder can be deleted at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gan-course-faces"


def _kept(key, count, say, draw):
    """What draw() gives, lists of arrays; from a file if it was drawn before, and into it if it was not."""
    say = say or (lambda text: None)
    if count < KEPT:
        return draw()
    digest = hashlib.sha256(b"".join(part if isinstance(part, bytes) else repr(part).encode() for part in key))
    file = cache_folder() / f"{digest.hexdigest()[:32]}.npz"
    with contextlib.suppress(Exception):  # not there, torn, of another NumPy: they are drawn again
        with np.load(file) as stored:
            lists = [[stored[f"{i}-{j}"] for j in range(int(length))] for i, length in enumerate(stored["lengths"])]
        say(f"{count} faces drawn before, from {file}")
        return lists
    say(f"drawing {count} faces (about 20 ms each on one core) ...")
    start = time.monotonic()
    lists = draw()
    say(f"drawn in {time.monotonic() - start:.0f} s")
    unfinished = file.with_suffix(f".{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(unfinished, "wb") as stream:
            np.savez(stream, lengths=[len(arrays) for arrays in lists],
                     **{f"{i}-{j}": array for i, arrays in enumerate(lists) for j, array in enumerate(arrays)})
        os.replace(unfinished, file)
    except OSError as error:
        say(f"the faces cannot be kept in {file} ({error.strerror}): the next run will draw them again")
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
    return lists


# ---------------------------------------------------------------- photographs

def photographs():
    """The photographs that installed libraries bring: {path: whether it is held out}."""
    found = {}
    for library, name, held_out in PHOTOGRAPHS:
        specification = importlib.util.find_spec(library)
        for folder in (specification and specification.submodule_search_locations) or ():
            path = Path(folder, *name.split("/"))
            if path.is_file():
                found[path] = held_out
    return found


def _photographs(shapes, most, held_out, seed, paired):
    found, stream = photographs(), np.random.default_rng(seed)
    test = [path for path, is_test in found.items() if is_test]
    train = [path for path, is_test in found.items() if not is_test]
    if not test or not train:
        raise ValueError("data: expected the photographs of scikit-learn, got none: pip install scikit-learn")
    for paths in (train, test):
        if shapes.size > max(map(_shorter_side, paths)):
            raise ValueError(f"size: expected at most the height of a photograph, got {shapes.size}")
    shapes.tell(most)
    patches = _patches(train, most if paired else 2 * most, shapes, stream)
    test_b = _patches(test, held_out, shapes, stream)
    name = (f"patches of {', '.join(path.stem for path in train)}; held out: {', '.join(path.stem for path in test)}"
            + ("" if paired else "; unpaired"))
    return _from_b(name, patches, test_b, shapes, paired)


def _shorter_side(path):
    with Image.open(path) as image:
        return min(image.size)


def _patches(paths, count, shapes, stream):
    """Squares from random places of the photographs, whole or at half their size."""
    scaled = []
    for path in paths:
        with Image.open(path) as image:
            image = image.convert("RGB" if shapes.channels == 3 else "L")
            for divisor in (1, 2):
                smaller = image.resize((image.width // divisor, image.height // divisor), Image.Resampling.BICUBIC)
                if min(smaller.size) >= shapes.size:
                    scaled.append(np.asarray(smaller, "float32").reshape(smaller.height, smaller.width, -1) / 255)
    patches = np.empty((count, shapes.size, shapes.size, shapes.channels), "float32")
    for patch in patches:
        picture = scaled[stream.integers(len(scaled))]
        y, x = (stream.integers(length - shapes.size + 1) for length in picture.shape[:2])
        patch[...] = picture[y:y + shapes.size, x:x + shapes.size]
    return patches


def _from_b(name, train, test, shapes, paired):
    """Pairs whose A is made from B; unpaired ones from one half of the pictures each."""
    half = len(train) // 2
    of_a, of_b = (train, train) if paired else (train[:half], train[half:])
    return Pairs(name, shapes.first(of_a), of_b, shapes.first(test), test, paired,
                 sets=SETS[shapes.change])


# ---------------------------------------------------------------- own pictures

def _own(places, shapes, most, seed, paired, halves):
    files = [data.picture_files(place) for place in places]
    if len(files) == 2 and paired:
        files = _by_name(files, places)
    bytes_each = 4 * (shapes.size_a ** 2 * shapes.channels_a + shapes.size ** 2 * shapes.channels)
    wanted = min((most or data.MEMORY) * (1 if paired or len(files) == 2 else 2), max(2, data.MEMORY // bytes_each))
    # For pairs both lists are equally long, so their order is one.
    rows = [[part[:wanted] for part in _split(len(group), seed)] for group in files]
    fewest = min(len(train) for train, _ in rows)
    shapes.tell(fewest if paired or len(files) == 2 else fewest // 2)
    notes = set()

    def read(group, which, size, channels, half=None):
        pictures, note = data.read_files([files[group][i] for i in which], size, channels, half)
        notes.add(note)
        return pictures

    where = " and ".join(map(str, places)) + (", both halves of each picture" if halves else "")
    name = f"pictures in {where}" + ("" if paired else ", unpaired")
    train, test = rows[0]
    if len(files) == 1 and not halves:
        train, test = (read(0, which, shapes.size, shapes.channels) for which in (train, test))
        result = _from_b(name, train, test, shapes, paired)
    else:
        half = len(train) // 2
        of_a, of_b = (train, train) if paired or len(files) == 2 else (train[:half], train[half:])
        a, b = (shapes.size_a, shapes.channels_a), (shapes.size, shapes.channels)
        sides = ("left", "right") if halves else (None, None)
        other = len(files) - 1
        of_b, test_b = (of_b, test) if other == 0 or paired else rows[1]
        result = Pairs(name, read(0, of_a, *a, sides[0]), read(other, of_b, *b, sides[1]), read(0, test, *a, sides[0]),
                       read(other, test_b, *b, sides[1]), paired, counterparts=paired or halves,
                       sets=("left halves", "right halves") if halves else tuple(map(str, places)))
    result.name += "".join(sorted(notes))
    return result


def _split(count, seed):
    """The numbers of the pictures to train on and of those to test on."""
    if count < 3:
        raise ValueError(f"data: expected at least 3 pictures, of which one is held out, got {count}")
    order = np.random.default_rng(seed).permutation(count)
    test = max(1, round(SHARE * count))
    return order[test:], order[:test]


def _by_name(files, places):
    """Both lists of files, in the same order of names; a name without a partner is an error."""
    names = [{file.relative_to(place).with_suffix("").as_posix(): file for file in group}
             for group, place in zip(files, places)]
    for one, other, place in ((0, 1, places[1]), (1, 0, places[0])):
        alone = sorted(set(names[one]) - set(names[other]))
        if alone:
            raise ValueError(f"data: expected a picture {alone[0]!r} in {str(place)!r}, the partner of "
                             f"{str(names[one][alone[0]])!r}, got none")
    common = sorted(names[0])
    return [[group[name] for name in common] for group in names]


# ---------------------------------------------------------------- the command line

def add_arguments(parser, size=32, source="faces"):
    """--data, --halves, --size, --pictures of a translator."""
    from gan.options import positive, whole_number  # here: it brings the command line
    parser.add_argument("--data", nargs="+", default=[source], metavar="NAME",
                        help="faces, photographs, a folder of pictures, or two folders, A and B; pairs have the same "
                             f"names in both (default {source})")
    parser.add_argument("--halves", action="store_true",
                        help="each picture of the folder holds A on the left and B on the right")
    parser.add_argument("--size", type=whole_number(1, LARGEST), default=size, metavar="N",
                        help=f"height and width (default {size})")
    parser.add_argument("--pictures", type=positive, metavar="N",
                        help="train on at most so many (default 1000 faces, 2000 patches of photographs, all own ones)")


def black(shape_a, shape_b, count=2):
    """Pairs of black pictures of these shapes: a system that can be built for them can be for others."""
    a, b = (np.zeros((count, *shape), "float32") for shape in (shape_a, shape_b))
    return Pairs("black pictures", a, b, a, b)


def in_its_words(error):
    """The sentence of an error of `load`, with the name that an argument has on the command line."""
    return re.sub("^most:", "--pictures:", str(error))


def from_options(options, change, make=None, of_what="pairs", share=1, **arguments):
    """The `Pairs` of the command line, which it names; what cannot be ends in one line, before any are drawn or read.

    Args:
        make: a function of `Pairs` that builds the system, to be tried with black pictures of the same shapes.
        of_what, share: a batch is drawn from the number of these, which is that of the pairs divided by `share`.
        arguments: of `load`.
    """
    if len(options.data) == 2 or options.halves:
        change = change if change in ("colour", "size") else "own"

    def ready(shape_a, shape_b, count):
        if getattr(options, "batch", 1) > count // share:
            raise ValueError(f"--batch: expected at most {count // share}, the number of {of_what}, got "
                             f"{options.batch}")
        if make:
            make(black(shape_a, shape_b))
            set_seeds(options.seed)  # as if nothing had been built before

    try:
        checks.channels_last()
        result = load(options.data, change, options.size, options.pictures, seed=options.seed or 0,
                      halves=options.halves, say=lambda text: print(text, flush=True), ready=ready, **arguments)
        data.check_differ(result.train_b)
    except ValueError as error:
        raise SystemExit(in_its_words(error)) from None
    print(f"data: {result}", flush=True)
    return result
