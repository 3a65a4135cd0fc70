"""The lab of `0-main_45.py`: that its steps are those of the Python classes, and what its controls do in Chromium."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from matplotlib.colors import rgb_to_hsv, to_rgb

from gan.figures import DISCRIMINATOR, GENERATOR
from gan.lab import write_lab
from gan.networks import fully_connected_GenDiscr
from gan.script import set_seeds
from tests.chromium import in_chromium, needs_chromium
from tests.helpers import CLASSES, ROOT, each_class

main_45 = __import__("0-main_45")

SEED = 5
BATCH, STEPS, DISC_ITER, RATE, LAMBDA = 37, 50, 3, .002, 7
TOLERANCE = 2e-5  # measured in both lanes: 2e-7 for fakes, 3e-6 for losses, the float32 of TensorFlow
NAMES = [chosen_type.__name__ for chosen_type in CLASSES]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page as a file."""
    path = tmp_path_factory.mktemp("lab") / "lab.html"
    write_lab(path, seed=SEED)
    return path


# ---------------------------------------------------------- without a browser

def test_the_page_needs_nothing_else(page):
    """The page names no address and no other file, all its marks are filled in, and it is small."""
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"https?:|\ssrc\s*=|\burl\(|@import|\bimport\b|fetch\(|XMLHttpRequest|\{\{", text)
    assert re.findall(r'href="([^"]*)"', text) == ["data:,"]
    assert len(text.encode()) < 60_000


