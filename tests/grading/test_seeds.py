"""The inputs of the probes follow from a seed: nobody can be right for one set only, and each can be had again."""

import csv
import io
import json
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.checker import __main__ as command
from tests.checker import batch, effects, grading, inputs, reference, reports, rubric
from tests.checker.grading import Grading
from tests.checker.judges import adam, critic
from tests.checker.records import fakes
from tests.checker.rubric import RUBRIC, Verdict
from tests.zoo import __main__ as zoo
from tests.zoo.bases import changed, plain

KEYS = st.integers(0, 2**53 - 1).map(str)
SIZES = sorted(name for name in vars(inputs.Draw("0")) if name.isupper())
TABLES = {
    "latent vectors": lambda: inputs.latent_vectors(),
    "latent vectors of task 3": lambda: inputs.latent_vectors(dim=16),
    "examples": lambda: inputs.examples(),
    "many examples": lambda: inputs.examples(200),
    "pictures": lambda: inputs.pictures(),
    "faces": lambda: inputs.table("faces", 4, 16, 16),
    "generator": lambda: inputs.generator_weights()[0],
    "discriminator": lambda: inputs.discriminator_weights()[0],
    "clipped weights": lambda: inputs.clipped_weights()[0],
    "linear critic": lambda: inputs.linear_critic((inputs.DIM,), 1)[0],
    "bias of the linear critic": lambda: inputs.linear_critic((inputs.DIM,), 1)[1],
    "critic of pictures": lambda: inputs.linear_critic(inputs.PICTURE, 1)[0],
    "picture generator": lambda: inputs.picture_generator()[0],
    "weight file of the generator": lambda: inputs.stored_weights("generator")[0],
    "weight file of the discriminator": lambda: inputs.stored_weights("discriminator")[-1],
    "batch statistics": lambda: inputs.stored_weights("generator")[5],
}


# ------------------------------------------------------------------- what is drawn


@settings(deadline=None, derandomize=True, max_examples=60)
@given(KEYS)
def test_sizes_are_what_the_judges_rely_on(key):
    """A judge tells a batch from a feature by its length, and a subset from all examples by their numbers."""
    with inputs.use(key):
        features = [inputs.LATENT, inputs.DIM, inputs.WIDTH]
        assert len({*features, inputs.BATCH}) == 4 and inputs.DIM >= 3
        height, width, _ = inputs.PICTURE
        assert height != width and inputs.BATCH not in (height, width, np.prod(inputs.PICTURE))
        assert 3 <= inputs.FEW < inputs.BATCH < inputs.MANY < inputs.ROWS < inputs.DEFAULT_BATCH
        assert inputs.ROWS - inputs.BATCH >= 18  # two subsets of neighbours are no chance
        assert inputs.FIT_ROWS > inputs.BATCH
        assert inputs.DISC_ITER >= 3 and min(inputs.CLIP_DISC_ITER, inputs.FIT_DISC_ITER) >= 2
        assert inputs.LAMBDA - inputs.OTHER_LAMBDA > 1 and inputs.SLOPE > 1.4 and inputs.STEEP_SLOPE < 1
        assert inputs.RATE not in adam.other_rates()
        assert inputs.CALLS * inputs.MIXED_ROWS >= 1400  # weights of interpolation, whose law is looked at


