// A number for each input.

function createForm({ form, examples }, change) {
  let values = recall(areNumbers(form.labels.length), form.labels.map(() => 0));
  const fields = form.labels.map((name, n) => {
    const number = make("input", { id: `field-${n}`, type: "number", step: "any" });
    number.addEventListener("input", () => {
      const value = number.valueAsNumber;
      set(changed(values, n, Number.isNaN(value) ? 0 : clip(value, -1e30, 1e30)));
    });
    return number;
  });
  const nodes = fields.map((field, n) =>
    make("div", { class: "field" }, make("label", { for: field.id }, form.labels[n]), field),
  );

  function set(those) {
    values = [...those];
    remember(values);
    show();
  }

  function show() {
    fields.forEach((field, n) => {
      if (document.activeElement !== field) field.value = values[n];
    });
    change(Float32Array.from(values));
  }

  return {
    nodes: [make("div", { class: "fields" }, ...nodes)],
    examples: exampleButtons(examples, set),
    show,
  };
}
