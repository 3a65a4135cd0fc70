"""Indicators of generated pictures: values worked out by hand, what they say of known faults, and the PCA generator."""

import numpy as np
import pytest
from scipy import stats

from gan.faces.pictures import Faces
from gan.faces.quality import (
    LABELS,
    PCA_generator,
    PictureQuality,
    standardized_coordinates,
    sums_of_squares,
    table,
)
from gan.indicators import sliced_wasserstein
from gan.picture_measures import flat, frechet_distance, precision_recall
from tests.helpers import COURSE_DATA, ROOT, needs_course_data

SIZE = 600


@pytest.fixture(scope="module")
def pictures():
    """The first 2,000 of the shipped faces in [0, 1]."""
    return np.load(ROOT / "data" / "small_res_faces_10000.npy")[:2000].astype("float32") / 255


@pytest.fixture(scope="module")
def quality(pictures):
    return PictureQuality(pictures, size=SIZE, neighbour_size=300)


@pytest.fixture(scope="module")
def floor(quality):
    return quality.calibrate()


def column(*numbers):
    return np.array(numbers, dtype="float64")[:, None]


def cloud_of(mean, covariance, n=97):
    """n points whose sample mean and covariance are exactly these."""
    points = np.random.default_rng(3).normal(size=(n, len(mean)))
    points -= points.mean(axis=0)
    points = np.linalg.solve(np.linalg.cholesky(np.cov(points, rowvar=False)), points.T).T  # covariance 1
    return points @ np.linalg.cholesky(np.array(covariance, dtype="float64")).T + mean


# --------------------------------------------------------- Frechet distance

@pytest.mark.parametrize("a, b, expected", [
    (column(-2, 0, 2), column(-5, 0, 5), 9.),  # standard deviations 2 and 5: (2 - 5)^2
    (column(-2, 0, 2), column(5, 7, 9), 49.),  # only the mean moves, by 7
    (column(-1, 0, 1), column(0, 3, 6), 13.),  # 3^2 + (1 - 3)^2
    (cloud_of([0, 0, 0], np.diag([1, 4, 9])), cloud_of([1, 2, 2], np.diag([4, 4, 1])), 14.),  # 9 + 1 + 0 + 4
    # trace of sqrt(A B) of 2 x 2 matrices: sqrt(trace(A B) + 2 sqrt(det(A B))), here sqrt(10 + 2 sqrt(12))
    (cloud_of([0, 0], [[4, 0], [0, 1]]), cloud_of([3, 4], [[2, 1], [1, 2]]),
     25 + 5 + 4 - 2 * np.sqrt(10 + 2 * np.sqrt(12))),
], ids=["spread in 1-D", "mean in 1-D", "both in 1-D", "diagonal", "covariances that do not commute"])
def test_frechet_distance_of_gaussians(a, b, expected):
    """The Frechet distance is that of the closed form, in both directions, and zero of a cloud to itself."""
    assert frechet_distance(a, b) == pytest.approx(expected)
    assert frechet_distance(b, a) == pytest.approx(expected)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_frechet_distance_of_moved_points():
    """Moving a cloud adds the square of the move; turning it round the origin in both clouds changes nothing."""
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(211, 5)), rng.normal(size=(173, 5)) @ rng.normal(size=(5, 5))
    move = np.array([1, -2, 0, 3, .5])
    centred = b - b.mean(axis=0) + a.mean(axis=0)
    assert frechet_distance(a, centred + move) == pytest.approx(frechet_distance(a, centred) + 14.25)
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert frechet_distance(a @ turn, b @ turn) == pytest.approx(frechet_distance(a, b))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("singular", ["a point", "a plane"])
def test_frechet_distance_of_a_cloud_without_volume(singular):
    """Clouds that fill less than their space have a finite distance: of a point |move|^2 + trace of the other."""
    a = cloud_of([0, 0, 0, 0], np.diag([1, 4, 9, 2]))
    if singular == "a point":
        assert frechet_distance(a, np.tile([1., 2., 0, 2.], (50, 1))) == pytest.approx(9 + 16)
    else:
        assert frechet_distance(a, a * [1, 1, 0, 0]) == pytest.approx(9 + 2)


# ----------------------------------------------------- precision and recall

REAL, FAKE = column(0, 1, 3, 7), column(-1.5, 4.5, 20, 21)


