"""How the marks are weighed, how names and messages are told, and what a class's report adds up: no solution is run.

What solutions get is held by tests/grading/test_zoo.py.
"""

import dataclasses
import json
import zlib

import pytest

from tests.checker import messages, reports, rubric, source, verdicts
from tests.checker.outcomes import (
    FAILED,
    NOT_CHECKED,
    PASSED,
    Behaviour,
    Beside,
    CannotTell,
    Misnamed,
    Remark,
    Verdict,
    passes,
)
from tests.checker.rubric import BEHAVIOURS, RUBRIC
from tests.grading.test_reports import ALL, LONG, T0, T1, TODAY, broken, made, plain, wrong

RUBRIC_OF = {task: {one.name: one for one in rows} for task, rows in RUBRIC.items()}
NAMES = {"class", "construct", "returned_keys", "method", "function"}  # what can fail for a name alone
TRAINING = {
    "runs", "discriminator_loss", "generator_loss", "updates", "fresh_fakes", "own_weights", "adam", "clip", "samples",
    "interpolation", "penalty", "penalty_in_loss", "penalty_points", "float64", "fit",
}  # fmt: skip


def of_task(task, *failed, misnamed=(), open=()):
    """Verdicts on a task in which some behaviours failed, some for a name alone, and some are open."""

    def judge(name):
        if name in open:
            raise CannotTell(open[name])
        return "wrong" if name in failed else Misnamed("another name") if name in misnamed else None

    rows = [dataclasses.replace(one, judge=lambda records, name=one.name: judge(name), needs=(), probes=())
            for one in RUBRIC[task]]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RUBRIC, task, rows)
        return {one.behaviour.name: one for one in verdicts.judge_task(task, {})}


def lost(found):
    """The share of the points that is lost."""
    return 1 - sum(one.points for one in found.values()) / sum(one.behaviour.points for one in found.values())


@pytest.mark.parametrize("task", [0, 1, 2, 4])
def test_what_trains_wrongly_costs_about_a_quarter(task):
    """A wrong sign, a missing clipping, wrong samples: each costs about a quarter of the task, in every task."""
    names = [one.name for one in RUBRIC[task] if one.name in TRAINING] + ["pictures"] * (task == 4)
    assert set(RUBRIC_OF[task]["trains"].of) == set(names)
    for name in names:
        assert 0.22 <= lost(of_task(task, name)) <= 0.4
    for name in ("discriminator_loss", "generator_loss", "updates", "own_weights"):
        assert lost(of_task(task, name)) >= 0.23


@pytest.mark.parametrize("task", [0, 1, 2, 4])
def test_what_is_named_wrongly_costs_a_few_points(task):
    """A class, an argument, a key under another name: three points each, and none of those for the training."""
    for name in NAMES & set(RUBRIC_OF[task]):
        found = of_task(task, misnamed=(name,))
        assert lost(found) < 0.04 and found["trains"].status == PASSED
    assert lost(of_task(task, misnamed=NAMES)) < 0.11


def test_a_wrong_network_of_task_3_costs_a_quarter():
    """One activation: ten points of forty; a name: three."""
    assert lost(of_task(3, "generator")) == lost(of_task(3, "discriminator")) == 0.25
    assert lost(of_task(3, misnamed=("function",))) == pytest.approx(3 / 40)


def test_the_points_of_the_training_are_lost_once():
    """Two faults cost those of "trains" once; what is open because of a name costs none of them."""
    one, two = of_task(1, "clip"), of_task(1, "clip", "updates")
    assert lost(two) - lost(one) == pytest.approx(RUBRIC_OF[1]["updates"].points / 120)
    assert one["trains"].status == FAILED and RUBRIC_OF[1]["clip"].title in one["trains"].sentence
    assert of_task(1, open={"fit": "class"}, misnamed=("class",))["trains"].status == PASSED
    found = of_task(1, "import", open={"fit": "import"})
    assert (found["trains"].status, found["trains"].because) == (NOT_CHECKED, "1.import")


