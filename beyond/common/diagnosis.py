"""What went wrong in the training of a GAN with cross-entropy, told from its losses and the diversity of its samples.

| label | losses, mean of the last tenth of the steps | samples |
|---|---|---|
| discriminator wins | the discriminator's nearly 0, the generator's large | not like the examples |
| generator wins | the generator's nearly 0 | not like the examples |
| mode collapse | anything else | fewer kinds than real ones, or much alike |
| healthy | anything else | as varied as real ones, or nearly |

Losses alone do not tell a mode collapse: a discriminator that knows the few fakes by heart is as often right as one
that wins. Diversity alone does not tell a failure: noise is varied.
"""

import numpy as np

from gan import checks

NEARLY_0 = .01  # the discriminator's loss where it wins; where the modes collapse it stays above
LARGE = 5.  # the generator's loss where the discriminator wins: D(fake) is e^-5 = .7 % or less
GIVEN_UP = .1  # the generator's loss where it wins: D(fake) is 90 % or more
FEW = .5  # of the kinds, or of the spread, of real examples; see `beyond.common.measures.Diversity`
LABELS = ("healthy", "mode collapse", "discriminator wins", "generator wins")


def diagnose(losses, diversity):
    """The label of a training, and the reason in words.

    Args:
        losses: dict with "discr_loss" and "gen_loss", one value a step, of a GAN with the
            losses of `beyond.common.cross_entropy`: log 2 where the discriminator guesses.
        diversity: dict with "spread" and "kinds" of its samples, 1. for as varied as real examples; see
            `beyond.common.measures.Diversity`.

    Returns: (one of LABELS, a sentence).

    Raises:
        ValueError: a number is missing, not finite or negative.
    """
    found = {}
    for argument, values, names in (("losses", losses, ("discr_loss", "gen_loss")),
                                    ("diversity", diversity, ("spread", "kinds"))):
        for name in names:
            if name not in values or not np.size(values[name]):
                raise ValueError(f"{argument}: expected values of {name}, got {sorted(values)}")
            last = np.atleast_1d(values[name])[-max(1, np.size(values[name]) // 10):]
            found[name] = checks.number(f"{argument}[{name!r}]", float(np.mean(last)), zero_allowed=True)

    if found["discr_loss"] < NEARLY_0 and found["gen_loss"] > LARGE:
        return "discriminator wins", (f"its loss is {found['discr_loss']:.4f}, the generator's "
                                      f"{found['gen_loss']:.1f}: the generator learns no more")
    if found["gen_loss"] < GIVEN_UP:
        return "generator wins", (f"its loss is {found['gen_loss']:.4f}, the discriminator's "
                                  f"{found['discr_loss']:.2f}: the discriminator takes fakes for real")
    few = [f"{100 * found[name]:.0f} % of the {name}" for name in ("kinds", "spread") if found[name] < FEW]
    if few:
        return "mode collapse", f"the samples have {' and '.join(few)} of real examples"
    return "healthy", (f"the losses are {found['discr_loss']:.2f} and {found['gen_loss']:.2f}, and the samples have "
                       f"{100 * found['kinds']:.0f} % of the kinds of real examples")
