"""The rubric as one table: the behaviours that are graded, in their order, with points and judges.

How points are weighed: what trains wrongly costs about a quarter of a task, what is named wrongly a few points. A fault
costs the points of the behaviour that it breaks, and no others where those can still be seen; so the same fault costs
the same wherever it is written. If it decides the training it also costs those of "trains", once for all such faults.
What the course leaves open costs nothing; where it deserves a word there is a remark.
"""

from tests.checker import inputs
from tests.checker.judges import (
    adam,
    constructor,
    critic,
    interpolation,
    losses,
    module,
    networks,
    penalty,
    returned,
    samples,
    steps,
    weights,
)
from tests.checker.outcomes import FAILED, NOT_CHECKED, NOT_STARTED, PASSED, Behaviour, Verdict

__all__ = ["BEHAVIOURS", "FAILED", "NOT_CHECKED", "NOT_STARTED", "PASSED", "RUBRIC", "VERSION", "Behaviour", "Verdict"]
VERSION = 8  # one more with every change of the points, the behaviours or what they ask for


def same(judge):
    """A judge that needs not know the task; the others are made for each task."""
    return lambda task: judge


GAN, CLIP, GP, FACES = (0, 1, 2, 4), (1,), (2, 4), (4,)
# Tasks whose training a behaviour decides. Pictures are what task 4 trains on; the main scripts of task 2 have vectors.
NONE = ()