def test_every_panel_says_what_one_sees(page):
    """Each of the three panels has a title and one sentence under it."""
    panels = re.findall(r'<section class="card"[^>]*>\s*<h2>[^<]+</h2>(?:(?!</section>).)*?<canvas.*?</section>',
                        page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(panels) == 3
    for panel in panels:
        sees = re.sub(r"<[^>]*>", "", re.search(r'<p class="sees">(.*?)</p>', panel, flags=re.DOTALL)[1])
        assert re.fullmatch(r"What you see:[^.]+\.", sees), sees


def test_colours_are_those_of_the_figures(page):
    """Generator and discriminator have the hues that they have in every figure, on light and on dark paper."""
    for role, colour in (("generator", GENERATOR), ("discriminator", DISCRIMINATOR)):
        hues = [rgb_to_hsv(to_rgb(code))[0] for code in
                [*re.findall(rf"--{role}: (#\w+);", page.read_text(encoding="utf-8")), colour]]
        assert len(hues) == 3 and np.ptp(hues) < .03


def test_main_45(tmp_path, capsys):
    """The script writes the page with its seed, prints its path and what one sees, and returns the path."""
    path = tmp_path / "0-main_45.html"
    assert main_45.main(["--out", str(tmp_path), "--no-show", "--seed", "11"]) == [path]
    out = capsys.readouterr().out
    assert f"saved {path}" in out and len(re.findall(r"^What you see: [^.]+\.$", out, flags=re.MULTILINE)) == 1
    assert "Number(asked) : 11;" in path.read_text(encoding="utf-8") and list(tmp_path.iterdir()) == [path]


def test_main_45_starts_without_tensorflow(tmp_path):
    """The page is there at once: neither TensorFlow nor matplotlib nor NumPy is imported to write it."""
    code = ("import runpy, sys; sys.argv = ['0-main_45.py', '--out', sys.argv[1]]; "
            f"runpy.run_path({str(ROOT / 'mains' / '0-main_45.py')!r}, run_name='__main__'); "
            "print(sorted({'tensorflow', 'keras', 'matplotlib', 'numpy'} & set(sys.modules)))")
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.splitlines()[-1] == "[]", run.stdout + run.stderr


# ------------------------------------------- the same numbers in both languages

@pytest.fixture(scope="module")
def given():
    """Real points, weights and all that is random, for both sides: float32 numbers."""
    draw = np.random.default_rng(3)
    set_seeds(4)
    networks = fully_connected_GenDiscr([1, 10, 10, 2])
    for network in networks[:2]:  # biases that are not 0, weights beyond 1 that are clipped
        network.set_weights([1.5 * w + .1 * draw.normal(size=w.shape) for w in network.get_weights()])
    real = draw.uniform(size=(101, 2)).astype("float32")
    orders = np.array([[draw.permutation(101)[:BATCH] for _ in range(DISC_ITER)] for _ in range(STEPS)])
    return {"real": real, "orders": orders,
            "latent": draw.normal(size=(STEPS, DISC_ITER + 1, BATCH, 1)).astype("float32"),
            "u": draw.uniform(size=(STEPS, DISC_ITER, BATCH)).astype("float32"),
            "shown": draw.normal(size=(11, 1)).astype("float32"),
            **{name: np.concatenate([w.ravel() for w in network.get_weights()])
               for name, network in zip(("generator", "discriminator"), networks)}}


def in_python(chosen_type, given):
    """The losses of each step of the class, and the fakes of the shown latent vectors after it."""
    generator, discriminator, latent_generator = fully_connected_GenDiscr([1, 10, 10, 2])
    for name, network in (("generator", generator), ("discriminator", discriminator)):
        arrays = np.split(given[name], np.cumsum([w.size for w in network.get_weights()])[:-1])
        network.set_weights([a.reshape(w.shape) for a, w in zip(arrays, network.get_weights())])
    options = {"lambda_gp": LAMBDA} if chosen_type.__name__ == "WGAN_GP" else {}
    G = chosen_type(generator, discriminator, latent_generator, given["real"], batch_size=BATCH, disc_iter=DISC_ITER,
                    learning_rate=RATE, **options)

    @tf.function(autograph=False)
    def step(orders, latent, u):
        numbers = []
        for i in range(DISC_ITER):
            numbers += [orders[i], latent[i]] + [u[i]] * bool(options)
        queue = iter([*numbers, latent[DISC_ITER]])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(G, "drawn", lambda draw: next(queue))
            return G.train_step(None)

    losses, fakes = [], []
    for orders, latent, u in zip(given["orders"], given["latent"], given["u"]):
        losses.append({name: float(loss) for name, loss in step(orders, latent, u[..., np.newaxis]).items()})
        fakes.append(generator(given["shown"]).numpy())
    return losses, np.array(fakes)


TRAIN = """
  const given = GIVEN, settings = SETTINGS;
  report.weights = lab.training.generator.weights.length + lab.training.discriminator.weights.length;
  for (const name of Object.keys(lab.CLASSES)) {
    const orders = given.orders.flat(), latent = given.latent.flat(), u = given.u.flat();
    const draws = { real: k => orders.shift().map(i => given.real[i]), latent: () => latent.shift(),
                    interpolation: () => u.shift() };
    const generator = new lab.Network([1, 10, 10, 2], lab.SIGMOID, Math.random);
    const discriminator = new lab.Network([2, 10, 10, 1], lab.TANH, Math.random);
    generator.weights.set(given.generator);
    discriminator.weights.set(given.discriminator);
    const training = new lab.Training(name, generator, discriminator, settings, draws);
    const losses = [], fakes = [];
    while (orders.length) {
      losses.push(training.step());
      fakes.push(training.fakes(given.shown));
    }
    report[name] = { losses, fakes, left: latent.length, largest: Math.max(...discriminator.weights.map(Math.abs)) };
  }
  // A discriminator without any slope, and one of a single neuron whose slope can be computed by hand
  const flat = new lab.Network([2, 3, 1], lab.TANH, () => .5), gradient = new Float64Array(flat.weights.length);
  report.flat = { penalty: flat.penalty([.3, .7], 1, gradient), gradient: Array.from(gradient) };
"""


@pytest.fixture(scope="module")
def trained(page, given, tmp_path_factory):
    """The report of a browser in which the three classes train on the given numbers."""
    settings = {"batch_size": BATCH, "disc_iter": DISC_ITER, "learning_rate": RATE, "lambda_gp": LAMBDA}
    numbers = json.dumps({name: array.tolist() for name, array in given.items()})
    script = TRAIN.replace("GIVEN", numbers).replace("SETTINGS", json.dumps(settings))
    return in_chromium(page, tmp_path_factory.mktemp("trained"), script)


@needs_chromium
@each_class
def test_fifty_steps_are_those_of_the_class(chosen_type, trained, given):
    """On the same numbers, each of fifty steps has the losses and fakes of the Python class, to 2e-5."""
    losses, fakes = in_python(chosen_type, given)
    found = trained[chosen_type.__name__]
    assert len(found["losses"]) == STEPS and found["left"] == 0
    assert [set(step) for step in found["losses"]] == [set(step) for step in losses]
    for name in losses[0]:
        np.testing.assert_allclose([step[name] for step in found["losses"]], [step[name] for step in losses],
                                   rtol=0, atol=TOLERANCE, err_msg=name)
    np.testing.assert_allclose(found["fakes"], fakes, rtol=0, atol=TOLERANCE)
    apart = max(abs(step[name] - other[name]) for step, other in zip(losses, found["losses"]) for name in step)
    print(f"fakes differ by {np.abs(np.array(found['fakes']) - fakes).max():.0e}, losses by {apart:.0e}")
    assert np.abs(fakes[-1] - fakes[0]).max() > .01  # they do move
    assert (found["largest"] > 1) == (chosen_type.__name__ != "WGAN_clip")  # and clipping has work to do


@needs_chromium
def test_303_weights(trained):
    """Both networks of 1-10-10-2 together have 303 weights, as in Python."""
    generator, discriminator, _ = fully_connected_GenDiscr([1, 10, 10, 2])
    assert trained["weights"] == generator.count_params() + discriminator.count_params() == 303


@needs_chromium
def test_a_slope_of_zero_does_no_harm(trained):
    """Where the discriminator is flat the penalty is 1 and changes no weight; nothing becomes NaN."""
    assert trained["flat"] == {"penalty": 1, "gradient": [0] * 13}


# ---------------------------------------------------------------- the controls

HELP = """
  const wait = ms => new Promise(resolve => setTimeout(resolve, ms));
  const look = () => ({ steps: one("#steps").textContent, note: one("#note").textContent, playing: lab.playing,
    name: lab.training.name, about: one("#about").textContent, beta_1: one("#beta_1").textContent,
    weights: Array.from(lab.training.generator.weights), points: lab.points.map(point => [...point]),
    losses: Object.fromEntries(Object.entries(lab.history).map(([name, all]) => [name, all.at(-1)])),
    settings: { ...lab.training.settings }, hidden: [...document.querySelectorAll("#sliders > div")]
      .filter(row => row.hidden).map(row => row.querySelector("input").id) });
  const slide = (id, value) => {
    one("#" + id).value = value;
    one("#" + id).dispatchEvent(new Event("input", { bubbles: true }));
  };
  const pointer = (kind, x, y) => {
    const box = one("#plane").getBoundingClientRect(), side = box.width - 114;
    one("#plane").dispatchEvent(new PointerEvent("pointer" + kind, { bubbles: true, pointerId: 1,
      clientX: box.left + 30 + side * (x + .1) / 1.2, clientY: box.top + 8 + side * (1.1 - y) / 1.2 }));
  };
  const press = (target, key) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const written = () => {  // the texts that are drawn on the three canvases
    const texts = {}, original = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
      (texts[this.canvas.id] ||= []).push(String(text));
      original.call(this, text, ...place);
    };
    lab.draw();
    CanvasRenderingContext2D.prototype.fillText = original;
    return texts;
  };
  const ink = id => new Set(one("#" + id).getContext("2d").getImageData(0, 0, one("#" + id).width,
    one("#" + id).height).data).size;
"""

DRIVE = """
  report.unnamed = [...document.querySelectorAll("button, input")].filter(element => element.tabIndex < 0 ||
    !(element.ariaLabel || element.textContent || element.labels[0].textContent)).length;
  report.start = look();
  one("#step").click();
  one("#step").click();
  report.two = look();
  one("#restart").click();
  report.again = look();
  one("#step").click();
  one("#step").click();
  report.twice = look();
  one("#play").click();
  report.label = one("#play").textContent;
  while (lab.training.steps < 9) await wait(20);
  press(document.body, " ");
  const steps = lab.training.steps;
  await wait(300);
  report.paused = { ...look(), moved: lab.training.steps - steps };
  report.ink = ["plane", "surface", "curves"].map(ink);
  report.written = written();
  lab.training.discriminator.weights.fill(0);
  report.flat = written();
  for (const name of ["WGAN_clip", "WGAN_GP"]) {
    one(`[value=${name}]`).click();
    one("#step").click();
    report[name] = look();
  }
  slide("batch_size", 1);
  slide("disc_iter", 2);
  slide("learning_rate", 0);
  slide("lambda_gp", 0);
  one("#step").click();
  report.settings = look();
  one("#course").click();
  one("#step").click();
  report.course = look();
  one("[value=clouds]").click();
  report.clouds = look();
  one("#seed").value = "2.5";
  one("#seed").dispatchEvent(new Event("change"));
  report.wrongSeed = look();
  one("#seed").value = "6";
  one("#seed").dispatchEvent(new Event("change"));
  report.otherSeed = look();
  one("[value=drawn]").click();
  one("#play").click();
  await wait(200);
  report.empty = look();
  pointer("down", .2, .3);
  pointer("move", .2, .6);
  pointer("up", .2, .6);
  pointer("move", .9, .9);
  report.stroke = look();
  press(one("#plane"), "ArrowRight");
  press(one("#plane"), "ArrowUp");
  press(one("#plane"), "Enter");
  report.key = look();
  one("#step").click();
  report.drawn = look();
  one("#restart").click();
  report.kept = look();
  one("#clear").click();
  report.cleared = look();
  report.loads = performance.getEntriesByType("resource").length;
  report.sample = new lab.Random(3).sample(Array.from({ length: 101 }, (_, i) => i), 50);
"""


@pytest.fixture(scope="module")
def driven(page, tmp_path_factory):
    """The report of a browser in which every control is used."""
    return in_chromium(page, tmp_path_factory.mktemp("driven"), DRIVE, "", "--virtual-time-budget=60000", help=HELP)


@needs_chromium
def test_play_pause_step_restart(driven):
    """Step does one step; restart brings back the same networks, which train the same way; the space bar pauses."""
    assert driven["start"]["steps"] == driven["again"]["steps"] == "0" and driven["two"]["steps"] == "2"
    assert driven["start"]["weights"] == driven["again"]["weights"] != driven["two"]["weights"]
    assert driven["two"]["weights"] == driven["twice"]["weights"]
    assert driven["label"] == "Pause" and not driven["paused"]["playing"] and driven["paused"]["moved"] == 0
    assert int(driven["paused"]["steps"]) >= 9


@needs_chromium
def test_the_course_s_settings(driven):
    """At the start, and after the button, the settings are those of the course's scripts; each class has its beta_1."""
    for look in ("two", "course"):
        course = {"batch_size": 200, "disc_iter": 2, "learning_rate": .001, "lambda_gp": 10}
        assert {name: driven[look]["settings"][name] for name in course} == course
    assert [driven[name]["beta_1"] for name in ("two", "WGAN_clip", "WGAN_GP")] == ["0.5", "0.5", "0.3"]
    changed = driven["settings"]["settings"]
    assert (changed["batch_size"], changed["disc_iter"], changed["learning_rate"], changed["lambda_gp"]) == (
        20, 3, .0001, 0)


@needs_chromium
def test_each_class_says_what_it_is(driven):
    """A class that is chosen begins anew, with one sentence; only WGAN_GP has a penalty and a slider for it."""
    looks = [driven[name] for name in ("two", "WGAN_clip", "WGAN_GP")]
    assert [look["name"] for look in looks] == NAMES and len({look["about"] for look in looks}) == 3
    assert all(re.fullmatch(r"[^.]+\.", look["about"]) for look in looks)
    assert [look["hidden"] for look in looks] == [["lambda_gp"], ["lambda_gp"], []]
    assert [look["losses"].get("gp") is None for look in looks] == [True, True, False]


@needs_chromium
def test_circle_and_clouds(driven):
    """The real points are those of the course: a circle of radius .3, four clouds of spread .05, 1000 points each."""
    circle, clouds = np.array(driven["start"]["points"]), np.array(driven["clouds"]["points"])
    assert circle.shape == clouds.shape == (1000, 2)
    np.testing.assert_allclose(np.linalg.norm(circle - .5, axis=1), .3, atol=1e-9)
    assert np.abs(circle.mean(axis=0) - .5).max() < .05
    quarters = (clouds > .5) @ [2, 1]
    assert np.bincount(quarters).tolist() == [250] * 4
    for quarter, centre in enumerate([(.25, .25), (.25, .75), (.75, .25), (.75, .75)]):
        cloud = clouds[quarters == quarter]
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=.015)
        np.testing.assert_allclose(cloud.std(axis=0), .05, atol=.01)


