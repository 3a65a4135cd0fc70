"""Draw faces of people who do not exist: at any size, grey or in colour, and in exact pairs.

A face starts as one row of about seventy numbers, its attributes: age, skin, hair, smile, glasses, pose, light,
background, camera (draw_attributes), and its colours (draw_colours).  draw_faces then draws the row on a fine
grid of 64 x 64 points, like a very small ray tracer:

1. every point of the picture is traced to an ellipsoid head, turned by yaw, pitch and roll, so that eyes,
   nose and mouth, which are painted on the head, shift and narrow when the head turns;
2. nose, eye sockets, cheeks, lips and chin raise or lower the surface, and a lamp shades it (Lambert's law);
3. layers are painted from back to front: background, hair behind the head, neck and clothes, the face with
   its beard, ears, front hair, glasses, hat;
4. a camera averages the points of a pixel (4 x 4 of them for 16 x 16 pixels), sharpens or blurs, sets exposure
   and contrast, and adds noise.

Coordinates: x runs right and y DOWN, from -1 to 1 over a face seen from the front: eyes near y = -0.2,
the mouth near 0.6, the chin near 1.1.  The plain numbers in the functions are such places and widths, tones
from 0 (black) to 1 (white), and strengths; they were tuned by eye, and to a few statistics of small grey
photographs (a mean tone of about 118 of 255, for one).  All is computed in 64-bit numbers from one seeded
numpy Generator, so a run can be repeated exactly.

Colour is laid over the grey picture and never changes it: the grey of every pixel, its luminance, is the tone of
the grey face.  A material has a tint, which is red, green and blue of luminance 1, and tone times tint is its colour.

Pairs: whoever draws a face knows its counterpart.  draw_versions draws the same faces several times, with other
attributes, at another size, with or without colour; PAIRS names the changes that are worth learning, for draw_pair.
"""
import copy
from types import SimpleNamespace

import numpy as np

SIDE = 16              # pixels along a picture, unless another size is asked for
SIDES = (8, 128)       # the smallest and the largest picture
FINE = 64              # points along the grid the face is drawn on, or a few more if a size needs that
BATCH = 50             # faces drawn at once: small enough to stay in the processor's cache
MIDDLE = -0.2          # y of the middle of the head
HEAD_DEPTH = 0.95      # radius of the head from front to back
LUMINANCE = np.array([0.299, 0.587, 0.114])          # of red, green and blue, as Pillow makes pictures grey
# The attributes that can be seen in 16 x 16 pixels; the table stores these, and of coloured faces these too.
STORED = ("male", "age", "skin_tone", "wrinkles", "hair_grey", "hair_tone", "hair_length", "hairline", "bald", "fringe",
          "hat", "glasses", "dark_glasses", "smile", "mouth_open", "beard", "moustache", "yaw", "pitch", "roll",
          "light_x", "light_y", "background_left", "background_right")
COLOURS = ("skin_red", "hair_hue", "lip_red", "clothes_hue", "clothes_colour", "hat_hue", "hat_colour",
           "background_hue", "background_colour")


# ---------------------------------------------------------------- the attributes of a face
class Attributes(dict):
    """A dict of n-vectors.  What is given from the start stays as it is, whatever is put in its place."""

    def __init__(self, n, given):
        self.n = n
        self.given = {name: np.broadcast_to(np.asarray(value, float), n).copy() for name, value in given.items()}

    def __setitem__(self, name, value):
        super().__setitem__(name, self.given.get(name, np.broadcast_to(value, self.n).copy()))


