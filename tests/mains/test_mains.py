"""Every main script from end to end in a quick setting: what it says, what it draws, what it stores."""

import importlib
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from gan import model
from gan.faces.pictures import COURSE_FACES, OWN_FACES, Faces
from gan.faces.quality import PictureQuality
from gan.script import set_seeds
from tests.helpers import (
    COURSE_DATA,
    ROOT,
    WGAN_GP_faces,
    convolutional_GenDiscr,
    needs_course_data,
    weights,
    write_keras_2_weights,
)

SCRIPTS = ["0-main_01", "0-main_02", "0-main_03", "0-main_10", "0-main_20", "0-main_21", "0-main_22", "0-main_30",
           "0-main_31", "0-main_32", "0-main_40", "0-main_41", "0-main_42", "0-main_43", "0-main_44",
           "0-main_45"]
QUICK = ["--epochs", "2", "--steps", "3"]
TITLES_2D = ["200 real and 200 fake points", "the discriminator's value of each point", "losses"]
TITLES_5D = ["real points in their colours", "fake points in their colours",
             "discriminator(generator(latent plane))", "discriminator(real)", "discriminator(fake)",
             "discriminator(generator(latent sample))"]


def run(capsys, name, folder, *arguments):
    """Run a script in this process: its figures and what it printed. Every picture it draws must be saved."""
    figures = __import__(name).main([*map(str, arguments), "--no-show", "--out", str(folder)])
    out = capsys.readouterr().out
    saved = re.findall(r"^saved (.*)$", out, flags=re.MULTILINE)
    assert sorted(saved) == sorted(str(file) for file in folder.iterdir() if file.is_file())
    for path in saved:
        if not path.endswith(".h5"):
            with Image.open(path) as picture:
                assert min(picture.size) > 100
    assert len([path for path in saved if path.endswith(".png")]) == len(figures)
    assert out.splitlines()[-1].startswith("What you see: ") and out.count("What you see: ") == 1
    return figures, out


def titles(figure):
    return [axis.get_title() for axis in figure.axes if axis.get_title()]


def pictures_in(image, columns, height, width):
    """The pictures of a sheet drawn by `imshow`, row after row."""
    sheet = np.asarray(image.get_array().filled(np.nan))
    rows = (sheet.shape[0] + 1) // (height + 1)
    return np.array([sheet[i * (height + 1):, j * (width + 1):][:height, :width]
                     for i in range(rows) for j in range(columns)])


# ------------------------------------------------------ the course's settings

class Stopped(Exception):
    pass


@pytest.fixture
def started(monkeypatch):
    """Runs a script up to its first training; returns the model and what `fit` was asked for."""
    def run_to_fit(name, *arguments):
        seen = {}

        def fit(self, x=None, *, epochs=1, steps_per_epoch=None, **options):
            seen.update(G=self, epochs=epochs, steps=steps_per_epoch)
            raise Stopped

        monkeypatch.setattr(model.GAN, "fit", fit)
        with pytest.raises(Stopped):
            __import__(name).main(list(map(str, arguments)))
        return seen["G"], seen["epochs"], seen["steps"]
    return run_to_fit


@pytest.mark.parametrize("name, chosen, epochs, steps, learning_rate, latent, data", [
    ("0-main_01", "Simple_GAN", 16, 100, .001, 1, (1000, 2)),
    ("0-main_02", "Simple_GAN", 16, 100, .001, 1, (1000, 2)),
    ("0-main_03", "Simple_GAN", 16, 100, .001, 2, (1000, 5)),
    ("0-main_10", "WGAN_clip", 16, 100, .001, 2, (1000, 5)),
    ("0-main_20", "WGAN_GP", 16, 100, .001, 2, (1000, 5)),
    ("0-main_21", "Simple_GAN", 100, 250, .00003, 49, (10000, 49)),
    ("0-main_22", "Simple_GAN", 100, 250, .00003, 49, (10000, 49)),
])
def test_settings_of_the_course(started, tmp_path, name, chosen, epochs, steps, learning_rate, latent, data):
    """Without options a script trains what the course trains, as long, and with its settings."""
    clouds = ["--clouds", "3"] if name == "0-main_22" else []
    G, found_epochs, found_steps = started(name, "--no-show", "--out", tmp_path, *clouds)
    assert (type(G).__name__, found_epochs, found_steps) == (chosen, epochs, steps)
    assert (G.batch_size, G.disc_iter, G.learning_rate) == (200, 2, learning_rate)
    assert tuple(G.real_examples.shape) == data
    hidden = 98 if latent == 49 else 10
    assert [w.shape for w in G.generator.get_weights()[::2]] == [(latent, hidden), (hidden, hidden), (hidden, data[1])]
    assert [w.shape for w in G.discriminator.get_weights()[::2]] == [(data[1], hidden), (hidden, hidden), (hidden, 1)]