def test_the_version_of_the_rubric_goes_with_the_rubric():
    """Whoever changes points or behaviours gives the rubric another version, and this number with it."""
    table = [(one.key, one.points, one.title, one.of) for rows in RUBRIC.values() for one in rows]
    assert (rubric.VERSION, zlib.crc32(repr(table).encode())) == (8, 1051766480)


def test_the_totals_are_those_that_the_documentation_names():
    """The points of each task, which README and CHANGELOG name."""
    found = {task: sum(one.points for one in rows) for task, rows in RUBRIC.items()}
    assert found == {0: 110, 1: 120, 2: 140, 3: 40, 4: 180}


def test_everything_judged_in_task_2_is_judged_in_task_4():
    """The same behaviours, points and needs: task 4's class is task 2's, and more."""
    theirs = {one.name: one for one in RUBRIC[4]}
    for one in RUBRIC[2]:
        other = theirs.pop(one.name)
        assert (other.title, other.points, other.needs, other.probes) == (one.title, one.points, one.needs, one.probes)
        assert set(other.of) - set(one.of) == ({"pictures"} if one.name == "trains" else set())
    assert set(theirs) == {"faces", "method", "generator_weights", "discriminator_weights"}


def judged(monkeypatch, *judges):
    """Verdicts on a task of two behaviours; the second needs the first."""
    rows = [
        Behaviour(f"0.{name}", name, 2, judge, needs)
        for (name, needs), judge in zip((("class", ()), ("construct", ("class",))), judges)
    ]
    monkeypatch.setitem(RUBRIC, 0, rows)
    return verdicts.judge_task(0, {})


def test_a_wrong_name_keeps_nothing_else_from_being_judged(monkeypatch):
    """What is misnamed loses its own points; what needs it is judged under the name that it has."""
    for kind in (Misnamed, Beside):
        first, second = judged(monkeypatch, lambda records, kind=kind: kind("another name"), lambda records: None)
        assert (first.status, first.points, second.status, second.points) == (FAILED, 0, PASSED, 2)
        assert first.misnamed == (kind is Misnamed)
    first, second = judged(monkeypatch, lambda records: "not there", lambda records: None)
    assert (first.status, second.status) == (FAILED, NOT_CHECKED)


def test_a_remark_costs_nothing(monkeypatch):
    """A judge may have a word on what is right: the points stay, and the sentence is kept."""
    first, second = judged(monkeypatch, lambda records: Remark("beta_2 is .999"), lambda records: None)
    assert (first.status, first.points, first.remark, first.sentence) == (PASSED, 2, "beta_2 is .999", "")
    assert second.points == 2 and passes(lambda records: Remark("a word"), {})


def test_a_judge_may_find_that_another_behaviour_comes_first(monkeypatch):
    """CannotTell names it; the behaviour is then not checked because of it."""

    def judge(records):
        raise CannotTell("class")

    first, second = judged(monkeypatch, lambda records: None, judge)
    assert (first.status, second.status, second.because, second.points) == (PASSED, NOT_CHECKED, "0.class", 0)


def test_what_trains_wrongly_is_told_before_what_is_named_wrongly():
    """The first thing to look at is the sign of a loss, not the name of the class above it."""
    name = Verdict(BEHAVIOURS["1.class"], FAILED, "another name", misnamed=True)
    sign = Verdict(BEHAVIOURS["1.discriminator_loss"], FAILED, "wrong sign")
    assert reports.root_cause([name, sign]) is sign
    assert reports.root_cause([name, Verdict(BEHAVIOURS["1.fit"], NOT_CHECKED)]) is name


# ------------------------------------------------------------------- messages

