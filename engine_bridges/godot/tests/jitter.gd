extends SceneTree
## What the jitter buffer gives for vectors, as lines of JSON: jitter.gd -- FOLDER

const Host = preload("host.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const Frame = preload("../addons/facerig/core/frame.gd")
const Playout = preload("../addons/facerig/core/playout.gd")
const Wire = preload("../addons/facerig/wire.gd")

const COUNTS = ["received", "lost", "stale", "twice", "dropped", "held"]


func _init() -> void:
	var folder: String = Host.arguments()[0]
	for name in Host.names(folder, ".json"):
		_run(name, Host.json_of(folder + "/" + name))
	quit()


func _run(name: String, vector: Dictionary) -> void:
	var buffer := Playout.new(int(vector.sample_rate), int(vector.fps[0]), int(vector.fps[1]),
		Dialect.zero_floats(int(vector.curves)))
	var answers := []
	for event in vector.events:
		if event.has("put"):
			_put(buffer, event)
		elif event.has("interrupted"):
			buffer.interrupted(int(event.interrupted))
		elif event.has("restart"):
			buffer.restart(int(event.restart))
		elif event.has("late_samples"):
			var late := buffer.late_samples()
			answers.append(null if late == Playout.NOT_KNOWN else late)
		elif event.has("show"):
			buffer.show(int(event.show.now_ns), -1 if event.show.sample == null else int(event.show.sample))
			answers.append({"values": Array(buffer.values), "index": buffer.index, "state": buffer.state})
		else:
			answers.append("an event that is not known: %s" % str(event.keys()))
	var counts := {}
	for count in COUNTS:
		counts[count] = buffer.get(count)
	Host.say({"name": name, "answers": answers, "counts": counts})


func _put(buffer, event: Dictionary) -> void:
	for i in range(int(event.get("times", 1))):
		var frame = _frame(event.put)
		if event.has("raise"):
			frame.index += i * int(event["raise"].index)
			frame.sample += i * int(event["raise"].sample)
		buffer.put(frame)


func _frame(from: Dictionary):
	var frame := Frame.new()
	frame.epoch = int(from.epoch)
	frame.index = int(from.index)
	frame.sample = int(from.sample)
	frame.flags = int(from.flags)
	frame.step = Wire.FRAME_STEPS[(frame.flags & Wire.FRAME_STEP) >> Wire.FRAME_STEP_SHIFT]
	var values = Dialect.zero_floats(from.values.size())
	for i in range(from.values.size()):
		values[i] = from.values[i]
	frame.values = values
	return frame
