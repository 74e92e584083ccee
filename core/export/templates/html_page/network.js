// A network's answer to one input, computed step by step with plain loops over typed arrays.
// Sums are kept in double precision and rounded to float32 once for each value.

// Reads the weights. Floats of three bytes lack the last eight bits of the fraction.
function decodeWeights(text, bytesEach) {
  const bytes = atob(text.trim());
  const bits = new Uint32Array(bytes.length / bytesEach);
  for (let n = 0, at = 0; n < bits.length; n += 1) {
    let value = 0;
    for (let place = 4 - bytesEach; place < 4; place += 1) {
      value |= bytes.charCodeAt(at++) << (8 * place);
    }
    bits[n] = value;
  }
  return new Float32Array(bits.buffer);
}

// Returns what each class gets, 0 to 1, for a flat input such as 28 x 28 pixels.
function runNetwork(steps, weights, input) {
  return steps.reduce((values, step) => {
    const arrays = step.weights.map(([start, length]) => weights.subarray(start, start + length));
    return STEPS[step.kind](values, step, ...arrays);
  }, input);
}

const STEPS = {
  dense(x, { output: [units], activation }, kernel, bias) {
    const sums = Float64Array.from(bias);
    for (let i = 0; i < x.length; i += 1) {
      const value = x[i];
      if (value === 0) continue; // most pixels and lamps are dark
      for (let unit = 0, at = i * units; unit < units; unit += 1) sums[unit] += value * kernel[at++];
    }
    return activate(activation, sums, units);
  },

  // A convolution of (rows, columns, channels) with (height, width, channels, filters).
  convolution(x, step, kernel, bias) {
    const { input, output, kernelSize, stride, padding, activation } = step;
    const [inRows, inColumns, channels] = input;
    const [rows, columns, filters] = output;
    const [height, width] = kernelSize;
    const result = new Float64Array(rows * columns * filters);
    const sums = new Float64Array(filters);
    for (let row = 0, to = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1, to += filters) {
        sums.set(bias);
        for (let h = 0; h < height; h += 1) {
          const y = row * stride + h - padding[0];
          if (y < 0 || y >= inRows) continue;
          for (let w = 0; w < width; w += 1) {
            const z = column * stride + w - padding[2];
            if (z < 0 || z >= inColumns) continue;
            let from = (y * inColumns + z) * channels;
            let at = (h * width + w) * channels * filters;
            for (let channel = 0; channel < channels; channel += 1) {
              const value = x[from++];
              if (value === 0) {
                at += filters;
                continue;
              }
              for (let filter = 0; filter < filters; filter += 1) sums[filter] += value * kernel[at++];
            }
          }
        }
        result.set(sums, to);
      }
    }
    return activate(activation, result, filters);
  },

  pooling(x, { input: [, inColumns], output: [rows, columns, channels], size }) {
    const result = new Float32Array(rows * columns * channels).fill(-Infinity);
    for (let row = 0; row < rows * size; row += 1) {
      for (let column = 0; column < columns * size; column += 1) {
        let from = (row * inColumns + column) * channels;
        let to = (Math.floor(row / size) * columns + Math.floor(column / size)) * channels;
        for (let channel = 0; channel < channels; channel += 1, from += 1, to += 1) {
          if (x[from] > result[to]) result[to] = x[from];
        }
      }
    }
    return result;
  },

  flatten: (x) => x,

  scale(x, step, factor, offset) {
    const channels = factor.length;
    return Float32Array.from(x, (value, n) => value * factor[n % channels] + offset[n % channels]);
  },

  activate: (x, { activation, output }) => activate(activation, x, output[output.length - 1]),

  // From (steps, features) to the last state, or to all states one after the other.
  recurrent(x, step, kernel, recurrentKernel, bias) {
    const [steps, features] = step.input;
    const units = step.output[step.output.length - 1];
    const states = new Float32Array(steps * units);
    let state = new Float64Array(units);
    const memory = new Float64Array(units);
    for (let n = 0; n < steps; n += 1) {
      const values = x.subarray(n * features, (n + 1) * features);
      state = CELLS[step.cell](values, state, memory, kernel, recurrentKernel, bias);
      states.set(state, n * units);
    }
    return step.everyStep ? states : states.subarray((steps - 1) * units);
  },
};

// The next state of a recurrent layer. The gates stand side by side in the weights' columns.
const CELLS = {
  simple(x, state, memory, kernel, recurrentKernel, bias) {
    const fromInput = product(x, kernel, bias);
    const fromState = product(state, recurrentKernel, new Float64Array(state.length));
    return fromInput.map((value, unit) => Math.tanh(value + fromState[unit]));
  },

  gru(x, state, memory, kernel, recurrentKernel, bias) {
    const units = state.length;
    const fromInput = product(x, kernel, bias.subarray(0, 3 * units));
    const fromState = product(state, recurrentKernel, bias.subarray(3 * units));
    return state.map((before, unit) => {
      const update = sigmoid(fromInput[unit] + fromState[unit]);
      const reset = sigmoid(fromInput[units + unit] + fromState[units + unit]);
      const candidate = Math.tanh(fromInput[2 * units + unit] + reset * fromState[2 * units + unit]);
      return update * before + (1 - update) * candidate;
    });
  },

  lstm(x, state, memory, kernel, recurrentKernel, bias) {
    const units = state.length;
    const sums = product(state, recurrentKernel, product(x, kernel, bias));
    return state.map((before, unit) => {
      const taken = sigmoid(sums[unit]);
      const kept = sigmoid(sums[units + unit]);
      const candidate = Math.tanh(sums[2 * units + unit]);
      memory[unit] = kept * memory[unit] + taken * candidate;
      return sigmoid(sums[3 * units + unit]) * Math.tanh(memory[unit]);
    });
  },
};

// start + x @ kernel
function product(x, kernel, start) {
  const sums = Float64Array.from(start);
  for (let i = 0, at = 0; i < x.length; i += 1) {
    for (let column = 0; column < sums.length; column += 1) sums[column] += x[i] * kernel[at++];
  }
  return sums;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

const FUNCTIONS = {
  linear: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
  tanh: Math.tanh,
  sigmoid,
  gelu: (x) => (x * (1 + errorFunction(x / Math.SQRT2))) / 2,
};

function activate(name, x, classes) {
  if (name !== "softmax") return Float32Array.from(x, FUNCTIONS[name]);
  const result = new Float32Array(x.length);
  for (let at = 0; at < x.length; at += classes) {
    result.set(softmax(x.subarray(at, at + classes)), at);
  }
  return result;
}

function softmax(scores) {
  const largest = scores.reduce((one, other) => Math.max(one, other), -Infinity);
  const powers = Float64Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((one, other) => one + other, 0);
  return powers.map((power) => power / sum);
}

// erf(x) by a series whose terms are all positive; past 4, float32 knows only 1.
function errorFunction(x) {
  if (Math.abs(x) > 4) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-12 * Math.abs(sum); n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
