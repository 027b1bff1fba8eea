## The jitter buffer: which face to show for the sample that is playing now.
##
##     playout.put(frame)                        # as frames come, in any order
##     playout.show(now_ns, sample)              # once a picture; sample -1: no sound plays
##     playout.values, playout.index, playout.state
##
## The rules are those of facerig's PROTOCOL.md, which all its libraries follow; shared vectors hold what each
## must give. Samples, indices and times are whole numbers; only shares between two frames are floats.

const Dialect = preload("../dialect.gd")
const Wire = preload("../wire.gd")
const Shelf = preload("shelf.gd")

const NS_PER_SEC = 1000000000
const NOT_KNOWN = -9223372036854775807  # lateness before any sound played

var epoch := 0
var sample_rate := 16000

# The face that was shown last.
var values
var index := -1
var state := ""  # speech, held (the frame that should follow is late), idle, rest; empty before the first

# What became of frames. `held`: pictures that had to show an older frame.
var received := 0
var lost := 0
var stale := 0
var twice := 0
var dropped := 0
var held := 0

var _frames := 60  # so many frames
var _secs := 1     # in so many seconds
var _hold := 0     # samples
var _bridge := 0
var _behind := 0
var _rest
var _sound := Shelf.new()
var _idle := Shelf.new()
var _known := {}
var _has_span := false
var _first := 0        # index of this epoch
var _last := 0
var _covered := 0      # indices that frames stand for
var _anchored := false
var _place := 0        # index at which idle life stood
var _place_rest := 0   # and so much of a frame, in units of 1 / (NS_PER_SEC * _secs)
var _place_ns := 0     # at this time
var _newest_idle := -1
var _newest_idle_ns := 0
var _step := 1         # of the face that was shown last
var _shown_ns := 0
var _fading := false
var _fade_from
var _fade_ns := 0
var _broken := false   # the next picture follows no other
var _late := []
var _late_at := 0

# What the rules say, before fading.
var _to_values
var _to_index := -1
var _to_step := 1
var _to_state := "rest"


## frames in secs: the rate of the schema; rest: a face at rest.
func _init(rate: int, frames: int, secs: int, rest) -> void:
	sample_rate = rate
	_frames = frames
	_secs = secs
	_hold = Wire.JITTER_HOLD_MS * rate / 1000
	_bridge = Wire.JITTER_BRIDGE_MS * rate / 1000
	_behind = Wire.JITTER_BEHIND_MS * rate / 1000
	_rest = rest
	values = rest


## Take a frame; false if it is of no use: of an epoch that is over, a second time, another rig's.
func put(frame) -> bool:
	if frame.epoch < epoch or frame.values.size() != _rest.size():
		stale += 1
		return false
	if frame.epoch > epoch:
		interrupted(frame.epoch)
	if _known.has(frame.index) or (_has_span and frame.index <= _last - Wire.JITTER_KNOWN):
		twice += 1
		return false
	_count(frame.index, frame.step)
	if frame.sample >= 0:
		dropped += _sound.put(frame, Wire.JITTER_MOST_SOUNDING)
	else:
		_idle.put(frame, Wire.JITTER_MOST_IDLE)
	return true


## The epoch that counts from now on: what came of older ones is forgotten, and not shown again.
func interrupted(now: int) -> void:
	if now > epoch:
		_forget()
		epoch = now


## Another session goes on with this character: indices and epochs begin anew, the face does not jump.
func restart(now: int) -> void:
	_forget()
	epoch = now


## The face at `now_ns`, while `sample` plays (-1: none does), in `values`, `index` and `state`.
func show(now_ns: int, sample: int) -> void:
	if sample < 0 or not _speaking(sample):
		_living(now_ns)
	if state != "" and (_broken or _jumps(now_ns)):
		_fading = true
		_fade_from = values
		_fade_ns = _shown_ns
	_broken = false
	values = _faded(_to_values, now_ns)
	index = _to_index
	state = _to_state
	_step = _to_step
	_shown_ns = now_ns


## By how many samples the sound that plays is ahead of the newest frame, at worst in the last pictures: a raw tap
## must be delayed by so much. Below 0: so much is in hand. NOT_KNOWN before any sound played.
func late_samples() -> int:
	var most := NOT_KNOWN
	for one in _late:
		most = one if one > most else most
	return most


## The sample of the newest frame with sound; -1 before any.
func ahead_samples() -> int:
	return _sound.back().sample if _sound.size() > 0 else -1


# --- the rules

func _speaking(sample: int) -> bool:
	_measure(sample)
	_trim(sample)
	var here: int = _sound.up_to_sample(sample) - 1
	if here < 0:
		return false
	var one = _sound.at(here)
	var since: int = sample - one.sample
	if here + 1 < _sound.size():
		var following = _sound.at(here + 1)
		if _together(one, following):
			var share: float = float(since) / float(following.sample - one.sample)
			_aim(Dialect.between(one.values, following.values, share), one.index, following.step, "speech")
			return true
	var late: int = since * _frames - one.step * sample_rate * _secs  # is what should follow
	if late < 0:
		_aim(one.values, one.index, one.step, "speech")
		return true
	if one.flags & Wire.FRAME_LAST or late > _hold * _frames - sample_rate * _secs or _over(one):
		return false
	held += 1
	_aim(one.values, one.index, one.step, "held")
	return true


