## Curves onto the blend shapes of meshes, by name.
##
## A shape is driven by the curve of its name; written otherwise it is found as well: "Face_M.jawOpen", "JawOpen",
## "eyeBlink_L" and "CTRL_expressions_jawOpen" are what they look like. What is not found so is told by a mapping:
## {"jawOpen": "Mouth_Open", "mouthSmileLeft": {"Smile": 0.5, "Cheeks": 0.2}}.

const Dialect = preload("../dialect.gd")

const PREFIXES = ["ctrlexpressions", "blendshape", "bs"]

var unused := []  # curves that no shape shows

var _targets := []  # [mesh, shape, its name, what shows it: [curve, weight] ..., what was written, what others want]


## names: of the curves; meshes: with blend shapes; mapping: as above, may be empty.
func bind(names: Array, meshes: Array, mapping: Dictionary) -> void:
	_targets = []
	unused = names.duplicate()
	var wanted := []
	for name in names:
		wanted.append(_wanted(name, mapping))
	for mesh in meshes:
		var shapes: Array = Dialect.shape_names(mesh)
		for j in range(shapes.size()):
			var shown_by := []
			var shape := plain(shapes[j])
			for i in range(names.size()):
				var weight: float = wanted[i].get(shape, 0.0)
				if weight != 0.0:
					shown_by.append([i, weight])
					unused.erase(names[i])
			if shown_by.size() > 0:
				_targets.append([mesh, j, shapes[j], shown_by, null, 0.0])


func count() -> int:
	return _targets.size()


## What is driven: [curve, mesh, name of its shape, weight].
func driven() -> Array:
	var out := []
	for one in _targets:
		for by in one[3]:
			out.append([by[0], one[0], one[2], by[1]])
	return out


## strength: of these curves, 0 to 1. add: on top of what animations give the same shapes; else in their place.
func apply(values, strength: float, add: bool) -> void:
	for one in _targets:
		if not is_instance_valid(one[0]):
			continue
		var value := 0.0
		for by in one[3]:
			value += values[by[0]] * by[1]
		_put(one, strength * value, 1.0 if add else 1.0 - strength)


## Whoever wrote another value than ours since the last picture, an AnimationTree say, wants that one.
func _put(one: Array, value: float, others: float) -> void:
	var there: float = Dialect.shape_value(one[0], one[1], one[2])
	if one[4] == null or abs(there - one[4]) > 0.000001:
		one[5] = there
	Dialect.set_shape_value(one[0], one[1], one[2], others * one[5] + value)
	one[4] = Dialect.shape_value(one[0], one[1], one[2])


## What a curve drives: plain names of shapes, with weights.
static func _wanted(name: String, mapping: Dictionary) -> Dictionary:
	var told = mapping.get(name, name)
	if typeof(told) != TYPE_DICTIONARY:
		return {plain(str(told)): 1.0}
	var out := {}
	for shape in told:
		out[plain(str(shape))] = float(told[shape])
	return out


## A name without what programs put around it.
static func plain(name: String) -> String:
	var last := name
	var side := ""
	for ending in [["_L", "left"], ["_R", "right"], [".L", "left"], [".R", "right"]]:
		if last.ends_with(ending[0]):
			last = last.substr(0, last.length() - 2)
			side = ending[1]
	for before in [".", ":"]:
		last = last.substr(last.rfind(before) + 1)
	last = last.to_lower().replace("_", "").replace("-", "").replace(" ", "")
	for prefix in PREFIXES:
		if last.begins_with(prefix) and last.length() > prefix.length() + 2:
			last = last.substr(prefix.length())
	return last + side