def test_settings_of_task_3(started, tmp_path, faces):
    """Task 3 trains Simple_GAN for 5 epochs of 5 steps with batches of 10, one update each, on centred faces."""
    G, epochs, steps = started("0-main_30", "--no-show", "--out", tmp_path, "--faces", faces / FACES)
    assert (type(G).__name__, epochs, steps) == ("Simple_GAN", 5, 5)
    assert (G.batch_size, G.disc_iter, G.learning_rate) == (10, 1, .001)
    np.testing.assert_array_equal(G.real_examples, Faces(faces / FACES).normalized)
    latent = np.asarray(G.latent_generator(7))
    assert latent.shape == (7, 16)
    np.testing.assert_allclose(np.linalg.norm(latent - .5, axis=1), .3, atol=1e-6)


# ------------------------------------------------------------ tasks 0 to 2

@pytest.fixture
def without_graphs(monkeypatch):
    """No graphs, whose making takes most of so short a run; 0-main_01 has them, and 0-main_21 on two devices."""
    compiled = model.GAN.compile
    monkeypatch.setattr(model.GAN, "compile", lambda self, **options: compiled(self, **options, run_eagerly=True))


def test_main_01(capsys, tmp_path):
    """Prints a bar with both losses for each epoch, and draws the losses."""
    (figure,), out = run(capsys, "0-main_01", tmp_path, *QUICK)
    assert "Simple_GAN on 1000 points of a circle" in out and "TensorFlow" in out
    assert len(re.findall(r"Epoch [12]/2", out)) == 2 and "discr_loss: " in out and "gen_loss: " in out
    assert titles(figure) == ["losses of Simple_GAN"]
    assert [line.get_label() for line in figure.axes[0].lines] == ["generator", "discriminator"]
    assert [len(line.get_ydata()) for line in figure.axes[0].lines] == [2, 2]


@pytest.mark.parametrize("name, chosen, panels, arguments", [
    ("0-main_02", "Simple_GAN", TITLES_2D, ["--animate"]),
    ("0-main_03", "Simple_GAN", TITLES_5D, ["--animate"]),
    ("0-main_10", "WGAN_clip", TITLES_5D, []),
    ("0-main_20", "WGAN_GP", TITLES_5D, []),
])
def test_mains_that_draw_clouds(capsys, tmp_path, without_graphs, name, chosen, panels, arguments):
    """Trains, says what on, and draws the real and fake points; with --animate also a frame for each epoch."""
    (figure,), out = run(capsys, name, tmp_path, *QUICK, *arguments)
    assert f"{chosen} on " in out
    assert titles(figure) == [f"{chosen}: {panel}" for panel in panels]
    real, *fake = [c.get_offsets() for c in figure.axes[0].collections + figure.axes[1].collections
                   if len(c.get_offsets()) > 1]
    assert len(real) == (200 if name == "0-main_02" else 1000)
    assert len(fake[0]) == (200 if name == "0-main_02" else 10000)
    if name == "0-main_02":
        np.testing.assert_allclose(np.linalg.norm(np.asarray(real) - .5, axis=1), .3, atol=1e-5)
    else:
        assert figure.get_suptitle() == "after 2 epochs"
        quarters = (np.asarray(real) > .5) @ [2, 1]
        assert np.bincount(quarters).tolist() == [250] * 4
    assert figure.axes[0].get_xlim() == figure.axes[0].get_ylim() == (-.1, 1.1)
    if arguments:
        with Image.open(tmp_path / f"{name}.gif") as film:
            assert film.n_frames == 2


