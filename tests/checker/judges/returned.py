"""Judges of what a step returns."""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges.critic import critic_of, penalty_gradients, penalty_of
from tests.checker.judges.losses import found_discriminator_loss, found_generator_loss, loss_named
from tests.checker.judges.penalty import at_one_end, formula_in_step, shares_of_rows
from tests.checker.outcomes import CannotTell, Misnamed
from tests.checker.records import arrays, fakes, has_penalty, numeral, returned_numbers, steps_of


def judge_returned_keys(task):
    wanted = ["discr_loss", "gen_loss"] + ["gp"] * has_penalty(task)

    def judge(records):
        for step in steps_of(records["step"]):
            if step.returned is None:
                nothing = step.record["type"] == "NoneType"
                found = "nothing (does it lack its return?)" if nothing else step.record["type"]
                return f"train_step returns {found}: expected a dictionary with {', '.join(wanted)}"
            _, keys = returned_numbers(task, step)
            for key in wanted:
                if key in keys and step.returned[keys[key]] is None:
                    return f"The {keys[key]} that train_step returns is not a number"
                if key in keys and step.returned[keys[key]]["size"] != 1:
                    count = step.returned[keys[key]]["size"]
                    return f"The {keys[key]} that train_step returns holds {count} numbers, expected one"
                if key in keys and "kind" in step.returned[keys[key]]:
                    kind = {"str": "text", "bytes": "text"}.get(step.returned[keys[key]]["kind"], "list")
                    return Misnamed(f"The {keys[key]} that train_step returns stands in a {kind}: expected a number")
            missing = [key for key in wanted if key not in step.returned]
            if missing:
                return Misnamed(
                    f"The dictionary that train_step returns has no {' and no '.join(missing)}; it has "
                    f"{', '.join(step.returned) or 'nothing'}"
                )
        return None

    return judge


def means_that_forget(*losses):
    """Moving averages of each list of losses, in which the newest one has a usual weight."""
    for values in losses:
        for share in (0.5, 0.1, 0.2, 0.3, 0.05, 0.01, 0.001, 0.9):
            mean = values[0]
            for value in values[1:]:
                mean += share * (value - mean)
            if len(values) > 2:
                yield mean


def more_by_a_round_number(found, expected):
    """The end of a sentence on a number that is some halves above or below what it should be; else nothing."""
    more = found - expected
    whole = round(2 * more) / 2
    if not whole or abs(more - whole) > 1e-4:
        return ""
    return f". It is {numeral(abs(whole))} {'more' if whole > 0 else 'less'}: the task's formula has no such constant"


def penalties_alike(formula, weights, points):
    """The penalties at these points by formulas that have the same gradient on a linear critic as this one."""
    gradients = penalty_gradients()
    alike = [name for name in gradients if reference.close(gradients[name], gradients[formula])]
    with np.errstate(all="ignore"):
        return [penalty_of(name, weights, x) for name in alike for x in points]


