// The sliders, and what they tell the session.

const TOLD_EVERY_MS = 50;

// strength    label, highest value
const STRENGTHS = { emotion: ["expression", 2], head: ["head", 2], gaze: ["eyes", 1], asymmetry: ["asymmetry", 2] };

export class Panel {
  // told(wishes): what is wanted, at most every TOLD_EVERY_MS
  constructor(told) {
    this.told = told;
    this.waiting = null;
    this.feeling = new Map();
    this.layers = new Map();
  }

  // From the server's first message.
  fill({ emotions, feeling, layers, models }) {
    const place = document.getElementById("emotions");
    place.replaceChildren(...emotions.map((name) => {
      const row = slider(name, 1, feeling[name] ?? 0, 0, (value) => this.#feel(name, value));
      this.feeling.set(name, row);
      return row.element;
    }));
    document.getElementById("strengths").replaceChildren(...Object.entries(STRENGTHS).map(([name, [label, most]]) => {
      const row = slider(label, most, layers[name] ?? 1, 1, () => this.#later());
      this.layers.set(name, row);
      return row.element;
    }));
    document.getElementById("model").replaceChildren(...models.map((name) => {
      const option = document.createElement("option");
      option.value = name;
      option.textContent = name.split(/[\\/]/).pop();
      return option;
    }));
  }

  // A new stream knows nothing of what was told to the last one.
  all() {
    return { emotion: weights(this.feeling), layers: weights(this.layers) };
  }

  calm() {
    for (const row of this.feeling.values()) row.set(0);
    this.touched = true;
    this.#later();
  }

  // A face has one full expression to share: what one emotion takes, the others give.
  #feel(name, value) {
    const others = [...this.feeling].filter(([other]) => other !== name);
    const sum = others.reduce((total, [, row]) => total + row.value, 0);
    if (sum + value > 1 && sum > 0) others.forEach(([, row]) => row.set(row.value * (1 - value) / sum));
    this.touched = true;
    this.#later();
  }

  #later() {
    if (this.waiting) return;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.told(this.changed());
    }, TOLD_EVERY_MS);
  }

  // As `all`, without the emotion until somebody moved it: the command line may have said more than sliders show.
  changed() {
    const { emotion, layers } = this.all();
    return this.touched ? { emotion, layers } : { layers };
  }
}

function weights(rows) {
  return Object.fromEntries([...rows].map(([name, row]) => [name, row.value]));
}

// A labelled slider; `rest`: the value that is not worth noticing.
function slider(label, most, value, rest, moved) {
  const element = document.createElement("label"), input = document.createElement("input");
  const name = document.createElement("span"), shown = document.createElement("output");
  element.className = "slider";
  name.textContent = label;
  Object.assign(input, { type: "range", min: 0, max: most, step: 0.01, value });
  element.append(name, input, shown);
  const row = {
    element,
    get value() { return Number(input.value); },
    set(next) {
      input.value = next;
      this.show();
    },
    show() {
      shown.textContent = this.value.toFixed(2);
      element.classList.toggle("set", Math.abs(this.value - rest) > 0.004);
    },
  };
  input.addEventListener("input", () => {
    row.show();
    moved(row.value);
  });
  row.show();
  return row;
}
