## What Godot 4 and Godot 3 spell differently, in Godot 4's words.
##
## Everything in core/ is written in the GDScript that both read, and asks here for the rest. A project on
## Godot 3 gets another file of this name (see README.md).

const ENGINE = 4


static func is_bytes(value) -> bool:
	return typeof(value) == TYPE_PACKED_BYTE_ARRAY


static func is_whole(value) -> bool:
	return typeof(value) == TYPE_INT


static func is_number(value) -> bool:
	return typeof(value) == TYPE_INT or typeof(value) == TYPE_FLOAT


static func is_text(value) -> bool:
	return typeof(value) == TYPE_STRING


static func no_bytes():
	return PackedByteArray()


static func zero_bytes(count: int):
	var made = PackedByteArray()
	made.resize(count)
	return made


## `count` bytes from byte `from` on.
static func part(bytes, from: int, count: int):
	return bytes.slice(from, from + count)


## An array without its first `from` items.
static func tail(items: Array, from: int) -> Array:
	return items.slice(from)


static func utf8(text: String):
	return text.to_utf8_buffer()


## Bytes that are known to be UTF-8 without a zero (see core/msgpack.gd).
static func text_of(bytes) -> String:
	return bytes.get_string_from_utf8()


static func zero_floats(count: int):
	var made = PackedFloat32Array()
	made.resize(count)
	return made


## `count` little-endian floats from byte `from` on.
static func floats_of(bytes, from: int, count: int):
	return bytes.slice(from, from + 4 * count).to_float32_array()


## A face between two: `share` of the way from one to the other.
static func between(one, other, share: float):
	var made = PackedFloat32Array(one)
	for i in made.size():
		made[i] += share * (other[i] - made[i])
	return made


## A clock that never goes back.
static func now_ns() -> int:
	return Time.get_ticks_usec() * 1000


## What a connection has to be told once a turn.
static func turn(peer: StreamPeerTCP) -> void:
	peer.poll()


## Mono or stereo 16-bit little-endian samples as one channel: the mean of both.
static func mono_s16(bytes, stereo: bool):
	if not stereo:
		return bytes
	var made = PackedByteArray()
	var count: int = bytes.size() / 4
	made.resize(2 * count)
	for i in count:
		made.encode_s16(2 * i, (bytes.decode_s16(4 * i) + bytes.decode_s16(4 * i + 2)) >> 1)
	return made


## Signed 8-bit samples (as Godot keeps them) as 16-bit ones.
static func s16_of_s8(bytes):
	var made = PackedByteArray()
	made.resize(2 * bytes.size())
	for i in bytes.size():
		made.encode_s16(2 * i, bytes.decode_s8(i) * 256)
	return made


## Floats in [-1, 1] as 16-bit samples.
static func s16_of_floats(samples):
	var made = PackedByteArray()
	made.resize(2 * samples.size())
	for i in samples.size():
		made.encode_s16(2 * i, int(round(clampf(samples[i], -1.0, 1.0) * 32767.0)))
	return made


## 16-bit samples as pairs of floats, left and right, for an AudioStreamGenerator.
static func stereo_of_s16(bytes):
	var made = PackedVector2Array()
	var count: int = bytes.size() / 2
	made.resize(count)
	for i in count:
		var value = bytes.decode_s16(2 * i) / 32768.0
		made[i] = Vector2(value, value)
	return made


static func hex_of(bytes) -> String:
	return bytes.hex_encode()


## Which picture is being made.
static func picture() -> int:
	return Engine.get_process_frames()


## A stream's sound as {"samples": 16-bit mono, "rate": its own}, or {"wrong": why not}.
static func sound_of(stream) -> Dictionary:
	if stream is AudioStreamWAV:
		var data = stream.data
		if stream.format == AudioStreamWAV.FORMAT_8_BITS:
			data = s16_of_s8(data)
		if stream.format == AudioStreamWAV.FORMAT_8_BITS or stream.format == AudioStreamWAV.FORMAT_16_BITS:
			return {"samples": mono_s16(data, stream.stereo), "rate": stream.mix_rate}
	if not stream is AudioStream:
		return {"wrong": "this is no AudioStream"}
	var playback = stream.instantiate_playback()
	if playback == null or not playback.has_method("mix_audio") or stream.get_length() <= 0.0:
		return {"wrong": "%s gives no samples: import the file as WAV (PCM)" % stream.get_class()}
	var rate := int(AudioServer.get_mix_rate())
	var frames: PackedVector2Array
	playback.start(0.0)
	for _i in range(ceili(stream.get_length())):
		frames.append_array(playback.mix_audio(1.0, rate))
	frames.resize(mini(frames.size(), int(stream.get_length() * rate)))
	var made = PackedByteArray()
	made.resize(2 * frames.size())
	for i in frames.size():
		made.encode_s16(2 * i, int(round(clampf((frames[i].x + frames[i].y) / 2.0, -1.0, 1.0) * 32767.0)))
	return {"samples": made, "rate": rate}


## The rate of a stream's sound; 0: it does not say.
static func rate_of(stream) -> int:
	return stream.mix_rate if stream is AudioStreamWAV else 0


## A stream of 16-bit mono samples.
static func stream_of(samples, rate: int) -> AudioStream:
	var stream := AudioStreamWAV.new()
	stream.format = AudioStreamWAV.FORMAT_16_BITS
	stream.mix_rate = rate
	stream.data = samples
	return stream


## Names of a mesh's blend shapes; none for what has none.
static func shape_names(mesh) -> Array:
	var out := []
	if mesh is MeshInstance3D and mesh.mesh != null:
		for i in mesh.get_blend_shape_count():
			out.append(str(mesh.mesh.get_blend_shape_name(i)))
	return out


static func shape_value(mesh, at: int, _name: String) -> float:
	return mesh.get_blend_shape_value(at)


static func set_shape_value(mesh, at: int, _name: String, value: float) -> void:
	mesh.set_blend_shape_value(at, value)


## Whether there is something to turn.
static func is_spatial(node) -> bool:
	return node is Node3D


static func bone_of(skeleton, name: String) -> int:
	return skeleton.find_bone(name) if skeleton is Skeleton3D and name != "" else -1


## Rolls around z, then pitches around x, then turns around y.
static func basis_of(pitch: float, turn: float, roll: float) -> Basis:
	return Basis.from_euler(Vector3(pitch, turn, roll))


## Turn a bone from its rest, around the axes of the skeleton.
static func turn_bone(skeleton, bone: int, turned: Basis) -> void:
	var parent: int = skeleton.get_bone_parent(bone)
	var above: Basis = skeleton.get_bone_global_rest(parent).basis.orthonormalized() if parent >= 0 else Basis.IDENTITY
	var rest: Basis = skeleton.get_bone_rest(bone).basis.orthonormalized()
	skeleton.set_bone_pose_rotation(bone, (above.inverse() * turned * above * rest).get_rotation_quaternion())


## A track of an animation for a blend shape of a mesh.
static func add_shape_track(animation: Animation, mesh_path: String, shape: String) -> int:
	var track := animation.add_track(Animation.TYPE_BLEND_SHAPE)
	animation.track_set_path(track, "%s:%s" % [mesh_path, shape])
	return track


static func add_shape_key(animation: Animation, track: int, secs: float, value: float) -> void:
	animation.blend_shape_track_insert_key(track, secs, value)