@pytest.mark.parametrize("neighbours, precision, recall", [
    # Radii of the real points 1, 1, 2, 4: they hold 4.5 alone. Of the fake ones 6, 6, 1, 1: they hold all real points.
    (1, 1 / 4, 1),
    # Radii 3, 2, 3, 6: they hold -1.5 and 4.5.
    (2, 2 / 4, 1),
    # Radii 7, 6, 4, 7 reach up to 14.
    (3, 2 / 4, 1),
])
def test_precision_and_recall_by_hand(neighbours, precision, recall):
    """Precision counts fakes in the balls of real points, recall the reverse; a point is not its own neighbour."""
    assert precision_recall(REAL, FAKE, neighbours) == (precision, recall)
    assert precision_recall(FAKE, REAL, neighbours) == (recall, precision)


def test_precision_on_the_edge_of_a_ball():
    """A fake point as far away as the neighbour is inside, one a little further is outside."""
    assert precision_recall(column(0, 3), column(-3, 6), 1)[0] == 1
    assert precision_recall(column(0, 3), column(-3, 6.001), 1)[0] == .5


@pytest.mark.parametrize("neighbours", [1, 5])
def test_precision_and_recall_against_a_plain_count(neighbours):
    """In several dimensions both are what a plain count over all pairs gives, for clouds of different sizes."""
    rng = np.random.default_rng(5)
    real, fake = rng.normal(size=(61, 3)), rng.normal(size=(47, 3)) * [1.5, .3, 1] + .4

    def covered(points, cloud):
        radii = [sorted(np.linalg.norm(cloud - c, axis=1))[neighbours] for c in cloud]
        return np.mean([any(np.linalg.norm(p - c) <= r for c, r in zip(cloud, radii)) for p in points])

    expected = covered(fake, real), covered(real, fake)
    assert precision_recall(real, fake, neighbours) == pytest.approx(expected, abs=1e-12)
    assert expected[0] != expected[1] and 0 < min(expected) and max(expected) < 1


# ------------------------------------------------------------ sum of squares

def test_standardized_coordinates():
    """The coordinates have mean 0, spread 1, no correlation, and are in the order of the variance."""
    rng = np.random.default_rng(6)
    axes = np.linalg.qr(rng.normal(size=(256, 3)))[0].T
    hidden = rng.normal(size=(501, 3)) * [1, 5, 2]
    found = standardized_coordinates((hidden @ axes).reshape(501, 16, 16, 1) + .5, 3)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(np.cov(found, rowvar=False, ddof=0), np.eye(3), atol=1e-9)
    match = np.abs(np.corrcoef(found, hidden, rowvar=False)[:3, 3:])
    assert match.argmax(axis=1).tolist() == [1, 2, 0] and match.max(axis=1).min() > .98


def test_sums_of_squares_follow_the_law_of_the_course():
    """Of normal pictures the sums follow chi-square; of pictures that differ in strength they do not; mean = count."""
    rng = np.random.default_rng(7)
    normal = rng.normal(size=(3001, 6, 6))
    heavy = normal * np.exp(rng.normal(size=(3001, 1, 1)))
    distance = {}
    for name, sample in (("normal", normal), ("heavy", heavy)):
        sums = sums_of_squares(sample, 7)
        assert sums.shape == (3001,) and sums.mean() == pytest.approx(7)
        distance[name] = stats.kstest(sums, stats.chi2(7).cdf).statistic
    assert distance["normal"] < .03  # the limit at 1 % for 3001 draws
    assert distance["heavy"] > .2


@pytest.mark.filterwarnings("error")
def test_sums_of_squares_of_pictures_with_few_dimensions():
    """Coordinates along which the pictures do not vary count as 0 and do not blow up rounding errors."""
    rng = np.random.default_rng(8)
    line = rng.normal(size=(301, 2)) @ rng.normal(size=(2, 256))
    sums = sums_of_squares(line.reshape(301, 16, 16).astype("float32"), 9)
    assert sums.mean() == pytest.approx(2) and sums.max() < 30
    assert sums_of_squares(np.full((30, 16, 16), .5), 9).tolist() == [0] * 30


# ------------------------------------------------------------ PictureQuality

def real_half(quality):
    return quality.real.reshape(-1, 16, 16)


def other_half(quality):
    return quality.other_real.reshape(-1, 16, 16)


@pytest.mark.parametrize("count", [0, SIZE - 1, SIZE + 1])
def test_another_number_of_pictures(quality, count):
    """Another number of pictures is refused with both numbers."""
    with pytest.raises(ValueError, match=f"^fakes: expected {SIZE} pictures, got {count}$"):
        quality(np.zeros((count, 16, 16)))


def test_quality_is_repeatable(pictures, quality, floor):
    """The same seed gives the same numbers, with or without a channel; another seed another half."""
    again = PictureQuality(pictures, size=SIZE, neighbour_size=300)
    assert again.calibrate() == floor and list(floor) == list(LABELS)
    assert quality(other_half(quality)[..., None]) == floor
    other = PictureQuality(pictures, seed=1, size=SIZE, neighbour_size=300)
    assert not np.array_equal(other.real, quality.real) and other.calibrate() != floor


