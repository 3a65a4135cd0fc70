// The three classes of tasks 0 to 2 for points of the plane, in double precision. A point is an array of numbers, a
// sample a list of points. Means over a sample are sums of terms divided by its size.

// An activation by z, its slope by its own value a, and how the slope changes with a (where a penalty needs it).
const TANH = { value: Math.tanh, slope: a => 1 - a * a, bend: a => -2 * a };
const SIGMOID = { value: z => 1 / (1 + Math.exp(-z)), slope: a => a * (1 - a) };

// Dense layers, a = activation(x W + b). All weights are in one array: W row by row, then b, layer after layer.
class Network {
  constructor(widths, last, uniform) {
    let count = 0;
    this.layers = widths.slice(1).map((m, l) => {
      const n = widths[l], W = count, b = W + n * m;
      count = b + m;
      return { n, m, W, b, activation: l + 2 === widths.length ? last : TANH };
    });
    this.weights = new Float64Array(count);
    for (const { n, m, W } of this.layers)  // Glorot's uniform numbers, as in Keras; biases begin at 0
      for (let i = 0; i < n * m; i++) this.weights[W + i] = Math.sqrt(6 / (n + m)) * (2 * uniform() - 1);
  }

  // The values of the input and of every layer.
  forward(x) {
    const values = [x], w = this.weights;
    for (const { n, m, W, b, activation } of this.layers) {
      const input = values.at(-1), output = new Array(m);
      for (let j = 0; j < m; j++) {
        let z = w[b + j];
        for (let i = 0; i < n; i++) z += input[i] * w[W + i * m + j];
        output[j] = activation.value(z);
      }
      values.push(output);
    }
    return values;
  }

  // For a result that changes by `change` with the values of the last layer: adds to `gradient` how it changes with
  // the weights, and returns how it changes with the input. `inner[l]`: its direct change with the values of layer l.
  backward(values, change, gradient, inner = []) {
    const w = this.weights;
    for (let l = this.layers.length; l > 0; l--) {
      const { n, m, W, b, activation } = this.layers[l - 1], input = values[l - 1], below = new Array(n);
      const z = values[l].map((value, j) => (change[j] + (inner[l] ? inner[l][j] : 0)) * activation.slope(value));
      for (let j = 0; j < m; j++) gradient[b + j] += z[j];
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < m; j++) {
          gradient[W + i * m + j] += input[i] * z[j];
          sum += w[W + i * m + j] * z[j];
        }
        below[i] = sum;
      }
      change = below;
    }
    return change;
  }

  // How the one value at the end changes with x. Layer by layer from the end, with slope s:
  // z[l] = s[l] p[l], p[l - 1] = W[l] z[l]; p of the last layer is 1, p of the input is the answer.
  slopes(values) {
    const w = this.weights, z = [], p = [];
    p[this.layers.length] = [1];
    for (let l = this.layers.length; l > 0; l--) {
      const { n, m, W, activation } = this.layers[l - 1];
      z[l] = p[l].map((value, j) => value * activation.slope(values[l][j]));
      p[l - 1] = new Array(n);
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < m; j++) sum += w[W + i * m + j] * z[l][j];
        p[l - 1][i] = sum;
      }
    }
    return { z, p };
  }

  // (|slope at x| - 1)^2; adds `factor` times how it changes with the weights to `gradient`. They act twice: in the
  // formulas of `slopes`, gone through backwards here from the input up, and through the slopes s in the values, from
  // the end down. Where the slope is exactly 0, its norm counts as 0 and as not changing.
  penalty(x, factor, gradient) {
    const values = this.forward(x), { z, p } = this.slopes(values), w = this.weights;
    const norm = Math.hypot(...p[0]), inner = [];
    let change = p[0].map(value => norm ? factor * 2 * (norm - 1) * value / norm : 0);  // with p of the input
    this.layers.forEach(({ n, m, W, activation }, layer) => {
      const l = layer + 1, up = new Array(m);
      inner[l] = new Array(m);
      for (let j = 0; j < m; j++) {
        let sum = 0;                                                    // how it changes with z[l]
        for (let i = 0; i < n; i++) {
          gradient[W + i * m + j] += change[i] * z[l][j];
          sum += change[i] * w[W + i * m + j];
        }
        inner[l][j] = sum * p[l][j] * activation.bend(values[l][j]);    // with the values, through s[l]
        up[j] = sum * activation.slope(values[l][j]);                   // with p[l]
      }
      change = up;
    });
    this.backward(values, [0], gradient, inner);
    return (norm - 1) ** 2;
  }
}

