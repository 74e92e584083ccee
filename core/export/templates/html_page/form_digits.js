// Digits one after the other, each of which may be missing.

function createForm({ form, examples }, change) {
  const [places, digits] = form.shape;
  let sequence = recall(areNumbers(places), Array.from({ length: places }, (_, n) => n % digits));
  const choices = Array.from({ length: places }, (_, place) => {
    const select = make("select", {}, make("option", { value: -1 }, "·"));
    for (let digit = 0; digit < digits; digit += 1) {
      select.append(make("option", { value: digit }, digit));
    }
    select.addEventListener("change", () => {
      set(changed(sequence, place, Number(select.value)));
    });
    return select;
  });
  const labels = choices.map((select, place) => make("label", {}, `Place ${place + 1}`, select));
  const note = make("p", { class: "note" }, "A dot stands for a digit that is missing.");

  function set(values) {
    sequence = values;
    remember(sequence);
    show();
  }

  // An example holds ten numbers for each place, 1 for its digit.
  function choose(values) {
    set(choices.map((_, place) => values.slice(place * digits, (place + 1) * digits).indexOf(1)));
  }

  function show() {
    const input = new Float32Array(places * digits);
    sequence.forEach((digit, place) => {
      choices[place].value = digit;
      if (digit >= 0) input[place * digits + digit] = 1;
    });
    change(input);
  }

  return {
    nodes: [make("div", { class: "places" }, ...labels), note],
    examples: exampleButtons(examples, choose),
    show,
  };
}
