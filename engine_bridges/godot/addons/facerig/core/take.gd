## A recording of a face, as an animation with a track for each blend shape: to edit, to blend in an AnimationTree.

const Dialect = preload("../dialect.gd")

const NS_PER_SEC = 1000000000
const SMALLEST_CHANGE = 0.001  # of a shape; smaller ones need no key
const LONGEST_SECS = 600

var _times := []
var _values := []
var _began_ns := -1


func keep(now_ns: int, values) -> void:
	_began_ns = now_ns if _began_ns < 0 else _began_ns
	var secs := float(now_ns - _began_ns) / NS_PER_SEC
	if secs < LONGEST_SECS:
		_times.append(secs)
		_values.append(values)


## tracks: of [curve, path of a mesh, name of its shape, weight].
func animation(tracks: Array) -> Animation:
	var made := Animation.new()
	made.length = _times[_times.size() - 1] if _times.size() > 0 else 0.0
	for one in tracks:
		var track: int = Dialect.add_shape_track(made, one[1], one[2])
		var last := INF
		for i in range(_times.size()):
			var value: float = _values[i][one[0]] * one[3]
			if abs(value - last) >= SMALLEST_CHANGE:
				if i > 0 and last != INF:
					Dialect.add_shape_key(made, track, _times[i - 1], last)  # it stood still until then
				Dialect.add_shape_key(made, track, _times[i], value)
				last = value
	return made