@needs_chromium
def test_points_by_hand(driven):
    """Mouse or finger and keys add points, which a restart keeps; without points nothing plays, and it says why."""
    assert not driven["empty"]["playing"] and "draw some" in driven["empty"]["note"]
    stroke = np.array(driven["stroke"]["points"])
    assert 20 <= len(stroke) <= 27  # .3 long, a point every .012
    np.testing.assert_allclose(stroke[:, 0], .2, atol=.005)
    np.testing.assert_allclose([stroke[0, 1], stroke[-1, 1]], [.3, .6], atol=.015)
    np.testing.assert_allclose(driven["key"]["points"][-1], [.55, .55], atol=1e-9)
    assert len(driven["key"]["points"]) == len(stroke) + 1
    assert driven["drawn"]["settings"]["batch_size"] == len(stroke) + 1
    assert f"Each sample has {len(stroke) + 1} of the points" in driven["drawn"]["note"]
    assert driven["kept"]["points"] == driven["key"]["points"] and driven["cleared"]["points"] == []


@needs_chromium
def test_the_seed(driven):
    """Another seed gives other networks and points; a wrong one is told and changes nothing."""
    assert "seed: expected a whole number" in driven["wrongSeed"]["note"]
    assert driven["wrongSeed"]["weights"] == driven["clouds"]["weights"] != driven["otherSeed"]["weights"]
    assert driven["otherSeed"]["points"] != driven["clouds"]["points"]