def draw_attributes(n, rng, **given):
    """Return a dict of n-vectors, one attribute each.  Change any of them and draw again.

    Attributes may be given, as numbers or n-vectors, and what depends on them follows: draw_attributes(n, rng, male=1)
    draws men, with all else that the same rng would have drawn.
    """
    def uniform(low, high):
        return low + (high - low) * rng.random(n)

    def normal(mean, sd, low=-9.0, high=9.0):
        return np.clip(mean + sd * rng.normal(size=n), low, high)

    def flag(probability):
        return (rng.random(n) < probability).astype(float)

    a = Attributes(n, given)
    # Who it is.  "male" and "age" are not drawn themselves: they make other attributes more or less likely.
    a["male"], a["age"] = flag(0.45), rng.random(n) ** 1.3
    male, age = a["male"], a["age"]
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
    a["shoulder"], a["beard_grain"] = 0.0, 0.25      # how softly bright tones end, how patchy a beard is; see below
    unknown = sorted(set(given) - set(a))
    if unknown:
        raise ValueError(f"attributes: expected some of {', '.join(a)}, got {', '.join(unknown)}")
    return dict(a)


def draw_colours(n, rng, **given):
    """Return a dict of n-vectors, one attribute of colour each: what a coloured face needs beside draw_attributes.

    hair_hue runs from 0 (ash) over 0.5 (golden, brown) to 1 (copper, red).  A grey picture does not tell it.
    The other hues run round the circle: 0 red, 1/3 green, 2/3 blue.  *_colour is how strong that hue is.
    """
    a = Attributes(n, given)
    a["skin_red"] = np.clip(0.3 * rng.normal(size=n), -0.8, 0.8)
    kind = rng.random(n)
    a["hair_hue"] = np.clip(np.select([kind < 0.3, kind < 0.8], [0.05, 0.5], 0.95) + 0.06 * rng.normal(size=n), 0, 1)
    a["lip_red"] = 0.4 + 0.6 * rng.random(n)
    a["clothes_hue"], a["clothes_colour"] = rng.random(n), 0.75 * rng.random(n) ** 1.5
    a["hat_hue"], a["hat_colour"] = rng.random(n), 0.7 * rng.random(n)
    # Walls are warm (wood, plaster) or cool (sky, shade), seldom pink or green, and never as bright as clothes.
    a["background_hue"] = np.where(rng.random(n) < 0.5, 0.1, 0.6) + 0.05 * rng.normal(size=n)
    a["background_colour"] = 0.32 * rng.random(n) ** 1.5
    # A better camera: burnt-out skin has no colour, and 64 x 64 pixels show what is lost in 16 x 16, grain as well.
    a["shoulder"], a["noise"] = 0.85, 0.004 + 0.012 * rng.random(n) ** 2
    a["white_level"] = np.clip(0.66 + 0.05 * rng.normal(size=n), 0.5, 0.8)
    a["beard_grain"] = 0.08
    unknown = sorted(set(given) - set(a))
    if unknown:
        raise ValueError(f"colours: expected some of {', '.join(a)}, got {', '.join(unknown)}")
    return dict(a)


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


def smooth_noise(n, rows, columns, rng, points=FINE):
    """Random cloudy pictures (mean 0, spread about 1): a rough grid of random numbers, smoothly enlarged."""
    def enlarge(cells):
        at = (np.arange(points) + 0.5) / points * (cells - 1)
        weight = np.exp(-1.2 * (at[:, None] - np.arange(cells)) ** 2)
        return weight / np.sqrt((weight ** 2).sum(1, keepdims=True))
    return enlarge(rows) @ rng.normal(size=(n, rows, columns)) @ enlarge(columns).T


# ---------------------------------------------------------------- tints
# Red, green and blue of each material.  Only how they compare counts: a tint has luminance 1.
LIGHT_SKIN, DARK_SKIN = (238, 183, 162), (107, 66, 48)
HAIR = ((150, 142, 132), (165, 122, 76), (176, 92, 48))              # ash; golden or brown; copper
EYE_WHITE, TEETH, MOUTH_INSIDE = (250, 245, 238), (250, 244, 226), (120, 40, 40)


def tinted(colour):
    """The tint of colours, an array (..., 3) or a tuple: divided by their luminance."""
    colour = np.asarray(colour, float)
    return colour / (colour @ LUMINANCE)[..., None]


