// A button that sends a request and shows the answer: its status, its time, its JSON, and what that
// says. When the request has changed since, the answer says that it is not to this one.

const PATIENCE = 30_000; // milliseconds
const MOST_SHOWN = 20_000; // characters of an answer

const views = new WeakMap();

export default function tryRequest({ data, parentElement }) {
  // Streamlit calls this again at each change of data, on the same node.
  if (!views.has(parentElement)) views.set(parentElement, createView(parentElement));
  const view = views.get(parentElement);
  view.ask = data;
  view.root.classList.toggle("old", view.asked !== "" && view.asked !== identityOf(data));
}

const identityOf = ({ url, body }) => `${url} ${body}`;

function createView(parent) {
  const view = { ask: null, asked: "", sent: "", count: 0 };
  const element = (name, className, attributes = {}) => {
    const made = document.createElement(name);
    made.className = className;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  view.root = element("div", "request");
  view.button = element("button", "send", { type: "button" });
  view.button.textContent = "Try it";
  view.button.addEventListener("click", () => send(view));
  view.line = element("p", "line", { role: "status" });
  view.line.textContent = "Sends this very request from your browser.";
  view.stale = element("p", "stale");
  view.stale.textContent = "The request has changed since. Press “Try it” for the new answer.";
  view.meaning = element("p", "meaning");
  view.json = element("pre", "json", { tabindex: "0", role: "region", "aria-label": "The answer" });
  view.json.hidden = true;
  const head = element("div", "head");
  head.append(view.button, view.line);
  view.root.append(head, view.stale, view.meaning, view.json);
  parent.append(view.root);
  return view;
}

async function send(view) {
  const ask = view.ask;
  // A second press for the same request changes nothing: its answer is under way.
  if (view.root.classList.contains("waiting") && view.sent === identityOf(ask)) return;
  view.sent = identityOf(ask);
  const number = (view.count += 1);
  view.root.classList.add("waiting");
  view.line.textContent = "Waiting for the answer …";
  const begin = performance.now();
  let shown;
  try {
    const response = await fetch(ask.url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: ask.body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    shown = describe(ask, response, text, performance.now() - begin);
  } catch (error) {
    const late = error.name === "TimeoutError";
    const why = late ? `none within ${PATIENCE / 1000} s` : "the server could not be reached";
    shown = { line: `No answer: ${why}.`, meaning: "", json: "", good: false };
  }
  if (number !== view.count) return; // a later press is under way
  view.asked = identityOf(ask);
  view.root.classList.remove("waiting");
  view.root.classList.toggle("bad", !shown.good);
  view.root.classList.toggle("old", view.asked !== identityOf(view.ask));
  view.line.textContent = shown.line;
  view.meaning.textContent = shown.meaning;
  view.json.textContent = shown.json;
  view.json.hidden = shown.json === "";
}

function describe(ask, response, text, milliseconds) {
  const time = milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds);
  const line = `Status ${response.status} ${nameOf(response)}, ${time} ms`;
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    return { line, meaning: "The answer is no JSON.", json: shorten(text), good: false };
  }
  const json = shorten(write(answer));
  return { line, meaning: response.ok ? inWords(ask, answer) : "", json, good: response.ok };
}

// HTTP/2 has no names for its numbers.
const NAMES = { 200: "OK", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests" };
const nameOf = ({ status, statusText }) => statusText || NAMES[status] || "";

function inWords({ classes, noun }, answer) {
  const found = answer?.predictions?.[0] ?? answer?.outputs?.[0]?.data;
  if (!Array.isArray(found) || found.length !== classes.length) return "";
  const best = found.indexOf(Math.max(...found));
  const percent = found[best] > 0.9995 ? "over 99.9" : (100 * found[best]).toFixed(1);
  return `The largest of these ${found.length} probabilities is number ${best}, counted from 0: `
    + `${noun} ${classes[best]}, ${percent} %.`;
}

// Lists of numbers in one line, objects and longer lists in a line for each entry.
function write(value, indent = "") {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList ? value : Object.entries(value);
  if (isList && items.every((item) => item === null || typeof item !== "object")) {
    return `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
  }
  if (isList && items.length === 1) return `[${write(items[0], indent)}]`;
  const inner = indent + "  ";
  const lines = items.map((item) =>
    isList
      ? inner + write(item, inner)
      : `${inner}${JSON.stringify(item[0])}: ${write(item[1], inner)}`,
  );
  const [open, close] = isList ? "[]" : "{}";
  return lines.length ? `${open}\n${lines.join(",\n")}\n${indent}${close}` : open + close;
}

const shorten = (text) =>
  text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)} … (${text.length} characters)` : text;