def test_main_21(capsys, tmp_path, without_graphs):
    """Trains three classes from two seeds, prints mean and spread of both indicators, stores the first's weights."""
    (figure,), out = run(capsys, "0-main_21", tmp_path, *QUICK, "--seeds", "2")
    names = ["Simple_GAN", "WGAN_clip", "WGAN_GP"]
    number = r"\d+\.\d+"
    printed = {}
    for name in names:
        row = re.search(rf"^{name} +({number}) \+- ({number}) +({number}) \+- ({number})$", out, flags=re.MULTILINE)
        printed[name] = [float(value) for value in row.groups()]
        assert all(value > 0 for value in printed[name])  # two seeds never give the same indicators
    assert re.search(r"^expected +0\.1225 +0\.000245$", out, flags=re.MULTILINE)
    assert titles(figure) == names
    assert "0.1225" in figure.get_suptitle() and "0.000245" in figure.get_suptitle()
    for axis in figure.axes:
        msdcc, dbc = (float(value) for value in re.findall(number, axis.get_xlabel()))
        mean, spread = printed[axis.get_title()][:2]
        assert abs(msdcc - mean) == pytest.approx(spread, abs=2e-4)  # the first of two: one spread from their mean
        assert dbc < msdcc
        assert [len(line.get_ydata()) for line in axis.lines] == [2, 2]
    assert len(list(tmp_path.glob("*.weights.h5"))) == 3


def test_main_22(capsys, tmp_path, monkeypatch):
    """Draws the distributions of both indicators and vectors as pictures; trains only if there are no weights yet."""
    main_22 = importlib.import_module("0-main_22")
    arguments = ["--epochs", "1", "--steps", "2", "--clouds", "101"]
    arguments += ["--no-show", "--out", str(tmp_path)]
    run_1 = main_22.main(arguments)
    assert "training the three classes first" in capsys.readouterr().out
    monkeypatch.setattr(main_22, "train", None)  # the second time, the stored weights are used
    run_2 = main_22.main(arguments)
    assert "training" not in capsys.readouterr().out
    for first, second in (run_1, run_2):
        for axis, expected in zip(first.axes, (.1, .001)):
            assert axis.lines[0].get_xdata().tolist() == pytest.approx([expected] * 2)
            heights = [bar.get_height() * bar.get_width() for bar in axis.patches]
            assert sum(heights) == pytest.approx(1) and len(heights) == 50
            left, right = axis.patches[0].get_x(), axis.patches[-1].get_x() + axis.patches[-1].get_width()
            assert left < expected < right
        assert titles(second) == ["real", "Simple_GAN", "WGAN_clip", "WGAN_GP"]
        sheets = [pictures_in(axis.get_images()[0], 10, 7, 7) for axis in second.axes[:4]]
        assert all(sheet.shape == (100, 7, 7) and np.isfinite(sheet).all() for sheet in sheets)
        assert sheets[0].mean() == pytest.approx(.8, abs=.005)  # the real cloud; standard error .0007
        assert all(abs(sheet.mean() - .8) > .1 for sheet in sheets[1:])  # hardly trained
    one, two = ([axis.get_images()[0].get_array().filled(0) for axis in run[1].axes[:4]] for run in (run_1, run_2))
    np.testing.assert_array_equal(one[0], two[0])
    assert {file.name for file in tmp_path.glob("*.png")} == {"0-main_22-indicators.png", "0-main_22-pictures.png"}


# ------------------------------------------------------------ tasks 3 and 4