NODE = "{{function_node __wrapped__AddV2_device_/job:localhost/replica:0/task:0/device:CPU:0}}"
NOISY = [
    (f"{NODE} Incompatible shapes: [8,3] vs. [8,3,1] [Op:AddV2] name: ", "Incompatible shapes: [8,3] vs. [8,3,1]"),
    (
        "Exception encountered when calling layer 'dense' (type Dense). Dimensions must be equal. Call arguments "
        "received by layer 'dense' (type Dense): * inputs=tf.Tensor(shape=(8, 3), dtype=float32)",
        "Dimensions must be equal",
    ),
    (
        "Exception encountered when calling Functional.call(). \x1b[1mInvalid input shape\x1b[0m Arguments received by "
        "Functional.call(): * inputs=<tf.Tensor 'x' at 0x7f00>",
        "Invalid input shape",
    ),
    ("no such thing: <function f at 0x7f1234abcd>", "no such thing: <function f>"),
    ("Matrix size-incompatible [[{{node dense/MatMul}}]] [Op:MatMul]", "Matrix size-incompatible"),
    (
        "in user code: File \"a.py\", line 3, in train_step * x = y ValueError: shapes differ",
        "shapes differ",
    ),
]  # fmt: skip


@pytest.mark.parametrize("message, expected", NOISY)
def test_messages_are_told_without_addresses_and_node_names(message, expected):
    """A student cannot do anything with {{function_node ...}}, 0x7f... or lists of Keras's arguments."""
    assert messages.plain("ValueError", message)[1].rstrip(".") == expected


@pytest.mark.parametrize(
    "message, words",
    [
        ("It looks like you are subclassing `Model` and you forgot to call `super().__init__()`", "super().__init__()"),
        ("'WGAN_clip' object has no attribute '_dtype_policy'", "super().__init__()"),
        ("Unrecognized keyword arguments passed to Simple_GAN: {'generator': <Functional at 0x7f>}", "__init__"),
        ("Unknown variable: <Variable path=a>. This optimizer can only be called for the variables", "of its own"),
        ("'SymbolicTensor' object has no attribute 'numpy'", "step by step"),
        ("float() argument must be a string or a real number, not 'SymbolicTensor'", "no number yet"),
        ("Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>)", "outside the tape"),
        ("'tensorflow.python.framework.ops.EagerTensor' object has no attribute '_unique_id'", "(gradient, variable)"),
        ("<tf.Tensor 'StopGradient:0' shape=(24, 4)> is out of scope and cannot be used here. Use", "tf.Variable can"),
        ("cannot compute Pack as input #1 was expected to be a float tensor but is a double tensor", "of 64 bits"),
        ("Computed output size would be zero or negative. Received: `inputs.shape=[None 1 1 256]`", 'padding="same"'),
        ("Negative dimension size caused by subtracting 2 from 1 for '{{node max_pooling2d_3/MaxPool}}'", "too small"),
        ("Requested the deserialization of a Python lambda. This carries a potential risk", "does not copy a network"),
    ],
)
def test_what_keras_says_in_riddles_is_said_in_words(message, words):
    """The commonest messages of Keras name what is to be done."""
    kind, text = messages.plain("ValueError", message)
    assert words in text and "0x" not in text


def test_a_message_has_a_bearable_length():
    assert len(messages.plain("ValueError", "a word and " * 500)[1]) <= messages.LONGEST


@pytest.mark.parametrize("x, words", [(0.34, "34 %"), (0.0012, "0.12 %"), (2e-4, "0.02 %"), (12.0, "a factor of 12"),
                                      (float("inf"), "no number"), (float("nan"), "no number")])  # fmt: skip
def test_a_difference_is_never_0_percent(x, words):
    """Numbers of lower precision differ by parts of a percent: two digits that count are shown."""
    assert words in messages.share_of(x)


# ------------------------------------------------------------------ the class


def remarked(folder="rita", **fields):
    grading = made(folder, **fields)
    rows = grading.verdicts[1]
    place = next(i for i, one in enumerate(rows) if one.behaviour.name == "adam")
    rows[place] = dataclasses.replace(rows[place], remark="Adam's beta_2 is 0.999. This costs nothing")
    return grading


def test_a_remark_stands_in_every_report():
    """Terminal (short, full, among many), JSON: always called a remark, with all points."""
    grading, words = remarked(), "Remark: Adam's beta_2 is 0.999. This costs nothing."
    assert reports.all_passed(grading)
    for lines in (reports.terminal(grading), reports.terminal(grading, everything=True), reports.brief(grading)):
        assert plain(lines).count(words) == 1 and f"{ALL} of {ALL} points" in plain(lines)
    document = reports.gradescope(grading)
    assert words in document["output"] and document["score"] == ALL
    adam = next(test for test in document["tests"] if test["tags"] == ["1.adam"])
    assert (adam["output"], adam["status"], adam["score"]) == (words, "passed", adam["max_score"])
    assert adam["extra_data"]["remark"]