def hue_tint(hue, strength):
    """The tint of a hue on the circle: 0 red, 1/3 green, 2/3 blue; grey where the strength is 0."""
    turn = 2 * np.pi * (np.asarray(hue)[..., None] - np.arange(3) / 3)
    return tinted(1 + np.asarray(strength)[..., None] * np.cos(turn))


def mix(first, second, share):
    """Tints between two, (n, 3): the second one by a share (n)."""
    return tinted(first + np.asarray(share)[..., None] * (np.asarray(second) - first))


def add_tints(a, colour):
    """Give a face its tints, each (4, n, 1, 1): 1 for the tone of the grey picture, then red, green, blue.

    A grey face has the number 1 in their place, which changes nothing, not even the last bit.
    """
    names = ("skin_tint", "flush", "lip_tint", "hair_tint", "brow_tint", "beard_tint", "background_tint",
             "clothes_tint", "hat_tint", "eye_white_tint", "teeth_tint", "inside_tint")
    if not colour:
        for name in names:
            setattr(a, name, 1.0)
        return
    b = SimpleNamespace(**{name: value[:, 0, 0] for name, value in vars(a).items()})
    skin = mix(tinted(DARK_SKIN), tinted(LIGHT_SKIN), np.clip((b.skin_tone - 0.3) / 0.4, 0, 1))
    skin = tinted(skin * (1 + b.skin_red[:, None] * np.array([0.04, -0.02, 0.0])))
    ash, golden, copper = map(tinted, HAIR)
    hair = np.where(b.hair_hue[:, None] < 0.5, mix(ash, golden, np.clip(2 * b.hair_hue, 0, 1)),
                    mix(golden, copper, np.clip(2 * b.hair_hue - 1, 0, 1)))
    hair = mix(hair, np.ones(3), 0.9 * b.hair_grey)
    red = b.lip_red * (0.5 + 0.5 * b.make_up)
    tints = (skin, tinted([1.08, 0.975, 0.965]), mix(np.ones(3), tinted([1.35, 0.8, 0.9]), red), hair,
             mix(hair, skin, 0.4), mix(hair, skin, 0.5), hue_tint(b.background_hue, b.background_colour),
             hue_tint(b.clothes_hue, b.clothes_colour), hue_tint(b.hat_hue, b.hat_colour), tinted(EYE_WHITE),
             tinted(TEETH), tinted(MOUTH_INSIDE))
    for name, tint in zip(names, tints):
        tint = np.broadcast_to(tint, (len(b.yaw), 3)).T
        setattr(a, name, np.concatenate([np.ones((1, len(b.yaw))), tint])[..., None, None])


# ---------------------------------------------------------------- the shape of the head and its light
def place_head(a, rng, points):
    """Trace each point of the picture to the head: where on the face it lies (x, y), and how it faces us."""
    n = len(a.yaw)
    line = (np.arange(points) + 0.5) / points * 2 - 1
    sy, cy, sp, cp = np.sin(a.yaw), np.cos(a.yaw), np.sin(a.pitch), np.cos(a.pitch)
    # The crop follows the face, not the skull: it moves most of the way with the turned features.
    x = line[None, None, :] / a.zoom + a.shift_x + 0.85 * HEAD_DEPTH * sy
    y = line[None, :, None] / a.zoom + a.shift_y - 0.9 * HEAD_DEPTH * sp
    cr, sr = np.cos(a.roll), np.sin(a.roll)
    centre = 0.85 * HEAD_DEPTH * sy
    x, y = centre + cr * (x - centre) + sr * y, cr * y - sr * (x - centre)
    # No face is symmetric: bend the grid a little.
    x = x + a.oddity * smooth_noise(n, 4, 4, rng, points)
    y = y + a.oddity * smooth_noise(n, 4, 4, rng, points)
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
    s = SimpleNamespace(n=n, points=points, x=x, y=y, fx=qx, fy=qy + MIDDLE, ax=np.abs(qx), inside=inside)
    s.normal = (nx, ny, nw)
    s.side = np.where(qx < 0, -1.0, 1.0)
    s.head = soft(inside, 0.1)
    # Hair runs in strands from the crown: s.strands waves ACROSS the strands.
    across = 9 * (x - 0.4 * a.parting) / (y + 2.6) + 0.35 * smooth_noise(n, 5, 5, rng, points)
    phases = 2 * np.pi * rng.random((n, 1, 1, 4))
    s.strands = sum(np.sin(across * k + phases[..., i]) for i, k in enumerate((1.1, 2.0, 3.4, 5.6))) / 2
    s.speckle = smooth_noise(n, 24, 24, rng, points)
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
    step = 2.0 / s.points / a.zoom
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
    place = s.x + 0.5 * smooth_noise(s.n, 3, 3, rng, s.points)
    picture = a.background_left + (a.background_right - a.background_left) * soft(place, a.background_edge)
    clouds = smooth_noise(s.n, 4, 6, rng, s.points) + 0.5 * smooth_noise(s.n, 14, 14, rng, s.points)
    return np.clip(picture + a.background_texture * clouds, 0, 1.2) * a.background_tint


