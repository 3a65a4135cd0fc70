"""What is measured of a trained VAE, PixelCNN or GAN with classes: numbers by name, for the scripts and the claims."""

import time

import numpy as np
from sklearn.metrics import confusion_matrix, mutual_info_score
from sklearn.neighbors import KNeighborsClassifier

from beyond.classes import one_row_a_class
from beyond.data import signed, unit
from beyond.measures import Classifier, spread
from beyond.sgan import classify


def sharpness(pictures):
    """Mean absolute difference of neighbouring pixels, (n, h, w, 1) -> number; blurred pictures have less."""
    return float(np.mean(np.abs(np.diff(pictures, axis=1))) + np.mean(np.abs(np.diff(pictures, axis=2))))


def of_vae(G, pictures):
    """A VAE of two latent coordinates on labelled pictures (`beyond.data.Pictures`).

    Returns a dict:
        same_class: share of test pictures whose reconstruction shows, to a classifier, the same class.
        neighbours_2d: accuracy of the 5 nearest training codes on the test codes: classes have regions of their own.
        code_mean, code_std: norm of the mean of all test codes, and their spread in a coordinate; prior 0 and 1.
        classes_in_plane: how many classes the classifier finds at least 5 times among 900 points of [-2, 2]^2.
        sharpness: of the reconstructions, divided by that of the test pictures; below 1 is blurred.
    """
    classifier = Classifier(pictures)
    made = G.reconstruct(pictures.test)
    codes = G.encode(pictures.test)
    neighbours = KNeighborsClassifier(5).fit(G.encode(pictures.train), pictures.train_labels)
    line = np.linspace(-2, 2, 30)
    tiles = classifier(G.decode(np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)))
    return {"same_class": float(np.mean(classifier(made) == classifier(pictures.test))),
            "neighbours_2d": float(neighbours.score(codes, pictures.test_labels)),
            "code_mean": float(np.linalg.norm(codes.mean(axis=0))),
            "code_std": float(codes.std(axis=0).mean()),
            "classes_in_plane": int(np.sum(np.bincount(tiles, minlength=1) >= 5)),
            "sharpness": sharpness(made) / sharpness(pictures.test)}


def of_pixel_cnn(G, train, test, made, classify):
    """A PixelCNN on pictures of 0 and 1, (n, h, w, 1).

    Args:
        made: pictures that it generated.
        classify: function from pictures to their classes.

    Returns a dict:
        nll_per_pixel: of the test pictures, in nats.
        independent: the same for independent pixels with the frequencies of the training pictures.
        lit: share of lit pixels of the generated pictures, divided by that of the test pictures.
        kinds: classes that the generated pictures show, e to the entropy of their frequencies.
        nearest: median distance of generated pictures to the nearest training one, divided by the test pictures'.
    """
    frequency = (train.sum(axis=0) + .5) / (len(train) + 1)
    independent = -(test * np.log(frequency) + (1 - test) * np.log(1 - frequency)).mean()
    share = np.bincount(classify(made)) / len(made)
    share = share[share > 0]
    return {"nll_per_pixel": float(G.negative_log_likelihood(test).mean() / test[0].size),
            "independent": float(independent),
            "lit": float(made.mean() / test.mean()),
            "kinds": float(np.exp(-np.sum(share * np.log(share)))),
            "nearest": nearest(made, train) / nearest(test, train)}


def nearest(pictures, among):
    """Median distance of pictures to the nearest of others."""
    a, b = (np.reshape(x, (len(x), -1)).astype("float64") for x in (pictures, among))
    squares = (a ** 2).sum(axis=1)[:, None] + (b ** 2).sum(axis=1) - 2 * a @ b.T
    return float(np.median(np.sqrt(np.maximum(squares.min(axis=1), 0))))


def of_class_GAN(G, pictures, each=100):
    """A CGAN or ACGAN: `each` fakes of each class, before a classifier of real pictures.

    Returns a dict:
        class_accuracy: how often it sees the class that was asked for.
        spread: of the fakes of one class, divided by that of the real ones, mean over the classes; 0: always the same.
        real_accuracy: of the classifier on real test pictures.
    """
    classifier = Classifier(pictures)
    numbers = one_row_a_class(G.classes, each)
    made = unit(G.pictures_of(numbers))
    spreads = [spread(made[numbers == c]) / spread(pictures.train[pictures.train_labels == c])
               for c in range(G.classes)]
    return {"class_accuracy": float(np.mean(classifier(made) == numbers)),
            "spread": float(np.mean(spreads)),
            "real_accuracy": classifier.accuracy}


def of_infoGAN(G, pictures, info_losses, each=100):
    """An InfoGAN: `each` fakes of each code, before a classifier of real pictures.

    Args:
        info_losses: of the last training steps.

    Returns a dict:
        purity: share of fakes that show the commonest class of their code; .1 if code and class have nothing in common.
        classes: how many different classes are the commonest one of some code.
        code_class_information: mutual information of code and class seen, in nats; at most log 10 = 2.303.
        information_bound: lower bound of the mutual information of code and picture, in nats.
    """
    classifier = Classifier(pictures)
    codes = one_row_a_class(G.classes, each)
    seen = classifier(unit(G.pictures_of(codes)))
    table = confusion_matrix(codes, seen, labels=range(G.classes))  # (codes, classes)
    return {"purity": float(table.max(axis=1).sum() / table.sum()),
            "classes": len(set(table.argmax(axis=1))),
            "code_class_information": float(mutual_info_score(codes, seen)),
            "information_bound": float(G.information(np.mean(info_losses)))}


def test_accuracy(discriminator, pictures):
    """How often the discriminator of an SGAN gives a test picture its class."""
    return float(np.mean(classify(discriminator, signed(pictures.test)) == pictures.test_labels))


def seconds(function):
    """The result of function() and the seconds it took."""
    start = time.perf_counter()
    result = function()
    return result, time.perf_counter() - start


def line(results):
    """The numbers in one line for people."""
    return ", ".join(f"{name.replace('_', ' ')} {value:.3f}" if isinstance(value, float) else
                     f"{name.replace('_', ' ')} {value}" for name, value in results.items())
