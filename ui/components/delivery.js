// Sends what a person did to Python, again and again, until Python's own data shows that it came.
// A connection may be down when something is sent, and Streamlit then sends nothing later.

const FIRST_WAIT = 3000; // milliseconds
const LONGEST_WAIT = 10000;

// `node` is the component's element: once it has left the page, nothing is sent any more. `stampOf`
// returns the part of a value by which Python says that it has it; by default all of it.
function createDelivery(node, stampOf = (value) => value) {
  return { node, stampOf, send: null, value: null, known: null, timer: 0, wait: FIRST_WAIT, count: 0 };
}

// Sends a value at once. Two stamps are the same if their JSON is.
function deliver(delivery, value) {
  delivery.value = value;
  delivery.wait = FIRST_WAIT;
  dispatch(delivery);
}

// Takes in what Python knows, whenever it sends its data.
function acknowledge(delivery, known) {
  delivery.known = known;
  if (isDelivered(delivery)) clearTimeout(delivery.timer);
}

function dispatch(delivery) {
  clearTimeout(delivery.timer);
  delivery.count += 1; // or Streamlit would take a value that it has seen for no change
  delivery.send({ ...delivery.value, attempt: delivery.count });
  delivery.timer = setTimeout(() => {
    if (isDelivered(delivery) || !delivery.node.isConnected) return;
    delivery.wait = Math.min(2 * delivery.wait, LONGEST_WAIT);
    dispatch(delivery);
  }, delivery.wait);
}

function isDelivered({ value, known, stampOf }) {
  return value === null || JSON.stringify(stampOf(value)) === JSON.stringify(known);
}