// Adam as Keras computes it.
class Adam {
  constructor(count, beta_1, beta_2) {
    Object.assign(this, { beta_1, beta_2, t: 0, m: new Float64Array(count), v: new Float64Array(count) });
  }

  update(weights, gradient, learningRate) {
    const { beta_1, beta_2, m, v } = this, t = ++this.t;
    const rate = learningRate * Math.sqrt(1 - beta_2 ** t) / (1 - beta_1 ** t);
    for (let i = 0; i < weights.length; i++) {
      m[i] += (1 - beta_1) * (gradient[i] - m[i]);
      v[i] += (1 - beta_2) * (gradient[i] ** 2 - v[i]);
      weights[i] -= rate * m[i] / (Math.sqrt(v[i]) + 1e-7);
    }
  }
}

// What makes each class what it is. A loss is the mean of a term; a term is given with its slope, [value, slope], by
// the discriminator's value x on a real point or y on a fake.
const WASSERSTEIN = { real: x => [-x, -1], fake: y => [y, 1], generator: y => [-y, -1] };
const CLASSES = {
  Simple_GAN: { beta_1: .5, beta_2: .9, real: x => [(x - 1) ** 2, 2 * (x - 1)], fake: y => [(y + 1) ** 2, 2 * (y + 1)],
                generator: y => [(y - 1) ** 2, 2 * (y - 1)] },
  WGAN_clip: { ...WASSERSTEIN, beta_1: .5, beta_2: .9, clip: 1 },
  WGAN_GP: { ...WASSERSTEIN, beta_1: .3, beta_2: .9, penalty: true },
};

// `settings`: batch_size, disc_iter, learning_rate, lambda_gp; they may change between steps. `draws`: all that is
// random, real(k) and latent(k), samples of k points, and interpolation(k), k numbers of [0, 1).
class Training {
  constructor(name, generator, discriminator, settings, draws) {
    const kind = CLASSES[name], adam = network => new Adam(network.weights.length, kind.beta_1, kind.beta_2);
    Object.assign(this, { name, kind, generator, discriminator, settings, draws, steps: 0,
                          adams: { generator: adam(generator), discriminator: adam(discriminator) } });
  }

  fakes(latent) {
    return latent.map(vector => this.generator.forward(vector).at(-1));
  }

  // The mean over the sample of a term of D's value; adds its change with D's weights to `gradient`.
  mean(term, sample, gradient) {
    let sum = 0;
    for (const x of sample) {
      const values = this.discriminator.forward(x), [value, slope] = term(values.at(-1)[0]);
      sum += value / sample.length;
      this.discriminator.backward(values, [slope / sample.length], gradient);
    }
    return sum;
  }

  // One training step; returns the losses of the last update of each network, as `train_step` does in Python.
  step() {
    const { kind, generator, discriminator, settings, draws, adams } = this, k = settings.batch_size, losses = {};
    for (let update = 0; update < settings.disc_iter; update++) {
      const real = draws.real(k), fake = this.fakes(draws.latent(k));
      const gradient = new Float64Array(discriminator.weights.length);
      losses.discr_loss = this.mean(kind.real, real, gradient) + this.mean(kind.fake, fake, gradient);
      if (kind.penalty) {
        losses.gp = 0;
        draws.interpolation(k).forEach((u, i) => {
          const between = real[i].map((x, axis) => u * x + (1 - u) * fake[i][axis]);
          losses.gp += discriminator.penalty(between, settings.lambda_gp / k, gradient) / k;
        });
      }
      adams.discriminator.update(discriminator.weights, gradient, settings.learning_rate);
      if (kind.clip)
        discriminator.weights.forEach((w, i, all) => all[i] = Math.max(-kind.clip, Math.min(w, kind.clip)));
    }

    const gradient = new Float64Array(generator.weights.length), unused = new Float64Array(discriminator.weights.length);
    losses.gen_loss = 0;
    for (const vector of draws.latent(k)) {
      const made = generator.forward(vector), judged = discriminator.forward(made.at(-1));
      const [value, slope] = kind.generator(judged.at(-1)[0]);
      losses.gen_loss += value / k;
      generator.backward(made, discriminator.backward(judged, [slope / k], unused), gradient);
    }
    adams.generator.update(generator.weights, gradient, settings.learning_rate);
    this.steps++;
    return losses;
  }
}
