"""Kills a training of the faces again and again: `python -m tests.kills [--kills 20] [--out DIR]`.

One run of 0-main_32 goes through; another with the same settings is killed (`kill -9`) at random moments and started
again with --resume until it ends. Prints where each kill hit, and how far the weights of the two are apart.
"""

import argparse
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from gan import script

MAIN = Path(__file__).resolve().parents[1] / "mains" / "0-main_32.py"
SETTINGS = ["--quick", "--epochs", "4", "--steps", "100", "--every", "2", "--save-every", ".02"]


def start(out, *arguments):
    return subprocess.Popen([sys.executable, MAIN, "--no-show", *SETTINGS, "--out", out, *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def newest(out):
    found = sorted((out / "0-main_32").glob("checkpoint-*.npz"))
    return found[-1] if found else None


def steps(path):
    return int(path.stem.split("-")[1]) if path else 0


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=script.positive, default=20, metavar="N", help="default 20")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments (default 0)")
    parser.add_argument("--out", type=Path, default=Path("outputs/kills"), metavar="DIR", help="default outputs/kills")
    options = parser.parse_args(argv)
    begin = time.monotonic()
    whole = start(options.out / "whole")
    output, _ = whole.communicate()
    if whole.returncode:
        sys.exit(output)
    longest = time.monotonic() - begin
    print(f"a run that goes through: {longest:.0f} s", flush=True)
    moments = random.Random(options.seed)
    done = 0
    for kill in range(options.kills):
        running = start(options.out / "killed", "--resume")
        time.sleep(moments.uniform(0, .5 * longest))
        running.kill()
        output, _ = running.communicate()
        now = steps(newest(options.out / "killed"))
        print(f"kill {kill + 1}: last checkpoint after {now} steps" + (", the run had ended" if "samples.gif" in output
                                                                      else ""), flush=True)
        if now < done:
            sys.exit("a checkpoint was lost")
        done = now
    last = start(options.out / "killed", "--resume")
    output, _ = last.communicate()
    if last.returncode:
        sys.exit(output)
    with np.load(newest(options.out / "whole")) as one, np.load(newest(options.out / "killed")) as other:
        keys = [key for key in one if key.startswith(("variable", "part_0"))]
        apart = max(float(np.abs(one[key] - other[key]).max()) for key in keys)
    print(f"{len(keys)} arrays (weights, moments of Adam, averages): largest difference {apart:.3g}")


if __name__ == "__main__":
    main()
