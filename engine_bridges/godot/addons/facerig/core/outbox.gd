## Sound on its way to the service: kept until nobody can ask for it again, with the ends of sentences in it.
##
## 16-bit mono. Samples are counted by the client, from 0 on and never back.

const Dialect = preload("../dialect.gd")

const LONGEST_SOUND_SECS = 600  # that may wait to be sent: 58 MB at 48 kHz
const PIECES_A_SEC = 4          # a message holds a quarter of a second
const WIDTH = 2                 # bytes of a sample

var first := 0  # the earliest sample that is kept
var sent := 0   # the next to send

var _rate := 16000
var _sound = Dialect.no_bytes()
var _flushes := []  # to send
var _flushed := []  # sent, and perhaps not received


func _init(rate: int) -> void:
	_rate = rate


## The sample that the next sound begins at.
func end() -> int:
	return first + _sound.size() / WIDTH


func waiting_secs() -> float:
	return float(end() - sent) / _rate


## Whether there is nothing to send.
func is_empty() -> bool:
	return sent == end() and _flushes.size() == 0


## Take sound; gives the sample that it begins at, or -1 if too much waits.
func add(samples) -> int:
	var begins := end()
	if begins - sent + samples.size() / WIDTH > LONGEST_SOUND_SECS * _rate:
		return -1
	_sound.append_array(samples)
	return begins


## The sentence ends here.
func flush() -> int:
	_flushes.append(end())
	return end()


## What may be sent before sample `limit`, as [sample, bytes], and [] where a sentence ends; it counts as sent.
func due(limit: int) -> Array:
	var out := []
	while true:
		if _flushes.size() > 0 and _flushes[0] <= sent:
			_flushed.append(_flushes.pop_front())
			out.append([])
			continue
		var stop := end() if end() < limit else limit
		if stop > sent + _rate / PIECES_A_SEC:
			stop = sent + _rate / PIECES_A_SEC
		if _flushes.size() > 0 and _flushes[0] < stop:
			stop = _flushes[0]
		if stop <= sent:
			break
		out.append([sent, Dialect.part(_sound, (sent - first) * WIDTH, (stop - sent) * WIDTH)])
		sent = stop
	return out


## Forget what was not sent, and what was: nobody will ask for it.
func drop() -> void:
	first = sent
	_sound = Dialect.no_bytes()
	_flushes = []
	_flushed = []


## The service's own voice spoke up to `sample`; sound that is yet to be sent follows it, by so many samples later.
func skip(sample: int) -> int:
	var further := sample - sent
	if further <= 0:
		return 0
	var gone := (sent - first) * WIDTH
	_sound = Dialect.part(_sound, gone, _sound.size() - gone)
	first = sample
	sent = sample
	for i in range(_flushes.size()):
		_flushes[i] += further
	_flushed = []
	return further


## Go on from what was received. A flush at its end is sent again: it may be lost, and twice does no harm.
func send_again(received: int) -> void:
	sent = received if received > first else first
	sent = sent if sent < end() else end()
	var again := []
	for at in _flushed:
		if at >= received:
			again.append(at)
	_flushes = again + _flushes
	_flushed = []


## Let go of sound that was received and lies before sample `needed`.
func forget(received: int, needed: int) -> void:
	while _flushed.size() > 0 and _flushed[0] < received:
		_flushed.pop_front()
	var keep := received if received < needed else needed
	keep = keep if keep < sent else sent
	if keep - first >= _rate:  # a second at a time
		var gone := (keep - first) * WIDTH
		_sound = Dialect.part(_sound, gone, _sound.size() - gone)
		first = keep
