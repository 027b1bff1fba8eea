extends SceneTree
## One step after the other, what a game does with a face: talk.gd -- CONTROL_PORT CURVES_PORT SOUND.s16 RATE SUBJECT STEPS
##
## STEPS with commas between. Prints what was asked for, the signals, and in each step the states and samples that were shown.

const Host = preload("host.gd")
const Cartoon = preload("../demo/cartoon.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const FaceRigFace = preload("../addons/facerig/facerig_face.gd")
const Stage = preload("../demo/stage.gd")

const PATIENCE_SECS = 100.0
const PIECE = 320  # samples that are fed at once

var _given := []
var _steps := []
var _sound
var _rate := 16000
var _head
var _face
var _step := 0
var _begun := false
var _began_ns := 0
var _fed := 0
var _happened := {}  # signals, and how often
var _shown := []     # states and samples of this step


func _init() -> void:
	_given = Host.arguments()
	_sound = Host.bytes_of(_given[2])
	_rate = int(_given[3])
	_steps = Array(_given[5].split(","))
	var starter := Timer.new()
	starter.wait_time = 0.01
	starter.one_shot = true
	starter.autostart = true
	Stage.listen(starter, "timeout", self, "_begin")
	get_root().call_deferred("add_child", starter)


func _begin() -> void:
	_head = Stage.place(Vector3(0, 0, 0))
	_head.add_child(Cartoon.made())
	get_root().add_child(_head)
	_face = FaceRigFace.new()
	_face.subject = _given[4]
	_face.control_port = int(_given[0])
	_face.curves_port = int(_given[1])
	_face.sample_rate = _rate
	_face.wait_secs = 10.0
	for name in ["connected", "interrupted", "spoken"]:
		Stage.listen(_face, name, self, "_on_" + name)
	Stage.listen(_face, "error", self, "_on_error")
	Stage.listen(_face, "frame", self, "_on_frame")
	_head.add_child(_face)
	_face.record()
	var clock := Timer.new()
	clock.wait_time = PATIENCE_SECS
	clock.autostart = true
	Stage.listen(clock, "timeout", self, "_give_up")
	get_root().add_child(clock)


func _on_connected() -> void:
	_count("connected")


func _on_interrupted() -> void:
	_count("interrupted")


func _on_spoken() -> void:
	_count("spoken")


func _on_error(what, where, _fix) -> void:
	Host.say({"error": [what, where]})
	_count("error")


func _count(name: String) -> void:
	_happened[name] = _happened.get(name, 0) + 1


func _on_frame(_values, index, state) -> void:
	_shown.append([state, _face.heard_sample(), index, _face.curve("jawOpen")])
	if not _happened.has("connected"):
		return
	if not _begun:
		_begun = true
		_began_ns = Dialect.now_ns()
	if call("_" + _steps[_step]):
		Host.say({"step": _steps[_step], "shown": _shown, "happened": _happened})
		_shown = []
		_happened = {"connected": 1}
		_begun = false
		_step += 1
	if _step == _steps.size():
		_step = 0
		call_deferred("_end")


func _end() -> void:
	_head.free()
	quit()


func _give_up() -> void:
	printerr("stuck at %s: %s" % [_steps[_step], _happened])
	quit(1)


## Live sound, in real time.
func _feed() -> bool:
	while _fed + PIECE <= _rate and (Dialect.now_ns() - _began_ns) / 1000 * _rate / 1000000 >= _fed:
		var samples = Dialect.zero_floats(PIECE)
		var buffer := StreamPeerBuffer.new()
		buffer.data_array = Dialect.part(_sound, 2 * _fed, 2 * PIECE)
		for i in range(PIECE):
			samples[i] = buffer.get_16() / 32768.0
		_face.feed(samples)
		_fed += PIECE
	if _fed + PIECE <= _rate:
		return false
	_face.flush()
	return true


func _hear_it_out() -> bool:
	return not _face.is_speaking() and _happened.has("spoken")


func _speak() -> bool:
	if not _face.is_speaking() and _shown.size() < 3:
		_face.lead_secs = PATIENCE_SECS
		_face.speak(Dialect.stream_of(_sound, _rate))
	return _face.heard_sample() > _fed + _rate / 2


func _stop() -> bool:
	if not _happened.has("stopped"):
		_happened["stopped"] = 1
		_face.stop()
	return _happened.has("interrupted")


func _rest() -> bool:
	return Dialect.now_ns() - _began_ns > 500000000


func _wish_wrongly() -> bool:
	Host.say({"taken": [_face.direct({"emotoin": "joy"}), _face.direct({"emotion": "joy:0.5"}), _face.blink(),
		_face.look_at_offset(0.1, 0.0, 0.7), _face.say("")]})
	return true


## Every fourth frame.
func _go_far() -> bool:
	_face.detail = 4
	return Dialect.now_ns() - _began_ns > 1000000000


func _say() -> bool:
	if not _happened.has("asked"):
		_happened["asked"] = 1
		_face.say("Hello.")
	return _happened.has("spoken") and not _face.is_speaking()


func _finish() -> bool:
	var take: Animation = _face.recorded(_head)
	Host.say({"take": {"tracks": take.get_track_count(), "length": take.length, "path": str(take.track_get_path(0)),
		"keys": take.track_get_key_count(_track_of(take, "jawOpen"))}, "counts": _face.counts()})
	return true


func _track_of(take: Animation, shape: String) -> int:
	for i in range(take.get_track_count()):
		if str(take.track_get_path(i)).ends_with(shape):
			return i
	return -1
