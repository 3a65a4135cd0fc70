"""A full disk: one sentence, the old file stays, nothing is half written, and no library takes the process down.

The limit of a process on the size of its files stands for the disk: writing beyond it fails as on a full one.
"""

import os
import subprocess
import sys

import pytest

from tests.helpers import ROOT

resource = pytest.importorskip("resource", reason="this system has no limits of resources")
PROGRAM = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from PIL import Image
from tests.helpers import WGAN_GP_faces, convolutional_GenDiscr, points, small, write_keras_2_weights
from gan import figures, script
from gan.faces import page, stored_weights
from gan.files import store
from gan.engine.long_run import LongRun

folder = Path(sys.argv[1])
G = small(WGAN_GP_faces, disc_iter=1)
for parts in ("G.weights.h5", "generator.h5", "picture.png", "film.gif", "page.html", "text.csv"):
    store(folder / parts, b"old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
plot = figures.plt.figure()
frames = [Image.fromarray(np.random.default_rng(i).integers(0, 256, (64, 64)).astype("uint8")) for i in range(9)]
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
networks = convolutional_GenDiscr()
for write in (lambda: G.save_weights(folder / "G.weights.h5"),
              lambda: stored_weights.save_keras2_weights(G.generator, folder / "generator.h5"),
              lambda: figures.finish(plot, show=False, filename=folder / "picture.png"),
              lambda: figures.save_animation(folder / "film.gif", frames),
              lambda: page.write_page(folder / "page.html", *networks),
              lambda: store(folder / "text.csv", bytes(3000))):
    try:
        write()
    except OSError as error:
        print("refused:", error.strerror, flush=True)
try:
    with script.saving(folder / "G.weights.h5"):
        G.save_weights(folder / "G.weights.h5")
except SystemExit as stopped:
    print("said:", stopped.code, flush=True)
G.compile(run_eagerly=True)
LongRun(folder / "run", "name", {}, 0).fit(G, epochs=1, steps_per_epoch=3, verbose=0)
print("trained", int(G.generator.optimizer.iterations.numpy()), flush=True)
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "MPLBACKEND": "agg", "PYTHONDONTWRITEBYTECODE": "1"})
    return folder, done


def test_every_writer_says_so(full):
    """HDF5 writing to the disk itself ends in a segmentation fault; NumPy's archive in a traceback of zipfile."""
    folder, done = full
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("refused: File too large") == 6, done.stdout
    assert f"said: --out: cannot write {str(folder / 'G.weights.h5')!r}: File too large" in done.stdout
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


def test_old_files_stay_whole(full):
    """What stood there before is as it was, and no part of the new file is left."""
    folder, _ = full
    assert sorted(path.name for path in folder.iterdir()) == ["G.weights.h5", "film.gif", "generator.h5", "page.html",
                                                               "picture.png", "run", "text.csv"]
    assert all(path.read_bytes() == b"old" for path in folder.iterdir() if path.is_file())


def test_the_training_goes_on(full):
    """A checkpoint that cannot be written costs one sentence, not the training."""
    folder, done = full
    assert "trained 3" in done.stdout and list((folder / "run").iterdir()) == []
    assert done.stdout.count("name: could not write the checkpoint") >= 1 and "File too large" in done.stdout