## The face while no sound plays: idle frames by the clock, a few frames late where they come unevenly.
func _living(now_ns: int) -> void:
	if _idle.size() == 0:
		_aim(_rest, -1, 1, "rest")
		return
	var newest: int = _idle.back().index
	var step: int = _idle.back().step
	if newest != _newest_idle:
		_newest_idle = newest
		_newest_idle_ns = now_ns
	if now_ns - _newest_idle_ns > Wire.JITTER_IDLE_STALE_NS:
		_aim(_rest, -1, 1, "rest")
		return
	_run(now_ns, newest, step)
	var here: int = _idle.up_to_index(_place) - 1
	var one = _idle.at(here if here > 0 else 0)
	if one.index == newest or _place < one.index or (_place == one.index and _place_rest == 0):
		_aim(one.values, one.index, one.step, "idle")
		return
	var following = _idle.at((here if here > 0 else 0) + 1)
	var frames: int = following.index - one.index
	if frames > Wire.JITTER_IDLE_BEHIND * following.step:  # speech lay between
		_aim(following.values, following.index, following.step, "idle")
		return
	var share: float = (_place - one.index + float(_place_rest) / float(NS_PER_SEC * _secs)) / frames
	_aim(Dialect.between(one.values, following.values, share), one.index, following.step, "idle")


## Move the place of idle life on by the clock, and hold it near the newest frame.
func _run(now_ns: int, newest: int, step: int) -> void:
	var unit := NS_PER_SEC * _secs
	if _anchored:
		var elapsed: int = now_ns - _place_ns
		if elapsed > 60 * NS_PER_SEC:  # it will be held anyway
			elapsed = 60 * NS_PER_SEC
		var moved: int = _place_rest + elapsed * _frames
		_place += moved / unit
		_place_rest = moved % unit
	else:
		_place = newest - step
		_place_rest = 0
	_anchored = true
	_place_ns = now_ns
	if _place >= newest:
		_place = newest
		_place_rest = 0
	elif _place < newest - Wire.JITTER_IDLE_BEHIND * step:
		_place = newest - Wire.JITTER_IDLE_BEHIND * step
		_place_rest = 0


## Whether as much sound lies between two frames as time, and not too much.
func _together(one, following) -> bool:
	var samples: int = following.sample - one.sample
	if samples <= 0 or samples > _bridge:
		return false
	var step: int = sample_rate * _secs
	var apart: int = (following.index - one.index) * step - samples * _frames
	return apart <= step and -apart <= step


## Whether idle life has gone on after a frame: its sound was the last.
func _over(one) -> bool:
	return _idle.size() > 0 and _idle.back().index > one.index


## Whether a face follows the last one by more or less than the time between them.
func _jumps(now_ns: int) -> bool:
	if (_to_state == "rest") != (state == "rest"):
		return true
	if _to_state == "rest":
		return false
	var further: int = _to_index - index
	var most: int = Wire.JITTER_JUMP * (_to_step if _to_step > _step else _step)
	if further < -most:
		return true
	if further <= most:
		return false
	# (further - most) frames take longer than has gone by; in frames, lest numbers grow too large
	var elapsed: int = now_ns - _shown_ns
	var whole_secs: int = elapsed / NS_PER_SEC
	var frames: int = further - most
	if frames > (whole_secs + 1) * _frames / _secs + 1:
		return true
	return frames * _secs * NS_PER_SEC > elapsed * _frames


func _faded(to, now_ns: int):
	if not _fading:
		return to
	var share := float(now_ns - _fade_ns) / float(Wire.JITTER_FADE_NS)
	if share >= 1.0:
		_fading = false
		_fade_from = null
		return to
	return Dialect.between(_fade_from, to, share if share > 0.0 else 0.0)


# --- book-keeping

func _aim(to, at: int, step: int, what: String) -> void:
	_to_values = to
	_to_index = at
	_to_step = step
	_to_state = what


## Forget frames far behind what plays.
func _trim(sample: int) -> void:
	var oldest := sample - _behind
	if _sound.size() < 2 or _sound.at(1).sample > oldest:
		return
	var gone: int = _sound.up_to_sample(oldest) - 1  # the one before stays, to draw from
	if gone > 0:
		_sound.forget(gone)


## By how much the sound that plays is ahead of what came of it.
func _measure(sample: int) -> void:
	if _sound.size() == 0 or _sound.back().flags & Wire.FRAME_LAST or _over(_sound.back()):
		return
	var late: int = sample - _sound.back().sample
	if _late.size() < Wire.JITTER_LATENESS:
		_late.append(late)
	else:
		_late[_late_at] = late
		_late_at = (_late_at + 1) % Wire.JITTER_LATENESS


## A frame stands for the indices since the one before it.
func _count(at: int, step: int) -> void:
	received += 1
	_known[at] = true
	var began := at - step + 1
	if not _has_span:
		_has_span = true
		_first = began
		_last = began - 1
	var before := _last - _first + 1 - _covered
	_covered += step
	_first = began if began < _first else _first
	_last = at if at > _last else _last
	lost += _last - _first + 1 - _covered - before
	if _known.size() > 2 * Wire.JITTER_KNOWN:
		var kept := {}
		for one in _known:
			if one > _last - Wire.JITTER_KNOWN:
				kept[one] = true
		_known = kept


func _forget() -> void:
	_sound.clear()
	_idle.clear()
	_known = {}
	_has_span = false
	_covered = 0
	_anchored = false
	_newest_idle = -1
	_newest_idle_ns = 0
	_broken = true
	_late = []
	_late_at = 0