def test_rubric_and_date_stand_in_every_report():
    """A mark can be traced to the rubric that gave it: terminal, class, JSON and JUnit; CSV keeps its columns."""
    for grading in (made(), wrong(), broken()):
        words = f"rubric {rubric.VERSION}, {TODAY}"
        assert words in plain(reports.terminal(grading)) and words in reports.overview(grading)
        assert words in plain(reports.summary_lines([grading, made("other")]))
        found = json.loads(reports.json_text([grading]))["extra_data"]
        assert (found["rubric"], found["date"]) == (rubric.VERSION, TODAY)
        found = json.loads(reports.json_text([grading, made("other")]))["summary"]
        assert (found["rubric"], found["date"]) == (rubric.VERSION, TODAY)
        assert f'<property name="rubric" value="{rubric.VERSION}" />' in reports.junit([grading])
        assert f'<property name="date" value="{TODAY}" />' in reports.junit([grading])
    assert {"rubric", "date"}.isdisjoint(reports.COLUMNS)


def test_what_only_sums_up_is_not_told_as_missed():
    """ "trains" fails with every fault of the training: the summary of a class names the faults."""
    text = plain(reports.summary_lines([made("a", failed=("1.clip", "1.trains")), made("b")]))
    assert "1.clip: " in text and "1.trains" not in text


def test_totals_of_a_class_can_be_compared():
    """Who has handed in one file of two is told both: out of that file, and out of what the class has handed in."""
    gradings = [made("ann"), made("bob", tasks=(0,)), broken()]
    tasks = reports.tasks_of(gradings)
    assert tasks == {0: T0, 1: T1}
    assert f"bob: {T0} of {T0} points (task 0: {T0}/{T0}), {T0} of {ALL} with the missing task 1" in plain(
        reports.brief(gradings[1], tasks=tasks)
    )
    assert "missing" not in plain(reports.brief(gradings[0], tasks=tasks))
    rows = reports.csv_text(gradings).splitlines()
    maximum, whole = (rows[0].split(",").index(name) for name in ("maximum", "class_maximum"))
    assert [row.split(",")[maximum] for row in rows[1:3]] == [str(ALL), str(T0)]
    assert [row.split(",")[whole] for row in rows[1:3]] == [str(ALL), str(ALL)]


def test_a_class_is_told_task_by_task():
    """Means, folders with all points, and folders in which something could not be checked."""
    gradings = [wrong("a"), made("b"), made("c", tasks=(0,)), broken()]
    zero, one = reports.task_summary(gradings)
    assert (zero["folders"], zero["mean_share"], zero["all_points"], zero["not_checked"]) == (3, 1.0, 3, 0)
    assert (one["folders"], one["maximum"], one["all_points"], one["not_checked"]) == (2, T1, 1, 1)
    text = plain(reports.summary_lines(gradings))
    assert f"Task 0: 3 folders, on average {T0}.0 of {T0} points (100%), 3 with all points" in text
    assert "1 in which something could not be checked" in text and len(LONG) > 10


@pytest.mark.parametrize("line", [3, 5, 6])
def test_an_endless_loop_is_named_by_its_head(tmp_path, line):
    """A student reads `while True`, not the statement of the loop that happened to run when the time was up."""
    text = ["k = 0", "while True:", "    k += 1", "    for i in range(2):", "        k -= 1", "    k += 2"]
    text[line - 1] = text[line - 1].replace(text[line - 1].strip(), "raise Stop")
    file = tmp_path / "1-wgan_clip.py"
    file.write_text("\n".join(text))
    with pytest.raises(source.TooLong) as caught:
        exec(compile(file.read_text(), str(file), "exec"), {"Stop": source.TooLong})
    assert source.loop_of(caught.value, str(tmp_path)) == ["1-wgan_clip.py", 2, "while True:"]
    assert source.loop_of(ValueError(), str(tmp_path)) is None
