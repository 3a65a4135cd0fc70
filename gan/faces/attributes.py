"""Attributes of faces, such as a smile, and the directions in latent space that change them."""

import warnings

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan.picture_measures import flat


def load_attributes(path, names, count, optional=()):
    """Columns of a table of attributes as booleans (above .5): a dict of arrays (count,).

    Args:
        path: of the table, with a line of names first.
        names: of columns that it must have.
        count: of its rows.
        optional: names of more columns, which are left out where it has none.

    Raises:
        ValueError: no such table, a column is missing or holds something else than numbers, or the table has another
            number of rows.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of an empty file
            table = np.atleast_1d(np.genfromtxt(path, delimiter=",", names=True))
        there = [name for name in optional if name in (table.dtype.names or ())]
        columns = {name: table[name] for name in [*names, *there]}
    except (OSError, ValueError, UserWarning) as error:
        reason = " ".join(str(error).split())[:200]  # NumPy has a line for each bad row
        raise ValueError(f"attributes: expected a table with the columns {', '.join(names)} in {str(path)!r} "
                         f"({reason})") from error
    if table.size != count:
        raise ValueError(f"attributes: expected {count} rows, one for each face, in {str(path)!r}, got {table.size}")
    for name, values in columns.items():
        if np.isnan(values).any():
            raise ValueError(f"attributes: expected numbers in the column {name} of {str(path)!r}, got something else "
                             f"in row {np.argmax(np.isnan(values)) + 1}")
    return {name: values > .5 for name, values in columns.items()}


def attribute_direction(pictures, attribute, latent_vectors, made):
    """A direction in latent space along which an attribute of the generated faces grows.

    A linear classifier learns the attribute from real pictures; a linear regression then finds how its score on
    generated pictures depends on their latent vectors.

    Args:
        pictures: real ones, (n, h, w).
        attribute: 0 or 1 for each of them, (n,).
        latent_vectors: (k, dim), and `made`: the pictures that the generator makes of them, (k, h, w).

    Returns:
        direction: unit vector, (dim,).
        classifier: a scikit-learn classifier of flattened pictures.

    Raises:
        ValueError: the attribute has one value only.

    Shen et al. (2020), Interpreting the Latent Space of GANs, https://arxiv.org/abs/1907.10786.
    """
    attribute = np.asarray(attribute)
    if len(np.unique(attribute)) != 2:
        raise ValueError(f"attribute: expected zeros and ones, got {np.unique(attribute)}")
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=.01, max_iter=1000))
    classifier.fit(flat(pictures), attribute)
    slope = LinearRegression().fit(latent_vectors, classifier.decision_function(flat(made))).coef_
    return slope / np.linalg.norm(slope), classifier
