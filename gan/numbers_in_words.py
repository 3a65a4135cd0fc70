"""How numbers that were measured several times are written, in tables and in what scripts print."""

import numpy as np


def mean_and_spread(values, form=".4f", spread_form=None):
    """"1.9122 +- 0.0053": mean and standard deviation. One value has no spread.

    Args:
        values: numbers, at least one.
        form: how the mean is formatted; `spread_form` the spread, by default likewise.
    """
    mean = format(np.mean(values), form)
    if len(values) == 1:
        return mean
    spread = np.std(values) if np.ptp(values) else 0.  # equal values have none, not even by rounding
    return f"{mean} +- {spread:{spread_form or form}}"
