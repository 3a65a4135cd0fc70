"""Draw 10,000 small grey pictures of faces: a made-up data set of 16 x 16 pixels for training a GAN.

Nobody in these pictures exists.  A face starts as one row of about seventy numbers, its attributes: age,
skin, hair, smile, glasses, pose, light, background, camera (draw_attributes).  draw_faces then draws the row
on a fine grid of 64 x 64 points, like a very small ray tracer:

1. every point of the picture is traced to an ellipsoid head, turned by yaw, pitch and roll, so that eyes,
   nose and mouth, which are painted on the head, shift and narrow when the head turns;
2. nose, eye sockets, cheeks, lips and chin raise or lower the surface, and a lamp shades it (Lambert's law);
3. layers are painted from back to front: background, hair behind the head, neck and clothes, the face with
   its beard, ears, front hair, glasses, hat;
4. a camera averages 4 x 4 points to a pixel, sharpens or blurs, sets exposure and contrast, and adds noise.

Coordinates: x runs right and y DOWN, from -1 to 1 over a face seen from the front: eyes near y = -0.2,
the mouth near 0.6, the chin near 1.1.  The plain numbers in the functions are such places and widths, tones
from 0 (black) to 1 (white), and strengths; they were tuned by eye, and to a few statistics of small grey
photographs (a mean tone of about 118 of 255, for one).  All is computed in 64-bit numbers from one seeded
numpy Generator, so a run can be repeated exactly.

Usage:  python make_faces.py [--out DIR] [--seed N] [--count N] [--sheet FILE.png]
        python make_faces.py --from-lfw [--lfw-home DIR]      (real photographs: Labeled Faces in the Wild)
"""
import argparse
import errno
import hashlib
import os
import sys
from types import SimpleNamespace

import numpy as np

SIDE = 16              # pixels along a finished picture
FINE = 64              # points along the grid the face is drawn on (4 x 4 points to a pixel)
BATCH = 50             # faces drawn at once: small enough to stay in the processor's cache
MIDDLE = -0.2          # y of the middle of the head
HEAD_DEPTH = 0.95      # radius of the head from front to back
NPY_NAME, CSV_NAME = "small_res_faces_10000.npy", "faces_attributes.csv"
# The attributes that can be seen in 16 x 16 pixels; the table stores these.
STORED = ("male", "age", "skin_tone", "wrinkles", "hair_grey", "hair_tone", "hair_length", "hairline", "bald", "fringe",
          "hat", "glasses", "dark_glasses", "smile", "mouth_open", "beard", "moustache", "yaw", "pitch", "roll",
          "light_x", "light_y", "background_left", "background_right")


