## One character as a client sees it, without a socket: what to send when, and what answers mean.
##
## Samples are counted by the client: an interruption or another session begins a new stretch of the service's own
## count, and `_base` says where. Sound stays in the outbox until it need not be sent again. What happened is in
## `events`, maps whose `event` names it: opened, resumed, lost, interrupted, spoken, silent, closed, error.

const Dialect = preload("../dialect.gd")
const Wire = preload("../wire.gd")
const Messages = preload("messages.gd")
const Outbox = preload("outbox.gd")
const Playout = preload("playout.gd")

const MOST_FRAMES = 36000    # that wait in `frames`: 10 minutes at 60 a second
const MOST_EVENTS = 1000
const MOST_DIRECTIONS = 64   # that are told again to a session that takes over
const MOST_WAITING = 256     # directions and texts that wait to be sent

var opening := {}            # the message that opens it
var out                      # Outbox
var session := 0             # 0: none is open
var token := ""
var schema := {}             # empty before the first
var names := []              # of the curves
var reason := ""             # why it is over
var wrong := ""              # why the last wish was refused
var events := []
var frames := []             # as they came, if they are wanted
var frames_wanted := false
var playout = null           # Playout, once it was opened
var epoch := 0

var _messages := Messages.new()
var _base := 0               # the client's sample that the session's sample 0 is
var _received := 0
var _limit := 0
var _credit := 0
var _faced := 0              # faces came for the sound before this sample
var _played := -1            # the sample that was shown last
var _pulled := false         # by `show`
var _awaited := -1           # the last flush, until its frames came; -1: none
var _closing := false
var _close_sent := false
var _interrupting := false
var _interrupt_sent := false
var _texts := []             # to say: [after which sound, text, voice]
var _reciting := 0           # texts that the service is speaking: own sound waits for their end
var _directions := []        # to send: [sample or -1, wishes]
var _told := []


## open: the fields of the message `open`, as they were checked.
func _init(open: Dictionary) -> void:
	opening = open
	out = Outbox.new(open["sample_rate"])


# --- what the user wants

func is_over() -> bool:
	return reason != ""


## Whether everything that was said, up to the last flush, has come back as frames.
func is_silent() -> bool:
	return _awaited < 0 and out.is_empty() and _texts.size() == 0 and _reciting == 0


## Take sound, 16-bit mono; gives the sample that it begins at, -1 if too much waits.
func say_sound(samples, flushed: bool) -> int:
	var begins: int = out.add(samples)
	if begins < 0:
		wrong = "more than %d s of sound wait: send it as it is needed" % Outbox.LONGEST_SOUND_SECS
	elif flushed:
		flush()
	return begins


## The sentence ends here.
func flush() -> void:
	_awaited = out.flush()


## Let the service speak; false for a text that is empty or too long.
func say(text: String, voice: String) -> bool:
	if not _is_wish({"type": "say", "session": 1, "text": text, "voice": voice}) or _texts.size() >= MOST_WAITING:
		return false
	_texts.append([out.end(), text, voice])
	return true


## Change how the character acts, from a sample on (-1: now); false for what is no wish.
func direct(at: int, wishes: Dictionary) -> bool:
	var message := wishes.duplicate()
	message["type"] = "direct"
	message["session"] = 1
	message["at"] = at
	if not _is_wish(message) or _directions.size() >= MOST_WAITING:
		return false
	_directions.append([at, wishes])
	return true


## Forget the sound that was not sent; the service drops what has not played.
func interrupt() -> void:
	_drop()
	if _interrupting or (session == 0 and token == ""):
		return  # one is on its way, and its epoch has heard nothing yet; or nobody has heard anything
	_interrupting = true
	_interrupt_sent = false
	if playout != null:
		playout.interrupted(epoch + 1)


## End it now: sound that was not sent stays unsent.
func abandon() -> void:
	_drop()
	_closing = true


