// The last seconds of some curves, drawn as they come.

const SHOWN_SECS = 6;
const GREY = "#868d98", LINE = "#2c3138";

// row     lowest, highest, [curve, colour, label]
const ROWS = [
  ["jaw", 0, 0.6, [["jawOpen", "#e8a15c", "open"]]],
  ["lips", 0, 0.7, [["mouthClose", "#e8a15c", "close"], ["mouthPucker", "#6fb1e4", "pucker"],
    ["mouthSmileLeft", "#8fcf8a", "smile"], ["mouthFrownLeft", "#c79be0", "frown"]]],
  ["brows and lids", 0, 1, [["browInnerUp", "#e8a15c", "inner up"], ["browDownLeft", "#6fb1e4", "down"],
    ["eyeBlinkLeft", "#8fcf8a", "blink"]]],
  ["head, degrees", -8, 8, [["headYaw", "#e8a15c", "yaw"], ["headPitch", "#6fb1e4", "pitch"],
    ["headRoll", "#8fcf8a", "roll"]]],
];
const DEGREES = 180 / Math.PI;

export class Plots {
  constructor(canvas, index, fps) {
    this.canvas = canvas;
    this.length = Math.ceil(SHOWN_SECS * fps);
    this.lines = ROWS.flatMap(([, , , curves], row) => curves.map(([name, colour]) => ({
      row, colour, at: index.get(name), scale: name.startsWith("head") ? DEGREES : 1,
      values: new Float32Array(this.length) })));
    this.count = 0;
  }

  add(values) {
    const slot = this.count++ % this.length;
    for (const line of this.lines) line.values[slot] = values[line.at] * line.scale;
  }

  draw() {
    const { canvas } = this, sharp = Math.min(devicePixelRatio || 1, 2);
    const width = canvas.clientWidth, height = canvas.clientHeight;
    const [w, h] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    const paint = canvas.getContext("2d");
    paint.setTransform(sharp, 0, 0, sharp, 0, 0);
    paint.clearRect(0, 0, width, height);
    const gap = 18, each = (width - gap * (ROWS.length - 1)) / ROWS.length;
    ROWS.forEach((row, k) => this.#row(paint, row, k, k * (each + gap), each, height));
  }

  #row(paint, [title, low, high, curves], k, left, width, height) {
    const top = 20, bottom = height - 4, place = (value) =>
      bottom - (Math.max(low, Math.min(high, value)) - low) / (high - low) * (bottom - top);
    paint.font = "11px system-ui, sans-serif";
    paint.fillStyle = GREY;
    paint.fillText(title, left, 11);
    let x = left + paint.measureText(title).width + 12;
    for (const [, colour, label] of curves) {
      paint.fillStyle = colour;
      paint.fillText(label, x, 11);
      x += paint.measureText(label).width + 8;
    }
    paint.strokeStyle = LINE;
    paint.lineWidth = 1;
    paint.strokeRect(left + 0.5, top - 3.5, width - 1, bottom - top + 6);
    if (low < 0) this.#stroke(paint, [[left, place(0)], [left + width, place(0)]], LINE, 1);
    const n = Math.min(this.count, this.length), step = width / (this.length - 1);
    for (const line of this.lines.filter((one) => one.row === k)) {
      const dots = Array.from({ length: n }, (_, i) => [left + width - (n - 1 - i) * step,
        place(line.values[(this.count - n + i) % this.length])]);
      this.#stroke(paint, dots, line.colour, 1.5);
    }
  }

  #stroke(paint, dots, colour, width) {
    paint.strokeStyle = colour;
    paint.lineWidth = width;
    paint.beginPath();
    dots.forEach(([x, y]) => paint.lineTo(x, y));
    paint.stroke();
  }
}
