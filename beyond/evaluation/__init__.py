"""Measures of generated pictures: what each one sees, and what it is blind to.

No single number says how good a generator is. The inception score looks at the classes that a classifier sees, and
never at a real picture. The Frechet distance compares the clouds of features of real and of made pictures. Others look
for copies, for modes that are missing, or let a classifier tell real from fake. So the table below has many rows, and
beside each figure the same figure of real pictures that were held back: nothing can be expected to beat it.

    scores     by the classes that a classifier sees: inception score, mode score, AM score, perplexity
    clouds     of two sets of points: Frechet distances, MMD, precision and recall, two-sample tests, copies, likelihood
    pixels     of the pictures themselves: PSNR, SSIM, power spectrum, contrast, kurtosis
    paths      of a generator: path length, the latent vector nearest to a picture
    blind      a sheet for people, answers apart, a score with its confidence interval
    table      all that two sets of pictures allow

`from beyond.evaluation import inception_score`, and so for every measure. Where two sets are compared, the real one
stands first. Features and classes come from a small classifier of digits, in the place of Inception, which knows
photographs only and would have to be downloaded.

Borji (2019), Pros and Cons of GAN Evaluation Measures, https://arxiv.org/abs/1802.03446. Each measure names its paper.

    python -m beyond.evaluation --quick                     digits damaged in nine ways: what each measure sees
    python -m beyond.evaluation FAKES REAL                  the table of two folders, .npy or .npz files of pictures
    python -m beyond.evaluation FAKES REAL --blind 40       a sheet of 40 for people, half of them real; answers apart
    python -m beyond.evaluation --score ANSWERS "r f f r"   how well somebody told them apart
"""

from beyond.common.parts import by_name

SYSTEM = {
    "family": "measuring",
    "line": "measures of pictures: inception score, Frechet distance, thirty others, and what each one sees",
    "totals": {},
    "quick": "1 minute",
}

PARTS = ("scores", "clouds", "pixels", "paths", "blind", "table")
__getattr__ = by_name(__name__, PARTS)
