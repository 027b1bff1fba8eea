// Frames kept while recording, and the Live Link Face CSV that they become.

const LONGEST_SECS = 30 * 60; // then recording ends by itself

export class Recording {
  constructor(labels, fps) {
    this.labels = labels; // as the CSV writes the curves' names
    this.fps = fps;       // [numerator, denominator]
    this.rows = [];
  }

  // Whether there is room for more.
  add(values) {
    this.rows.push(Float32Array.from(values));
    return this.rows.length < LONGEST_SECS * this.fps[0] / this.fps[1];
  }

  get secs() {
    return this.rows.length * this.fps[1] / this.fps[0];
  }

  csv() {
    const lines = [["Timecode", "BlendShapeCount", ...this.labels].join(",")];
    this.rows.forEach((row, index) => {
      const values = Array.from(row, (value) => value.toFixed(7));
      lines.push([timecode(index, this.fps), row.length, ...values].join(","));
    });
    return lines.join("\n") + "\n";
  }

  download(name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([this.csv()], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

// HH:MM:SS:FF.mmm as facerig_exporters/livelink_csv.py counts: frames at the next whole rate; the true time for
// rates that are neither whole nor NTSC.
export function timecode(index, [numerator, denominator]) {
  const perSec = Math.ceil(numerator / denominator), exact = denominator === 1 || denominator === 1001;
  const ticks = exact ? index * 1000 : Math.round(index * perSec * 1000 * denominator / numerator);
  const secs = Math.floor(ticks / (perSec * 1000)), rest = ticks % (perSec * 1000);
  const two = (value) => String(Math.floor(value)).padStart(2, "0");
  return `${two(secs / 3600)}:${two(secs / 60 % 60)}:${two(secs % 60)}:${two(rest / 1000)}.${
    String(rest % 1000).padStart(3, "0")}`;
}