def test_halves_share_no_picture(pictures, quality):
    """The calibration compares with pictures that are not among the real half; both are drawn from all pictures."""
    rows = {row.tobytes(): i for i, row in enumerate(flat(pictures))}
    real, other = ([rows[row.tobytes()] for row in half] for half in (quality.real, quality.other_real))
    assert len(rows) == 2000 and len(set(real)) == len(set(other)) == SIZE
    assert not set(real) & set(other)
    assert max(real) > 1900 and real != sorted(real)


@pytest.mark.parametrize("n, size, expected", [(2000, 5000, (1000, 300)), (101, 50, (50, 50)), (101, 5000, (50, 50))])
def test_at_most_half_of_the_pictures(pictures, n, size, expected):
    """No more than half of the pictures are compared, nor more neighbours than that."""
    quality = PictureQuality(pictures[:n], size=size, neighbour_size=300)
    assert (quality.size, quality.neighbour_size) == expected == (len(quality.real), expected[1])
    assert len(quality.other_real) == expected[0]


def test_pictures_of_few_pixels():
    """Pictures of fewer pixels than the 49 coordinates are compared in as many coordinates as they have."""
    quality = PictureQuality(np.random.default_rng(3).uniform(size=(400, 5, 3)))
    assert quality.size == 200 and quality.pca.n_components_ == 15
    assert np.isfinite(list(quality.calibrate().values())).all()


def test_the_real_half_itself(quality):
    """The real half compared with itself, in another order for the indicators that allow it, is perfect."""
    found = quality(real_half(quality))
    assert found["precision"] == found["recall"] == 1
    assert [found[name] for name in ("sliced_wasserstein", "frechet", "sum_of_squares")] == pytest.approx([0] * 3,
                                                                                                       abs=1e-9)
    shuffled = quality(np.random.default_rng(9).permutation(real_half(quality)))
    assert [shuffled[name] for name in ("sliced_wasserstein", "frechet", "sum_of_squares")] == pytest.approx([0] * 3,
                                                                                                          abs=1e-6)


def test_sliced_wasserstein_of_brighter_pictures(quality):
    """Pictures brighter by .1 are a move by 1.6 in 256 dimensions, seen from all sides."""
    found = quality(real_half(quality) + .1)["sliced_wasserstein"]
    # 1.6 x mean |cos| = 1.6 sqrt(2 / (256 pi)) = .0798; standard error .0027 over 500 directions.
    assert found == pytest.approx(.0798, abs=.008)
    assert found == sliced_wasserstein(quality.real, quality.real + .1)


def test_real_faces_are_closer_than_made_ones(pictures, quality, floor):
    """Other real faces are closer than faces of normal principal coordinates, and these closer than noise."""
    np.random.seed(1)
    made = quality(PCA_generator(pictures, 128).get_fake_sample(SIZE))
    noise = quality(np.random.default_rng(1).uniform(size=(SIZE, 16, 16)))
    assert 1.1 * floor["sliced_wasserstein"] < made["sliced_wasserstein"] < .4 * noise["sliced_wasserstein"]
    assert 5 * floor["sum_of_squares"] < made["sum_of_squares"]
    assert floor["precision"] > made["precision"] + .1 and floor["recall"] > made["recall"] + .05
    # The PCA generator has the mean and the covariance of the faces, which is all that the Frechet distance sees.
    assert made["frechet"] == pytest.approx(floor["frechet"], rel=.2) and noise["frechet"] > 10 * floor["frechet"]
    assert noise["recall"] < .05