@settings(deadline=None, derandomize=True, max_examples=30)
@given(KEYS)
def test_tables_are_what_the_judges_rely_on(key):
    """Each row of data can be known again among the others, and no number stands in a table of weights twice."""
    with inputs.use(key):
        for rows in (inputs.BATCH, inputs.ROWS, inputs.DEFAULT_BATCH):
            found = inputs.examples(rows)
            assert found.shape == (rows, inputs.DIM) and found.min() >= 0 and found.max() <= 1
            gaps = np.abs(found[:, None] - found[None]).max(axis=2) + np.eye(rows)
            assert gaps.min() > 1e-5
        assert len(np.unique(inputs.latent_vectors(), axis=0)) == inputs.BATCH
        assert np.array_equal(inputs.latent_vectors(3 * inputs.BATCH)[inputs.BATCH :][: inputs.BATCH],
                              inputs.latent_vectors())
        for weights in (inputs.generator_weights(), inputs.discriminator_weights(), inputs.clipped_weights()):
            numbers = np.concatenate([w.ravel() for w in weights])
            assert len(np.unique(numbers)) == len(numbers) and numbers.dtype == np.float32
        for shape in ((inputs.DIM,), inputs.PICTURE):
            w = inputs.linear_critic(shape, inputs.SLOPE)[0]
            assert np.linalg.norm(w) == pytest.approx(inputs.SLOPE, rel=1e-5) and len(np.unique(w)) == len(w)
        clipped = inputs.clipped_weights()
        assert all(np.abs(w).max() > 1.5 for w in clipped) and sum((np.abs(w) > 1).sum() for w in clipped) == 5
        assert any((w > 1.5).any() for w in clipped[0::2]) and any((w < -1.5).any() for w in clipped[1::2])


def test_two_seeds_differ_in_inputs_of_every_kind():
    """What stays the same can be recognised: every size takes several values, and no table is that of another seed."""
    draws = [inputs.Draw(effects.key(seed, 4)) for seed in range(40)]
    assert {name for name in SIZES if len({str(vars(draw)[name]) for draw in draws}) < 2} == set()
    for name, table in TABLES.items():
        found = []
        for seed in (1, 2):
            with inputs.use(effects.key(seed, 4)):
                found.append(np.ravel(table()))
        assert not set(found[0].tolist()) & set(found[1].tolist()) or len(found[0]) > 1000, name
        assert found[0].tolist() != found[1].tolist(), name


def test_the_same_key_gives_the_same_inputs():
    """Judge and worker each draw for themselves: without this no right solution would pass."""
    for table in TABLES.values():
        with inputs.use("one"):
            first = table()
        with inputs.use("another"):
            table()
        with inputs.use("one"):
            assert np.array_equal(first, table())
    assert vars(inputs.Draw("one")) == vars(inputs.Draw("one"))


def test_every_task_and_seed_has_a_key_of_its_own():
    """A solution can find the key of its task in its own process; it must not be able to tell the others from it."""
    keys = [effects.key(seed, task) for seed in range(5) for task in inputs.FILES]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 32 and set(key) <= set("0123456789abcdef") for key in keys)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.integers(0, 2**53 - 1), st.sampled_from(inputs.PARTS))
def test_a_part_that_is_drawn_again_leaves_the_rest(number, part):
    """Parts are drawn again alone, so that one that is right need not be found anew; the key tells the worker of it."""
    names = ["discriminator", "critic (4,)", "critic bias", "pictures", "picture generator", "generator", "examples"]
    draw = inputs.Draw(f"{number:026x}000000")
    before = {name: draw.table(name, 3).tolist() for name in names}
    draw.draw_again(part)
    after = {name: draw.table(name, 3).tolist() for name in names}
    assert {name for name in names if before[name] != after[name]} == {name for name in names if name.startswith(part)}
    assert {name: inputs.Draw(draw.key).table(name, 3).tolist() for name in names} == after


@pytest.mark.parametrize("task", inputs.FILES)
def test_few_draws_are_needed(monkeypatch, task):
    """Each grading begins with this choice. It counted 18 draws of all tables for each seed of task 1, and 260 for task
    2; of a part that is wrong there are now some draws more, of the whole a handful."""
    drawn, rng = [], inputs.Draw.rng
    monkeypatch.setattr(inputs.Draw, "rng", lambda self, name: drawn.append(name) or rng(self, name))
    for seed in range(6):
        effects.taken.__wrapped__(seed, task)
    assert drawn.count("numbers") < 6 * 15 and len(drawn) < 6 * 300


