// One Plotly chart per component. Streamlit calls the default export again whenever the data or the
// theme changes; the chart stays and only its content is replaced.

const FAILURE = "The chart could not be loaded. Reload the page to try again.";
const RETRY_AFTER = 5000; // milliseconds
const DRAWING_TIME = 3000; // milliseconds
const CLEAR = "rgba(0, 0, 0, 0)";
// A finger on the chart scrolls the page: no zoom box, and no buttons over the legend.
const TOUCH = matchMedia("(pointer: coarse)").matches;
const CONFIG = {
  displayModeBar: TOUCH ? false : "hover",
  displaylogo: false,
  doubleClick: TOUCH ? false : "reset+autosize", // Plotly takes one tap for two clicks
  modeBarButtonsToRemove: [
    "sendChartToCloud",
    "select2d",
    "lasso2d",
    "zoomIn2d",
    "zoomOut2d",
    "autoScale2d",
  ],
  plotlyServerURL: "", // no button may contact another host
  toImageButtonOptions: { filename: "digit-lab", scale: 2 },
};

const plots = new WeakMap(); // the graph's element -> its state

export default function ({ data, key, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".digit-lab-plot");
  const graph = frame.querySelector(".digit-lab-plot-graph");
  describe(frame, graph, data, key);

  const plot = plots.get(graph) ?? create(frame, graph);
  [plot.figure] = data.figure;
  plot.height = data.height;
  plot.click = data.clicks && ((point) => setTriggerValue("clicked", point));
  frame.classList.toggle("digit-lab-plot-clicks", Boolean(data.clicks));
  loadPlotly(data.script).then(
    (plotly) => {
      plot.plotly = plotly;
      say(frame, "");
      schedule(plot);
    },
    () => say(frame, FAILURE),
  );

  return () => {
    // Streamlit also calls this when a newer call has overtaken this one: then the chart is still
    // in the page and must stay.
    if (!graph.isConnected) remove(plot);
  };
}

function describe(frame, graph, { label, description, height }, key) {
  const text = frame.querySelector(".digit-lab-plot-description");
  frame.style.height = `${height}px`;
  graph.setAttribute("aria-label", label);
  text.textContent = description;
  text.hidden = !description;
  text.id = `${key}-description`;
  if (description) graph.setAttribute("aria-describedby", text.id);
  else graph.removeAttribute("aria-describedby");
}

function say(frame, text) {
  const message = frame.querySelector(".digit-lab-plot-message");
  message.textContent = text;
  message.hidden = !text;
}

// ---- The chart's life

function create(frame, graph) {
  const plot = { graph, request: 0, held: false, pointer: null, removed: false };
  plots.set(graph, plot);

  // It also reports when a chart in a closed expander or a hidden tab gets its first width.
  plot.observer = new ResizeObserver(() => schedule(plot));
  plot.observer.observe(graph);

  // A chart redrawn under a drag would lose the zoom box, so a new figure waits for its end.
  plot.listeners = new AbortController();
  const { signal } = plot.listeners;
  const release = () => {
    if (!plot.held) return;
    plot.held = false;
    setTimeout(() => schedule(plot)); // after Plotly has taken the zoom
  };
  const hold = ({ button }) => (plot.held = button === 0);
  graph.addEventListener("pointerdown", hold, { signal, capture: true });
  window.addEventListener("pointerup", release, { signal, capture: true });
  window.addEventListener("pointercancel", release, { signal, capture: true });
  window.addEventListener("blur", release, { signal });

  const remember = ({ clientX, clientY, isTrusted }) => {
    if (isTrusted) plot.pointer = { clientX, clientY };
  };
  graph.addEventListener("mousemove", remember, { signal, capture: true });
  graph.addEventListener("mouseleave", () => (plot.pointer = null), { signal });
  plot.picture = frame.querySelector(".digit-lab-plot-picture");
  return plot;
}

function remove(plot) {
  if (plot.removed) return;
  plot.removed = true;
  cancelAnimationFrame(plot.request);
  plot.observer.disconnect();
  plot.listeners.abort();
  plots.delete(plot.graph);
  plot.plotly?.purge(plot.graph);
}

function schedule(plot) {
  // Of several figures within one frame of the screen, only the last is drawn.
  plot.request ||= requestAnimationFrame(() => {
    plot.request = 0;
    draw(plot);
  });
}

function draw(plot) {
  const { plotly, graph, figure, height, held, pointer, removed } = plot;
  const width = graph.clientWidth;
  if (!plotly || !width || held || removed) return;
  const colours = getComputedStyle(graph);
  const { data, layout } = withThemeColours(figure, colours);
  const hovered = pointer && graph.querySelector(".hoverlayer")?.hasChildNodes();
  plotly.react(
    graph,
    data,
    {
      uirevision: "keep",
      ...layout,
      template: template(colours),
      autosize: false,
      width,
      height,
    },
    CONFIG,
  );
  showPictures(plot);
  if (hovered) hoverAgain(graph, pointer);
  listenForClicks(plot);
}

function listenForClicks(plot) {
  if (!plot.click || plot.listening) return;
  plot.listening = true; // only once: Plotly keeps listeners when a figure is replaced
  plot.graph.on("plotly_click", ({ points: [point] }) => {
    const { x, y, data, pointNumber, customdata = null } = point;
    plot.click?.({ x, y, curve: data.name ?? "", point: pointNumber, customdata });
  });
}

// Drawing removes the hover label; this brings it back if the mouse has not moved.
function hoverAgain(graph, { clientX, clientY }) {
  const target = document.elementFromPoint(clientX, clientY);
  if (!graph.contains(target)) return;
  target.dispatchEvent(
    new MouseEvent("mousemove", { clientX, clientY, bubbles: true, cancelable: true, view: window }),
  );
}