def hair_tone(a, s, light):
    """Hair: its tone, brighter and darker strands, and a dim share of the light."""
    return a.hair_tone * (0.55 + 0.6 * light) * np.clip(1 + a.hair_strands * s.strands, 0.1, 2.2) * a.hair_tint


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
    paint(picture, a.skin_tone * shadow * light * a.skin_tint, neck)
    collar = 1.42 - 0.45 * np.abs(nx)
    paint(picture, a.clothes_tone * (1 + 0.15 * s.speckle) * a.clothes_tint, soft(s.y - collar, 0.08))


def skin(a, s):
    """The tone of the bare face before light: skin, darkened at sockets, cheeks' hollows and wrinkles."""
    fx, fy, ax = s.fx, s.fy, s.ax
    tone = a.skin_tone * (1 + 0.015 * s.speckle) * a.skin_tint
    flushed = 0.8 * bell(ax - 0.42, fy - 0.25, 0.22, 0.2) + 0.6 * bell(fx, fy - a.nose_length, 0.15, 0.12)
    tone = tone * (1 + (a.flush - 1) * flushed)                      # cheeks and nose are redder, not darker
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
    paint(tone, (a.skin_tone * 0.2 + 0.3 * a.hair_tone * a.hair_grey) * a.brow_tint, a.brow_strength * brow)
    opening = np.maximum(a.eye_open - 0.02 * np.maximum(a.smile, 0), 0.004)
    v = v + a.eye_tilt * u
    lid = opening * (1 - (u / a.eye_size) ** 2)
    eye = soft(lid - np.abs(v), 0.035)
    paint(tone, (0.35 + 0.4 * a.skin_tone) * a.eye_white_tint, 0.8 * eye)
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
    paint(tone, tone * (1 - a.lip_shade) * a.lip_tint, lips)
    paint(tone, 0.1 * a.inside_tint, soft(gap - np.abs(v), 0.04) * ends * (0.5 + 0.5 * np.clip(parted * 5, 0, 1)))
    teeth = soft(gap * (0.6 + 0.3 * smile) - np.abs(v + (0.25 - 0.2 * smile) * gap), 0.04)
    teeth *= soft((0.85 - np.abs(t)) * half, 0.07)
    shown = np.clip(parted * 4, 0, 1)
    paint(tone, (0.45 + 0.5 * a.skin_tone) * a.teeth_tint, teeth * shown * np.clip(0.3 + smile, 0, 1))
    paint(tone, 0.08, 0.65 * np.exp(-(v / 0.032) ** 2) * ends * np.clip(1 - 4 * parted, 0, 1))
    tone *= 1 - 0.5 * smile * bell(s.ax - half - 0.02, v, 0.06, 0.07)       # dimples at the corners
    tone *= 1 - 0.25 * bell(s.fx, v - gap - 1.5 * a.lip_fullness - 0.03, 0.14, 0.035)        # under the lip


