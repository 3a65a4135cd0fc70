"""PSNR, SSIM, sharpness and bicubic enlargement by hand."""

import numpy as np
import pytest

from beyond.common.likeness import bicubic, likeness, psnr, sharpness, ssim


def pictures(n=3, size=12, channels=3, seed=1):
    return np.random.default_rng(seed).uniform(size=(n, size, size, channels)).astype("float32")


def test_psnr_by_hand():
    """An error of 1/10 everywhere is 20 decibels, one of 1/100 is 40; the mean over pictures is of decibels."""
    truth = np.full((2, 4, 4, 3), .5, "float32")
    made = truth + np.array([.1, .01], "float32").reshape(2, 1, 1, 1)
    np.testing.assert_allclose(psnr(made, truth), [20, 40], atol=1e-2)
    assert psnr(truth, truth).tolist() == [np.inf, np.inf]
    truth = pictures(2)
    made = np.clip(truth, .2, .9)
    assert likeness(made, truth)["psnr"] == pytest.approx(np.mean(psnr(made, truth)))


def test_ssim_by_hand():
    """Equal pictures have 1. Of flat ones only the means count: (2 a b + .01^2) / (a^2 + b^2 + .01^2)."""
    x = pictures()
    assert ssim(x, x) == pytest.approx(1)
    a, b = .2, .7
    flat = [np.full((2, 12, 12, 1), value, "float32") for value in (a, b)]
    assert ssim(*flat) == pytest.approx((2 * a * b + 1e-4) / (a * a + b * b + 1e-4), rel=2e-3), "float32"
    assert abs(ssim(x, pictures(seed=2))) < .3
    assert ssim(1 - x, x) < -.5, "light and dark swapped: the correlation is negative"
    assert ssim(pictures(size=8), pictures(size=8)) == pytest.approx(1), "smaller than the usual window"


def test_sharpness_by_hand():
    """Mean of the differences across and of those down."""
    x = np.zeros((1, 2, 3, 1), "float32")
    x[0, :, 2] = .6  # across: of 4 differences two are .6; down: none
    assert sharpness(x) == pytest.approx(.3 / 2)


def test_bicubic_by_hand():
    """A flat picture stays flat, a ramp a ramp; an edge is a third-degree curve with Keys's weights."""
    flat = bicubic(np.full((1, 4, 4, 3), .3, "float32"), 16)
    np.testing.assert_allclose(flat, .3, atol=1e-6)
    ramp = np.broadcast_to(np.arange(8, dtype="float32") / 8, (1, 8, 8))[..., None].copy()
    inner = bicubic(ramp, 32)[0, 16, 8:24, 0]
    np.testing.assert_allclose(np.diff(inner), 1 / 32, atol=1e-5)
    edge = np.zeros((1, 8, 8, 1), "float32")
    edge[:, :, 4:] = .5
    # The new pixel 1/8 beyond the old one of number 3: weights of the old ones 2 to 5 at distances 9/8, 1/8, 7/8, 15/8.
    near, far = (lambda d: 1.5 * d ** 3 - 2.5 * d ** 2 + 1), (lambda d: -.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2)
    expected = .5 * (near(7 / 8) + far(15 / 8))
    assert bicubic(edge, 32)[0, 16, 14, 0] == pytest.approx(expected, abs=1e-5)


def test_likeness():
    """All of them in one dict; the truth itself has the best values."""
    class Nothing:
        def distance(self, made, truth):
            return float(np.mean(np.abs(made - truth)))

    x = pictures()
    assert likeness(x, x, Nothing()) == {"psnr": np.inf, "ssim": pytest.approx(1), "sharpness": 1, "features": 0}
    blurred = likeness(np.full_like(x, .5), x)
    assert blurred["sharpness"] == 0 and set(blurred) == {"psnr", "ssim", "sharpness"}
