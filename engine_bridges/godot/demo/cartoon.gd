## A face drawn with a few triangles, with a blend shape for each of ARKit's 52 curves. In metres, looking along +z.

const Stage = preload("stage.gd")
const Wire = preload("../addons/facerig/wire.gd")

const SKIN = Color(0.96, 0.78, 0.65)
const LIPS = Color(0.75, 0.3, 0.3)
const DARK = Color(0.2, 0.08, 0.08)
const WHITE = Color(1, 1, 1)
const IRIS = Color(0.2, 0.35, 0.55)
const HAIR = Color(0.3, 0.2, 0.12)
const AROUND = 24  # points of a ring

# part    centre                    size                   in front  colour
const PARTS = [
	["head",    Vector2(0, 0),          Vector2(0.085, 0.12),   0.0,   SKIN],
	["eyeL",    Vector2(0.033, 0.03),   Vector2(0.016, 0.009),  0.004, WHITE],
	["eyeR",    Vector2(-0.033, 0.03),  Vector2(0.016, 0.009),  0.004, WHITE],
	["irisL",   Vector2(0.033, 0.03),   Vector2(0.006, 0.006),  0.006, IRIS],
	["irisR",   Vector2(-0.033, 0.03),  Vector2(0.006, 0.006),  0.006, IRIS],
	["lidL",    Vector2(0.033, 0.042),  Vector2(0.018, 0.002),  0.008, SKIN],
	["lidR",    Vector2(-0.033, 0.042), Vector2(0.018, 0.002),  0.008, SKIN],
	["browL",   Vector2(0.033, 0.054),  Vector2(0.02, 0.003),   0.009, HAIR],
	["browR",   Vector2(-0.033, 0.054), Vector2(0.02, 0.003),   0.009, HAIR],
	["nose",    Vector2(0, -0.005),     Vector2(0.01, 0.014),   0.010, Color(0.9, 0.7, 0.57)],
	["lips",    Vector2(0, -0.05),      Vector2(0.028, 0.008),  0.010, LIPS],
	["mouth",   Vector2(0, -0.05),      Vector2(0.024, 0.0006), 0.012, DARK],
	["tongue",  Vector2(0, -0.052),     Vector2(0.010, 0.0004), 0.013, Color(0.85, 0.45, 0.45)],
]

# curve          part      moved by               made larger by, of its height and width
const MOVES = [
	["jawOpen",        "mouth", Vector2(0, -0.014),  Vector2(1.0, 24.0)],
	["jawOpen",        "lips",  Vector2(0, -0.014),  Vector2(1.0, 2.6)],
	["jawOpen",        "head",  Vector2(0, -0.006),  Vector2(1.0, 1.05)],
	["mouthClose",     "mouth", Vector2(0, 0.014),   Vector2(1.0, -22.0)],
	["mouthFunnel",    "mouth", Vector2(0, 0),       Vector2(0.6, 6.0)],
	["mouthFunnel",    "lips",  Vector2(0, 0),       Vector2(0.65, 1.6)],
	["mouthPucker",    "mouth", Vector2(0, 0),       Vector2(0.4, 2.0)],
	["mouthPucker",    "lips",  Vector2(0, 0),       Vector2(0.5, 1.3)],
	["tongueOut",      "tongue", Vector2(0, -0.008), Vector2(1.0, 20.0)],
]
const SIDES = [["Left", "L", 1.0], ["Right", "R", -1.0]]
# the same of both sides: towards the side is +x
const SIDE_MOVES = [
	["eyeBlink",       "lid",   Vector2(0, -0.011),     Vector2(1.0, 5.0)],
	["eyeWide",        "lid",   Vector2(0, 0.004),      Vector2(1.0, 1.0)],
	["eyeSquint",      "lid",   Vector2(0, -0.004),     Vector2(1.0, 2.0)],
	["eyeLookUp",      "iris",  Vector2(0, 0.004),      Vector2(1.0, 1.0)],
	["eyeLookDown",    "iris",  Vector2(0, -0.004),     Vector2(1.0, 1.0)],
	["eyeLookIn",      "iris",  Vector2(-0.007, 0),     Vector2(1.0, 1.0)],
	["eyeLookOut",     "iris",  Vector2(0.007, 0),      Vector2(1.0, 1.0)],
	["browDown",       "brow",  Vector2(0, -0.007),     Vector2(1.0, 1.0)],
	["browOuterUp",    "brow",  Vector2(0.002, 0.008),  Vector2(1.0, 1.0)],
	["mouthSmile",     "lips",  Vector2(0.003, 0.003),  Vector2(1.1, 0.9)],
	["mouthFrown",     "lips",  Vector2(0.001, -0.004), Vector2(1.0, 1.0)],
	["mouthStretch",   "lips",  Vector2(0.004, 0),      Vector2(1.1, 0.8)],
	["mouthUpperUp",   "mouth", Vector2(0, 0.002),      Vector2(1.0, 3.0)],
	["mouthLowerDown", "mouth", Vector2(0, -0.002),     Vector2(1.0, 3.0)],
]


static func made():
	var points := []
	var triangles := []
	var colours := []
	var begins := {}
	for part in PARTS:
		begins[part[0]] = points.size()
		for i in range(AROUND):
			points.append(_point(part, i, Vector2(0, 0), Vector2(1, 1)))
			colours.append(part[4])
			if i >= 2:
				triangles += [begins[part[0]], begins[part[0]] + i - 1, begins[part[0]] + i]
	var shapes := {}
	for name in Wire.CURVES_ARKIT:
		shapes[name] = points.duplicate()
	for move in _moves():
		var part := _part(move[1])
		for i in range(AROUND):
			shapes[move[0]][begins[move[1]] + i] = _point(part, i, move[2], move[3])
	return Stage.face_of(points, triangles, colours, shapes)


static func _moves() -> Array:
	var all: Array = MOVES.duplicate()
	for side in SIDES:
		all.append(["browInnerUp", "brow" + side[1], Vector2(-0.002 * side[2], 0.008), Vector2(1, 1)])
		for move in SIDE_MOVES:
			var part: String = move[1] if move[1] in ["lips", "mouth"] else move[1] + side[1]
			all.append([move[0] + side[0], part, Vector2(move[2].x * side[2], move[2].y), move[3]])
	return all


static func _part(name: String) -> Array:
	for part in PARTS:
		if part[0] == name:
			return part
	return []


static func _point(part: Array, i: int, moved: Vector2, larger: Vector2) -> Vector3:
	var angle := 2.0 * PI * i / AROUND
	return Vector3(part[1].x + moved.x + part[2].x * larger.x * cos(angle),
		part[1].y + moved.y + part[2].y * larger.y * sin(angle), part[3])