def facial_hair(tone, a, s):
    """Beard, stubble and moustache, with the grain of hair."""
    jaw = soft(s.fy - (0.62 - 1.1 * np.clip(s.ax - 0.28, 0, 0.5)), 0.14)
    open_mouth = 1 - bell(s.fx, s.fy - a.mouth_height, a.mouth_width * 1.1, 0.09)
    dark = (0.4 * a.skin_tone * (1 - a.hair_grey) + 0.6 * a.hair_tone) * a.beard_tint
    dark = dark * (1 + a.beard_grain * s.speckle)
    paint(tone, dark, np.clip(a.beard + a.stubble, 0, 0.92) * jaw * open_mouth)
    upper = bell(s.fx, s.fy - 0.5 * (a.mouth_height + a.nose_length + 0.06), 0.25, 0.065)
    paint(tone, dark, np.clip(1.2 * a.moustache + a.stubble, 0, 0.95) * upper)


def ears(picture, a, s, light):
    """An ear on each side; the far one hides when the head turns."""
    for side in (-1, 1):
        visible = np.clip(1 - 3 * side * np.sin(a.yaw), 0, 1)
        dx = s.x - side * (a.head_width + 0.03) * np.cos(a.yaw) + 0.1 * np.sin(a.yaw)
        r = np.sqrt((dx / 0.09) ** 2 + ((s.y + 0.08) / 0.22) ** 2) / a.ear_size
        dim = (0.3 + 0.4 * light) * (1 - 0.4 * bell(dx, s.y + 0.08, 0.05, 0.1))
        paint(picture, a.skin_tone * dim * a.skin_tint,
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
    band = 1 - 0.5 * np.exp(-((s.y - brim + 0.08) / 0.05) ** 2)
    paint(picture, a.hat_tone * band * a.hat_tint, a.hat * crown)
    paint(picture, 0.5 * picture, a.hat * soft(0.12 - np.abs(s.y - brim - 0.1), 0.1) * s.head)


# ---------------------------------------------------------------- the camera
def shrink(picture, side):
    """Average the points (..., points, points) of each pixel: (..., side, side).  Points on a border count in part."""
    points = picture.shape[-1]
    if points % side == 0:
        k = points // side
        return picture.reshape(*picture.shape[:-2], side, k, side, k).mean((-3, -1))
    edges = np.arange(side + 1) * points / side
    reach = np.minimum(edges[1:, None], np.arange(points) + 1) - np.maximum(edges[:-1, None], np.arange(points))
    weights = np.maximum(reach, 0) * side / points
    return weights @ picture @ weights.T


def sharpened(small, a):
    """Sharpen a picture, or blur it where the sharpness is negative, over a pixel to each side."""
    edge = np.pad(small, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = (edge[:, :-2] + 2 * edge[:, 1:-1] + edge[:, 2:]) / 4
    blurred = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4
    return small + a.sharpness * (small - blurred)


def exposed(small, a, meter):
    """Set the darkest eighth of the picture near black, the bright parts of its middle (the face) to a chosen level.

    But only half of the way, so dark skin stays darker.  A shoulder bends what is brighter than 0.55, as film does.
    """
    white = a.white_level * (meter.bright / 0.6) ** 0.45
    small = a.black_level + white * (small - meter.dark) / (np.maximum(meter.bright - meter.dark, 0.2) + 0.03)
    small = small - a.shoulder * np.maximum(small - 0.55 - 0.45 * np.tanh((small - 0.55) / 0.45), 0)
    return np.clip(small, -0.1, 1.03)


def automatic_exposure(picture, a):
    """What the camera measures before it takes a picture: on 16 x 16 pixels, so that all sizes are as bright."""
    small = sharpened(shrink(picture, 16), a)
    dark = np.sort(small.reshape(len(small), -1), axis=1)[:, 34, None, None]
    bright = np.sort(small[:, 3:13, 4:12].reshape(len(small), -1), axis=1)[:, 62, None, None]
    meter = SimpleNamespace(dark=dark, bright=bright)
    meter.mean = exposed(small, a, meter).mean((1, 2), keepdims=True)
    return meter


def camera(picture, a, grain, side, meter):
    """Average the points of a pixel, then blur or sharpen, expose, stretch the contrast, add noise: tones in [0, 1]."""
    small = exposed(sharpened(shrink(picture, side), a), a, meter)
    # Stray light in the lens: a picture with much white in it is lifted as a whole.
    small = small + a.glare * (meter.mean - 0.45)
    small = np.maximum(small, 0) ** a.gamma
    if side != SIDE:
        # A grain of its own for every size, which the first numbers of the usual one decide: so a picture of any
        # size takes the same amount of random numbers, and the next faces are the same ones.
        grain = np.random.default_rng(grain[:, 0, 0].view(np.uint64)).normal(size=small.shape)
    return small + a.noise * grain


def coloured(tones, colours, side):
    """Give tones (n, side, side) the tints of the colours (3, n, points, points) that were painted: (n, side, side, 3).

    Where a channel would leave [0, 1], the colour is paler instead: the luminance is always the tone.
    """
    colours = np.moveaxis(shrink(colours, side), 0, -1) + 1e-4
    tones = np.clip(tones, 0, 1)[..., None]
    strong = tones * tinted(colours) - tones
    return tones + strong * np.minimum(1, (1 - tones) / np.maximum(strong.max(-1, keepdims=True), 1e-9))


def levels(tones):
    """From [0, 1] to whole numbers from 0 to 255."""
    return np.clip(np.rint(255 * tones), 0, 255).astype(np.uint8)


# ---------------------------------------------------------------- faces
def paint_faces(a, rng, points, colour):
    """All layers of a batch of faces on the fine grid: tones (n, points, points), colours (3, n, points, points)."""
    add_tints(a, colour)
    s = place_head(a, rng, points)
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
    return (picture[0], picture[1:]) if colour else (picture, None)


def draw_faces(attributes, rng, progress=False, side=SIDE, colour=False):
    """Draw one face for each row of the attributes: uint8 pictures (n, side, side), in colour (n, side, side, 3).

    The attributes decide the face; rng only adds texture (strands of hair, clouds, noise) and always uses the
    same amount of random numbers: the same seed with one attribute changed gives the same face, changed.
    """
    return draw_versions([(attributes, side, colour)], rng, progress)[0]


def draw_versions(versions, rng, progress=False):
    """Draw the same faces several times; return a list with the pictures of each version, as of draw_faces.

    A version is (attributes, side, colour).  All have the same textures, and the exposure that the camera chose for
    the first one, so that nothing differs but what the attributes change.
    """
    for attributes, side, colour in versions:
        check(attributes, side, colour)
    n = len(versions[0][0]["yaw"])
    results = [np.empty((n, side, side, 3)[:4 if colour else 3], np.uint8) for _, side, colour in versions]
    for start in range(0, n, BATCH):
        rows = slice(start, min(start + BATCH, n))
        before, painted, meter = copy.deepcopy(rng.bit_generator.state), {}, None
        for (attributes, side, colour), result in zip(versions, results):
            points = side * -(-FINE // side)                         # the smallest multiple from FINE on
            key = id(attributes), points
            if key not in painted:
                rng.bit_generator.state = before
                a = SimpleNamespace(**{k: np.asarray(v, float)[rows, None, None] for k, v in attributes.items()})
                in_colour = any(other[2] for other in versions if other[0] is attributes)
                painted[key] = a, *paint_faces(a, rng, points, in_colour), rng.normal(size=(len(a.yaw), SIDE, SIDE))
            a, tones, colours, grain = painted[key]
            meter = meter or automatic_exposure(tones, a)
            picture = camera(tones, a, grain, side, meter)
            result[rows] = levels(coloured(picture, colours, side) if colour else picture)
        if progress and (rows.stop % 1000 < BATCH or rows.stop == n):
            print(f"\rdrawing faces: {rows.stop} of {n}", end="\n" if rows.stop == n else "", flush=True)
    return results


def check(attributes, side, colour):
    """Raise a ValueError that names what is wrong with a version."""
    if isinstance(side, bool) or not isinstance(side, (int, np.integer)) or not SIDES[0] <= side <= SIDES[1]:
        raise ValueError(f"side: expected a whole number from {SIDES[0]} to {SIDES[1]}, got {side!r}")
    missing = [name for name in COLOURS if colour and name not in attributes]
    if missing:
        raise ValueError(f"attributes: expected the colours of draw_colours too, got none for {', '.join(missing)}")


# ---------------------------------------------------------------- pairs
# A change: what its faces share, how the first of a pair differs from the second, and what that takes along.
# Neither of the two is drawn by chance, so that whoever sees one of them can know the other.
LOOKS = {"bald": 0., "hat": 0.}
CHANGES = {
    "smile": ({}, {"smile": 0.}, {"smile": 0.9}, ()),
    "glasses": ({"dark_glasses": 0.}, {"glasses": 0.}, {"glasses": 1.}, ()),
    "beard": ({"male": 1.}, {"beard": 0., "moustache": 0., "stubble": 0.},
              {"beard": 0.9, "moustache": 0.8, "stubble": 0.}, ()),
    "hair_length": (LOOKS, {"hair_length": 0.1}, {"hair_length": 0.85}, ("hair_volume",)),
    "hair_hue": ({"hair_grey": 0., "hair_tone": 0.28, **LOOKS}, {"hair_hue": 0.4}, {"hair_hue": 1.}, ()),
    "male": ({"hat": 0.}, {"male": 0.}, {"male": 1.},
             ("jaw_width", "hair_length", "hair_volume", "hairline", "bald", "fringe", "brow_thickness", "make_up",
              "nose_width", "lip_fullness", "lip_shade", "beard", "moustache", "stubble")),
    "age": ({"hat": 0.}, {"age": 0.2}, {"age": 0.95}, ("wrinkles", "hair_grey", "hair_tone", "hairline")),
}
PAIRS = (*CHANGES, "colour", "size")                     # the last two: grey and in colour, small and large
SCALE = 4                                                # how many times larger


def pair_of_attributes(change, n, seed):
    """The attributes, with colours, of n faces before and after one of the changes in PAIRS: two dicts.

    Every other attribute is the same in both, unless it follows from the change, as the length of hair from the sex.
    For "colour" and "size" the two dicts are one.
    """
    if change not in PAIRS:
        raise ValueError(f"change: expected one of {', '.join(PAIRS)}, got {change!r}")
    shared, first, second, followers = CHANGES.get(change, ({}, {}, {}, ()))

    def drawn(values):
        values = {**shared, **values}
        of_colour = {name: value for name, value in values.items() if name in COLOURS}
        rest = {name: value for name, value in values.items() if name not in COLOURS}
        return {**draw_attributes(n, np.random.default_rng([seed, 0]), **rest),
                **draw_colours(n, np.random.default_rng([seed, 1]), **of_colour)}

    before = drawn(first)
    if not second:
        return before, before
    after = drawn(second)
    return before, {name: after[name] if name in second or name in followers else before[name] for name in before}


def draw_pair(change, n, seed, side=SIDE, colour=True, progress=False):
    """Draw n pairs of faces that differ in one of PAIRS; return (pictures, attributes) before, and after.

    The second ones have the given side; those before "size" are SCALE times smaller.
    """
    before, after = pair_of_attributes(change, n, seed)
    if change == "size" and isinstance(side, (int, np.integer)) and side % SCALE:
        raise ValueError(f"side: expected a multiple of {SCALE}, got {side}")
    versions = [(before, side // SCALE if change == "size" else side, colour and change != "colour"),
                (after, side, colour or change == "colour")]
    pictures = draw_versions(versions, np.random.default_rng([seed, 2]), progress)
    return (pictures[0], before), (pictures[1], after)
