"""Kills a training of the faces again and again: `python -m tests.measure.kills [--kills 20] [--out DIR]`.

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

MAIN = Path(__file__).resolve().parents[2] / "mains" / "0-main_32.py"
SETTINGS = ["--quick", "--epochs", "6", "--steps", "100", "--every", "2", "--save-every", ".01"]
STEPS = 600


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
    whole = start(options.out / "whole")
    output, _ = whole.communicate()
    if whole.returncode:
        sys.exit(output)
    moments = random.Random(options.seed)
    done = 0
    for kill in range(options.kills):
        running = start(options.out / "killed", "--resume")
        # Some while it starts, the others so many steps and a moment later.
        goal = done + moments.randrange(-20, 2 * STEPS // options.kills)
        while goal > done and steps(newest(options.out / "killed")) < goal and running.poll() is None:
            time.sleep(.01)
        time.sleep(moments.uniform(0, 5 if goal <= done else .5))
        running.kill()
        running.communicate()
        now = steps(newest(options.out / "killed"))
        print(f"kill {kill + 1}: the last checkpoint is after {now} steps", flush=True)
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