// ---- A picture for the point under the mouse, if its customdata is one

const PICTURE = "data:image/png;base64,";
const GAP = 12; // pixels between a point and its picture

function showPictures(plot) {
  if (plot.shows) return;
  plot.shows = true; // only once: the graph keeps its listeners when it is redrawn
  const { graph, picture } = plot;
  const hide = () => (picture.hidden = true);
  const show = ({ points: [point] }) => {
    const { customdata, bbox } = point;
    if (typeof customdata !== "string" || !customdata.startsWith(PICTURE) || !bbox) return hide();
    picture.src = customdata;
    picture.hidden = false;
    const { width, height } = picture.getBoundingClientRect();
    const left = (bbox.x0 + bbox.x1 - width) / 2;
    const above = bbox.y0 - height - GAP;
    picture.style.left = `${Math.max(0, Math.min(left, graph.clientWidth - width))}px`;
    picture.style.top = `${above < 0 ? bbox.y1 + GAP : above}px`;
  };
  graph.on("plotly_hover", show);
  graph.on("plotly_click", show); // a finger does not hover
  graph.on("plotly_unhover", hide);
  graph.on("plotly_relayouting", hide);
  window.addEventListener("pointerdown", hide, { signal: plot.listeners.signal, capture: true });
}

// ---- Theme

function withThemeColours(value, colours) {
  if (typeof value === "string") {
    const [, name, index] = value.match(/^var\((--[\w-]+)\)(?:\[(\d+)\])?$/) ?? [];
    if (!name) return value;
    const colour = colours.getPropertyValue(name).trim();
    return (index ? split(colour)[index] : colour) || value;
  }
  if (Array.isArray(value)) return value.map((part) => withThemeColours(part, colours));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, withThemeColours(part, colours)]),
  );
}

// A theme's list of colours; a colour may have commas between brackets.
function split(colours) {
  return colours.split(/,(?![^(]*\))/).filter(Boolean);
}

function template(colours) {
  const read = (name) => colours.getPropertyValue(`--st-${name}`).trim();
  const list = (name) => split(read(name));
  const scale = (all) => all.map((colour, index) => [index / (all.length - 1), colour]);
  const sequential = scale(list("chart-sequential-colors"));
  const text = read("text-color");
  const border = read("border-color");
  const font = { family: read("font"), size: 14, color: text };
  // Plotly picks the zoom box's shade by this colour and ignores its transparency.
  const clearBackground = transparent(read("background-color"));
  const axis = {
    automargin: true,
    gridcolor: read("border-color-light") || border,
    linecolor: border,
    tickcolor: border,
    zeroline: false,
    title: { standoff: 12, font },
    spikecolor: text,
    spikedash: "solid",
    spikethickness: 1,
  };
  return {
    layout: {
      paper_bgcolor: CLEAR,
      plot_bgcolor: clearBackground,
      font,
      title: { x: 0, xanchor: "left", font: { size: 16 } },
      colorway: list("chart-categorical-colors"),
      colorscale: { sequential },
      margin: { l: 8, r: 8, t: 32, b: 8 },
      xaxis: axis,
      yaxis: axis,
      legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", bgcolor: CLEAR },
      hoverlabel: {
        align: "left",
        bgcolor: read("secondary-background-color"),
        bordercolor: border,
        font,
        namelength: -1,
      },
      modebar: { bgcolor: CLEAR, color: read("gray-color"), activecolor: read("primary-color") },
      annotationdefaults: { arrowcolor: text },
      shapedefaults: { line: { color: text } },
      dragmode: TOUCH ? false : "zoom",
    },
    data: {
      bar: [{ marker: { line: { width: 0 } } }],
      heatmap: [{ colorscale: sequential, colorbar: { outlinewidth: 0, thickness: 12 } }],
    },
  };
}

// The browser's canvas turns any CSS colour into #rrggbb, or into rgba() if it is transparent.
function transparent(colour) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = colour;
  return pen.fillStyle.startsWith("#") ? `${pen.fillStyle}00` : CLEAR;
}

// ---- Plotly's script, once per page

function loadPlotly(address) {
  window.digitLabPlotly ??= afterThePageIsDrawn()
    .then(() => addScript(new URL(address, appRoot()).href))
    .catch((error) => {
      setTimeout(() => delete window.digitLabPlotly, RETRY_AFTER);
      throw error;
    });
  return window.digitLabPlotly;
}

// The app may be under a path (`server.baseUrlPath`), with every page's own path below that.
// The address of Streamlit's own script, at static/js/, shows where the app's root is.
function appRoot() {
  const own = document.querySelector('script[type="module"][src*="static/js/"]');
  return own ? new URL("../../", own.src) : new URL("./", document.baseURI);
}

// The script is large and blocks the page for most of a second, so it waits until Streamlit has
// drawn everything else, but not forever.
async function afterThePageIsDrawn() {
  const app = document.querySelector('[data-testid="stApp"]');
  const drawing = () =>
    app?.dataset.testScriptState !== "notRunning" ||
    document.querySelector('[data-testid="stSkeleton"]');
  const patience = performance.now() + DRAWING_TIME;
  do {
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (drawing() && performance.now() < patience);
  const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 50));
  await new Promise((resolve) => idle(resolve, { timeout: 500 }));
}

function addScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.async = true;
    script.onload = () =>
      window.Plotly ? resolve(window.Plotly) : reject(new Error("Plotly is missing."));
    script.onerror = () => reject(new Error("Plotly could not be fetched."));
    document.head.append(script);
  });
}