FACES = "small_res_faces_10000.npy"


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """A folder with 401 made-up pictures and weights of both networks in the layout of the course's files."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(4)
    np.save(folder / FACES, rng.integers(0, 256, (401, 16, 16)).astype("uint8"))
    set_seeds(6)
    for name, network in zip(("generator.h5", "discriminator.h5"), convolutional_GenDiscr()):
        network.set_weights([w + .01 * rng.uniform(size=w.shape) for w in network.get_weights()])
        write_keras_2_weights(folder / name, network)
    return folder


def stored_networks(folder):
    """The networks with the weights of a folder, loaded by Keras alone."""
    networks = convolutional_GenDiscr()
    for network, name in zip(networks, ("generator.h5", "discriminator.h5")):
        network.load_weights(str(folder / name))
    return networks


def test_main_30(capsys, tmp_path, without_graphs, faces):
    """Trains on the faces and draws ten of its own, the discriminator's values and the losses."""
    (figure,), out = run(capsys, "0-main_30", tmp_path, *QUICK, "--faces", faces / FACES)
    assert f"Simple_GAN on the 401 faces of {FACES}" in out and len(re.findall(r"Epoch [12]/2", out)) == 2
    assert titles(figure) == [f"Simple_GAN: the discriminator's values of 400 {kind} faces" for kind in ("real", "fake")
                              ] + ["Simple_GAN: losses"]
    images = [axis.get_images()[0].get_array() for axis in figure.axes if axis.get_images()]
    assert len(images) == 10 and all(image.shape == (16, 16) for image in images)
    assert len({image.tobytes() for image in images}) == 10


def test_main_40(capsys, tmp_path, faces):
    """Draws the 400 pictures that the stored generator makes, in the order of the stored discriminator's values."""
    (figure,), out = run(capsys, "0-main_40", tmp_path, "--faces", faces / FACES, "--weights", faces, "--seed", 3)
    assert f"400 faces from the weights in {faces}" in out
    drawn = pictures_in(figure.axes[0].get_images()[0], 20, 16, 16)
    assert drawn.shape == (400, 16, 16)
    generator, discriminator = stored_networks(faces)
    values = np.asarray(discriminator(drawn[..., None]))[:, 0]
    assert np.all(np.diff(values) >= -1e-6) and values[-1] - values[0] > .001
    assert figure.get_suptitle() == ("400 fake faces of WGAN_GP, sorted by the discriminator's value: "
                                     f"{values[0]:.3f} (top left) to {values[-1]:.3f} (bottom right)")
    set_seeds(3)
    made = np.asarray(generator(tf.random.normal((400, 16))))[..., 0]
    drawn, made = (pictures[np.argsort(pictures.mean(axis=(1, 2)))] for pictures in (drawn, made))
    np.testing.assert_allclose(drawn, made, atol=1e-5)


def test_main_41(capsys, tmp_path, faces):
    """Draws twenty pictures along the segment between the first two latent vectors of seed 18."""
    (figure,), out = run(capsys, "0-main_41", tmp_path, "--faces", faces / FACES, "--weights", faces)
    assert (tmp_path / "segment.png").exists() and "WGAN_GP on a segment" in figure.get_suptitle()
    names = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert len(names) == 20 and (names[0], names[-1]) == ("0.00", "1.00")
    np.random.seed(18)
    a, b = np.random.randn(32).reshape(2, 16)
    latent = np.array([a + (b - a) * i / 19 for i in range(20)], "float32")
    made = np.asarray(stored_networks(faces)[0](latent))[..., 0]
    np.testing.assert_allclose(pictures_in(figure.axes[0].get_images()[0], 20, 16, 16), made, atol=1e-5)

    (figure,), _ = run(capsys, "0-main_41", tmp_path, "--faces", faces / FACES, "--weights", faces, "--as-course")
    np.testing.assert_allclose(pictures_in(figure.axes[0].get_images()[0], 20, 16, 16),
                               Faces(faces / FACES).recover(made), atol=1e-5)


def test_main_31(capsys, tmp_path, faces):
    """Draws the first hundred faces, the mean face, and how often every pixel has which value."""
    (sheets, pixels), out = run(capsys, "0-main_31", tmp_path, "--faces", faces / FACES)
    assert "faces: " in out and "other faces (sha256 " in out
    data = Faces(faces / FACES)
    assert titles(sheets) == ["the first 100 real faces", "the mean face"]
    np.testing.assert_allclose(pictures_in(sheets.axes[0].get_images()[0], 10, 16, 16), data.pictures[:100], atol=1e-6)
    np.testing.assert_allclose(pictures_in(sheets.axes[1].get_images()[0], 1, 16, 16)[0], data.mean_face, atol=1e-6)
    assert len(pixels.axes) >= 1


