# What Godot 4 and Godot 3 spell differently, in Godot 3's words. It takes the place of the addon's own dialect.gd.
#
# Everything in core/ is written in the GDScript that both read, and asks here for the rest.

const ENGINE = 3


static func is_bytes(value) -> bool:
	return typeof(value) == TYPE_RAW_ARRAY


static func is_whole(value) -> bool:
	return typeof(value) == TYPE_INT


static func is_number(value) -> bool:
	return typeof(value) == TYPE_INT or typeof(value) == TYPE_REAL


static func is_text(value) -> bool:
	return typeof(value) == TYPE_STRING


static func no_bytes():
	return PoolByteArray()


static func zero_bytes(count: int):
	var made := PoolByteArray()
	made.resize(count)
	for i in range(count):  # Godot 3 does not clear what it gives
		made[i] = 0
	return made


# `count` bytes from byte `from` on.
static func part(bytes, from: int, count: int):
	return bytes.subarray(from, from + count - 1) if count > 0 else PoolByteArray()


# An array without its first `from` items.
static func tail(items: Array, from: int) -> Array:
	return items.slice(from, items.size() - 1) if from < items.size() else []


static func utf8(text: String):
	return text.to_utf8()


# Bytes that are known to be UTF-8 without a zero (see core/msgpack.gd).
static func text_of(bytes) -> String:
	return bytes.get_string_from_utf8()


static func zero_floats(count: int):
	var made := PoolRealArray()
	made.resize(count)
	for i in range(count):
		made[i] = 0.0
	return made


# `count` little-endian floats from byte `from` on.
static func floats_of(bytes, from: int, count: int):
	var buffer := StreamPeerBuffer.new()
	buffer.data_array = bytes
	buffer.seek(from)
	var made := PoolRealArray()
	made.resize(count)
	for i in range(count):
		made[i] = buffer.get_float()
	return made


# A face between two: `share` of the way from one to the other.
static func between(one, other, share: float):
	var made := PoolRealArray(one)
	for i in range(made.size()):
		made[i] += share * (other[i] - made[i])
	return made


# A clock that never goes back.
static func now_ns() -> int:
	return OS.get_ticks_usec() * 1000


# What a connection has to be told once a turn.
static func turn(_peer: StreamPeerTCP) -> void:
	pass  # get_status() looks for itself


# Mono or stereo 16-bit little-endian samples as one channel: the mean of both.
static func mono_s16(bytes, stereo: bool):
	if not stereo:
		return bytes
	var from := StreamPeerBuffer.new()
	from.data_array = bytes
	var to := StreamPeerBuffer.new()
	for _i in range(bytes.size() / 4):
		to.put_16((from.get_16() + from.get_16()) >> 1)
	return to.data_array


# Signed 8-bit samples (as Godot keeps them) as 16-bit ones.
static func s16_of_s8(bytes):
	var from := StreamPeerBuffer.new()
	from.data_array = bytes
	var to := StreamPeerBuffer.new()
	for _i in range(bytes.size()):
		to.put_16(from.get_8() * 256)
	return to.data_array


# Floats in [-1, 1] as 16-bit samples.
static func s16_of_floats(samples):
	var to := StreamPeerBuffer.new()
	for one in samples:
		to.put_16(int(round(clamp(one, -1.0, 1.0) * 32767.0)))
	return to.data_array


# 16-bit samples as pairs of floats, left and right, for an AudioStreamGenerator.
static func stereo_of_s16(bytes):
	var from := StreamPeerBuffer.new()
	from.data_array = bytes
	var made := PoolVector2Array()
	made.resize(bytes.size() / 2)
	for i in range(made.size()):
		var value := from.get_16() / 32768.0
		made[i] = Vector2(value, value)
	return made


static func hex_of(bytes) -> String:
	return bytes.hex_encode()


# Which picture is being made.
static func picture() -> int:
	return Engine.get_idle_frames()


# A stream's sound as {"samples": 16-bit mono, "rate": its own}, or {"wrong": why not}.
static func sound_of(stream) -> Dictionary:
	if not stream is AudioStreamSample or stream.format == AudioStreamSample.FORMAT_IMA_ADPCM:
		return {"wrong": "Godot 3 gives no samples of it: import the file as WAV, compression disabled"}
	var data = stream.data
	if stream.format == AudioStreamSample.FORMAT_8_BITS:
		data = s16_of_s8(data)
	return {"samples": mono_s16(data, stream.stereo), "rate": stream.mix_rate}


# The rate of a stream's sound; 0: it does not say.
static func rate_of(stream) -> int:
	return stream.mix_rate if stream is AudioStreamSample else 0


# A stream of 16-bit mono samples.
static func stream_of(samples, rate: int) -> AudioStream:
	var stream := AudioStreamSample.new()
	stream.format = AudioStreamSample.FORMAT_16_BITS
	stream.mix_rate = rate
	stream.data = samples
	return stream


# Names of a mesh's blend shapes; none for what has none.
static func shape_names(mesh) -> Array:
	var out := []
	if mesh is MeshInstance and mesh.mesh is ArrayMesh:
		for i in range(mesh.mesh.get_blend_shape_count()):
			out.append(mesh.mesh.get_blend_shape_name(i))
	return out


static func shape_value(mesh, _at: int, name: String) -> float:
	return mesh.get("blend_shapes/" + name)


static func set_shape_value(mesh, _at: int, name: String, value: float) -> void:
	mesh.set("blend_shapes/" + name, value)


# Whether there is something to turn.
static func is_spatial(node) -> bool:
	return node is Spatial


static func bone_of(skeleton, name: String) -> int:
	return skeleton.find_bone(name) if skeleton is Skeleton and name != "" else -1


# Rolls around z, then pitches around x, then turns around y.
static func basis_of(pitch: float, turn: float, roll: float) -> Basis:
	return Basis(Vector3(pitch, turn, roll))


# Turn a bone from its rest, around the axes of the skeleton. A pose of Godot 3 comes on top of the rest.
static func turn_bone(skeleton, bone: int, turned: Basis) -> void:
	var above := Basis()
	var parent: int = skeleton.get_bone_parent(bone)
	while parent >= 0:
		above = skeleton.get_bone_rest(parent).basis.orthonormalized() * above
		parent = skeleton.get_bone_parent(parent)
	var whole: Basis = above * skeleton.get_bone_rest(bone).basis.orthonormalized()
	skeleton.set_bone_pose(bone, Transform(whole.inverse() * turned * whole, Vector3()))


# A track of an animation for a blend shape of a mesh.
static func add_shape_track(animation: Animation, mesh_path: String, shape: String) -> int:
	var track := animation.add_track(Animation.TYPE_VALUE)
	animation.track_set_path(track, "%s:blend_shapes/%s" % [mesh_path, shape])
	return track


static func add_shape_key(animation: Animation, track: int, secs: float, value: float) -> void:
	animation.track_insert_key(track, secs, value)