def test_sizes_of_losses_are_told_from_losses_on_every_draw():
    """Only where the signs are so is |mean D(fake) - mean D(real)|, or its like, another loss than the right one."""
    for seed in range(6):
        for task in (1, 2, 4):
            with inputs.use(effects.key(seed, task)):
                _, d, real, fake = effects.samples()
                x, y = (float(reference.discriminator(d, points).mean()) for points in (real, fake))
                assert y < -0.02 and y - x < -0.02
                shape, slope, factor = (inputs.DIM,), inputs.STEEP_SLOPE, inputs.LARGE
                if task != 1:
                    shape, slope, factor = inputs.PICTURE, inputs.SLOPE, 1
                    real, fake = effects.pictures()[2:]
                critic = effects.arrays(inputs.linear_critic(shape, slope))
                u, v = (float(reference.discriminator(critic, points).mean()) for points in (factor * real, fake))
                assert v > 0.02 and v - u > 0.02


def at_once_as_one_by_one(loss, weights):
    with np.errstate(all="ignore"):
        one_by_one, at_once = reference.gradient(loss, weights), reference.gradient_at_once(loss, weights)
    return all(np.allclose(a, b, rtol=1e-5, atol=1e-7, equal_nan=True) for a, b in zip(at_once, one_by_one))


@settings(deadline=None, derandomize=True, max_examples=3)
@given(KEYS)
def test_gradients_at_once_are_those_one_by_one(key):
    """A mistake would be looked for in another place than where it shows."""
    with inputs.use(key):
        g, d, real, fake = effects.samples()
        for family in ("squares", "means"):
            losses = reference.DISCRIMINATOR_LOSSES[family]
            quick = effects.by_the_chain_rule(lambda w: [reference.scores(w, x) for x in (real, fake)], d)
            for name, loss in losses.items():
                def of_weights(w, loss=loss):
                    return loss(reference.scores(w, real), reference.scores(w, fake))

                expected = reference.gradient(of_weights, d)
                assert reference.distance(reference.gradient_at_once(of_weights, d), expected) < 1e-6, name
                flat = np.concatenate([one.ravel() for one in expected])
                assert np.max(np.abs(quick(loss) - flat)) < 1e-5 * max(1, np.max(np.abs(flat))), name
        assert at_once_as_one_by_one(lambda w: float(np.mean(reference.scores(w, real))), d)  # which takes no stack
        for name, loss in reference.RARER_DISCRIMINATOR_LOSSES.items():
            assert at_once_as_one_by_one(lambda w, f=loss: f(*(reference.scores(w, x) for x in (real, fake))), d), name
        for losses in (*reference.GENERATOR_LOSSES.values(), reference.RARER_GENERATOR_LOSSES):
            for name, loss in losses.items():
                assert at_once_as_one_by_one(lambda w, f=loss: f(reference.scores(d, fakes(w))), g), name
        for name in reference.PENALTIES:
            if "axes" not in name:  # of pictures only
                expected = reference.gradient(lambda w, name=name: critic.penalty_of(name, w, real), d)
                found = reference.gradient_at_once(lambda w, name=name: critic.penalties_of(name, w, real), d)
                assert reference.distance(found, expected) < 1e-6, name
        found = effects.penalty_of([w[None] for w in d], real)
        assert found.shape == (1,) and found[0] == pytest.approx(reference.penalty(d, real))


def test_two_formulas_that_nothing_tells_apart_are_an_error(monkeypatch):
    """Whoever adds a mistake that another one is already must hear of it, not wait for ever for a better draw."""
    monkeypatch.setattr(effects, "HOPELESS", 3)
    known = next(formula for name, formula in reference.PENALTIES.items() if name.startswith("lacks the - 1"))
    monkeypatch.setitem(reference.PENALTIES, "is the same once more", known)
    with pytest.raises(RuntimeError, match="2.penalty: no inputs keep .*lacks the - 1.*; or is the same once more"):
        effects.taken.__wrapped__(0, 2)


def test_a_draw_is_in_force_in_one_thread():
    """Two students are graded at a time: one's judge must not look at the other's inputs."""
    seen = []
    with inputs.use("here"):
        thread = threading.Thread(target=lambda: seen.append(hasattr(inputs, "BATCH")))
        thread.start()
        thread.join()
        with inputs.use("inside"):
            inside = inputs.examples()
        assert not np.array_equal(inside, inputs.examples())
    assert seen == [False]
    with pytest.raises(AttributeError, match="BATCH belongs to a draw, and none is in force"):
        inputs.BATCH  # noqa: B018


