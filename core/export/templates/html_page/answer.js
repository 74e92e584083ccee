// From a network's output to the answer: temperature, vote and refusal, as in Digit Lab.

const SMALLEST = 1e-12;

// Divides the logits by the temperature: above 1 it lowers the confidence.
function tempered(probabilities, temperature) {
  if (temperature === 1) return probabilities;
  return softmax(
    Float64Array.from(probabilities, (share) => Math.log(Math.max(share, SMALLEST)) / temperature),
  );
}

// Returns { probabilities, winner, confidence, isRecognised } for a flat input.
function answerTo(model, input) {
  const views = model.shifts ? shiftedViews(input, model.inputShape) : [input];
  const answers = model.networks.map(({ steps, temperature }) =>
    mean(views.map((view) => tempered(runNetwork(steps, model.weights, view), temperature))),
  );
  const voted = answers.length === 1 ? answers[0] : VOTES[model.vote](answers, model.voteWeights);
  const probabilities = Array.from(tempered(voted, model.temperature));
  const confidence = Math.max(...probabilities);
  return {
    probabilities,
    winner: probabilities.indexOf(confidence),
    confidence,
    isRecognised: confidence >= model.threshold,
  };
}

const VOTES = {
  mean: (answers) => mean(answers),

  weighted: (answers, weights) =>
    answers[0].map((_, n) =>
      answers.reduce((sum, answer, member) => sum + weights[member] * answer[n], 0),
    ),

  // One vote of each member, and their mean probability as one vote more.
  majority(answers) {
    const shares = mean(answers);
    return shares.map((share, n) => {
      const votes = answers.filter((answer) => answer.indexOf(Math.max(...answer)) === n).length;
      return (votes + share) / (answers.length + 1);
    });
  },
};

function mean(answers) {
  if (answers.length === 1) return answers[0];
  return Float64Array.from(answers[0], (_, n) => {
    return answers.reduce((sum, answer) => sum + answer[n], 0) / answers.length;
  });
}

// The picture itself, and shifted by a pixel to each of the four sides.
function shiftedViews(input, [height, width, channels]) {
  const shifted = (down, across) => {
    const view = new Float32Array(input.length);
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const [y, x] = [row - down, column - across];
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        for (let channel = 0; channel < channels; channel += 1) {
          const at = (row * width + column) * channels + channel;
          view[at] = input[(y * width + x) * channels + channel];
        }
      }
    }
    return view;
  };
  return [input, shifted(-1, 0), shifted(1, 0), shifted(0, -1), shifted(0, 1)];
}
