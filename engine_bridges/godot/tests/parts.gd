extends SceneTree
## What single parts of the library give, as lines of JSON: parts.gd -- NAMES.json
##
## NAMES.json: texts that may be subjects, rigs and tokens. Whether the answers are right is for the test to say.

const Host = preload("host.gd")
const Cartoon = preload("../demo/cartoon.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const Messages = preload("../addons/facerig/core/messages.gd")
const Outbox = preload("../addons/facerig/core/outbox.gd")
const Shapes = preload("../addons/facerig/core/shapes.gd")
const Sound = preload("../addons/facerig/core/sound.gd")
const Stage = preload("../demo/stage.gd")
const Take = preload("../addons/facerig/core/take.gd")
const Turner = preload("../addons/facerig/core/turner.gd")

const NAMES = ["jawOpen", "Face_M.jawOpen", "JawOpen", "CTRL_expressions_jawOpen", "blendShape1:jaw_Open", "eyeBlink_L",
	"eyeBlink.R", "mouth Smile Left", "bs_jawOpen", "aa"]
const TURN = [0.3, -0.2, 0.1]  # yaw, pitch, roll


func _init() -> void:
	_tables()
	_names()
	_patterns(Host.json_of(Host.arguments()[0]))
	_shapes()
	_turns()
	_sounds()
	_takes()
	_outbox()
	quit()


## Fields of each message: what they are if absent, or nothing where they must be there.
func _tables() -> void:
	var out := {}
	for kind in [["requests", Messages.REQUESTS], ["replies", Messages.REPLIES], ["schemas", Messages.SCHEMAS],
			["curves", {"Curve": Messages.CURVE}]]:
		out[kind[0]] = {}
		for name in kind[1]:
			var fields := {}
			for field in kind[1][name]:
				var rule: Array = kind[1][name][field]
				fields[field] = [rule[3]] if rule.size() == 4 else []
			out[kind[0]][name] = fields
	Host.say({"tables": out})


func _names() -> void:
	var out := {}
	for name in NAMES:
		out[name] = Shapes.plain(name)
	Host.say({"names": out})


func _patterns(texts: Array) -> void:
	var messages := Messages.new()
	var out := []
	for text in texts:
		out.append([messages.checked({"type": "open", "subject": text}, Messages.REQUESTS) != null,
			messages.checked({"type": "open", "subject": "a", "rig": text}, Messages.REQUESTS) != null,
			messages.checked({"type": "resume", "token": text}, Messages.REQUESTS) != null])
	Host.say({"patterns": out})


func _shapes() -> void:
	var mesh = Cartoon.made()
	var shapes := Shapes.new()
	shapes.bind(["jawOpen", "mouthSmile_L", "nothing", "tongue"], [mesh],
		{"tongue": {"tongueOut": 0.5, "mouthFunnel": 0.25}, "jawOpen": "mouthClose"})
	var out := {"unused": shapes.unused, "count": shapes.count(), "names": Dialect.shape_names(mesh).size()}
	var values = Dialect.zero_floats(4)
	values[0] = 0.5
	values[1] = 0.25
	values[3] = 1.0
	shapes.apply(values, 1.0, false)
	out["whole"] = _seen(mesh)
	mesh.set("blend_shapes/mouthClose", 0.2)  # as an animation does
	shapes.apply(values, 0.5, false)
	shapes.apply(values, 0.5, false)
	out["half"] = _seen(mesh)
	mesh.set("blend_shapes/mouthClose", 0.2)
	shapes.apply(values, 0.5, true)
	out["added"] = _seen(mesh)
	Host.say({"shapes": out})
	mesh.free()


func _seen(mesh) -> Dictionary:
	var out := {}
	for name in ["jawOpen", "mouthClose", "mouthSmileLeft", "tongueOut", "mouthFunnel"]:
		out[name] = mesh.get("blend_shapes/" + name)
	return out


func _turns() -> void:
	var node = Stage.place(Vector3(0, 0, 0))
	var skeleton = Stage.skeleton(["root", "headBone"])
	var values = Dialect.zero_floats(6)
	for i in range(6):
		values[i] = TURN[i % 3]
	var turner := Turner.new()
	turner.bind(["headYaw", "headPitch", "headRoll", "leftEyeYaw", "leftEyePitch", "leftEyeRoll"],
		{"head": [node, ""], "leftEye": [skeleton, "headBone"], "rightEye": [null, ""]})
	turner.apply(values, 1.0)
	var out := {"node": _rows(node.transform.basis), "used": turner.used(), "bone": _rows(Stage.bone_turn(skeleton, 1))}
	turner.bind(["headYaw", "headPitch", "headRoll"], {"head": [skeleton, "noBone"]})
	out["wrong_bone"] = turner.used()
	Host.say({"turns": out})
	node.free()
	skeleton.free()


func _rows(basis: Basis) -> Array:
	return [[basis.x.x, basis.y.x, basis.z.x], [basis.x.y, basis.y.y, basis.z.y], [basis.x.z, basis.y.z, basis.z.z]]


func _sounds() -> void:
	var tone := StreamPeerBuffer.new()
	for i in range(4800):
		tone.put_16(int(round(10000.0 * sin(2.0 * PI * 200.0 * i / 48000.0))))
	var slower = Sound.resampled(tone.data_array, 48000, 16000)
	var stereo := StreamPeerBuffer.new()
	for one in [100, 300, -7, -8]:
		stereo.put_16(one)
	var floats = Dialect.zero_floats(3)
	floats[0] = 1.0
	floats[1] = -2.0
	floats[2] = 0.5
	var found: Dictionary = Dialect.sound_of(Dialect.stream_of(stereo.data_array, 22050))
	Host.say({"sounds": {"tone": Dialect.hex_of(slower), "mono": Dialect.hex_of(Dialect.mono_s16(stereo.data_array, true)),
		"floats": Dialect.hex_of(Dialect.s16_of_floats(floats)), "stream": Dialect.hex_of(found["samples"]),
		"rate": found["rate"], "wrong": Dialect.sound_of(AudioStreamGenerator.new()).has("wrong"),
		"nothing": Dialect.sound_of(null).has("wrong")}})


func _takes() -> void:
	var take := Take.new()
	for i in range(5):
		var values = Dialect.zero_floats(2)
		values[0] = [0.0, 0.0, 0.0, 0.5, 0.5][i]
		take.keep(5000000000 + i * 100000000, values)
	var made: Animation = take.animation([[0, "Head/Face", "jawOpen", 1.0], [1, "Head/Face", "tongueOut", 1.0]])
	var keys := []
	for i in range(made.track_get_key_count(0)):
		keys.append([made.track_get_key_time(0, i), made.track_get_key_value(0, i)])
	Host.say({"takes": {"length": made.length, "tracks": made.get_track_count(), "path": str(made.track_get_path(0)),
		"keys": keys}})


func _outbox() -> void:
	var out := Outbox.new(8000)
	out.add(Dialect.zero_bytes(2 * 5000))
	out.flush()
	out.add(Dialect.zero_bytes(2 * 100))
	var told := []
	for limit in [3000, 9000]:
		for one in out.due(limit):
			told.append([one[0], one[1].size() / 2] if one.size() > 0 else [])
	out.send_again(4000)
	for one in out.due(9000):
		told.append([one[0], one[1].size() / 2] if one.size() > 0 else [])
	out.forget(5100, 5100)
	told.append(out.first)
	told.append(out.skip(7000))
	told.append(out.end())
	told.append(out.add(Dialect.zero_bytes(2 * 8000 * 601)))
	Host.say({"outbox": told})