def test_main_42(capsys, tmp_path, faces):
    """Draws coordinates, PCA faces and sums of squares, and prints the indicators of PCA, untrained and stored GAN."""
    figures, out = run(capsys, "0-main_42", tmp_path, "--faces", faces / FACES, "--weights", faces)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"0-main_42-{name}.png" for name in
                                                                ("chi2", "coordinates", "pca")]
    rows = re.findall(r"^\| ([^|]+) \|(.*)\|$", out, flags=re.MULTILINE)
    assert [name for name, _ in rows] == ["real against real", "PCA, depth 128", "PCA, depth 192", "PCA, depth 256",
                                          "untrained GAN", "GAN, 3 samples"]
    assert all(len(cells.split("|")) == 5 for _, cells in rows) and rows[-1][1].count("+-") == 5
    assert titles(figures[1])[:2] == ["PCA fake faces (depth 128)", "PCA reconstructed real faces (depth 128)"]
    assert len(figures[0].axes) == 49
    assert titles(figures[2]) == ["real faces", "each coordinate shuffled", "fake faces of the GAN"]


@pytest.fixture(scope="module")
def attributes(faces):
    """A table of attributes for the made-up pictures: half of them smile, a third wears glasses."""
    path = faces / "attributes.csv"
    rows = [f"{i % 2},{int(i % 3 == 0)},{int(i % 5 < 2)},{i % 7 / 6}" for i in range(401)]
    path.write_text("smile,glasses,male,hair_length\n" + "\n".join(rows) + "\n")
    return path


def test_main_43(capsys, tmp_path, faces, attributes):
    """Two walks as animations, and for each attribute of the table ten faces with less, neither and more of it."""
    (figure,), out = run(capsys, "0-main_43", tmp_path, "--faces", faces / FACES, "--weights", faces,
                         "--attributes", attributes, "--frames", 8)
    for name in ("circle", "star"):
        with Image.open(tmp_path / f"0-main_43-{name}.gif") as film:
            assert film.n_frames >= 4
    names = ["smile", "glasses", "male", "hair length"]  # the table says nothing of age
    assert titles(figure) == [f"{name}: less, neutral, more" for name in names]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["less (-2.5)", "neutral (0)",
                                                                                "more (2.5)"]
    assert pictures_in(figure.axes[0].get_images()[0], 10, 16, 16).shape == (30, 16, 16)
    assert re.findall(r"^a step of length (\S+) ", out, flags=re.MULTILINE) == ["0.01", "0.1", "1"]
    for i, name in enumerate(names):
        seen = re.search(rf"^{name}: the classifier is right on \d+% .* (\d+)% \(less\) \d+% \(neutral\) "
                         r"(\d+)% \(more\)", out, flags=re.MULTILINE)
        changes = re.search(rf"^{name} +((?: +[+-]\d+){{4}})$", out, flags=re.MULTILINE)[1].split()
        assert int(changes[i]) == pytest.approx(int(seen[2]) - int(seen[1]), abs=1)  # both are rounded


def test_main_43_without_an_attribute(tmp_path, faces):
    """Where nobody smiles, no direction leads to a smile: one sentence names the attribute and the table."""
    path = tmp_path / "serious.csv"
    path.write_text("smile,glasses\n" + "\n".join(f"0,{i % 2}" for i in range(401)) + "\n")
    with pytest.raises(SystemExit, match=r"^attributes: expected faces with and without smile in .*serious.csv"):
        __import__("0-main_43").main(["--no-show", "--out", str(tmp_path), "--faces", str(faces / FACES), "--weights",
                                      str(faces), "--attributes", str(path), "--frames", "4"])


def test_main_43_needs_attributes_of_these_faces(tmp_path, faces):
    """The package's table is never taken for one of other faces, even where they are as many."""
    with pytest.raises(SystemExit, match=r"^The attributes of other faces \(sha256 .*--attributes FILE"):
        __import__("0-main_43").main(["--no-show", "--out", str(tmp_path), "--faces", str(faces / FACES),
                                      "--weights", str(faces)])
    assert list(tmp_path.iterdir()) == []


