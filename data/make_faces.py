"""Draw small pictures of made-up faces: 10,000 grey ones of 16 x 16 pixels, the data set of tasks 3 and 4.

Nobody in these pictures exists: face_renderer.py, beside this script, says how they are drawn.  It also draws them at
another size, in colour, and in pairs that differ in one thing, such as a smile.

Usage:  python make_faces.py [--out DIR] [--seed N] [--count N] [--sheet FILE.png]
        python make_faces.py --size 64 --colour [--pair smile] ...
        python make_faces.py --from-lfw [--lfw-home DIR]      (real photographs: Labeled Faces in the Wild)
"""
import argparse
import errno
import hashlib
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import face_renderer
from face_renderer import COLOURS, PAIRS, SCALE, SIDE, SIDES, STORED, draw_attributes, draw_colours, draw_faces

NPY_NAME, CSV_NAME = "small_res_faces_10000.npy", "faces_attributes.csv"


# ---------------------------------------------------------------- real photographs instead
def faces_from_lfw(count, seed, home=None):
    """Real photographs in the same format, from Labeled Faces in the Wild (needs scikit-learn)."""
    try:
        from sklearn.datasets import fetch_lfw_people
    except ImportError:
        sys.exit("make_faces: --from-lfw needs scikit-learn and Pillow: pip install scikit-learn pillow")
    # The middle 128 x 128 of each 250 x 250 photograph: hairline to chin, 8 x 8 points to a pixel.
    options = dict(data_home=home, slice_=(slice(64, 192), slice(61, 189)), resize=None, color=False)
    try:
        try:
            photographs = fetch_lfw_people(download_if_missing=False, **options).images
        except OSError:                                              # not on this computer yet
            print("make_faces: downloading Labeled Faces in the Wild (about 230 MB) ...", flush=True)
            photographs = fetch_lfw_people(download_if_missing=True, **options).images
    except Exception as error:                          # also of broken archives, and of pictures of another kind
        sys.exit(f"make_faces: the LFW photographs could not be read or downloaded (no internet?): {error}")
    if len(photographs) < count:
        print(f"make_faces: only {len(photographs)} photographs there, fewer than the {count} asked for.")
    chosen = np.random.default_rng(seed).permutation(len(photographs))[:count]
    small = photographs[chosen].reshape(-1, SIDE, 8, SIDE, 8).mean((2, 4)).astype(float)
    if small.max() <= 1.0:                              # the loader's scale: 0..1, once it was 0..255
        small = small * 255
    return np.clip(np.rint(small), 0, 255).astype(np.uint8)


# ---------------------------------------------------------------- files and the command line
def write(files):
    """Write files (a dict of path -> function that saves) to temporary names, then rename them all.

    A broken run leaves the old files as they were.  Print the checksums.
    """
    try:
        for path, save in files.items():
            with open(path + ".tmp", "wb") as file:
                save(file)
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        for path in files:
            os.replace(path + ".tmp", path)
    except OSError as error:
        sys.exit(f"make_faces: {path} cannot be written: {error.strerror}.")
    finally:
        for unfinished in (path + ".tmp" for path in files):
            if os.path.exists(unfinished):
                os.remove(unfinished)
    for path in files:
        with open(path, "rb") as file:
            print(f"{path}  sha256 {hashlib.sha256(file.read()).hexdigest()}")


def save_table(file, attributes):
    """One row a face, in the order of the pictures; numbers with four digits (+ 0.0 turns -0 into 0)."""
    names = [*STORED, *(name for name in COLOURS if name in attributes)]
    file.write((",".join(names) + "\n").encode())
    for row in zip(*(attributes[name] for name in names)):
        file.write((",".join(f"{value + 0.0:.4g}" for value in row) + "\n").encode())


