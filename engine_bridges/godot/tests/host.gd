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