def test_shipped_faces_are_told_from_others(capsys, tmp_path, faces):
    """A checksum tells the package's own faces from any other file of the same name."""
    assert Faces(ROOT / "data" / FACES).origin == OWN_FACES
    assert Faces(faces / FACES).origin.startswith("other faces (sha256 ")


@needs_course_data
def test_the_courses_faces_are_recognised():
    """The course's file is told from the package's by its checksum."""
    assert Faces(COURSE_DATA / FACES).origin == COURSE_FACES


def test_shipped_weights_make_faces():
    """The stored networks of the package load, make pictures like its faces, and tell real ones from fakes."""
    generator, discriminator = stored_networks(ROOT / "data")
    pictures = Faces(ROOT / "data" / FACES).pictures
    quality = PictureQuality(pictures, size=2000, neighbour_size=1000)
    made = generator.predict(np.random.default_rng(5).normal(size=(2000, 16)).astype("float32"), verbose=0)
    found = quality(made)
    # Shipped: .012, .18, .94, .76; the course's weights on the course's faces: .032, .88, .90, .66; untrained: .40, 74.
    assert found["sliced_wasserstein"] < .02 and found["frechet"] < .4
    assert found["precision"] > .85 and found["recall"] > .66
    verdict = [discriminator.predict(sample, verbose=0).mean() for sample in (pictures[:2000, ..., None], made)]
    assert verdict[0] - verdict[1] > .3 and abs(sum(verdict)) < .1


@pytest.mark.parametrize("name, missing, option", [
    ("0-main_30", FACES, "--faces FILE"), ("0-main_40", FACES, "--faces FILE"),
    ("0-main_40", "generator.h5", "--weights DIR"), ("0-main_41", "discriminator.h5", "--weights DIR")])
def test_missing_files_are_named(tmp_path, faces, name, missing, option):
    """Without a file it needs, a script of tasks 3 and 4 says in two lines what to put where, and stops."""
    data = tmp_path / "data"
    data.mkdir()
    for file in faces.iterdir():
        if file.name != missing:
            (data / file.name).symlink_to(file)
    weights_option = [] if name == "0-main_30" else ["--weights", str(data)]
    with pytest.raises(SystemExit) as stopped:
        __import__(name).main(["--no-show", "--out", str(tmp_path), "--faces", str(data / FACES), *weights_option])
    message = stopped.value.code
    assert message.count("\n") == 1 and str(data / missing) in message and option in message


def test_damaged_files_are_named(tmp_path, faces):
    """A file that is not what it should be ends the script with one line that names it."""
    bad = tmp_path / FACES
    bad.write_text("no pictures")
    (tmp_path / "generator.h5").write_text("no weights")
    (tmp_path / "discriminator.h5").symlink_to(faces / "discriminator.h5")
    for name, argument, arguments in (("0-main_30", "faces", ["--faces", bad]),
                                      ("0-main_40", "gen_h5", ["--faces", faces / FACES, "--weights", tmp_path])):
        with pytest.raises(SystemExit, match=f"^{argument}: .*{re.escape(str(tmp_path))}") as stopped:
            __import__(name).main([*map(str, arguments), "--no-show", "--out", str(tmp_path)])
        assert "\n" not in stopped.value.code


@needs_course_data
def test_mains_40_and_41_on_the_courses_files(capsys, tmp_path):
    """On the course's own files the drawn faces have the grey of the real ones, not that of the mean face added."""
    options = ["--faces", COURSE_DATA / FACES, "--weights", COURSE_DATA]
    (faces_400,), _ = run(capsys, "0-main_40", tmp_path / "40", *options)
    (segment,), _ = run(capsys, "0-main_41", tmp_path / "41", *options)
    # The means are .477 (made) and .464 (real); with the mean face added .94.
    assert pictures_in(faces_400.axes[0].get_images()[0], 20, 16, 16).mean() == pytest.approx(.477, abs=.02)
    assert pictures_in(segment.axes[0].get_images()[0], 20, 16, 16).mean() == pytest.approx(.46, abs=.15)