@needs_chromium
def test_samples_have_no_point_twice(driven):
    """A real sample is drawn without replacement, as in Python."""
    assert len(set(driven["sample"])) == 50 and set(driven["sample"]) < set(range(101))


@needs_chromium
def test_pictures_names_and_no_network(driven):
    """All three panels are drawn on, every control has a name, and the page loads nothing."""
    assert min(driven["ink"]) > 20 and driven["unnamed"] == 0 and driven["loads"] == 0


@needs_chromium
def test_each_panel_has_its_scale(driven):
    """Both planes have the same ticks and a legend or a colour bar; where all values are equal the value is told."""
    plane, surface, curves = (driven["written"][name] for name in ("plane", "surface", "curves"))
    assert plane[:6] == surface[:6] == ["0", "0", "0.5", "0.5", "1", "1"]
    assert plane[6:10] == ["real", "fake", "slope of D", "longest:"] and float(plane[10]) > 0
    highest, middle, lowest = (float(text.replace("\u2212", "-")) for text in surface[6:])
    assert highest > middle > lowest
    assert "steps" in curves and len(curves) >= 6
    assert driven["flat"]["surface"][6:] == ["0.00", "everywhere"]
    assert driven["flat"]["plane"][6:] == ["real", "fake", "slope of D"]  # no arrows


@needs_chromium
def test_a_seed_in_the_address_and_a_narrow_screen(page, tmp_path):
    """`?seed=N` replaces the page's seed; 500 pixels, the narrowest window of Chromium, are wide enough."""
    script = ("report.seed = one('#seed').value; report.wider = document.documentElement.scrollWidth - innerWidth; "
              "document.body.style.cssText = 'width: 390px; margin: 0'; lab.draw(); "
              "report.widest = Math.max(...[...document.querySelectorAll('main *')].map(element => "
              "element.getBoundingClientRect().right));")
    report = in_chromium(page, tmp_path, script, "?seed=7", "--window-size=500,800")
    assert report["seed"] == "7" and report["wider"] <= 0 and report["widest"] <= 390
