## What a character says, played by an audio player, and which sample of it is heard now.
##
## Lines wait until their first faces are there, so that voice and face begin together; for `wait_secs` at most, for
## nobody may stay dumb because a service is gone.

const Dialect = preload("../dialect.gd")

const NS_PER_SEC = 1000000000
const STEADY_SECS = 0.1        # back by less is no seeking
const BUFFER_SECS = 0.2        # of a generator's sound; a game that stutters needs it

var player = null       # AudioStreamPlayer, -2D or -3D
var wait_secs := 0.5
var lead_secs := 0.1    # of a sound's faces that should be there before it begins

var _rate := 16000
var _queue := []
var _now = null         # the item that waits or plays
var _plays := false
var _since_ns := -1
var _generator = null   # its playback
var _capacity := 0
var _pushed := 0
var _taken := 0         # of the live item's bytes
var _heard := 0.0       # samples of the item, at the last look


func _init(rate: int) -> void:
	_rate = rate


## A line of its own: `count` samples from `begins` on, heard by playing `stream`.
func add_line(begins: int, count: int, stream) -> void:
	_queue.append({"begins": begins, "count": count, "stream": stream, "over": true, "there": false})


## Sound as it comes: 16-bit mono. It is delayed until its faces are there.
func add_live(begins: int, samples) -> void:
	var last = _queue.back() if _queue.size() > 0 else _now
	if last == null or last["stream"] != null or last["over"] or last["begins"] + last["count"] != begins:
		last = {"begins": begins, "count": 0, "stream": null, "over": false, "there": false,
			"samples": Dialect.no_bytes()}
		_queue.append(last)
	last["count"] += samples.size() / 2
	var all = last["samples"]  # Godot 3 would append to a copy
	all.append_array(samples)
	last["samples"] = all


## The live sound is over.
func end_live() -> void:
	for item in _queue + ([_now] if _now != null else []):
		item["over"] = true


## All faces of what was said are there, but for those that were lost.
func faces_are_there() -> void:
	for item in _queue + ([_now] if _now != null else []):
		item["there"] = true


func stop() -> void:
	_queue = []
	_now = null
	_plays = false
	if player != null:
		player.stop()


func is_speaking() -> bool:
	return _now != null or _queue.size() > 0


## ahead: the sample of the newest face; step: samples from one face to the next.
func turn(now_ns: int, ahead: int, step: int) -> void:
	if _now == null and _queue.size() > 0:
		_now = _queue.pop_front()
		_since_ns = now_ns
		_plays = false
	if _now == null or player == null:
		return
	if not _plays:
		var lead: int = int(min(_now["count"], lead_secs * _rate))
		var waited := float(now_ns - _since_ns) / NS_PER_SEC
		if ahead >= _now["begins"] + lead - step - 1 or _now["there"] or waited > wait_secs:
			_begin()
	if _plays:
		_go_on()


## The sample that is heard now; -1: none.
func sample() -> int:
	if _now == null or not _plays:
		return -1
	var heard := 0.0
	if _now["stream"] != null:
		heard = player.get_playback_position() * _rate
	else:
		heard = float(_pushed - (_capacity - _generator.get_frames_available()))
	if not player.stream_paused:
		heard += (AudioServer.get_time_since_last_mix() - AudioServer.get_output_latency()) * _rate
	# Godot mixes in steps that it does not begin on time: a player's place trembles by some milliseconds
	if heard < _heard and heard > _heard - STEADY_SECS * _rate:
		heard = _heard
	_heard = heard
	var most: int = _now["count"] - 1
	return _now["begins"] + int(clamp(heard, 0.0, float(most if most > 0 else 0)))


func _begin() -> void:
	_plays = true
	_heard = 0.0
	if _now["stream"] != null:
		player.stream = _now["stream"]
		player.play()
		return
	var stream := AudioStreamGenerator.new()
	stream.mix_rate = _rate
	stream.buffer_length = BUFFER_SECS
	player.stream = stream
	player.play()
	_generator = player.get_stream_playback()
	_capacity = _generator.get_frames_available()
	_pushed = 0
	_taken = 0


func _go_on() -> void:
	if _now["stream"] != null:
		if not player.playing and not player.stream_paused:
			_now = null
		return
	var there: int = _now["samples"].size() / 2 - _taken
	var room: int = _generator.get_frames_available()
	var count := there if there < room else room
	if count > 0:
		_generator.push_buffer(Dialect.stereo_of_s16(Dialect.part(_now["samples"], 2 * _taken, 2 * count)))
		_taken += count
		_pushed += count
	if _taken > _rate:  # a second at a time
		_now["samples"] = Dialect.part(_now["samples"], 2 * _taken, _now["samples"].size() - 2 * _taken)
		_taken = 0
	if _now["over"] and _pushed >= _now["count"] and _generator.get_frames_available() >= _capacity:
		player.stop()
		_now = null