# name, tasks, points, tasks whose training it decides, title, judge, needs, probes
TABLE = (
    ("import", (0, 1, 2, 3, 4), 5, NONE, "the file can be imported, and does nothing else",
     module.judge_import, "", "import"),
    # networks of task 3
    ("function", (3,), 3, NONE, "convolutional_GenDiscr() returns two models",
     same(networks.judge_function), "import", "import networks"),
    ("generator_layers", (3,), 6, NONE, "the generator has the layers of the task",
     same(networks.judge_structure(0)), "function", "networks"),
    ("discriminator_layers", (3,), 6, NONE, "the discriminator has the layers of the task",
     same(networks.judge_structure(1)), "function", "networks"),
    ("generator", (3,), 10, NONE, "for known weights the generator gives the right pictures",
     same(networks.judge_values(0)), "generator_layers", "generator"),
    ("discriminator", (3,), 10, NONE, "for known weights the discriminator gives the right values",
     same(networks.judge_values(1)), "discriminator_layers", "discriminator"),
    # classes: names, samples
    ("class", GAN, 3, NONE, "it defines {name}, a keras.Model, with its methods",
     module.judge_class, "import", "import class"),
    ("construct", GAN, 3, NONE, "the class takes the course's arguments",
     constructor.judge_construct, "class", "class construct"),
    ("samples", GAN, 4, GAN, "get_real_sample and get_fake_sample give samples",
     same(samples.judge_samples), "construct", "samples"),
    ("interpolation", GP, 5, GP, "get_interpolated_sample mixes with one uniform weight an example",
     same(interpolation.judge_interpolation), "construct", "interpolate"),
    ("penalty", GP, 6, GP, "gradient_penalty is the mean of (norm of the gradient - 1)^2",
     same(penalty.judge_penalty), "construct", "penalty penalty_tanh"),
    # classes: a step
    ("runs", GAN, 4, GAN, "train_step gets to its end",
     steps.judge_runs, "construct", "step step_once"),
    ("updates", GAN, 8, GAN, f"a step makes {steps.ORDER}",
     same(steps.judge_updates), "runs", "step step_once"),
    ("discriminator_loss", (0,), 9, (0,), "the discriminator minimises mean (D(real) - 1)^2 + mean (D(fake) + 1)^2",
     losses.judge_discriminator_loss, "runs", "step"),
    ("discriminator_loss", (1,), 9, (1,), "the discriminator minimises mean D(fake) - mean D(real)",
     losses.judge_discriminator_loss, "runs", "step"),
    ("discriminator_loss", GP, 9, GP, "the critic minimises mean D(fake) - mean D(real)",
     critic.judge_discriminator_loss_with_penalty, "runs", "lambdas step"),
    ("penalty_in_loss", GP, 5, GP, "the critic also minimises lambda_gp times the penalty",
     same(penalty.judge_penalty_in_loss), "runs", "lambdas"),
    ("generator_loss", (0,), 8, (0,), "the generator minimises mean (D(fake) - 1)^2",
     losses.judge_generator_loss, "runs", "step"),
    ("generator_loss", (1, 2, 4), 8, GAN, "the generator minimises -mean D(fake)",
     losses.judge_generator_loss, "runs", "step"),
    ("fresh_fakes", GAN, 5, GAN, "every update draws samples of its own",
     same(samples.judge_fresh_fakes), "runs", "step"),
    ("own_weights", (1,), 6, GAN, "an update moves the weights of its own network only",
     steps.judge_own_weights, "runs", "step"),
    ("own_weights", (0, 2, 4), 6, GAN, "an update moves the weights of its own network only",
     steps.judge_own_weights, "runs", "step clip"),
    ("clip", CLIP, 10, CLIP, "after each of its updates the discriminator's weights are clipped to [-1, 1]",
     same(weights.judge_clip), "runs", "clip steep"),
    ("penalty_points", GP, 4, GP, "the penalty is taken at interpolated points",
     same(penalty.judge_penalty_points), "runs", "step lambdas"),
    ("pictures", GP, 8, FACES, "it trains on pictures as well",
     same(interpolation.judge_pictures), "runs", "pictures interpolate_pictures penalty_pictures lambdas"),
    ("adam", GAN, 5, GAN, "the updates are Adam's, with the learning rate that was given",
     adam.judge_adam, "runs", "step"),
    ("returned_keys", GAN, 3, NONE, "train_step returns a dictionary of the losses",
     returned.judge_returned_keys, "runs", "step"),
    ("returned_values", (0, 1), 4, NONE, "the returned numbers are those of the last iteration",
     returned.judge_returned_values, "returned_keys updates", "step"),
    ("returned_values", GP, 4, NONE, "the returned numbers are those of the last iteration",
     returned.judge_returned_values, "returned_keys updates", "step lambdas"),
    ("defaults", GAN, 3, NONE, "arguments that are not given have the course's values",
     constructor.judge_defaults, "runs", "defaults"),
    ("float64", (0, 1), 4, GAN, "it trains on numbers of 64 bits, as the main scripts draw them",
     steps.judge_float64, "runs", "float64 step"),
    ("fit", GAN, 6, GAN, "compile and fit train it",
     steps.judge_fit, "runs returned_keys", "fit"),
    # passes if everything passes that decides the training
    ("trains", (0, 1), 30, NONE, "all in all it trains as the task says", None, "", ""),
    ("trains", GP, 36, NONE, "all in all it trains as the task says", None, "", ""),
    # task 4's own
    ("faces", FACES, 5, NONE, "it takes the faces and the networks of task 3",
     same(constructor.judge_faces), "class", "construct_faces"),
    ("method", FACES, 3, NONE, "it has replace_weights (or replace_weight)",
     same(weights.judge_replace_method), "class", "class"),
    ("generator_weights", FACES, 16, NONE, "replace_weights loads the generator's weights from the first file",
     same(weights.judge_replaced("generator")), "faces method", "replace"),
    ("discriminator_weights", FACES, 16, NONE, "replace_weights loads the discriminator's weights from the second file",
     same(weights.judge_replaced("discriminator")), "faces method", "replace"),
)  # fmt: skip


def behaviours(task):
    """The rows of a task."""
    rows, decisive = [], tuple(name for name, tasks, _, decides, *_ in TABLE if task in tasks and task in decides)
    for name, tasks, points, _, title, judge, needs, probes in TABLE:
        if task in tasks:
            title = title.format(name=inputs.CLASSES.get(task))
            kinds = {"needs": tuple(needs.split()), "probes": tuple(probes.split())}
            kinds = kinds if judge else {"of": decisive}
            rows.append(Behaviour(f"{task}.{name}", title, points, judge and judge(task), **kinds))
    return rows


RUBRIC = {task: behaviours(task) for task in inputs.FILES}
BEHAVIOURS = {behaviour.key: behaviour for rows in RUBRIC.values() for behaviour in rows}