# ---------------------------------------------------------------- the attributes of a face
def draw_attributes(n, rng):
    """Return a dict of n-vectors, one attribute each.  Change any of them and draw again."""
    def uniform(low, high):
        return low + (high - low) * rng.random(n)

    def normal(mean, sd, low=-9.0, high=9.0):
        return np.clip(mean + sd * rng.normal(size=n), low, high)

    def flag(probability):
        return (rng.random(n) < probability).astype(float)

    a = {}
    # Who it is.  "male" and "age" are not drawn themselves: they make other attributes more or less likely.
    male = a["male"] = flag(0.45)
    age = a["age"] = rng.random(n) ** 1.3
    a["skin_tone"] = np.where(flag(0.2), uniform(0.26, 0.45), normal(0.62, 0.1, 0.3, 0.85))
    a["head_width"], a["head_length"] = normal(0.79, 0.045, 0.64, 0.94), normal(1.36, 0.06, 1.16, 1.52)
    a["jaw_width"], a["ear_size"] = normal(0.83 + 0.05 * male, 0.07, 0.55, 1.0), normal(1.0, 0.2, 0.5, 1.6)
    a["wrinkles"] = np.clip(age ** 2 * uniform(0.2, 1.3), 0, 1)
    # Hair.
    a["hair_grey"] = np.clip(2.5 * (age - 0.65) + 0.3 * rng.normal(size=n), 0, 1)
    colour = np.where(flag(0.23), uniform(0.22, 0.5), 0.02 + 0.13 * rng.random(n) ** 2)
    a["hair_tone"] = colour + a["hair_grey"] * (uniform(0.35, 0.75) - colour)
    a["hair_length"] = np.where(flag(0.9 - 0.82 * male), uniform(0.35, 1.0), uniform(0.0, 0.3))
    a["hair_volume"] = uniform(0.04, 0.16) + a["hair_length"] * uniform(0.0, 0.3)
    a["hairline"] = normal(-1.0, 0.13, -1.35, -0.62) - 0.3 * male * age ** 2 * rng.random(n)
    a["bald"] = flag(0.06 * male)
    a["fringe"] = flag(0.22) * rng.random(n) * (1 - a["bald"])
    a["parting"] = normal(0.0, 0.45, -1.2, 1.2)
    a["hair_cover"], a["hair_arch"] = uniform(0.78, 1.08), uniform(1.7, 5.0)
    a["hair_strands"] = uniform(0.05, 0.5)
    a["hat"] = flag(0.05)
    a["hat_tone"] = np.where(flag(0.7), uniform(0.02, 0.25), uniform(0.3, 0.95))
    a["hat_brim"] = normal(-0.55, 0.1, -0.8, -0.35)
    # Eyes and brows.
    a["brow_height"] = normal(-0.36, 0.035, -0.48, -0.26)
    a["brow_thickness"] = normal(0.042 + 0.018 * male, 0.014, 0.015, 0.1)
    a["brow_tilt"], a["brow_strength"] = normal(0.0, 0.15), uniform(0.35, 0.7)
    a["eye_spacing"], a["eye_height"] = normal(0.36, 0.02, 0.3, 0.42), normal(-0.19, 0.016)
    a["eye_size"], a["eye_open"] = normal(0.15, 0.014, 0.1, 0.2), normal(0.055, 0.02, 0.005, 0.11)
    a["eye_tilt"], a["gaze_x"] = normal(0.0, 0.1), normal(0.0, 0.4, -1, 1)
    a["socket_shade"] = uniform(0.35, 0.65)
    a["make_up"] = np.clip((1 - male) * uniform(-0.3, 1.0), 0, 1)
    a["glasses"] = flag(0.08 + 0.08 * age)
    a["dark_glasses"] = a["glasses"] * flag(0.18)
    a["frame_thickness"] = uniform(0.02, 0.07)
    # Nose, mouth, cheeks, beard.
    a["nose_length"] = normal(0.27, 0.04, 0.15, 0.4)
    a["nose_width"] = normal(0.15 + 0.015 * male, 0.02, 0.1, 0.22)
    a["nose_height"] = normal(1.0, 0.25, 0.4, 1.8)
    a["mouth_height"], a["mouth_width"] = normal(0.57, 0.035, 0.47, 0.69), normal(0.29, 0.03, 0.2, 0.38)
    a["lip_fullness"] = normal(0.06 - 0.015 * male, 0.015, 0.02, 0.11)
    a["lip_shade"] = np.clip(0.25 + 0.3 * a["make_up"] + 0.12 * rng.normal(size=n), 0, 0.7)
    a["smile"] = np.clip(np.where(flag(0.6), uniform(0.4, 1.1), normal(0.15, 0.2)), -0.3, 1.0)
    a["mouth_open"] = np.clip(rng.random(n) * (0.05 + 0.5 * a["smile"]) + flag(0.06) * rng.random(n), 0, 1)
    a["cheeks"] = normal(1.0, 0.35, 0.1, 2.2)
    a["beard"] = flag(0.17 * male) * uniform(0.3, 0.9)
    a["moustache"] = np.maximum(a["beard"] * flag(0.85), flag(0.08 * male) * uniform(0.4, 1.0))
    a["stubble"] = male * flag(0.4) * uniform(0.0, 0.35)
    # Pose and crop.
    # Angles in radians; a normal number times a uniform one gives the occasional big turn of real snapshots.
    a["yaw"] = np.clip(normal(0.0, 1.0) * uniform(0.1, 0.46), -0.75, 0.75)
    a["pitch"] = normal(0.0, 0.11, -0.3, 0.3)
    a["roll"] = normal(0.0, 1.0) * uniform(0.03, 0.22)
    a["shift_x"], a["shift_y"] = normal(-0.01, 0.035, -0.2, 0.2), normal(-0.02, 0.045, -0.2, 0.2)
    a["zoom"] = normal(1.04, 0.06, 0.85, 1.3)
    a["oddity"] = uniform(0.01, 0.045)                            # how far the features stray from symmetry
    # Light, background, clothes.
    a["light_x"], a["light_y"] = normal(0.0, 0.45, -1.6, 1.6), normal(-0.45, 0.35, -1.3, 0.5)
    a["ambient"], a["shine"] = uniform(0.3, 0.85), rng.random(n) ** 2 * 0.35
    # Backgrounds are mostly dark, else often nearly white; left and right differ now and then.
    light = np.where(flag(0.6), uniform(0.65, 1.1), uniform(0.05, 0.6))
    first = np.where(flag(0.6), uniform(0.0, 0.15), light)
    other = np.where(flag(0.92), first, np.where(flag(0.6), uniform(0.0, 0.2), uniform(0.2, 1.2)))
    a["background_left"], a["background_right"] = first, other
    a["background_edge"], a["background_texture"] = uniform(0.1, 2.0), rng.random(n) ** 2 * 0.3
    a["clothes_tone"] = np.where(flag(0.55), uniform(0.02, 0.3), uniform(0.3, 0.9))
    # Camera.
    a["sharpness"] = uniform(-0.1, 0.6)
    a["black_level"] = normal(0.015, 0.05, -0.15, 0.2) + 0.25 * rng.random(n) ** 3
    a["white_level"] = normal(0.74, 0.07, 0.4, 1.1)
    a["glare"] = uniform(0.0, 0.45)
    a["gamma"] = np.exp(normal(-0.07, 0.23, -0.7, 0.7))                  # below 1: bright, above 1: dark
    a["noise"] = 0.006 + 0.025 * rng.random(n) ** 3
    return a


