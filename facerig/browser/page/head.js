// A head from the file that facerig/browser/head_file.py writes, posed by the 61 curves.
//
// Millimetres, y up, z to the front, x to the subject's left. Signs of the turns are Live Link Face's: yaw to the
// subject's right, pitch downwards, roll towards the left shoulder.

const KINDS = { f4: Float32Array, u4: Uint32Array, u1: Uint8Array };
export async function loadHead(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the head did not come: ${answer.status}`);
  return new Head(await answer.arrayBuffer());
}

export class Head {
  constructor(file) {
    const length = new Uint32Array(file, 4, 1)[0];
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
    Object.assign(this, header);
    for (const [name, [kind, place, count]] of Object.entries(header.arrays)) {
      this[name] = new KINDS[kind](file, 8 + length + place, count);
    }
    this.count = this.rest.length / 3;
    this.points = new Float32Array(this.rest);
    this.normals = new Float32Array(this.rest.length);
    this.sums = new Float32Array(this.rest.length);
    this.turn = rotation(0, 0, 0);
    this.eyePoints = this.eyes.map((_, eye) => Uint32Array.from(
      { length: this.count }, (_, i) => i).filter((i) => this.surface[i * 4 + 3] === eye + 1));
    this.solidNormal = solidTriangles(this);
  }

  // curves: value by name -> number
  pose(value) {
    this.points.set(this.rest);
    this.shapes.forEach((name, k) => this.#morph(k, value(name)));
    this.eyes.forEach((centre, eye) => this.#turnEye(eye, centre, value));
    this.turn = rotation(value("headYaw"), value("headPitch"), value("headRoll"));
    this.#follow();
    this.#light();
  }

  #morph(k, weight) {
    if (weight === 0) return;
    const { points, moved, deltas } = this;
    for (let d = this.first[k], end = this.first[k + 1]; d < end; d++) {
      const p = moved[d] * 3, from = d * 3;
      points[p] += weight * deltas[from];
      points[p + 1] += weight * deltas[from + 1];
      points[p + 2] += weight * deltas[from + 2];
    }
  }

  #turnEye(eye, centre, value) {
    const [yaw, pitch, roll] = this.#eyeAngles(eye === 0 ? "Left" : "Right", value);
    const m = rotation(yaw, pitch, roll), { points } = this, [cx, cy, cz] = centre;
    for (const i of this.eyePoints[eye]) {
      const p = i * 3, x = points[p] - cx, y = points[p + 1] - cy, z = points[p + 2] - cz;
      points[p] = m[0] * x + m[1] * y + m[2] * z + cx;
      points[p + 1] = m[3] * x + m[4] * y + m[5] * z + cy;
      points[p + 2] = m[6] * x + m[7] * y + m[8] * z + cz;
    }
  }

  // Live Link gives a look twice, as turns and as shapes; the stronger counts.
  #eyeAngles(side, value) {
    const shape = (way) => value(`eyeLook${way}${side}`), prefix = side.toLowerCase() + "Eye";
    const inwards = shape("In") * this.look.in - shape("Out") * this.look.out;
    const yaw = side === "Left" ? inwards : -inwards;
    const pitch = shape("Down") * this.look.down - shape("Up") * this.look.up;
    return [stronger(value(prefix + "Yaw"), yaw), stronger(value(prefix + "Pitch"), pitch), value(prefix + "Roll")];
  }

  #follow() {
    const { points, follow, turn: m, pivot: [cx, cy, cz] } = this;
    for (let i = 0, p = 0; i < this.count; i++, p += 3) {
      const share = follow[i], x = points[p] - cx, y = points[p + 1] - cy, z = points[p + 2] - cz;
      points[p] += share * (m[0] * x + m[1] * y + m[2] * z - x);
      points[p + 1] += share * (m[3] * x + m[4] * y + m[5] * z - y);
      points[p + 2] += share * (m[6] * x + m[7] * y + m[8] * z - z);
    }
  }

  // Normals: of the triangles around each point, by area; hairs take the skin's.
  #light() {
    const { points, triangles, normalOf, normals, sums, solidNormal } = this;
    sums.fill(0);
    for (let t = 0; t < triangles.length; t += 3) {
      if (!solidNormal[t / 3]) continue;
      const a = triangles[t] * 3, b = triangles[t + 1] * 3, c = triangles[t + 2] * 3;
      const ux = points[b] - points[a], uy = points[b + 1] - points[a + 1], uz = points[b + 2] - points[a + 2];
      const vx = points[c] - points[a], vy = points[c + 1] - points[a + 1], vz = points[c + 2] - points[a + 2];
      const nx = uy * vz - uz * vy, ny = uz * vx - ux * vz, nz = ux * vy - uy * vx;
      for (let k = 0; k < 3; k++) {
        const p = normalOf[triangles[t + k]] * 3;
        sums[p] += nx;
        sums[p + 1] += ny;
        sums[p + 2] += nz;
      }
    }
    for (let i = 0, p = 0; i < this.count; i++, p += 3) {
      const from = normalOf[i] * 3, x = sums[from], y = sums[from + 1], z = sums[from + 2];
      const length = Math.hypot(x, y, z) || 1;
      normals[p] = x / length;
      normals[p + 1] = y / length;
      normals[p + 2] = z / length;
    }
  }
}

// 1 for triangles that shape normals: all but hairs (part 5) that are lit as the skin they stand on.
function solidTriangles({ triangles, normalOf, surface }) {
  return Uint8Array.from({ length: triangles.length / 3 }, (_, t) => {
    const corners = [triangles[3 * t], triangles[3 * t + 1], triangles[3 * t + 2]];
    return corners.some((i) => normalOf[i] === i) || surface[corners[0] * 4 + 1] !== 5 ? 1 : 0;
  });
}

function stronger(a, b) {
  return Math.abs(a) >= Math.abs(b) ? a : b;
}

// Rows of the matrix that rolls, then pitches, then turns.
function rotation(yaw, pitch, roll) {
  const [cy, sy] = [Math.cos(-yaw), Math.sin(-yaw)], [cp, sp] = [Math.cos(pitch), Math.sin(pitch)];
  const [cr, sr] = [Math.cos(-roll), Math.sin(-roll)];
  return [cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp,
    cp * sr, cp * cr, -sp,
    -sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp];
}
