extends SceneTree
## The demo's face, moved by a service: live.gd -- CONTROL_PORT CURVES_PORT SOUND.s16 RATE UNTIL COUNT SUBJECT
##
## Each picture is a line: the frame that is shown, what its values are, and what stands in the mesh. It ends half a
## second after the COUNTth signal UNTIL ("said": the line was played).

const Host = preload("host.gd")
const Cartoon = preload("../demo/cartoon.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const FaceRigFace = preload("../addons/facerig/facerig_face.gd")
const Stage = preload("../demo/stage.gd")

const PATIENCE_SECS = 60.0

var _given := []
var _mesh
var _head
var _face
var _said := 0  # 1: the line is spoken, 2: it was played
var _awaited := 0


func _init() -> void:
	_given = Host.arguments()
	var starter := Timer.new()
	starter.wait_time = 0.01
	starter.one_shot = true
	starter.autostart = true
	Stage.listen(starter, "timeout", self, "_begin")
	get_root().call_deferred("add_child", starter)


func _begin() -> void:
	_head = Stage.place(Vector3(0, 0, 0))
	_mesh = Cartoon.made()
	_head.add_child(_mesh)
	get_root().add_child(_head)
	_face = FaceRigFace.new()
	_face.subject = _given[6]
	_face.control_port = int(_given[0])
	_face.curves_port = int(_given[1])
	_face.sample_rate = int(_given[3])
	_face.head = NodePath("..")
	for name in ["connected", "disconnected", "interrupted", "spoken", "error"]:
		Stage.listen(_face, name, self, "_on_" + name)
	Stage.listen(_face, "frame", self, "_on_frame")
	_face.wait_secs = PATIENCE_SECS  # all faces of the line are there when it begins, however busy the machine is
	_face.lead_secs = PATIENCE_SECS
	_awaited = int(_given[5])
	_head.add_child(_face)
	_end_after(PATIENCE_SECS)


func _end_after(secs: float) -> void:
	var clock := Timer.new()
	clock.wait_time = secs
	clock.autostart = true
	Stage.listen(clock, "timeout", self, "_finish")
	get_root().add_child(clock)


func _happened(name: String) -> void:
	if name == _given[4]:
		_awaited -= 1
		if _awaited == 0:
			_end_after(0.5)


func _on_connected() -> void:
	Host.say({"event": "connected", "unused": _face.unused_curves()})
	if _said == 0:
		_said = 1
		var stream = Dialect.stream_of(Host.bytes_of(_given[2]), int(_given[3]))
		Host.say({"event": "speak", "taken": _face.speak(stream)})
	_happened("connected")


func _on_disconnected(reason) -> void:
	Host.say({"event": "disconnected", "reason": reason})


func _on_interrupted() -> void:
	Host.say({"event": "interrupted"})


func _on_spoken() -> void:
	Host.say({"event": "spoken"})


func _on_error(what, where, fix) -> void:
	Host.say({"event": "error", "what": what, "where": where, "fix": fix})
	_happened("error")


func _on_frame(values, index, state) -> void:
	if _said == 1 and not _face.is_speaking():
		_said = 2
		_happened("said")
	var names: Array = _face.curve_names()
	var shown := {}
	for name in Dialect.shape_names(_mesh):
		shown[name] = _mesh.get("blend_shapes/" + name)
	var told := {}
	for i in range(names.size()):
		told[names[i]] = values[i]
	var turned: Vector3 = _head.transform.basis.get_euler()
	Host.say({"ms": Dialect.now_ns() / 1000000, "index": index, "state": state, "sample": _face.heard_sample(), "values": told, "shown": shown,
		"turned": [turned.x, turned.y, turned.z], "property": _face.get("curves/jawOpen")})


func _finish() -> void:
	Host.say({"event": "counts", "counts": _face.counts()})
	_head.free()  # before the engine goes: Godot 3 complains of meshes that outlive its renderer
	quit()
