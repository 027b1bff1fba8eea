## Head and eyes turned by the curves headYaw, headPitch, headRoll, leftEyeYaw ... of the rig "livelink".
##
## A part is a node, or a bone of a skeleton. It is turned from where it stood when it was bound, around the axes of
## its parent (of the skeleton): x to the subject's left, y up, z ahead, as glTF and VRM have it.

const Dialect = preload("../dialect.gd")

const AXES = ["Pitch", "Yaw", "Roll"]

var faces_back := false  # the model looks along -z

var _parts := []  # [node, bone or -1, rest, curves of pitch, yaw and roll]


## parts: {"head": [node, "bone"], "leftEye": ..., "rightEye": ...}; what is null is left alone.
func bind(names: Array, parts: Dictionary) -> void:
	_parts = []
	for part in parts:
		var node = parts[part][0]
		var curves := []
		for axis in AXES:
			curves.append(names.find(part + axis))
		var bone: int = Dialect.bone_of(node, parts[part][1])
		if node == null or curves.min() < 0 or (bone < 0 and not Dialect.is_spatial(node)):
			continue
		if bone < 0 and parts[part][1] != "":
			continue  # a skeleton without that bone must not turn as a whole
		_parts.append([node, bone, node.transform.basis, curves])


## Places of the curves that turn something.
func used() -> Array:
	var out := []
	for one in _parts:
		out += one[3]
	return out


func apply(values, strength: float) -> void:
	for one in _parts:
		if not is_instance_valid(one[0]):
			continue
		var side := -1.0 if faces_back else 1.0
		# yaw is positive to the subject's right, pitch down, roll to its left shoulder
		var turned: Basis = Dialect.basis_of(side * strength * values[one[3][0]], -strength * values[one[3][1]],
			-side * strength * values[one[3][2]])
		if one[1] >= 0:
			Dialect.turn_bone(one[0], one[1], turned)
		else:
			one[0].transform.basis = turned * one[2]
