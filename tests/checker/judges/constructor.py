"""Judges of the constructor: its arguments, the faces of task 4, the values of what is left out."""

import numpy as np

from tests.checker import inputs, reference
from tests.checker.judges.adam import judge_adam
from tests.checker.judges.critic import critic_of, penalty_gradients
from tests.checker.judges.losses import loss_named
from tests.checker.judges.penalty import judge_penalty_in_loss
from tests.checker.judges.strangers import another_gan
from tests.checker.outcomes import CannotTell, Misnamed, passes
from tests.checker.records import arrays, fakes, gradient_of, has_penalty, moved, numeral, said, steps_of, usual_letters


def judge_construct(task):
    names = [*inputs.PARAMETERS, *["lambda_gp"] * has_penalty(task)]

    def judge(records):
        record, given = records["construct"], [n for n in records["class"].get("parameters", []) if n != "self"]
        own = records["class"].get("parameters", [])
        spelled, selfless = records["class"].get("constructor"), records["class"].get("selfless", [])
        error = record.get("failed") or record.get("refused")
        sentences = []
        if spelled:
            sentences.append(
                f"The constructor is called {spelled}: its name is __init__, with two underscores at each end"
            )
        if (spelled or "__init__") in selfless:
            sentences.append(
                "The constructor has no self: its first argument is the object, def __init__(self, generator, ..."
            )
        if sentences:
            if "failed" not in record:
                return Misnamed(". ".join(sentences))
            return f"{'. '.join(sentences)}. Mended so, it fails with {said(error)}"
        if error:
            if own and own[0] in names:
                return (
                    f"The constructor has no self: its first argument is the object, def __init__(self, {own[0]}, ..."
                )
            arguments = ""
            if given[: len(names)] != names:  # two equal lists would explain nothing
                has = ", ".join(given) if given not in ([], ["args", "kwargs"]) else "no __init__ of its own"
                arguments = f". Expected are the arguments {', '.join(names)}; the class has {has}"
            sentence = f"The class cannot be made with the course's arguments: {said(error)}{arguments}"
            if "failed" not in record and "super().__init__()" in said(error):
                return Misnamed("The constructor must call super().__init__() before anything else")
            if "failed" not in record:
                others = [f"{its} in place of {ours}" for ours, its in zip(names, given) if its not in names]
                if others and len(others) < 4:
                    sentence = f"The constructor's arguments have other names than the course's: {', '.join(others)}"
                elif set(names) <= set(given) and arguments:
                    sentence = (
                        f"The constructor's arguments stand in another order: {', '.join(given)}. The course's order "
                        f"is {', '.join(names)}"
                    )
                return Misnamed(sentence)
            return another_gan(task, records) or sentence
        if record.get("order"):
            return Misnamed(
                f"The constructor's arguments stand in another order: {', '.join(given)}. The course's order is "
                f"{', '.join(names)}"
            )
        if not all(record["networks"]):
            lost = ["generator", "discriminator"][record["networks"].index(False)]
            return f"The attribute {lost} is not the network that was given"
        missing = [name for name in inputs.PARAMETERS[:4] if name not in record.get("kept", inputs.PARAMETERS)]
        if missing:
            return Misnamed(f"The object has no attribute {', '.join(missing)}, which the main scripts use")
        return None

    return judge


def judge_faces(records):
    record = records["construct_faces"]
    if "failed" in record:
        return f"With pictures of 16 x 16 and the networks of task 3 the class fails with {said(record['failed'])}"
    return None


def judge_defaults(task):
    """The values of the arguments that were not given, seen in one step on 200 examples."""

    def judge(records):
        record = records["defaults"]
        if "failed" in record:
            return f"The class cannot be made from the first four arguments alone: {said(record['failed'])}"
        step = steps_of(record)[0]
        if step.raised:
            return f"With the default arguments train_step stops with {said(step.raised)}"
        if step.letters != "DDG" and all(one.letters == usual_letters() for one in steps_of(records["step"])):
            return (
                f"Without disc_iter given the discriminator has {step.letters.count('D')} updates in a step: the "
                "default is 2"
            )
        sizes = [event["rows"] for event in step.record["events"] if event["kind"] == "latent"]
        if not sizes:
            raise CannotTell("fresh_fakes")
        if max(sizes) != inputs.DEFAULT_BATCH and sum(sizes) < 3 * inputs.DEFAULT_BATCH:
            return f"Without batch_size given a sample has {max(sizes)} examples: the default is 200"
        if not step.of("G") or not step.of("D"):
            raise CannotTell("updates")
        update = step.of("G")[0]
        change = moved(update["before"]["generator"], update["after"]["generator"])
        if not passes(judge_adam(task), records):
            raise CannotTell("adam")
        if abs(change - 0.005) > 1e-4:
            return (
                f"Without learning_rate given the learning rate is {numeral(change)}, by which Adam's first update "
                "moves a weight: the default is .005"
            )
        if has_penalty(task):
            name, formula, _ = critic_of(records)
            known = name in reference.DISCRIMINATOR_LOSSES["means"]
            if not known or not passes(judge_penalty_in_loss, records):
                raise CannotTell("penalty_in_loss" if known else "discriminator_loss")
            of_the_batch = "whole batch", "batch axis", "mean of D", "before it subtracts"
            if any(words in str(formula) for words in of_the_batch):
                raise CannotTell("penalty")  # the size of the batch is another one here
            found = gradient_of(step.of("D")[0], "discriminator", 2)[0]
            weights = arrays(inputs.linear_critic((inputs.DIM,), inputs.SLOPE))
            fake = fakes(arrays(update["before"]["generator"]), inputs.DEFAULT_BATCH)
            real, loss = step.drawn(step.of("D")[0], inputs.examples(inputs.DEFAULT_BATCH)), loss_named("means", name)
            plain = reference.gradient(
                lambda w: loss(reference.discriminator(w, real), reference.discriminator(w, fake)), weights
            )
            slope = penalty_gradients()[formula or "right"][0] * (
                inputs.DEFAULT_BATCH / inputs.BATCH if "summed" in str(formula) else 1
            )
            share = float(np.sum((found - plain[0]) * slope) / np.sum(slope**2))
            if not abs(share - 10) <= 0.05:
                return f"Without lambda_gp given the penalty has the weight {numeral(share)}: the default is 10"
        return None

    return judge
