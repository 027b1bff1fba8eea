extends SceneTree
## What every golden packet is to this library, as lines of JSON: packets.gd -- FOLDER

const Host = preload("host.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const FrameReader = preload("../addons/facerig/core/frame_reader.gd")
const Messages = preload("../addons/facerig/core/messages.gd")


func _init() -> void:
	var folder: String = Host.arguments()[0]
	var frames := FrameReader.new()
	var messages := Messages.new()
	for name in Host.names(folder, ".bin"):
		var bytes = Host.bytes_of(folder + "/" + name)
		var line := {"name": name.get_basename()}
		if frames.is_frame(bytes):
			var frame = frames.read(bytes)
			if frame == null:
				line["refused"] = frames.wrong
			else:
				line["frame"] = {"epoch": frame.epoch, "index": frame.index, "sample": frame.sample,
					"flags": frame.flags, "step": frame.step, "values": Array(frame.values)}
		for kind in ["REQUESTS", "REPLIES", "SCHEMAS"]:
			var message = messages.read(bytes, _known(kind))
			if message == null:
				line["not_" + kind.to_lower()] = messages.wrong
			else:
				line[kind.to_lower()] = _plain(message)
				line["again"] = Dialect.hex_of(messages.packed(_given(bytes, messages)))
		Host.say(line)
	quit()


func _known(kind: String) -> Dictionary:
	return {"REQUESTS": Messages.REQUESTS, "REPLIES": Messages.REPLIES, "SCHEMAS": Messages.SCHEMAS}[kind]


## The map as it was sent, without what is filled in.
func _given(bytes, messages) -> Dictionary:
	messages._msgpack.unpacked(bytes)
	return messages._msgpack.value


func _plain(message: Dictionary) -> Dictionary:
	var out := message.duplicate(true)
	if out.has("data"):
		out["data"] = Dialect.hex_of(out["data"])
	return out
