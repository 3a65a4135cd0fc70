"""The judge of the optimizers."""

import itertools

import numpy as np

from tests.checker import inputs, reference
from tests.checker.outcomes import CannotTell, Remark
from tests.checker.records import arrays, crossed, gradient_of, has_penalty, numeral, steps_of
from tests.checker.reference import TOLERANCE

ADAMS = [
    (beta_1, beta_2)
    for beta_2 in (0.9, 0.999, 0.99)
    for beta_1 in (0.5, 0.3, 0.9, 0.0, 0.6, 0.4, 0.1, 0.2, 0.7, 0.8, 0.95)
] + [(0.9, 0.5), (0.9, 0.3)]  # the last two: exchanged


EPSILONS = (1e-7, 1e-8, 1e-6, 1e-5, 1e-4, 1e-3)  # left to the student; Keras has the first one
OTHER_OPTIMIZERS = (
    "RMSprop", "SGD", "Nadam", "Adamax", "Adagrad", "Adadelta", "Ftrl", "AdamW", "Lion", "Adafactor", "Lamb", "Muon",
)  # fmt: skip


RULES = {
    "amsgrad": "the variant AMSGrad (amsgrad=True)",
    "weight_decay": "a decay of the weights (weight_decay)",
    "use_ema": "a moving average of the weights (use_ema=True)",
}


def other_rates():
    """Learning rates that people write instead of the one that was given."""
    return (0.005, 0.001, 0.0001, 0.01, 0.1, 0.025, inputs.RATE / 2, 2 * inputs.RATE)


def judge_adam(task):
    """Adam with the given learning rate. beta_1 is left to the student; another beta_2 than .9 is worth a remark."""
    right = (0.3, 0.9) if has_penalty(task) else (0.5, 0.9)

    def judge(records):
        steps, asked, remarks = steps_of(records["step"]), inputs.RATE, []
        for letter, which in (("D", "discriminator"), ("G", "generator")):
            updates = [update for step in steps for update in step.of(letter)]
            if not updates:
                raise CannotTell("updates")
            if updates[0].get("optimizer") == "LossScaleOptimizer":
                return (
                    f"The {which}'s Adam stands inside a LossScaleOptimizer, which belongs to the precision "
                    "mixed_float16: the course works with float32"
                )
            if updates[0].get("optimizer") in OTHER_OPTIMIZERS:
                return f"The {which}'s optimizer is {updates[0]['optimizer']}: the task asks for Adam"
            starts, gradients, ends = [], [], []
            for update in updates:
                found = gradient_of(update, which, 4)
                if any(values is None for values in found):
                    return f"The {which}'s update leaves out variables"
                starts.append(np.concatenate([w.ravel() for w in arrays(update["before"][which])]))
                ends.append(np.concatenate([w.ravel() for w in arrays(update["after"][which])]))
                gradients.append(np.concatenate([g.ravel() for g in found]))

            if not any(np.any(a != b) for a, b in zip(starts, ends)) and np.any(gradients[0]):
                return (
                    f"The {which}'s optimizer leaves the weights as they are, though their gradient is not zero: "
                    "its learning rate is 0, or what the update does is undone"
                )
            large = np.abs(gradients[0]) > 1e-2  # elsewhere Adam's epsilon, which is left to the student, has a part
            if not large.any():
                large[:] = True

            def error(rate, betas, epsilon=1e-7, starts=starts, gradients=gradients, ends=ends, seen=slice(None)):
                with np.errstate(all="ignore"):
                    made = list(reference.adam(starts, gradients, rate, *betas, epsilon))
                if task == 1:  # an optimizer, or a constraint, may clip within the update
                    made = [np.clip(a, -1, 1) if np.max(np.abs(b)) <= 1 + 1e-6 else a for a, b in zip(made, ends)]
                return float(np.max([np.max(np.abs(a - b)[seen]) for a, b in zip(made, ends)])) / asked  # NaN stays NaN

            rules = [RULES[name] for name in updates[0].get("rules", ()) if name in RULES]
            if rules:
                return f"The {which}'s Adam has {' and '.join(rules)}: the task asks for Adam as it is"
            if any(error(asked, right, epsilon) < TOLERANCE for epsilon in EPSILONS):
                continue
            two = {"starts": starts[:2], "gradients": gradients[:2], "ends": ends[:2]}  # later ones may be huge
            for rate, *betas in itertools.permutations((asked, *right)):
                if rate != asked and any(error(rate, betas, epsilon, **two) < TOLERANCE for epsilon in EPSILONS):
                    return (
                        f"The {which}'s Adam has its arguments in another order: its learning rate is {numeral(rate)}, "
                        f"its beta_1 {numeral(betas[0])} and its beta_2 {numeral(betas[1])}. Name them: "
                        "Adam(learning_rate=..., beta_1=..., beta_2=...)"
                    )
            betas = fitting_betas(lambda betas, large=large, error=error: error(asked, betas, seen=large))
            if betas:
                if abs(betas[1] - right[1]) > 2e-3:
                    remarks.append((which, numeral(round(betas[1], 3))))
                continue
            for epsilon, pair in itertools.product((1e-2, 0.1, 1.0), (right, (0.5, 0.9), (0.3, 0.9), (0.9, 0.999))):
                if error(asked, pair, epsilon) < TOLERANCE:
                    return (
                        f"The {which}'s Adam has epsilon = {epsilon:g}, which is no small number: it makes the updates "
                        "smaller, and small gradients count less. Leave it out"
                    )
            if shared(steps):
                return (
                    f"The {which}'s optimizer is one that both networks share: it takes the updates of both for its "
                    "own, and its corrections are wrong for each. Give each network one"
                )
            for rate in (first_rate(starts, gradients, ends), *other_rates()):
                if rate and fitting_betas(
                    lambda betas, rate=rate, large=large, error=error: error(rate, betas, seen=large)
                ):
                    return (
                        f"The {which}'s Adam has the learning rate {numeral(rate)} where learning_rate={asked} was "
                        "given: hand self.learning_rate on to the optimizer"
                    )
            if crossed(steps):
                return crossed(steps)

            def is_made(pairs_of_lists):
                """Whether Adam with known constants, begun anew for each of the lists, makes what was found."""

                def far(betas):
                    made = [
                        (one, end)
                        for a, g, e in pairs_of_lists
                        for one, end in zip(reference.adam(a, g, asked, *betas), e)
                    ]
                    return float(np.max([np.max(np.abs(one - end)) for one, end in made])) / asked

                return any(far(betas) < TOLERANCE for betas in (right, (0.5, 0.9), (0.3, 0.9), (0.9, 0.999)))

            per_update = [([a], [g], [e]) for a, g, e in zip(starts, gradients, ends)]
            n = len(updates) // len(steps)
            cut = [slice(i, i + n) for i in range(0, len(updates), max(n, 1))]
            for what, parts in (
                ("update", per_update),
                ("step", [(starts[c], gradients[c], ends[c]) for c in cut]),
            ):
                if is_made(parts):
                    return (
                        f"The {which}'s optimizer is made anew for every {what}: so it forgets the gradients before. "
                        "Make it once, in the constructor"
                    )
            if updates[0].get("cuts"):
                return (
                    f"The {which}'s optimizer clips the gradients ({', '.join(updates[0]['cuts'])}): the task asks for "
                    "Adam as it is"
                )
            rates = [np.sum((a - e) * g) / np.sum(g * g) for a, g, e in zip(starts, gradients, ends) if np.any(g)]
            if rates and all(np.allclose(a - e, rates[0] * g, atol=1e-6) for a, g, e in zip(starts, gradients, ends)):
                return f"The {which}'s updates are plain gradient descent: the task asks for Adam"
            by_hand = updates[0].get("optimizer") == "by hand"  # one without its corrections has other rates, too
            rates = None if by_hand else changing_rates(starts, gradients, ends, right)
            if rates:
                first = ", ".join(list(dict.fromkeys(numeral(float(f"{rate:.3g}")) for rate in rates))[:3])
                return (
                    f"The {which}'s learning rate changes from update to update, {first} and so on, where "
                    f"learning_rate={asked} was given: it must stay the same"
                )
            if by_hand:
                return (
                    f"The {which}'s update is written by hand, and does not move the weights as Adam does with "
                    f"learning_rate = {asked}: compare both moments, their corrections and the sign with the formula, "
                    "or take keras.optimizers.Adam"
                )
            return (
                f"The {which}'s weights do not move as Adam moves them with learning_rate = {asked}, whatever its "
                "beta_1 and beta_2: is it another optimizer, one that both networks share, or one whose learning "
                "rate changes?"
            )
        words = ""
        if steps[0].of("D")[0].get("optimizer") == "by hand":
            words = "Adam is written by hand, and moves the weights as keras.optimizers.Adam does"
        if remarks:
            found = " and ".join(f"{number} for the {which}" for which, number in remarks)
            found = remarks[0][1] if len({number for _, number in remarks}) < len(remarks) else found
            words += ". " * bool(words) + f"Adam's beta_2 is {found}; the course has {right[1]}"
        return Remark(f"{words}. This costs nothing") if words else None

    return judge