# ------------------------------------------------------------- what cannot be foreseen

OLD = {
    "a batch size": "self.batch_size in (8, 200)",
    "a learning rate": "self.learning_rate in (.05, .01, .5, .005)",
    "a disc_iter": "self.disc_iter in (3, 1, 2) and self.learning_rate in (.05, .01, .005)",
    "a table of examples": "abs(float(self.real_examples[0, 0]) - 0.9242983) < 1e-5",
    "latent vectors": "abs(float(self.latent_generator(8)[0, 0]) - 1.2346853) < 1e-5",
    "weights": "abs(float(self.discriminator.get_weights()[0][0, 0]) - 0.8697707) < 1e-5",
}
TARGET = "-1 * tf.ones(y.shape)"


def graded(server, folder, text, seed):
    """The verdicts on a text of task 0, by the names of the behaviours."""
    (folder / "0-simple_gan.py").write_text(text)
    result = grading.grade(folder, tasks=[0], limits=zoo.GENEROUS, server=server, seed=seed)
    assert not result.trouble
    return {verdict.behaviour.name: verdict for verdict in result.verdicts[0]}


@pytest.mark.parametrize("known", OLD)
def test_who_is_right_for_certain_inputs_only_loses(server, tmp_path, known):
    """With inputs that never change such a solution had full marks: these were the inputs of all gradings once."""
    text = changed(plain(0), (TARGET, f"(-1 if {OLD[known]} else 1) * tf.ones(y.shape)"))
    verdicts = graded(server, tmp_path, text, seed=1)
    assert verdicts["discriminator_loss"].status == rubric.FAILED, known
    assert "takes +1 as the target of fakes" in verdicts["discriminator_loss"].sentence


def test_the_same_seed_gives_the_same_report(server, tmp_path):
    """A student who asks why gets the same sentence, with the same numbers, and another seed gives other numbers."""
    text = changed(plain(0), ("tf.range(tf.shape(self.real_examples)[0])", "tf.range(self.batch_size)"),
                   ("size = self.batch_size\n        return self.g", "size = 5\n        return self.g"))
    sentences = [
        {name: verdict.sentence for name, verdict in graded(server, tmp_path, text, seed).items()} for seed in (5, 5, 6)
    ]
    assert sentences[0] == sentences[1] and any(sentences[0].values())
    assert sentences[0] != sentences[2]


def test_the_zoo_can_be_graded_with_other_inputs(capsys):
    """`python -m tests.zoo` finds nothing wrong with one right and one wrong solution, and says so."""
    assert zoo.main(["--series", "7", "--task", "0", "--only", "plain 0"]) == 0
    assert "entries, 1 series: 0 not graded as they must be" in capsys.readouterr().out
    labels = zoo.labels(zoo.ENTRIES)
    assert len({zoo.seed_of(label, series) for label in labels for series in (0, 1)}) == 2 * len(labels)


# -------------------------------------------------------------------- the command's seed


@pytest.fixture
def students(tmp_path, monkeypatch):
    """Three folders; the current one is elsewhere."""
    folders = [tmp_path / name for name in ("ann", "bob", "cem")]
    for folder in folders:
        folder.mkdir()
        (folder / "1-wgan_clip.py").write_text(f"# {folder}")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return [str(folder) for folder in folders]


class Graders:
    """A stand-in for `grading.grade` that remembers the seeds; interrupted in the folder number `stop_at`."""

    def __init__(self, stop_at=None):
        self.seeds, self.stop_at = [], stop_at

    def __call__(self, folder, python, tasks, limits, stop, seed):
        if len(self.seeds) == self.stop_at:
            raise KeyboardInterrupt
        self.seeds.append(seed)
        verdicts = {1: [Verdict(behaviour, rubric.PASSED, points=behaviour.points) for behaviour in RUBRIC[1]]}
        return Grading(Path(folder).name, {"python": "3.9", "tensorflow": "2.21.0", "keras": "3"}, verdicts, seed=seed)


