"""The files of a script on faces: its options `--faces` and `--weights`, and what is read from there."""

import os
import sys
from pathlib import Path

from gan import checks
from gan.faces.pictures import Faces

DATA = Path(__file__).resolve().parents[2] / "data"


def add_faces(parser, weights=False):
    """The option `--faces`, and `--weights` if the script uses stored ones."""
    parser.add_argument("--faces", type=Path, default=DATA / "small_res_faces_10000.npy", metavar="FILE",
                        help="pictures, a .npy file of uint8 (n, 16, 16) (default data/small_res_faces_10000.npy)")
    if weights:
        parser.add_argument("--weights", type=Path, default=DATA, metavar="DIR",
                            help="folder of generator.h5 and discriminator.h5 (default data)")


def faces(options, least=1):
    """The pictures of `--faces`, a `Faces`; without them, or `least` of them, say what is needed and exit."""
    files = [("--faces FILE", options.faces)]
    if hasattr(options, "weights"):
        files += [("--weights DIR", options.weights / name) for name in ("generator.h5", "discriminator.h5")]
    missing = [(option, path) for option, path in files if not os.path.isfile(path)]
    if missing:
        sys.exit(f"This script needs the file {missing[0][1].name}; there is none at {missing[0][1]}.\n"
                 f"Put it there, or say where it is by {missing[0][0]}.")
    try:
        checks.channels_last()
        result = Faces(options.faces)
    except ValueError as error:
        sys.exit(str(error))
    if len(result.pictures) < least:
        sys.exit(f"--faces: this script needs at least {least} pictures, got {len(result.pictures)} in "
                 f"{str(options.faces)!r}")
    print(f"faces: {result.path}, {result.origin}", flush=True)
    return result