def shared(steps):
    """Whether one optimizer updates the discriminator and the generator."""
    numbers = [
        {update.get("number") for step in steps for update in step.of(letter)} - {None} for letter in ("D", "G")
    ]
    return bool(numbers[0] & numbers[1])


MOVES = 60  # in the search for two numbers; a third of them are steps to half the width


def fitting_betas(error):
    """The pair (beta_1, beta_2) with which Adam makes the updates; None if there is none."""
    grid = sorted(
        (
            (a, b)
            for a in (*np.arange(0, 1, 0.1), 0.95, 0.99)
            for b in (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
        ),
        key=lambda betas: np.nan_to_num(error(betas), nan=np.inf),
    )
    for start in grid[:4]:
        best, least, width = start, error(start), 0.05
        for _ in range(MOVES):
            if width <= 1e-6 or least < TOLERANCE / 10:
                break
            near_by = [
                (best[0] + a * width, best[1] + b * width) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0)
            ]
            near_by = [one for one in near_by if 0 <= one[0] < 1 and 0 <= one[1] < 1]
            found = min(near_by, key=lambda betas: np.nan_to_num(error(betas), nan=np.inf))
            if error(found) < least:
                best, least = found, error(found)
            else:
                width /= 2
        if least < TOLERANCE:
            return best
    return None


def changing_rates(starts, gradients, ends, betas):
    """The learning rate of each update, if each has one with which Adam makes it; else None."""
    found = []
    with np.errstate(all="ignore"):
        for start, made, end in zip(starts, reference.adam(starts, gradients, 1.0, *betas), ends):
            way = made - start
            rate = float((end - start) @ way) / max(float(way @ way), 1e-12)
            if not rate > 0 or not np.max(np.abs(end - start - rate * way)) < 1e-2 * rate * np.max(np.abs(way)):
                return None
            found.append(rate)
    return found if np.ptp(found) > 1e-2 * max(found) else None


def first_rate(starts, gradients, ends):
    """The learning rate that Adam's first update shows: it moves each weight by just that much."""
    large = np.abs(gradients[0]) > 1e-3
    sizes = np.abs(ends[0] - starts[0])[large]
    rate = float(np.median(sizes)) if len(sizes) else 0.0
    return float(f"{rate:.3g}") if len(sizes) and np.ptp(sizes) < 1e-2 * rate else None