@needs_course_data
def test_the_courses_files_load_bit_by_bit():
    """The course's two weight files are loaded array by array, in the order in which they are stored."""
    import h5py
    G = WGAN_GP_faces(*convolutional_GenDiscr(), lambda k: tf.random.normal((k, 16)),
                                        np.load(COURSE_DATA / FACES)[:211])
    G.replace_weights(COURSE_DATA / "generator.h5", COURSE_DATA / "discriminator.h5")
    for network, arrays in weights(G).items():
        with h5py.File(COURSE_DATA / f"{network}.h5", "r") as file:
            stored = [file[layer][name][()] for layer in file.attrs["layer_names"]
                      for name in file[layer].attrs["weight_names"]]
        assert len(stored) == len(arrays)
        # Keras keeps trained weights before moving statistics in `get_weights` of a layer, as the files do.
        assert all(np.array_equal(a, b) for a, b in zip(stored, arrays))


# ------------------------------------------------------------ the command line

def test_scripts_are_executable():
    """Every main script can be run by its name: it has the first line and the permission for that."""
    paths = sorted((ROOT / "mains").glob("0-main_*.py"))
    assert set(SCRIPTS) <= {path.stem for path in paths}
    for path in paths:
        assert path.read_text().startswith("#!/usr/bin/env python3\n") and os.access(path, os.X_OK), path.name


def test_every_script_says_what_is_to_be_seen():
    """A picture alone does not tell a student what is good about it; the last line of every script does."""
    for name in SCRIPTS:
        assert (ROOT / "mains" / f"{name}.py").read_text().count('print("What you see: ') == 1, name


@pytest.mark.parametrize("name", SCRIPTS)
def test_help(capsys, name):
    """--help says what the script does and lists its options; those that train have --epochs and --steps."""
    module = __import__(name)
    with pytest.raises(SystemExit) as stopped:
        module.main(["--help"])
    out = capsys.readouterr().out
    assert stopped.value.code == 0
    assert module.__doc__.strip().split("\n")[0] in out
    trains = name < "0-main_31" or name == "0-main_32"
    for option in ["--seed", "--out", "--no-show"] + ["--epochs", "--steps"] * trains:
        assert option in out
    assert ("--animate" in out) == (name in ("0-main_02", "0-main_03"))
    assert ("--seeds" in out) == (name == "0-main_21")


@pytest.mark.parametrize("name, option, value", [
    ("0-main_01", "--epochs", "0"), ("0-main_01", "--steps", "2.5"), ("0-main_20", "--seed", "-1"),
    ("0-main_21", "--seeds", "0"), ("0-main_22", "--clouds", "many"), ("0-main_40", "--epochs", "3"),
    ("0-main_10", "--out", __file__),
])
def test_bad_options(capsys, name, option, value):
    """A bad option ends a script with argparse's message and exit code before it draws or trains anything."""
    with pytest.raises(SystemExit) as stopped:
        __import__(name).main([option, value])
    assert stopped.value.code == 2
    assert option in capsys.readouterr().err


@pytest.fixture
def shell(tmp_path):
    """Runs a script by its path in an empty folder, without a screen, with this Python as python3."""
    wrapper = tmp_path / "bin" / "python3"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND")}
    environment["PATH"] = f"{wrapper.parent}{os.pathsep}{environment['PATH']}"

    def run_script(name, *arguments):
        done = subprocess.run([str(ROOT / "mains" / f"{name}.py"), *arguments], cwd=folder, env=environment,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return folder, done.stdout
    return run_script


def test_runs_from_any_folder_without_a_screen(shell):
    """Called by its path from another folder, a script trains, saves its picture in `outputs` there, and ends."""
    folder, out = shell("0-main_01", "--epochs", "1", "--steps", "2")
    assert f"saved {os.path.join('outputs', '0-main_01.png')}" in out
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("*.png")] == ["outputs/0-main_01.png"]
    assert "2/2" in out and "discr_loss: " in out


def test_help_from_another_folder(shell):
    """--help works from any folder and leaves nothing behind."""
    folder, out = shell("0-main_22", "--help")
    assert "--clouds" in out and list(folder.iterdir()) == []
