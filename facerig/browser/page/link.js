// The WebSocket to the session: orders and sound go out, frames come in. See facerig/browser/orders.py and speaker.py.

const HEADER_BYTES = 16; // stream, index of the first frame, frames, microseconds of computing

export class Link {
  // handlers: welcome(message), opened(message), refused(message), frames({first, rows, computeSecs}), closed(reason)
  constructor(handlers) {
    this.handlers = handlers;
    this.stream = 0; // the one that was opened last; frames of older ones are dropped
    this.opening = false;
    const token = new URLSearchParams(location.search).get("token") ?? "";
    this.socket = new WebSocket(`ws://${location.host}/session?token=${encodeURIComponent(token)}`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = (event) => this.#take(event.data);
    this.socket.onclose = (event) => handlers.closed(event.reason || "the connection to facerig is closed");
  }

  get ready() {
    return this.socket.readyState === WebSocket.OPEN && this.stream > 0 && !this.opening;
  }

  open(rate, model) {
    this.opening = true;
    this.socket.send(JSON.stringify({ type: "open", rate, model }));
  }

  direct(wishes) {
    if (this.ready) this.socket.send(JSON.stringify({ type: "direct", ...wishes }));
  }

  hear(samples) { // Int16Array
    if (this.ready) this.socket.send(samples);
  }

  #take(data) {
    if (typeof data === "string") {
      const message = JSON.parse(data);
      if (message.type === "opened") {
        this.stream = message.stream;
        this.opening = false;
      }
      this.handlers[message.type]?.(message);
      return;
    }
    const head = new Uint32Array(data, 0, HEADER_BYTES / 4);
    if (head[0] !== this.stream || this.opening) return;
    const values = new Float32Array(data, HEADER_BYTES);
    const width = values.length / head[2];
    const rows = Array.from({ length: head[2] }, (_, i) => values.subarray(i * width, (i + 1) * width));
    this.handlers.frames({ first: head[1], rows, computeSecs: head[3] / 1e6 });
  }
}
