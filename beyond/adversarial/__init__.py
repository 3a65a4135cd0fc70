"""Adversarial examples: pictures changed so little that nobody minds, and a classifier sees another class.

The gradient of a classifier's loss with respect to the picture says which way to change each pixel. What the attacks
differ in is how they measure "little": the largest change of a pixel, the length of the change, or the number of pixels
that change; and in what they know: white box, the network and its gradients, or black box, its answers only.

    fgsm             x + epsilon sign(gradient of the loss): one step, no pixel changes by more than epsilon
    lbfgs            min c |r|^2 + loss(x + r, target), the picture in [0, 1]: a short r towards a chosen class
    jsma             pixels in pairs, those first that raise the target most and the others least: few pixels
    deepfool         step after step to the nearest boundary, as if the network was linear: a short r
    carlini_wagner   min |r|^2 + c max(largest other logit - target's, -confidence): short, also where the loss is flat
    train_attacker   a generator of changes against a discriminator and the classifier (AdvGAN): one pass a picture
    zoo              the gradient from differences of answers, some pixels at a time: a black box is enough

The defences: adversarial training, distillation, models without gradients (a forest), squeezing of grey levels, a class
"null" for what was tampered with, Defense-GAN (the nearest picture that a generator makes), MagNet (an autoencoder and
a detector). What each costs on clean pictures, and how much of it is left under another attack, is measured here.

Goodfellow et al. (2015), https://arxiv.org/abs/1412.6572; every function names its own paper. All pictures are in
[0, 1], all classifiers give logits.

Built on `beyond.wgan_gp` with the networks of `beyond.lsgan` (Defense-GAN's generator), `beyond.vae` (MagNet's
autoencoder) and `beyond.evaluation` (the latent vector nearest to a picture).

    python -m beyond.adversarial --quick        attacks, accuracy over epsilon, transfer, what the defences are worth
"""

from beyond.common.parts import by_name

SYSTEM = {
    "family": "attacking",
    "line": "adversarial examples: seven attacks on a classifier of digits, and seven defences",
    "totals": {},
    "quick": "3 minutes",
}

PARTS = ("attacks", "defences")
__getattr__ = by_name(__name__, PARTS)
