## What test programs need of Godot 4: arguments, files, lines of JSON.


## What stands behind `--` on the command line.
static func arguments() -> Array:
	return Array(OS.get_cmdline_user_args())


static func bytes_of(path: String):
	return FileAccess.get_file_as_bytes(path)


static func json_of(path: String):
	return JSON.parse_string(FileAccess.get_file_as_string(path))


## Names of the files of a folder that end in `ending`, in order.
static func names(folder: String, ending: String) -> Array:
	var out := []
	for name in DirAccess.get_files_at(folder):
		if name.ends_with(ending):
			out.append(name)
	out.sort()
	return out


static func say(line: Dictionary) -> void:
	print(JSON.stringify(line, "", false, true))


## How many objects have been made so far: ids count them.
static func objects_made(one: Object) -> int:
	return (one.get_instance_id() >> 24) & 0x7fffffffff


static func bytes_of_floats(values):
	return values.to_byte_array()


## As zlib has it.
static func crc32(bytes) -> int:
	var crc := 0xffffffff
	for one in bytes:
		crc ^= one
		for _bit in 8:
			crc = (crc >> 1) ^ (0xedb88320 if crc & 1 else 0)
	return crc ^ 0xffffffff


static func scene(path: String) -> Node:
	return load(path).instantiate()