## End it once all sound was sent.
func close() -> void:
	_closing = true


## The face at `now_ns` while `sample` of the sound plays (-1: none does), in `playout`; false before it is open.
func show(now_ns: int, sample: int) -> bool:
	if sample > _played:
		_played = sample
	_pulled = true
	if playout == null:
		return false
	playout.show(now_ns, sample)
	return true


func _drop() -> void:
	out.drop()
	_texts = []
	_reciting = 0
	_awaited = -1


func _is_wish(message: Dictionary) -> bool:
	wrong = "" if _messages.checked(message, Messages.REQUESTS) != null else _messages.wrong
	return wrong == ""


# --- what goes out

## The message that opens the session, or takes it over.
func greeting() -> Dictionary:
	return opening if token == "" else {"type": "resume", "token": token}


## Messages that may be sent now; they count as sent.
func due() -> Array:
	var all := []
	if session == 0 or is_over():
		return all
	if _interrupting:
		if not _interrupt_sent:
			_interrupt_sent = true
			all.append({"type": "interrupt", "session": session})
		return all
	for one in _directions:
		_told.append(one)
		if _told.size() > MOST_DIRECTIONS:
			_told.pop_front()
		var message: Dictionary = one[1].duplicate()
		message["type"] = "direct"
		message["session"] = session
		if one[0] >= 0:
			message["at"] = one[0] - _base if one[0] > _base else 0
		all.append(message)
	_directions = []
	_add_sound(all)
	if _closing and _reciting == 0 and not _close_sent and out.is_empty():
		_close_sent = true
		all.append({"type": "close", "session": session})
	return all


## Sound, up to the next text, and that text: what was said first is heard first.
func _add_sound(all: Array) -> void:
	if _reciting == 0:
		var limit := _limit
		for text in _texts:
			limit = text[0] if text[0] < limit else limit
		for piece in out.due(limit):
			if piece.size() == 0:
				all.append({"type": "flush", "session": session})
			else:
				all.append({"type": "audio", "session": session, "epoch": epoch, "at": piece[0] - _base,
					"data": piece[1]})
	while _texts.size() > 0 and _texts[0][0] <= out.sent:
		var text: Array = _texts.pop_front()
		_reciting += 1
		all.append({"type": "say", "session": session, "text": text[1], "voice": text[2]})


# --- what comes in

## A session is open, or goes on.
func opened(answer: Dictionary) -> void:
	var goes_on: bool = answer["token"] == token
	var is_first: bool = playout == null
	if not goes_on:
		_begin_anew()
	session = answer["session"]
	token = answer["token"]
	_show_as(answer, goes_on)
	if _interrupting and answer["epoch"] > epoch:
		interrupted({"epoch": answer["epoch"], "at": answer["received"]})
	epoch = answer["epoch"]
	_interrupt_sent = false
	_reciting = 0  # whether its end came is not known
	_received = _base + answer["received"]
	_credit = answer["credit"] if answer["credit"] > _credit else _credit
	_limit = _received + answer["credit"]
	out.send_again(_received)
	_tell_again()
	tell({"event": "opened" if is_first else "resumed", "goes_on": goes_on, "epoch": epoch,
		"received": answer["received"]})


func _show_as(answer: Dictionary, goes_on: bool) -> void:
	var told: Dictionary = answer["schema"]
	if playout == null or str(told) != str(schema):
		schema = told
		names = []
		var rest = Dialect.zero_floats(told["curves"].size())
		for i in range(told["curves"].size()):
			var curve: Dictionary = told["curves"][i]
			names.append(curve["name"])
			rest[i] = clamp(0.0, curve["low"], curve["high"])
		playout = Playout.new(told["sample_rate"], told["fps"][0], told["fps"][1], rest)
		playout.interrupted(answer["epoch"])
	elif not goes_on:
		playout.restart(answer["epoch"])


