// Draws a head with WebGL2, seen from a camera that the mouse moves round it.

import { FRAGMENT, VERTEX } from "./shaders.js";

const FIELD_OF_VIEW = 20 * Math.PI / 180; // a portrait lens: near views make noses big
const EYE_RECESS = 0.012;                 // of the picture's height
const MOST_TURN = 1.3;                    // radians round the head
const SHARPEST = 2;                       // pixels of the canvas per pixel of the page
// How far each shape opens the mouth for light; facerig/preview/shade.py
const OPENERS = [["jawOpen", 2.4], ["mouthClose", -2.4], ["mouthFunnel", 0.9], ["mouthLowerDownLeft", 0.5],
  ["mouthLowerDownRight", 0.5], ["mouthUpperUpLeft", 0.5], ["mouthUpperUpRight", 0.5]];

export class Viewer {
  // Throws where the browser has no WebGL2.
  constructor(canvas, head) {
    this.canvas = canvas;
    this.head = head;
    this.yaw = this.pitch = 0;
    this.zoom = 1;
    const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, preserveDrawingBuffer: true });
    if (!gl) throw new Error("this browser has no WebGL2");
    this.gl = gl;
    this.program = linked(gl, VERTEX, FRAGMENT);
    this.places = {};
    for (let i = gl.getProgramParameter(this.program, gl.ACTIVE_UNIFORMS) - 1; i >= 0; i--) {
      const { name } = gl.getActiveUniform(this.program, i);
      this.places[name.replace("[0]", "")] = gl.getUniformLocation(this.program, name);
    }
    this.#upload();
    this.eyes = head.eyes.length
      ? head.eyes[0].map((_, k) => head.eyes.reduce((sum, eye) => sum + eye[k], 0) / head.eyes.length)
      : head.low.map((low, k) => (low + head.high[k]) / 2);
  }

  #upload() {
    const { gl, head } = this;
    this.array = gl.createVertexArray();
    gl.bindVertexArray(this.array);
    this.moving = ["point", "normal"].map((name) => this.#attribute(name, null, 3, gl.FLOAT));
    this.#attribute("colour", head.colours, 3, gl.UNSIGNED_BYTE);
    this.#attribute("surface", head.surface, 4, gl.UNSIGNED_BYTE);
    this.#attribute("light", head.light, 4, gl.UNSIGNED_BYTE);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, head.triangles, gl.STATIC_DRAW);
  }

  #attribute(name, values, size, kind) {
    const { gl } = this, place = gl.getAttribLocation(this.program, name), buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    if (values) gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    else gl.bufferData(gl.ARRAY_BUFFER, this.head.rest.byteLength, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, kind, kind === gl.UNSIGNED_BYTE, 0, 0);
    return buffer;
  }

  // What the camera sees: its axes, place and how many mm half of the picture's height is.
  #view() {
    const { low, high } = this.head, aspect = this.canvas.clientWidth / Math.max(1, this.canvas.clientHeight);
    const target = low.map((value, k) => (value + high[k]) / 2);
    const wide = Math.max(high[0] - low[0], high[2] - low[2]) / 2;
    const half = Math.max((high[1] - low[1]) / 2, wide / aspect) / this.zoom;
    const distance = half / Math.tan(FIELD_OF_VIEW / 2);
    const [cy, sy, cp, sp] = [Math.cos(this.yaw), Math.sin(this.yaw), Math.cos(this.pitch), Math.sin(this.pitch)];
    const back = [sy * cp, sp, cy * cp], right = [cy, 0, -sy], up = [-sy * sp, cp, -cy * sp];
    return { target, half, distance, aspect, right, up, back, place: target.map((t, k) => t + distance * back[k]) };
  }

  // Where a pointer at (x, y), 0 to 1 from the upper left, points to: metres left, up and ahead of the eyes.
  pointed(x, y) {
    const view = this.#view(), across = (2 * x - 1) * view.half * view.aspect, high = (1 - 2 * y) * view.half;
    const on = view.target.map((t, k) => t + across * view.right[k] + high * view.up[k]);
    const share = 0.55; // of the way from the picture to the viewer
    return on.map((value, k) => (value + share * (view.place[k] - value) - this.eyes[k]) / 1000);
  }

  // Turns by a share of the canvas.
  orbit(dx, dy) {
    this.yaw = Math.max(-MOST_TURN, Math.min(MOST_TURN, this.yaw - dx * 3));
    this.pitch = Math.max(-0.5, Math.min(0.5, this.pitch + dy * 2));
  }

  scale(factor) {
    this.zoom = Math.max(0.7, Math.min(3.5, this.zoom * factor));
  }

  // value: curve name -> number
  pose(value) {
    const { gl, head } = this;
    head.pose(value);
    [head.points, head.normals].forEach((values, k) => {
      gl.bindBuffer(gl.ARRAY_BUFFER, this.moving[k]);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, values);
    });
    const opening = OPENERS.reduce((sum, [name, share]) => sum + share * value(name), 0);
    this.opening = Math.max(0, Math.min(1, opening));
    this.tongueOut = value("tongueOut");
  }

  // fresh: posed since the last call; without that only what the user changed is drawn.
  draw(fresh) {
    const { gl, canvas, head, places } = this, resized = this.#fit();
    const seen = [this.yaw, this.pitch, this.zoom].join();
    if (!fresh && !resized && seen === this.seen) return;
    this.seen = seen;
    const view = this.#view();
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.useProgram(this.program);
    gl.bindVertexArray(this.array);
    gl.uniformMatrix4fv(places.toScreen, false, projection(view));
    gl.uniformMatrix3fv(places.turn, true, head.turn);
    gl.uniform3fv(places.pivot, head.pivot);
    gl.uniform3fv(places.eyeCentres, head.eyes.length === 2 ? head.eyes.flat() : new Array(6).fill(0));
    gl.uniform3fv(places.camera, view.place);
    gl.uniform1f(places.opening, this.opening ?? 0);
    gl.uniform1f(places.tongueOut, this.tongueOut ?? 0);
    gl.uniform1f(places.recess, EYE_RECESS * (head.high[1] - head.low[1]));
    const solid = head.solid * 3;
    gl.enable(gl.CULL_FACE);
    gl.drawElements(gl.TRIANGLES, solid, gl.UNSIGNED_INT, 0);
    gl.disable(gl.CULL_FACE);
    gl.drawElements(gl.TRIANGLES, head.triangles.length - solid, gl.UNSIGNED_INT, solid * 4);
  }

  #fit() {
    const { canvas } = this, sharp = Math.min(devicePixelRatio || 1, SHARPEST);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * sharp)));
    if (canvas.width === width && canvas.height === height) return false;
    Object.assign(canvas, { width, height });
    return true;
  }
}

// Column-major, as WebGL has it.
function projection({ right, up, back, place, distance, aspect }) {
  const near = distance * 0.1, far = distance * 2.5, f = 1 / Math.tan(FIELD_OF_VIEW / 2);
  const along = (axis) => -(axis[0] * place[0] + axis[1] * place[1] + axis[2] * place[2]);
  const depth = (near + far) / (near - far), shift = 2 * near * far / (near - far);
  const rows = [[...right, along(right)].map((v) => v * f / aspect), [...up, along(up)].map((v) => v * f),
    [...back, along(back)].map((v, k) => v * depth + (k === 3 ? shift : 0)), [...back, along(back)].map((v) => -v)];
  return new Float32Array([0, 1, 2, 3].flatMap((column) => rows.map((row) => row[column])));
}

function linked(gl, ...sources) {
  const program = gl.createProgram();
  [gl.VERTEX_SHADER, gl.FRAGMENT_SHADER].forEach((kind, k) => {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, sources[k]);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  });
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}
