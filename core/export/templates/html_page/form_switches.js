// A switch for each bit.

function createForm({ form, examples }, change) {
  let bits = recall(areNumbers(form.labels.length), form.labels.map(() => 0));
  const switches = form.labels.map((name, place) => {
    const text = [make("b", { "aria-hidden": "true" }), make("small", {}, name)];
    const toggle = () => set(changed(bits, place, 1 - bits[place]));
    const node = makeButton(text[0], toggle, { role: "switch", "aria-label": name });
    node.append(text[1]);
    return node;
  });
  const number = make("p", { class: "note" });
  const group = make("div", { class: "switches", role: "group", "aria-label": "Bits" }, ...switches);

  function set(values) {
    bits = [...values];
    remember(bits);
    show();
  }

  function show() {
    switches.forEach((node, place) => {
      node.setAttribute("aria-checked", String(bits[place] === 1));
      node.firstChild.textContent = String(bits[place]);
    });
    number.textContent = `As a number: ${parseInt(bits.join(""), 2)}`;
    change(Float32Array.from(bits));
  }

  return { nodes: [group, number], examples: exampleButtons(examples, set), show };
}