## The next session hears the sound that has no face yet; what was played is not played again.
func _begin_anew() -> void:
	var faces := _played if _pulled else _faced
	_faced = faces if faces > out.first else out.first
	_faced = _faced if _faced < out.end() else out.end()
	_base = _faced
	_interrupting = false


## A session that takes over must know what was told before.
func _tell_again() -> void:
	var past := {}
	var again := []
	for one in _told:
		if one[0] >= out.sent:
			again.append(one)
			continue
		for wish in one[1]:
			if wish != "blink":
				past[wish] = one[1][wish]
	if past.size() > 0:
		again.push_front([-1, past])
	_told = []
	_directions = again + _directions


## The service has heard and animated more.
func progressed(answer: Dictionary) -> void:
	if answer["epoch"] == epoch and not _interrupting:
		var heard: int = _base + answer["received"]
		_received = heard if heard > _received else _received
		_limit = heard + answer["credit"]
		out.forget(_received, _played if _pulled else _faced)


## From here on the new epoch counts; its sound goes on where the client stopped.
func interrupted(answer: Dictionary) -> void:
	if answer["epoch"] <= epoch:
		return
	var first: int = out.first
	epoch = answer["epoch"]
	_base = first - answer["at"]
	_received = first
	_limit = first + _credit  # nothing waits there
	_faced = first
	_interrupting = false
	if playout != null:
		playout.interrupted(epoch)
	tell({"event": "interrupted", "epoch": epoch, "at": answer["at"]})


## The service spoke: the sound counts as the client's, which goes on behind it.
func heard(answer: Dictionary) -> void:
	var count: int = answer["data"].size() / Outbox.WIDTH
	if answer["epoch"] != epoch or _interrupting or answer["data"].size() % Outbox.WIDTH != 0:
		return
	var at: int = _base + answer["at"]
	tell({"event": "spoken", "at": at, "data": answer["data"], "last": answer["last"]})
	var yet: bool = _awaited > out.sent
	var further: int = out.skip(at + count)
	if yet:
		_awaited += further
	for text in _texts:
		text[0] += further
	if answer["last"]:
		_reciting = _reciting - 1 if _reciting > 0 else 0
		_awaited = at + count if at + count > _awaited else _awaited


## A frame came; true if it is of use.
func framed(frame) -> bool:
	if playout == null or is_over():
		return false
	if frame.session_sample >= 0:
		frame.sample = frame.session_sample + _base
		if frame.sample < 0:
			return false
	if not playout.put(frame):
		return false
	if frame.sample >= 0:
		_faced = frame.sample + _samples_a_frame() if frame.sample + _samples_a_frame() > _faced else _faced
	_await(frame)
	if frames_wanted:
		frames.append(frame)
		if frames.size() > MOST_FRAMES:
			frames.pop_front()
	return true


func _samples_a_frame() -> int:
	return schema["sample_rate"] * schema["fps"][1] / schema["fps"][0]


## Whether the frames up to the last flush are here: the last of it, or life after it.
func _await(frame) -> void:
	if _awaited < 0 or out.sent < _awaited:
		return
	var near: bool = _faced >= _awaited - _samples_a_frame()
	if near and (frame.flags & Wire.FRAME_LAST or frame.sample < 0):
		_awaited = -1
		tell({"event": "silent"})


## The service ended it.
func ended(why: String) -> void:
	reason = why
	session = 0
	token = ""
	tell({"event": "closed", "reason": why})


## Something could not be done.
func refused(answer: Dictionary) -> void:
	if answer["code"] == "voice":
		_reciting = 0
	tell({"event": "error", "code": answer["code"], "what": answer["what"], "where": answer["where"],
		"fix": answer["fix"]})


## The connection is gone; the token stays.
func lost() -> void:
	if session != 0:
		tell({"event": "lost"})
	session = 0
	_close_sent = false


func tell(event: Dictionary) -> void:
	events.append(event)
	if events.size() > MOST_EVENTS:
		events.pop_front()
