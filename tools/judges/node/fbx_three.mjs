// three.js plays an FBX: node fbx_three.mjs FILE FPS FIRST FRAMES POSED...
//
// Out comes JSON: what the animation mixer sets at each of FRAMES frames from frame FIRST on (morph weights by name,
// quaternions x y z w of bones by name), the times of the keys of its tracks, and for each frame number POSED, counted
// from FIRST, the points of all meshes, morphed and skinned.
import { readFileSync } from "node:fs";
import { AnimationMixer, Vector3 } from "three";
import { FBXLoader } from "three/addons/loaders/FBXLoader.js";

const [file, fps, first, frames, ...posed] = process.argv.slice(2);
globalThis.window = globalThis; // the loader asks the browser's window for a few names
const bytes = readFileSync(file);
const scene = new FBXLoader().parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), "");

const meshes = [];
const bones = {};
scene.traverse((node) => {
  if (node.isMesh) meshes.push(node);
  if (node.isBone) bones[node.name] = node;
});
const names = Object.keys(meshes[0]?.morphTargetDictionary ?? {});
const mixer = new AnimationMixer(scene);
const clip = scene.animations[0];
const action = mixer.clipAction(clip);
action.clampWhenFinished = true;
action.setLoop(2200, 1); // LoopOnce
action.play();

const seek = (frame) => {
  mixer.setTime(0);
  // A little inside of the clip's end: at the end itself a finished action may let go.
  mixer.setTime(Math.min((Number(first) + frame) / Number(fps), clip.duration - 1e-7));
};
const weights = [];
const turns = Object.fromEntries(Object.keys(bones).map((name) => [name, []]));
for (let frame = 0; frame < Number(frames); frame++) {
  seek(frame);
  weights.push(Array.from(meshes[0]?.morphTargetInfluences ?? []));
  for (const [name, bone] of Object.entries(bones)) turns[name].push(bone.quaternion.toArray());
}

const points = {};
for (const frame of posed) {
  seek(Number(frame));
  scene.updateMatrixWorld(true);
  points[frame] = [];
  const { geometry } = meshes[0];
  const point = new Vector3();
  for (let k = 0; k < geometry.attributes.position.count; k++) {
    meshes[0].getVertexPosition(k, point); // morphed and skinned
    points[frame].push(...point.applyMatrix4(meshes[0].matrixWorld).toArray());
  }
}
const keys = clip.tracks.map((track) => [track.name, Array.from(track.times)]);
process.stdout.write(JSON.stringify({ names, weights, turns, points, keys }));