@pytest.mark.parametrize("kinds", [1, 5])
def test_mode_collapse(quality, floor, kinds):
    """A generator of few different faces has no recall, and every distance is large and finite."""
    found = quality(np.tile(other_half(quality)[:kinds], (SIZE // kinds, 1, 1)))
    assert np.isfinite(list(found.values())).all()
    assert found["recall"] < .01 < .8 < floor["recall"]
    for name in ("sliced_wasserstein", "frechet", "sum_of_squares"):
        assert found[name] > 4 * floor[name], name


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [0., .5])
def test_constant_pictures(quality, value):
    """Grey pictures, all the same, get finite numbers without a warning; their sums of squares are 0, the real 49."""
    found = quality(np.full((SIZE, 16, 16), value))
    assert np.isfinite(list(found.values())).all() and found["recall"] == 0
    assert found["sum_of_squares"] == pytest.approx(49)


@pytest.mark.parametrize("kind", ["averaged", "faded"])
def test_pictures_with_too_little_variation(quality, floor, kind):
    """Averages of faces lie among faces (precision) but not out where many faces are (recall)."""
    other = other_half(quality)
    mean = other.mean(axis=0)
    fakes = {"averaged": (other + other[::-1]) / 2, "faded": mean + .5 * (other - mean)}[kind]
    found = quality(fakes)
    assert found["precision"] > floor["precision"] and found["recall"] < .5 * floor["recall"]
    assert found["frechet"] > 3 * floor["frechet"]
    assert found["sliced_wasserstein"] > 2 * floor["sliced_wasserstein"]


# -------------------------------------------------------------- PCA_generator

def test_pca_generator_of_full_depth(pictures):
    """With all 256 coordinates the real pictures come back to the last digits of float64."""
    generator = PCA_generator(pictures[:500], 256)
    found = generator.reconstructed(7)
    assert found.shape == (7, 16, 16)
    np.testing.assert_allclose(found, pictures[:7], atol=1e-9)


@pytest.mark.parametrize("depth", [5, 64])
def test_pca_generator_of_lower_depth(pictures, depth):
    """The depth is kept, and what is lost of the real pictures is the variance in the other coordinates."""
    rows = flat(pictures[:500])
    generator = PCA_generator(pictures[:500], depth)
    assert generator.depth == depth and generator.transformed.shape == (500, depth)
    lost = np.mean(np.sum(np.square(flat(generator.reconstructed(500)) - rows), axis=1))
    variances = np.linalg.eigvalsh(np.cov(rows, rowvar=False, ddof=0))[::-1]
    assert lost == pytest.approx(variances[depth:].sum())


def test_pca_generators_pictures(pictures):
    """Made pictures come from NumPy's seeded stream and have the mean and the covariance of the real ones."""
    generator = PCA_generator(pictures, 256)
    np.random.seed(2)
    made = generator.get_fake_sample(4001)
    assert made.shape == (4001, 16, 16)
    np.random.seed(2)
    np.testing.assert_array_equal(generator.get_fake_sample(4001), made)
    np.random.seed(2)
    coordinates = np.random.randn(4001, 256) * generator.stds
    np.testing.assert_allclose(generator.from_coordinates(coordinates), made, atol=1e-12)
    # Standard error of a pixel's mean about .3 / sqrt(4001) = .005, of its spread .0035.
    np.testing.assert_allclose(made.mean(axis=0), pictures.mean(axis=0), atol=.022)
    np.testing.assert_allclose(made.std(axis=0), pictures.std(axis=0), atol=.016)
    real, fake = (np.corrcoef(flat(sample), rowvar=False) for sample in (pictures, made))
    assert np.abs(real - fake).max() < .12


def test_pca_generator_with_a_shape_of_its_own():
    """Pictures that are not square keep their shape."""
    generator = PCA_generator(np.random.default_rng(3).uniform(size=(31, 5, 3)), 4)
    assert generator.get_fake_sample(7).shape == (7, 5, 3) and generator.reconstructed(2).shape == (2, 5, 3)


# ---------------------------------------------------------------------- table

def test_table():
    """A Markdown table: one value to four decimals, or the mean +- spread over seeds."""
    one = dict(zip(LABELS, (.12345, 1, .5, .25, 41.5)))
    other = dict(zip(LABELS, (.32345, 2, .5, .75, 40.5)))
    assert table({"floor": one, "GAN": [one, other]}).split("\n") == [
        "| | sliced W | Frechet | precision | recall | sum of squares |", "|---|---|---|---|---|---|",
        "| floor | 0.1235 | 1.0000 | 0.5000 | 0.2500 | 41.5000 |",
        "| GAN | 0.2235 +- 0.1000 | 1.5000 +- 0.5000 | 0.5000 +- 0.0000 | 0.5000 +- 0.2500 | 41.0000 +- 0.5000 |"]
    assert table({"GAN": [one]}).split("\n")[-1] == table({"GAN": one}).split("\n")[-1]


# ------------------------------------------------------------ the course's faces

@needs_course_data
def test_quality_of_the_courses_faces():
    """The course's faces against each other, and faces of 128 principal coordinates, have the README's numbers."""
    faces = Faces(COURSE_DATA / "small_res_faces_10000.npy").pictures
    quality = PictureQuality(faces)
    expected = dict(zip(LABELS, (.0082, .0507, .8665, .8815, .3499)))
    assert quality.calibrate() == pytest.approx(expected, abs=6e-5)
    np.random.seed(0)
    made = quality(PCA_generator(faces, 128).get_fake_sample(quality.size))
    # Spread over four seeds: .0003, .0020, .006, .006, .09.
    assert made == pytest.approx(dict(zip(LABELS, (.0147, .034, .56, .82, 10.3))), rel=.1)