def save_sheet(file, faces):
    """The first 100 faces on one sheet, each about 80 pixels large (needs matplotlib)."""
    import matplotlib.image
    side, enlarged = faces.shape[1], max(1, 80 // faces.shape[1])
    sheet = np.full((10 * (side + 1), 10 * (side + 1), *faces.shape[3:]), 255, np.uint8)
    for i, face in enumerate(faces[:100]):
        row, column = divmod(i, 10)
        sheet[row * (side + 1):, column * (side + 1):][:side, :side] = face
    large = sheet.repeat(enlarged, axis=0).repeat(enlarged, axis=1)
    matplotlib.image.imsave(file, large, cmap="gray", vmin=0, vmax=255, format="png")


def in_turn(first, second):
    """Rows of ten pictures before a change, each above the row of the same ten after it, as large and with channels."""
    n, times = len(first), second.shape[1] // first.shape[1]
    first = first.repeat(times, axis=1).repeat(times, axis=2)
    if first.ndim < second.ndim:
        first = first[..., None].repeat(3, axis=-1)
    return np.concatenate([half[i:i + 10] for i in range(0, n - n % 10 or n, 10) for half in (first, second)])


def kind_of(options):
    """The name of files with other faces than the usual ones, such as faces_64_colour_smile."""
    return "_".join(["faces", str(options.size), *["colour"] * options.colour, *[options.pair] * bool(options.pair)])


def add(files, name, pictures, attributes):
    """Pictures and their table to the files that will be written."""
    files[name + ".csv"] = lambda file: save_table(file, attributes)
    files[name + ".npy"] = lambda file: np.save(file, pictures)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Draw small pictures of made-up faces, 16 x 16 and grey if not asked "
                                     "for others.")
    parser.add_argument("--out", default=HERE, help="folder for the files (default: that of this script)")
    parser.add_argument("--seed", type=int, default=2024, help="seed of the random numbers (default 2024)")
    parser.add_argument("--count", type=int, default=10000, help="number of faces (default 10000)")
    parser.add_argument("--sheet", metavar="FILE", help="also save a PNG sheet of the first 100 faces")
    parser.add_argument("--size", type=int, default=SIDE, metavar="N",
                        help=f"height and width in pixels, {SIDES[0]} to {SIDES[1]} (default {SIDE})")
    parser.add_argument("--colour", action="store_true", help="draw them in colour")
    parser.add_argument("--pair", choices=PAIRS, help="draw every face twice, before and after this change")
    parser.add_argument("--from-lfw", action="store_true", help="use the LFW photographs instead of drawing")
    parser.add_argument("--lfw-home", metavar="DIR", help="scikit-learn data folder that holds lfw_home")
    options = parser.parse_args(arguments)
    if options.count <= 0:
        parser.error("--count must be a positive number of faces.")
    if options.seed < 0:
        parser.error("--seed must not be negative.")
    if not SIDES[0] <= options.size <= SIDES[1]:
        parser.error(f"--size must be from {SIDES[0]} to {SIDES[1]}.")
    usual = options.size == SIDE and not options.colour and not options.pair
    if options.from_lfw and not usual:
        parser.error("--from-lfw gives grey photographs of 16 x 16 pixels: no --size, --colour or --pair beside it.")
    if options.pair == "size" and (options.size % SCALE or options.size < SCALE * SIDES[0]):
        parser.error(f"--pair size needs a --size that is a multiple of {SCALE}, from {SCALE * SIDES[0]} on.")
    if options.pair == "hair_hue" and not options.colour:
        parser.error("--pair hair_hue needs --colour: grey pictures do not show it.")
    if options.sheet:
        folder = os.path.dirname(options.sheet)
        if folder and not os.path.isdir(folder):
            parser.error(f"--sheet: there is no folder {folder}.")
        try:
            import matplotlib.image  # noqa: F401
        except ImportError:
            parser.error("--sheet needs matplotlib: pip install matplotlib")
    try:
        os.makedirs(options.out, exist_ok=True)
    except OSError as error:
        parser.error(f"the folder {options.out} cannot be made: {error.strerror}.")
    files = {}
    if options.from_lfw:
        faces = faces_from_lfw(options.count, options.seed, options.lfw_home)
        if os.path.exists(os.path.join(options.out, CSV_NAME)):
            print(f"make_faces: the old {CSV_NAME} in that folder does not describe these photographs.")
        files[os.path.join(options.out, NPY_NAME)] = lambda file: np.save(file, faces)
    elif options.pair:
        pair = face_renderer.draw_pair(options.pair, options.count, options.seed, options.size, options.colour, True)
        for moment, (pictures, attributes) in zip(("before", "after"), pair):
            add(files, os.path.join(options.out, f"{kind_of(options)}_{moment}"), pictures, attributes)
        faces = in_turn(pair[0][0], pair[1][0])
    else:
        rng = np.random.default_rng(options.seed)
        attributes = draw_attributes(options.count, rng)
        if options.colour:
            attributes.update(draw_colours(options.count, np.random.default_rng([options.seed, 1])))
        faces = draw_faces(attributes, rng, True, options.size, options.colour)
        if usual:
            files[os.path.join(options.out, CSV_NAME)] = lambda file: save_table(file, attributes)
            files[os.path.join(options.out, NPY_NAME)] = lambda file: np.save(file, faces)
        else:
            add(files, os.path.join(options.out, kind_of(options)), faces, attributes)
    if options.sheet:
        files[options.sheet] = lambda file: save_sheet(file, faces)
    write(files)


if __name__ == "__main__":
    main()