# ---------------------------------------------------------------- small tools
def soft(distance, width=0.06):
    """A soft mask: 0 outside (distance < 0), 1 inside, with a smooth edge of the given width."""
    t = np.clip(0.5 + distance / width, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def bell(x, y, width, height):
    """A round, bell-shaped mask with its top (1) where x and y are 0."""
    return np.exp(-(x / width) ** 2 - (y / height) ** 2)


def paint(picture, tone, mask):
    """Lay a tone over the picture where the mask is 1, in place."""
    picture += mask * (tone - picture)


def smooth_noise(n, rows, columns, rng):
    """Random cloudy pictures (mean 0, spread about 1): a rough grid of random numbers, smoothly enlarged."""
    def enlarge(cells):
        at = (np.arange(FINE) + 0.5) / FINE * (cells - 1)
        weight = np.exp(-1.2 * (at[:, None] - np.arange(cells)) ** 2)
        return weight / np.sqrt((weight ** 2).sum(1, keepdims=True))
    return enlarge(rows) @ rng.normal(size=(n, rows, columns)) @ enlarge(columns).T


# ---------------------------------------------------------------- the shape of the head and its light
def place_head(a, rng):
    """Trace each point of the picture to the head: where on the face it lies (x, y), and how it faces us."""
    n = len(a.yaw)
    line = (np.arange(FINE) + 0.5) / FINE * 2 - 1
    sy, cy, sp, cp = np.sin(a.yaw), np.cos(a.yaw), np.sin(a.pitch), np.cos(a.pitch)
    # The crop follows the face, not the skull: it moves most of the way with the turned features.
    x = line[None, None, :] / a.zoom + a.shift_x + 0.85 * HEAD_DEPTH * sy
    y = line[None, :, None] / a.zoom + a.shift_y - 0.9 * HEAD_DEPTH * sp
    cr, sr = np.cos(a.roll), np.sin(a.roll)
    centre = 0.85 * HEAD_DEPTH * sy
    x, y = centre + cr * (x - centre) + sr * y, cr * y - sr * (x - centre)
    # No face is symmetric: bend the grid a little.
    x = x + a.oddity * smooth_noise(n, 4, 4, rng)
    y = y + a.oddity * smooth_noise(n, 4, 4, rng)
    # The jaw is narrower than the temples, and it sits forward, so it swings with the face.
    low = np.clip((y - 0.0) / 1.05, 0, 1.3)
    xh = (x - 0.25 * sy * low) / (1 - (1 - a.jaw_width) * low ** 2)
    yh = y - MIDDLE
    # A ray straight ahead, in the head's own axes, is start + z * along; find the z where it meets the skin.
    start = (xh * cy, yh * cp + xh * sy * sp, -yh * sp + xh * sy * cp)
    along = (-sy, cy * sp, cy * cp)
    radius = (a.head_width, a.head_length, HEAD_DEPTH)
    aa = sum((u / r) ** 2 for u, r in zip(along, radius))
    bb = sum(s * u / r ** 2 for s, u, r in zip(start, along, radius))
    cc = sum((s / r) ** 2 for s, r in zip(start, radius)) - 1
    square = bb ** 2 - aa * cc                                       # negative where the ray misses the head
    z = (-bb + np.sqrt(np.maximum(square, 0))) / aa
    qx, qy, qz = (s + z * u for s, u in zip(start, along))
    inside = (1 - np.sqrt(np.maximum(1 - square / aa, 0))) * a.head_width   # distance to the outline
    # The way the skin faces, turned back to the picture's axes.
    nx, ny, nz = qx / radius[0] ** 2, qy / radius[1] ** 2, qz / radius[2] ** 2
    nx, nw = nx * cy + (nz * cp + ny * sp) * sy, -nx * sy + (nz * cp + ny * sp) * cy
    ny = ny * cp - nz * sp
    # fx, fy: the place on the face (ax = |fx|, for what comes in pairs); x, y: in the picture plane.
    s = SimpleNamespace(n=n, x=x, y=y, fx=qx, fy=qy + MIDDLE, ax=np.abs(qx), inside=inside)
    s.normal = (nx, ny, nw)
    s.side = np.where(qx < 0, -1.0, 1.0)
    s.head = soft(inside, 0.1)
    # Hair runs in strands from the crown: s.strands waves ACROSS the strands.
    across = 9 * (x - 0.4 * a.parting) / (y + 2.6) + 0.35 * smooth_noise(n, 5, 5, rng)
    phases = 2 * np.pi * rng.random((n, 1, 1, 4))
    s.strands = sum(np.sin(across * k + phases[..., i]) for i, k in enumerate((1.1, 2.0, 3.4, 5.6))) / 2
    s.speckle = smooth_noise(n, 24, 24, rng)
    return s


def light_on(a, s):
    """The light on the head: ambient light plus a lamp on the bumpy surface."""
    fx, fy, ax = s.fx, s.fy, s.ax
    nose_x = fx - 0.1 * np.tan(a.yaw)                      # the nose sticks out, so it moves further
    tip = a.nose_length
    along = np.clip((fy - a.eye_height) / (tip - a.eye_height), 0, 1)
    ridge = along * np.exp(-(nose_x / (0.5 * a.nose_width + 0.05 * along)) ** 2) * soft(tip + 0.04 - fy, 0.16)
    height = a.nose_height * (0.06 * ridge + 0.035 * bell(nose_x, fy - tip + 0.04, 0.14, 0.1))
    height -= 0.07 * bell(ax - a.eye_spacing, fy - a.eye_height, 0.19, 0.12)
    height += 0.03 * bell(ax - 0.3, fy - a.brow_height, 0.25, 0.09)
    height += (0.045 * a.cheeks + 0.05 * a.smile) * bell(ax - 0.42, fy - 0.27 + 0.06 * a.smile, 0.2, 0.2)
    height += 0.04 * bell(fx, fy - a.mouth_height, 0.26, 0.16) + 0.05 * bell(fx, fy - 0.93, 0.2, 0.13)
    height -= 0.03 * bell(fx, fy - a.mouth_height - 0.17, 0.16, 0.05)
    step = 2.0 / FINE / a.zoom
    nx = 0.8 * s.normal[0] - np.gradient(height, axis=2) / step
    ny = 0.45 * s.normal[1] - np.gradient(height, axis=1) / step
    nz = s.normal[2]
    length = np.sqrt(nx ** 2 + ny ** 2 + nz ** 2) + 1e-9
    lamp = np.sqrt(a.light_x ** 2 + a.light_y ** 2 + 1)
    facing = (nx * a.light_x + ny * a.light_y + nz) / (length * lamp)
    facing = np.clip((facing + 0.15) / 1.15, 0, 1)                   # a real lamp is wide: light creeps round
    s.gloss = a.shine * facing ** 12
    return a.ambient + (1.15 - a.ambient) * facing


# ---------------------------------------------------------------- the layers, from back to front
def background(a, s, rng):
    """Two tones with a soft border between them, clouds and a little texture."""
    place = s.x + 0.5 * smooth_noise(s.n, 3, 3, rng)
    picture = a.background_left + (a.background_right - a.background_left) * soft(place, a.background_edge)
    clouds = smooth_noise(s.n, 4, 6, rng) + 0.5 * smooth_noise(s.n, 14, 14, rng)
    return np.clip(picture + a.background_texture * clouds, 0, 1.2)


def hair_tone(a, s, light):
    """Hair: its tone, brighter and darker strands, and a dim share of the light."""
    return a.hair_tone * (0.55 + 0.6 * light) * np.clip(1 + a.hair_strands * s.strands, 0.1, 2.2)


def back_hair(picture, a, s, tone):
    """Hair behind and beside the head, down to the shoulders when it is long."""
    wide = a.head_width + a.hair_volume + 0.02 * s.strands
    round_top = 1 - np.sqrt((s.x / wide) ** 2 + ((s.y - MIDDLE) / (a.head_length + a.hair_volume)) ** 2)
    column = 1 - np.abs(s.x) / (wide * (1 + 0.15 * s.y))
    shape = np.where(s.y < MIDDLE, round_top, np.maximum(column, round_top))
    bottom = -0.1 + 1.9 * a.hair_length
    paint(picture, tone, (1 - a.bald) * soft(shape * wide, 0.12) * soft(bottom - s.y + 0.05 * s.strands, 0.2))


def neck_and_clothes(picture, a, s, light):
    """The neck in the shadow of the chin, and a collar and shoulders in the corners."""
    nx = s.x - 0.15 * np.sin(a.yaw)
    shadow = 0.55 + 0.35 * soft(s.y - 1.15, 0.5)
    neck = soft(0.68 * a.head_width - np.abs(nx), 0.08) * soft(s.y - 0.6, 0.1)
    paint(picture, a.skin_tone * shadow * light, neck)
    collar = 1.42 - 0.45 * np.abs(nx)
    paint(picture, a.clothes_tone * (1 + 0.15 * s.speckle), soft(s.y - collar, 0.08))


def skin(a, s):
    """The tone of the bare face before light: skin, darkened at sockets, cheeks' hollows and wrinkles."""
    fx, fy, ax = s.fx, s.fy, s.ax
    tone = a.skin_tone * (1 + 0.015 * s.speckle)
    tone = tone * (1 - a.socket_shade * bell(ax - a.eye_spacing + 0.03, fy - a.eye_height + 0.02, 0.2, 0.12))
    tone *= 1 - 0.4 * a.wrinkles * bell(ax - a.eye_spacing, fy - a.eye_height - 0.13, 0.14, 0.04)    # bags
    ripple = 0.5 + 0.5 * np.sin(fy * 38)
    tone *= 1 - 0.25 * a.wrinkles * ripple * bell(fx, fy + 0.68, 0.4, 0.17)         # forehead
    fold = np.clip(0.2 + 0.8 * np.maximum(a.smile, 0) + 0.4 * a.wrinkles, 0, 1.2)
    crease = ax - (0.16 + 0.4 * (fy - a.nose_length))              # from the nose to the mouth's corners
    tone *= 1 - 0.3 * fold * np.exp(-(crease / 0.06) ** 2) * np.exp(-((fy - 0.4) / 0.17) ** 2)
    return tone


def brows_and_eyes(tone, a, s):
    """Brows, lids, the white of the eye, and the dark iris that looks where the gaze goes."""
    u, v = s.ax - a.eye_spacing, s.fy - a.eye_height
    line = a.brow_height + a.brow_tilt * u + 0.9 * u ** 2
    brow = np.exp(-((s.fy - line) / a.brow_thickness) ** 2) * soft(0.22 - np.abs(u + 0.0), 0.12)
    paint(tone, a.skin_tone * 0.2 + 0.3 * a.hair_tone * a.hair_grey, a.brow_strength * brow)
    opening = np.maximum(a.eye_open - 0.02 * np.maximum(a.smile, 0), 0.004)
    v = v + a.eye_tilt * u
    lid = opening * (1 - (u / a.eye_size) ** 2)
    eye = soft(lid - np.abs(v), 0.035)
    paint(tone, 0.35 + 0.4 * a.skin_tone, 0.8 * eye)
    iris = soft(0.065 - np.sqrt((u - s.side * a.gaze_x * 0.07) ** 2 + v ** 2), 0.04)
    paint(tone, 0.03, eye * iris)
    lash = np.exp(-((v + lid) / (0.025 + 0.02 * a.make_up)) ** 2) * soft(1.1 * a.eye_size - np.abs(u), 0.08)
    paint(tone, 0.04, (0.55 + 0.4 * a.make_up) * lash)
    paint(tone, 0.05, 0.3 * np.exp(-((v - lid) / 0.02) ** 2) * soft(a.eye_size - np.abs(u), 0.08))


def nose_shadow(tone, a, s):
    """Nostrils, the dark under the tip, and the shadow the nose casts away from the lamp."""
    nx = s.fx - 0.1 * np.tan(a.yaw)
    below = s.fy - a.nose_length
    tone *= 1 - 0.35 * bell(nx, below - 0.07, 0.8 * a.nose_width, 0.035)
    tone *= 1 - 0.5 * bell(np.abs(nx) - 0.5 * a.nose_width, below - 0.05, 0.04, 0.03)
    cast = (1 - a.ambient) * np.clip(np.abs(a.light_x), 0, 1)
    tone *= 1 - 0.6 * cast * bell(nx + 0.9 * np.sign(a.light_x) * a.nose_width, below + 0.06, 0.1, 0.16)


def mouth(tone, a, s):
    """Lips around a curved line; a smile widens it, lifts its corners and shows teeth."""
    smile = np.maximum(a.smile, 0)
    half = a.mouth_width + 0.12 * smile
    t = s.fx / half
    v = s.fy - (a.mouth_height + a.smile * (0.05 - 0.2 * t ** 2))
    taper = np.sqrt(np.clip(1 - t ** 2, 0, 1))
    ends = soft((1 - np.abs(t)) * half, 0.07)
    parted = np.clip(a.mouth_open + 0.35 * smile, 0, 1)                    # a smile parts the lips by itself
    gap = (0.005 + 0.12 * parted) * taper
    lips = soft(taper * a.lip_fullness * np.where(v < 0, 0.9, 1.3) + gap - np.abs(v), 0.05) * ends
    paint(tone, tone * (1 - a.lip_shade), lips)
    paint(tone, 0.1, soft(gap - np.abs(v), 0.04) * ends * (0.5 + 0.5 * np.clip(parted * 5, 0, 1)))
    teeth = soft(gap * (0.6 + 0.3 * smile) - np.abs(v + (0.25 - 0.2 * smile) * gap), 0.04)
    teeth *= soft((0.85 - np.abs(t)) * half, 0.07)
    paint(tone, 0.45 + 0.5 * a.skin_tone, teeth * np.clip(parted * 4, 0, 1) * np.clip(0.3 + smile, 0, 1))
    paint(tone, 0.08, 0.65 * np.exp(-(v / 0.032) ** 2) * ends * np.clip(1 - 4 * parted, 0, 1))
    tone *= 1 - 0.5 * smile * bell(s.ax - half - 0.02, v, 0.06, 0.07)       # dimples at the corners
    tone *= 1 - 0.25 * bell(s.fx, v - gap - 1.5 * a.lip_fullness - 0.03, 0.14, 0.035)        # under the lip


def facial_hair(tone, a, s):
    """Beard, stubble and moustache, with the grain of hair."""
    jaw = soft(s.fy - (0.62 - 1.1 * np.clip(s.ax - 0.28, 0, 0.5)), 0.14)
    open_mouth = 1 - bell(s.fx, s.fy - a.mouth_height, a.mouth_width * 1.1, 0.09)
    dark = (0.4 * a.skin_tone * (1 - a.hair_grey) + 0.6 * a.hair_tone) * (1 + 0.25 * s.speckle)
    paint(tone, dark, np.clip(a.beard + a.stubble, 0, 0.92) * jaw * open_mouth)
    upper = bell(s.fx, s.fy - 0.5 * (a.mouth_height + a.nose_length + 0.06), 0.25, 0.065)
    paint(tone, dark, np.clip(1.2 * a.moustache + a.stubble, 0, 0.95) * upper)


def ears(picture, a, s, light):
    """An ear on each side; the far one hides when the head turns."""
    for side in (-1, 1):
        visible = np.clip(1 - 3 * side * np.sin(a.yaw), 0, 1)
        dx = s.x - side * (a.head_width + 0.03) * np.cos(a.yaw) + 0.1 * np.sin(a.yaw)
        r = np.sqrt((dx / 0.09) ** 2 + ((s.y + 0.08) / 0.22) ** 2) / a.ear_size
        paint(picture, a.skin_tone * (0.3 + 0.4 * light) * (1 - 0.4 * bell(dx, s.y + 0.08, 0.05, 0.1)),
              visible * soft((1 - r) * 0.09, 0.06))


def front_hair(picture, a, s, tone):
    """Hair that grows above the hairline, falls over the forehead as a fringe, or frames the cheeks."""
    u = s.fx / a.head_width
    top = a.hairline + a.fringe * 0.5 + (0.3 * a.fringe * (a.parting > 0.4) * u)
    line = top + 0.75 * (np.abs(u - 0.35 * a.parting * (1 - np.abs(u))) / a.hair_cover) ** a.hair_arch
    line = np.minimum(line, -0.05 + 2.2 * np.clip(a.hair_length - 0.15, 0, 1))
    ragged = (0.025 + 0.09 * a.fringe) * s.strands
    paint(picture, tone, (1 - a.bald) * soft(line + ragged - s.fy, 0.2) * soft(s.inside + 0.06, 0.08))


def glasses_and_hat(picture, a, s):
    """Frames, bridge and lenses (some dark); a hat with a brim."""
    u, v = s.ax - a.eye_spacing, s.fy - a.eye_height - 0.03
    r = (np.abs(u / 0.23) ** 3 + np.abs(v / 0.16) ** 3) ** (1 / 3)
    lens = soft((1 - r) * 0.17, 0.05)
    paint(picture, 0.05, a.glasses * a.dark_glasses * 0.9 * lens)
    rim = np.exp(-((1 - r) * 0.18 / a.frame_thickness) ** 2)
    bridge = np.exp(-((v + 0.04) / a.frame_thickness) ** 2) * soft(0.15 - s.ax, 0.05)
    arm = np.exp(-((v + 0.06) / a.frame_thickness) ** 2) * soft(s.ax - 0.58, 0.05) * s.head
    paint(picture, 0.06, a.glasses * 0.85 * np.clip(rim + bridge + 0.7 * arm, 0, 1))
    brim = a.hat_brim + 0.12 * s.fx ** 2
    crown = soft(brim - s.y, 0.07) * soft(a.head_width + 0.2 - np.abs(s.x), 0.1)
    paint(picture, a.hat_tone * (1 - 0.5 * np.exp(-((s.y - brim + 0.08) / 0.05) ** 2)), a.hat * crown)
    paint(picture, 0.5 * picture, a.hat * soft(0.12 - np.abs(s.y - brim - 0.1), 0.1) * s.head)


# ---------------------------------------------------------------- the camera
def camera(picture, a, rng):
    """Average 4 x 4 points to a pixel, then blur or sharpen, expose, stretch the contrast, add noise."""
    n, k = len(picture), FINE // SIDE
    small = picture.reshape(n, SIDE, k, SIDE, k).mean((2, 4))
    edge = np.pad(small, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = (edge[:, :-2] + 2 * edge[:, 1:-1] + edge[:, 2:]) / 4
    blurred = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4
    small = small + a.sharpness * (small - blurred)
    # Automatic exposure: the darkest eighth of the picture goes near black, the bright parts of the middle
    # (the face) to a chosen level, but only half of the way, so dark skin stays darker.
    dark = np.sort(small.reshape(n, -1), axis=1)[:, 34, None, None]
    bright = np.sort(small[:, 3:13, 4:12].reshape(n, -1), axis=1)[:, 62, None, None]
    white = a.white_level * (bright / 0.6) ** 0.45
    small = a.black_level + white * (small - dark) / (np.maximum(bright - dark, 0.2) + 0.03)
    # Stray light in the lens: a picture with much white in it is lifted as a whole.
    small = np.clip(small, -0.1, 1.03)
    small = small + a.glare * (small.mean((1, 2), keepdims=True) - 0.45)
    small = np.maximum(small, 0) ** a.gamma
    small = small + a.noise * rng.normal(size=small.shape)
    return np.clip(np.rint(255 * small), 0, 255).astype(np.uint8)


def draw_faces(attributes, rng, progress=False):
    """Draw one face for each row of the attributes; return uint8 pictures (n, 16, 16).

    The attributes decide the face; rng only adds texture (strands of hair, clouds, noise) and always uses the
    same amount of random numbers: the same seed with one attribute changed gives the same face, changed.
    """
    n = len(attributes["yaw"])
    pictures = np.empty((n, SIDE, SIDE), np.uint8)
    for start in range(0, n, BATCH):
        stop = min(start + BATCH, n)
        rows = slice(start, stop)
        a = SimpleNamespace(**{k: np.asarray(v, float)[rows, None, None] for k, v in attributes.items()})
        s = place_head(a, rng)
        light = light_on(a, s)
        hair = hair_tone(a, s, light)
        picture = background(a, s, rng)
        back_hair(picture, a, s, hair)
        neck_and_clothes(picture, a, s, light)
        tone = skin(a, s)
        nose_shadow(tone, a, s)
        facial_hair(tone, a, s)
        mouth(tone, a, s)
        brows_and_eyes(tone, a, s)
        paint(picture, tone * light + s.gloss, s.head)
        ears(picture, a, s, light)
        front_hair(picture, a, s, hair)
        glasses_and_hat(picture, a, s)
        pictures[start:stop] = camera(picture, a, rng)
        if progress and (stop % 1000 < BATCH or stop == n):
            print(f"\rdrawing faces: {stop} of {n}", end="\n" if stop == n else "", flush=True)
    return pictures


# ---------------------------------------------------------------- real photographs instead
def faces_from_lfw(count, seed, home=None):
    """Real photographs in the same format, from Labeled Faces in the Wild (needs scikit-learn)."""
    try:
        from sklearn.datasets import fetch_lfw_people
    except ImportError:
        sys.exit("make_faces: --from-lfw needs scikit-learn and Pillow: pip install scikit-learn pillow")
    # The middle 128 x 128 of each 250 x 250 photograph: hairline to chin, 8 x 8 points to a pixel.
    options = dict(data_home=home, slice_=(slice(64, 192), slice(61, 189)), resize=None, color=False)
    try:
        try:
            photographs = fetch_lfw_people(download_if_missing=False, **options).images
        except OSError:                                              # not on this computer yet
            print("make_faces: downloading Labeled Faces in the Wild (about 230 MB) ...", flush=True)
            photographs = fetch_lfw_people(download_if_missing=True, **options).images
    except Exception as error:                          # also of broken archives, and of pictures of another kind
        sys.exit(f"make_faces: the LFW photographs could not be read or downloaded (no internet?): {error}")
    if len(photographs) < count:
        print(f"make_faces: only {len(photographs)} photographs there, fewer than the {count} asked for.")
    chosen = np.random.default_rng(seed).permutation(len(photographs))[:count]
    small = photographs[chosen].reshape(-1, SIDE, 8, SIDE, 8).mean((2, 4)).astype(float)
    if small.max() <= 1.0:                              # the loader's scale: 0..1, once it was 0..255
        small = small * 255
    return np.clip(np.rint(small), 0, 255).astype(np.uint8)


# ---------------------------------------------------------------- files and the command line
def write(files):
    """Write files (a dict of path -> function that saves) to temporary names, then rename them all.

    A broken run leaves the old files as they were.  Print the checksums.
    """
    try:
        for path, save in files.items():
            with open(path + ".tmp", "wb") as file:
                save(file)
            if os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        for path in files:
            os.replace(path + ".tmp", path)
    except OSError as error:
        sys.exit(f"make_faces: {path} cannot be written: {error.strerror}.")
    finally:
        for unfinished in (path + ".tmp" for path in files):
            if os.path.exists(unfinished):
                os.remove(unfinished)
    for path in files:
        with open(path, "rb") as file:
            print(f"{path}  sha256 {hashlib.sha256(file.read()).hexdigest()}")


def save_table(file, attributes):
    """One row a face, in the order of the pictures; numbers with four digits (+ 0.0 turns -0 into 0)."""
    file.write((",".join(STORED) + "\n").encode())
    for row in zip(*(attributes[name] for name in STORED)):
        file.write((",".join(f"{value + 0.0:.4g}" for value in row) + "\n").encode())


def save_sheet(file, faces):
    """The first 100 faces on one sheet (needs matplotlib)."""
    import matplotlib.image
    sheet = np.full((10 * (SIDE + 1), 10 * (SIDE + 1)), 255, np.uint8)
    for i, face in enumerate(faces[:100]):
        row, column = divmod(i, 10)
        sheet[row * (SIDE + 1):, column * (SIDE + 1):][:SIDE, :SIDE] = face
    large = np.kron(sheet, np.ones((5, 5), np.uint8))
    matplotlib.image.imsave(file, large, cmap="gray", vmin=0, vmax=255, format="png")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Draw 16 x 16 grey pictures of made-up faces.")
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--out", default=here, help="folder for the files (default: that of this script)")
    parser.add_argument("--seed", type=int, default=2024, help="seed of the random numbers (default 2024)")
    parser.add_argument("--count", type=int, default=10000, help="number of faces (default 10000)")
    parser.add_argument("--sheet", metavar="FILE", help="also save a PNG sheet of the first 100 faces")
    parser.add_argument("--from-lfw", action="store_true", help="use the LFW photographs instead of drawing")
    parser.add_argument("--lfw-home", metavar="DIR", help="scikit-learn data folder that holds lfw_home")
    options = parser.parse_args(arguments)
    if options.count <= 0:
        parser.error("--count must be a positive number of faces.")
    if options.seed < 0:
        parser.error("--seed must not be negative.")
    if options.sheet:
        folder = os.path.dirname(options.sheet)
        if folder and not os.path.isdir(folder):
            parser.error(f"--sheet: there is no folder {folder}.")
        try:
            import matplotlib.image  # noqa: F401
        except ImportError:
            parser.error("--sheet needs matplotlib: pip install matplotlib")
    try:
        os.makedirs(options.out, exist_ok=True)
    except OSError as error:
        parser.error(f"the folder {options.out} cannot be made: {error.strerror}.")
    files = {}
    if options.from_lfw:
        faces = faces_from_lfw(options.count, options.seed, options.lfw_home)
        if os.path.exists(os.path.join(options.out, CSV_NAME)):
            print(f"make_faces: the old {CSV_NAME} in that folder does not describe these photographs.")
    else:
        rng = np.random.default_rng(options.seed)
        attributes = draw_attributes(options.count, rng)
        faces = draw_faces(attributes, rng, progress=True)
        files[os.path.join(options.out, CSV_NAME)] = lambda file: save_table(file, attributes)
    files[os.path.join(options.out, NPY_NAME)] = lambda file: np.save(file, faces)
    if options.sheet:
        files[options.sheet] = lambda file: save_sheet(file, faces)
    write(files)


if __name__ == "__main__":
    main()
