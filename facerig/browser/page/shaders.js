// Light on the head: the studio of facerig/preview/shade.py, worked out for every pixel.

export const VERTEX = `#version 300 es
in vec3 point, normal;
in vec3 colour;
in vec4 surface, light;   // gloss, part, tongue, eye; ambient shut and open, key shut and open
uniform mat4 toScreen;
uniform mat3 turn;
uniform vec3 pivot, eyeCentres[2];
uniform float opening, tongueOut, recess;
out vec3 vPoint, vNormal, vAlbedo, vEye;
out float vGloss, vAmbient, vKey;
flat out int vPart;

void main() {
  vPart = int(surface.y * 255.0 + 0.5);
  vGloss = surface.x;
  vPoint = point;
  vNormal = normal;
  vAlbedo = pow(colour, vec3(2.2));
  float out_ = surface.z * tongueOut;
  vAmbient = max(pow(mix(light.x, light.y, opening), 0.9), 0.85 * out_);
  vKey = max(mix(light.z, light.w, opening), 0.8 * out_);
  int eye = int(surface.w * 255.0 + 0.5);
  vEye = eye > 0 ? transpose(turn) * (point - pivot) + pivot - eyeCentres[eye - 1] : vec3(0.0);
  gl_Position = toScreen * vec4(point, 1.0);
  if (vPart == 4) {  // eyeballs stand a little deeper, so that lids never let them through
    vec4 behind = toScreen * vec4(point.xy, point.z - recess, 1.0);
    gl_Position.z = behind.z / behind.w * gl_Position.w;
  }
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
in vec3 vPoint, vNormal, vAlbedo, vEye;
in float vGloss, vAmbient, vKey;
flat in int vPart;
uniform vec3 camera;
out vec4 pixel;

const vec3 KEY = vec3(-0.55, 0.62, 0.75), FILL = vec3(0.85, 0.12, 0.55);
const vec3 RIM_A = vec3(0.85, 0.45, -0.75), RIM_B = vec3(-0.9, 0.35, -0.85);
const vec3 KEY_RGB = vec3(1.95, 1.80, 1.62), FILL_RGB = vec3(0.34, 0.40, 0.50), RIM_RGB = vec3(0.75, 0.85, 1.05);
const vec3 SKY = vec3(0.62, 0.64, 0.70), GROUND = vec3(0.30, 0.25, 0.22), MOUTH_GLOW = vec3(1.0, 0.80, 0.74);
//                            skin             mouth            teeth            tongue           eye         hair
const vec2 SHINE[6] = vec2[6](vec2(14., 0.20), vec2(30., 0.25), vec2(45., 0.45), vec2(24., 0.30), vec2(420., 3.2),
                              vec2(12., 0.15));  // sharpness, strength

vec3 lamp(vec3 towards, vec3 rgb, float reach, vec3 n, vec3 view, vec3 wrap, inout vec3 glare) {
  vec3 l = normalize(towards);
  vec2 shine = SHINE[vPart];
  float spot = pow(max(dot(n, normalize(view + l)), 0.0), shine.x);
  glare += spot * shine.y * vGloss * reach * rgb;
  return max((dot(n, l) + wrap) / (1.0 + wrap), 0.0) * rgb * reach;
}

void main() {
  vec3 view = normalize(camera - vPoint), n = normalize(vNormal), glare = vec3(0.0);
  if (vPart == 5 && dot(n, view) < 0.0) n = -n;  // a strand has no inside
  float ambient = vAmbient, key = vKey;
  if (vPart == 4) {  // the upper lid's shadow stays under the lid while the eye turns
    float t = clamp((vEye.y - 0.5) / 7.0, 0.0, 1.0), corner = pow(clamp((abs(vEye.x) - 8.0) / 9.0, 0.0, 1.0), 2.0);
    ambient = 0.86 * (1.0 - 0.62 * t) * (1.0 - 0.45 * corner);
    key = 0.80 * (1.0 - 0.85 * t * t) * (1.0 - 0.5 * corner);
  }
  bool inside = vPart == 1 || vPart == 2 || vPart == 3;
  vec3 wrap = vPart == 0 || vPart == 1 || vPart == 3 ? vec3(0.30, 0.22, 0.18) : vPart == 5 ? vec3(0.0) : vec3(0.12);
  vec3 light = mix(GROUND, SKY, n.y * 0.5 + 0.5) * (inside ? MOUTH_GLOW : vec3(1.0)) * ambient;
  light += lamp(KEY, KEY_RGB, key, n, view, wrap, glare) + lamp(FILL, FILL_RGB, ambient, n, view, wrap, glare);
  float grazing = pow(1.0 - clamp(dot(n, view), 0.0, 1.0), 3.0);
  float rim = max(dot(n, normalize(RIM_A)), 0.0) + max(dot(n, normalize(RIM_B)), 0.0);
  light += rim * grazing * ambient * RIM_RGB * 1.6;
  vec3 bright = (vAlbedo * light + glare) * 0.92;
  pixel = vec4(pow(clamp(bright * (1.0 + bright / 9.0) / (1.0 + bright * 0.62), 0.0, 1.0), vec3(1.0 / 2.2)), 1.0);
}`;
