# What test programs need of Godot 3: arguments, files, lines of JSON.


# What stands behind `--` on the command line.
static func arguments() -> Array:
	var all := Array(OS.get_cmdline_args())
	var at := all.find("--")
	return all.slice(at + 1, all.size() - 1) if at >= 0 and at + 1 < all.size() else []


static func bytes_of(path: String):
	var file := File.new()
	if file.open(path, File.READ) != OK:
		return PoolByteArray()
	return file.get_buffer(file.get_len())


static func json_of(path: String):
	return JSON.parse(bytes_of(path).get_string_from_utf8()).result


# Names of the files of a folder that end in `ending`, in order.
static func names(folder: String, ending: String) -> Array:
	var out := []
	var directory := Directory.new()
	if directory.open(folder) == OK:
		directory.list_dir_begin(true)
		var name := directory.get_next()
		while name != "":
			if name.ends_with(ending):
				out.append(name)
			name = directory.get_next()
	out.sort()
	return out


static func say(line: Dictionary) -> void:
	print(to_json(line))


# How many objects have been made so far: ids count them.
static func objects_made(one: Object) -> int:
	return one.get_instance_id()


static func bytes_of_floats(values):
	var buffer := StreamPeerBuffer.new()
	for one in values:
		buffer.put_float(one)
	return buffer.data_array


# As zlib has it.
static func crc32(bytes) -> int:
	var crc := 0xffffffff
	for one in bytes:
		crc ^= one
		for _bit in range(8):
			crc = (crc >> 1) ^ (0xedb88320 if crc & 1 else 0)
	return crc ^ 0xffffffff


static func scene(path: String) -> Node:
	return load(path).instance()
