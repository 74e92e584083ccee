// The page itself: what is entered goes to the network, and its answer is shown.

const LONG = 3; // characters of an answer that is still shown as large as a digit
const CLOSE = 1.5; // times the chance of a guess: below it, no class is clearly the closest
const EMPTY = { sheet: "Nothing is drawn yet.", grid: "Nothing is drawn yet." };

const model = JSON.parse(document.getElementById("model").textContent);
model.weights = decodeWeights(document.getElementById("weights").textContent, model.bytesEach);

const byId = (id) => document.getElementById(id);
const [large, words, list, seen] = ["large", "words", "bars", "seen"].map(byId);
const bars = model.classes.map((name) => {
  const bar = make("i");
  const number = make("span", { class: "number" });
  const node = make("li", {}, make("span", { class: "name" }, name));
  node.append(make("span", { class: "bar", "aria-hidden": "true" }, bar), number);
  list.append(node);
  return { node, bar, number };
});
const longest = Math.max(...model.classes.map((name) => name.length));
list.style.setProperty("--names", `${clip(longest * 0.62 + 0.6, 1.2, 9)}rem`);
list.style.setProperty("--rows", Math.ceil(bars.length / 2));
list.classList.toggle("short", longest <= 2);

function showAnswer(input) {
  if (seen) paintSeen(input);
  if (!input) {
    write("", EMPTY[model.form.kind] ?? "This cannot be read.");
    bars.forEach((each) => showBar(each, null, false));
    return;
  }
  const { probabilities, winner, confidence, isRecognised } = answerTo(model, input);
  const name = model.classes[winner];
  if (isRecognised) {
    write(name, `The answer is ${name}, ${percent(confidence)} confident.`);
  } else {
    const isClose = confidence > CLOSE / model.classes.length;
    write(
      "?",
      `This does not look like ${model.notRead}.` +
        (isClose ? ` Closest: ${name}, ${percent(confidence)} confident.` : ""),
    );
  }
  bars.forEach((each, n) => showBar(each, probabilities[n], n === winner && isRecognised));
}

function write(answer, sentence) {
  large.textContent = answer;
  large.classList.toggle("long", answer.length > LONG);
  if (words.textContent !== sentence) words.textContent = sentence;
}

function showBar({ node, bar, number }, share, isWinner) {
  node.classList.toggle("winner", isWinner);
  bar.style.width = `${100 * (share ?? 0)}%`;
  number.textContent = share === null ? "" : percent(share).replace("over ", ">");
}

function paintSeen(input) {
  const { side } = model.form;
  seen.width = seen.height = side;
  document.getElementById("side").textContent = `${side} by ${side}`;
  if (!input) return;
  const picture = new ImageData(side, side);
  input.forEach((value, n) => {
    const grey = Math.round(255 * value);
    picture.data.set([grey, grey, grey, 255], 4 * n);
  });
  seen.getContext("2d").putImageData(picture, 0, 0);
}

const form = createForm(model, showAnswer);
document.getElementById("input").append(...form.nodes);
document.getElementById("examples").append(...(form.examples ?? []));
form.show();

// What runs often is compiled: after an answer that nobody sees, the first drawing is read at once.
if (model.form.kind === "sheet") {
  const seven = { width: 20, points: [90, 60, 230, 60, 130, 270] };
  setTimeout(() => answerTo(model, inputOf([seven], model.form.side)), 100);
}

// For programs and tests: digitLab.answer([0, 1, ...]) returns { probabilities, winner, ... }.
window.digitLab = {
  answer: (input) => answerTo(model, Float32Array.from(input)),
  ...(model.form.kind === "sheet" && { read: (strokes) => inputOf(strokes, model.form.side) }),
  ...(model.form.kind === "columns" && { prepare: (row) => prepared(model.form, row) }),
};
