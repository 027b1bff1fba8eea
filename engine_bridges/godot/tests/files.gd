extends SceneTree
## Files of others in Godot 4: files.gd -- HEAD.glb LINE.ogg LINE.wav
##
## facerig's own head has a shape for each curve and bones that turn; compressed sound gives samples, a WAV as well.

const Host = preload("host.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const Shapes = preload("../addons/facerig/core/shapes.gd")
const Stage = preload("../demo/stage.gd")
const Turner = preload("../addons/facerig/core/turner.gd")
const Wav = preload("../demo/wav.gd")
const Wire = preload("../addons/facerig/wire.gd")


func _init() -> void:
	var given := Host.arguments()
	_head(given[0])
	var ogg: Dictionary = Dialect.sound_of(AudioStreamOggVorbis.load_from_file(given[1]))
	var wav = Wav.read(given[2])
	Host.say({"ogg": Dialect.hex_of(ogg["samples"]), "ogg_rate": ogg["rate"],
		"wav": Dialect.hex_of(Dialect.sound_of(wav)["samples"]), "wav_rate": wav.mix_rate})
	quit()


func _head(path: String) -> void:
	var document := GLTFDocument.new()
	var state := GLTFState.new()
	document.append_from_file(path, state)
	var head := document.generate_scene(state)
	var mesh = head.find_children("*", "MeshInstance3D")[0]
	var skeleton = head.find_children("*", "Skeleton3D")[0]
	var shapes := Shapes.new()
	shapes.bind(Wire.CURVES_LIVELINK, [mesh], {})
	var turner := Turner.new()
	turner.bind(Wire.CURVES_LIVELINK, {"head": [skeleton, "head"], "leftEye": [skeleton, "leftEye"],
		"rightEye": [skeleton, "rightEye"]})
	var values = Dialect.zero_floats(Wire.CURVES_LIVELINK.size())
	values[Wire.CURVES_LIVELINK.find("headYaw")] = 0.25
	turner.apply(values, 1.0)
	var turned: Vector3 = Stage.bone_turn(skeleton, skeleton.find_bone("head")).get_euler()
	Host.say({"driven": shapes.count(), "unused": shapes.unused, "turning": turner.used().size(),
		"turned": [turned.x, turned.y, turned.z]})
	head.free()