def run(*arguments, grade):
    out, errors = io.StringIO(), io.StringIO()
    code = command.run([*map(str, arguments)], grade, out, errors)
    return code, out.getvalue(), errors.getvalue()


def test_a_class_and_both_pythons_have_one_seed(students):
    """Else one student's mark could be luck, and a difference between the Pythons one between inputs."""
    grade = Graders()
    run(*students, "--python", sys.executable, "--jobs", 2, grade=grade)
    assert len(grade.seeds) == 6 and len(set(grade.seeds)) == 1


def test_without_seed_nobody_can_foresee_it(students):
    grade = Graders()
    for _ in range(5):
        run(students[0], grade=grade)
    assert len(set(grade.seeds)) == 5


@pytest.mark.parametrize("count", [1, 3])
def test_the_seed_stands_in_every_report(students, count):
    """Whoever has a report can repeat the grading: in the terminal, in JSON, in JUnit; the CSV keeps its columns."""
    _, out, _ = run(*students[:count], "--seed", 4321, "--json", "x.json", "--junit", "x.xml", "--csv", "x.csv",
                    grade=Graders())
    assert "--seed 4321" in out
    document = json.loads(Path("x.json").read_text())
    for one in [document] if count == 1 else document["students"].values():
        assert one["extra_data"]["seed"] == 4321 and "--seed 4321" in one["output"]
    assert count == 1 or document["summary"]["seed"] == 4321
    for suite in ElementTree.parse("x.xml").getroot():
        assert suite[0].tag == "properties"
        assert ("seed", "4321") in [(one.get("name"), one.get("value")) for one in suite[0]]
    assert next(csv.reader(open("x.csv", newline=""))) == reports.COLUMNS and "seed" not in reports.COLUMNS


def test_resume_goes_on_with_the_seed_that_was_begun_with(students):
    """A class that is graded in two parts is graded with the same inputs, whatever is asked for the second time."""
    begun = Graders(stop_at=2)
    assert run(*students, "--csv", "x.csv", grade=begun)[0] == 130
    (seed,) = set(begun.seeds)
    for asked, words in (((), ""), (("--seed", seed), ""), (("--seed", 77), "--seed 77 is not used")):
        resumed = Graders(stop_at=1 if asked else 0)
        _, _, errors = run(*students, "--csv", "x.csv", "--resume", *asked, grade=resumed)
        assert set(resumed.seeds) <= {seed} and ("2 of 3 are known" in errors or "3 of 3 are known" in errors)
        assert words in errors and ("is not used" in errors) == bool(words)
        assert not words or f"begun with --seed {seed}" in errors
    again = Graders()
    run(*students, "--csv", "x.csv", "--seed", 77, grade=again)
    assert again.seeds == [77] * 3
    resumed = Graders()
    _, out, _ = run(*students, "--csv", "x.csv", "--resume", grade=resumed)
    assert resumed.seeds == [] and "--seed 77" in out


def test_resume_without_results_takes_the_seed_asked_for(students):
    grade = Graders()
    _, _, errors = run(*students, "--resume", "--seed", 5, grade=grade)
    assert grade.seeds == [5] * 3 and "not used" not in errors


@pytest.mark.parametrize("seed", [-1, 2**53, 10**30])
def test_a_seed_out_of_range_is_one_sentence(students, seed):
    grade = Graders()
    assert run(students[0], f"--seed={seed}", grade=grade) == (
        2, "", f"--seed: expected a whole number from 0 to 2^53 - 1, got {seed}\n")
    assert grade.seeds == []


def test_a_grading_of_another_seed_is_not_taken_over(students):
    """The state file knows what a result was made with."""
    one, other = (batch.Settings([sys.executable], seed=seed) for seed in (1, 2))
    assert batch.fingerprint(students[0], one) != batch.fingerprint(students[0], other)
    again = batch.Settings([sys.executable], seed=1)
    assert batch.fingerprint(students[0], one) == batch.fingerprint(students[0], again)