def judge_returned_values(task):
    family = reference.FAMILY[task]

    def judge(records):
        name = critic_of(records)[0] if has_penalty(task) else found_discriminator_loss(task, records)[0]
        whose = found_generator_loss(task, records)
        if name is None or whose is None:
            raise CannotTell("discriminator_loss" if name is None else "generator_loss")
        # the losses that the solution minimises: if they are wrong, other behaviours say so
        loss, own = loss_named(family, name), loss_named(family, whose, "generator")
        formula = formula_in_step(records) or "right" if has_penalty(task) else None
        every, so_far, weights_gp = [], [], (inputs.LAMBDA, 10, 1)  # the last loss of each step
        for step in steps_of(records["step"]):
            returned, _ = returned_numbers(task, step)
            if not {"discr_loss", "gen_loss"} & set(returned):
                raise CannotTell("returned_keys")
            values, penalties = [], []
            for update in step.of("D"):
                weights, fake = arrays(update["before"]["discriminator"]), fakes(arrays(update["before"]["generator"]))
                real = step.drawn(update)
                values.append(loss(reference.discriminator(weights, real), reference.discriminator(weights, fake)))
                weights_d = weights
                if has_penalty(task):
                    points = [x for x in step.seen_before(update) if x.shape == real.shape]
                    inner = [x for x in points if shares_of_rows(x, real, fake)[1] and not at_one_end(x, real, fake)]
                    penalties.append([penalty_of(formula, weights, x) for x in inner or points])
            so_far.append(values[-1])
            every += values
            update = step.of("G")[-1]
            critic, weights = arrays(update["before"]["discriminator"]), arrays(update["before"]["generator"])
            after = loss(reference.discriminator(critic, real), reference.discriminator(critic, fakes(weights)))
            y = reference.discriminator(critic, fakes(weights))
            moved_y = reference.discriminator(critic, fakes(arrays(update["after"]["generator"])))
            others = {
                "the mean over the iterations instead of the last one's": np.mean(values),
                "that of the first iteration instead of the last": values[0],
                "the sum over the iterations instead of the last one's": np.sum(values),
                "computed after the last update instead of before it": after,
                "computed after the generator's update": loss(reference.discriminator(critic, real), moved_y),
                "the generator's loss": own(y),
                "the sum of both losses": values[-1] + own(y),
                "divided by disc_iter": values[-1] / inputs.DISC_ITER,
                "a running mean over the steps: it must be the loss of this step alone": np.mean(so_far),
                "minus what it should be" + ", or its size without the sign" * bool(values[-1] < 0): -values[-1],
            }
            found = returned.get("discr_loss", values[-1])  # a key that is missing costs its own points
            if not reference.near(found, values[-1]):
                if any(reference.near(found, mean) for mean in means_that_forget(every, so_far)):
                    return "The returned discr_loss is a moving average: it must be the loss of this iteration alone"
                for words, value in others.items():
                    if reference.near(found, value):
                        return f"The returned discr_loss is {words}"
                if has_penalty(task) and any(
                    reference.near(found, values[-1] + share * gp)
                    for gp in (*penalties[-1], *penalties_alike(formula, weights_d, points))
                    for share in weights_gp
                ):
                    return "The returned discr_loss contains the penalty: it must be the loss alone"
                for words, wrong in reference.DISCRIMINATOR_LOSSES[family].items():
                    last = step.of("D")[-1]
                    x = reference.discriminator(arrays(last["before"]["discriminator"]), real)
                    y = reference.discriminator(
                        arrays(last["before"]["discriminator"]), fakes(arrays(last["before"]["generator"]))
                    )
                    if reference.near(found, wrong(x, y)) and name == "right":
                        return f"The returned discr_loss {words}"
                if name != "right":
                    raise CannotTell("discriminator_loss")
                return (
                    f"The returned discr_loss is {numeral(found)}; on the last iteration it is {numeral(values[-1])}"
                    + more_by_a_round_number(found, values[-1])
                )
            found = returned.get("gen_loss", own(y))
            if not reference.near(found, own(y)):
                if reference.near(found, own(moved_y)):
                    return "The returned gen_loss is computed after the generator's update instead of before it"
                first = arrays(step.of("D")[0]["before"]["discriminator"])
                if reference.near(found, own(reference.discriminator(first, fakes(weights)))):
                    return "The returned gen_loss is computed before the discriminator's updates"
                for words, wrong in reference.GENERATOR_LOSSES[family].items():
                    if reference.near(found, wrong(y)) and whose == "right":
                        return f"The returned gen_loss {words}"
                if has_penalty(task) and any(
                    reference.near(found, own(y) + share * gp) for gp in penalties[-1] for share in weights_gp
                ):
                    return "The returned gen_loss contains the penalty, which is the critic's"
                if reference.near(found, values[-1]) or reference.near(found, after):
                    return "The returned gen_loss is the discriminator's loss"
                if reference.near(found, -values[-1]) or reference.near(found, -after):
                    return (
                        "The returned gen_loss is minus the discriminator's loss: the real examples have no part in it"
                    )
                if whose != "right":
                    raise CannotTell("generator_loss")
                return (
                    f"The returned gen_loss is {numeral(found)}; at the generator's update it is {numeral(own(y))}"
                    + more_by_a_round_number(found, own(y))
                )
            if has_penalty(task):
                if "gp" not in returned:
                    continue
                found = returned["gp"]
                if not any(reference.near(found, gp) for gp in penalties[-1]):
                    if any(reference.near(found, weight * gp) for gp in penalties[-1] for weight in weights_gp[:2]):
                        return "The returned gp is already multiplied by lambda_gp: it must be the penalty alone"
                    if any(reference.near(found, gp) for gp in penalties[0]):
                        return "The returned gp is that of the first iteration instead of the last"
                    if penalties[-1] and reference.near(found, np.mean([gps[-1] for gps in penalties if gps])):
                        return "The returned gp is the mean over the iterations instead of the last one's"
                    if formula != "right":
                        raise CannotTell("penalty")
                    expected = numeral(penalties[-1][-1]) if penalties[-1] else "another number"
                    return f"The returned gp is {numeral(found)}; on the last iteration it is {expected}"
        return None

    return judge
