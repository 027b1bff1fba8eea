// three.js plays a glTF: node gltf_three.mjs FILE FPS FRAMES POSED...
//
// Out comes JSON: what the animation mixer sets at each of FRAMES frames (morph weights by name, quaternions x y z w of
// bones by name), the keys of its tracks, and for each frame number POSED the points of all meshes, morphed and skinned.
import { readFileSync } from "node:fs";
import { AnimationMixer, Vector3 } from "three";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

const [file, fps, frames, ...posed] = process.argv.slice(2);
globalThis.self = globalThis; // the loader asks the browser's window for a few names
const bytes = readFileSync(file);
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
const gltf = await new Promise((done, failed) => new GLTFLoader().parse(buffer, "", done, failed));

const meshes = [];
const bones = {};
gltf.scene.traverse((node) => {
  if (node.isMesh) meshes.push(node);
  if (node.isBone) bones[node.name] = node;
});
const names = Object.keys(meshes[0]?.morphTargetDictionary ?? {});
const mixer = new AnimationMixer(gltf.scene);
const clip = gltf.animations[0];
if (clip) {
  const action = mixer.clipAction(clip);
  action.clampWhenFinished = true;
  action.setLoop(2200, 1); // LoopOnce
  action.play();
}

const seek = (frame) => {
  mixer.setTime(0);
  // A little inside of the clip's end: at the end itself a finished action may let go.
  mixer.setTime(Math.min(frame / Number(fps), clip ? clip.duration - 1e-7 : 0));
};
const weights = [];
const turns = Object.fromEntries(Object.keys(bones).map((name) => [name, []]));
for (let frame = 0; frame < Number(frames); frame++) {
  seek(frame);
  weights.push(Array.from(meshes[0].morphTargetInfluences ?? []));
  for (const mesh of meshes) {
    if (mesh.morphTargetInfluences.some((value, k) => value !== meshes[0].morphTargetInfluences[k])) {
      throw new Error(`${mesh.name} has other weights than ${meshes[0].name} at frame ${frame}`);
    }
  }
  for (const [name, bone] of Object.entries(bones)) turns[name].push(bone.quaternion.toArray());
}

const points = {};
for (const frame of posed) {
  seek(Number(frame));
  gltf.scene.updateMatrixWorld(true);
  points[frame] = meshes.map((mesh) => {
    const out = [];
    const point = new Vector3();
    for (let k = 0; k < mesh.geometry.attributes.position.count; k++) {
      mesh.getVertexPosition(k, point); // morphed and, for a SkinnedMesh, skinned
      out.push(...point.applyMatrix4(mesh.matrixWorld).toArray());
    }
    return { material: mesh.material.name, points: out };
  });
}
const keys = (clip?.tracks ?? []).map((track) => [track.name, track.times.length]);
process.stdout.write(JSON.stringify({ names, weights, turns, points, keys }));
