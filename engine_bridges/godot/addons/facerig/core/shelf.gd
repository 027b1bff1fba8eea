## Frames in the order of their indices, and so of their samples.

const Dialect = preload("../dialect.gd")

const MOST_GONE = 256  # places that may stand empty at the front before the others move up

var _items := []
var _gone := 0


func size() -> int:
	return _items.size() - _gone


func at(place: int):
	return _items[_gone + place]


func back():
	return _items[_items.size() - 1]


func clear() -> void:
	_items = []
	_gone = 0


## Put a frame where it belongs; above `most` the oldest goes. Gives how many went.
func put(frame, most: int) -> int:
	if size() == 0 or back().index < frame.index:
		_items.append(frame)
	else:
		_items.insert(_gone + up_to_index(frame.index), frame)
	if size() <= most:
		return 0
	forget(1)
	return 1


## Let go of the oldest.
func forget(count: int) -> void:
	for i in range(_gone, _gone + count):
		_items[i] = null
	_gone += count
	if _gone > MOST_GONE and 2 * _gone > _items.size():
		_items = Dialect.tail(_items, _gone)
		_gone = 0


## How many frames have at most this index.
func up_to_index(index: int) -> int:
	var low := _gone
	var high := _items.size()
	while low < high:
		var middle := (low + high) >> 1
		if _items[middle].index <= index:
			low = middle + 1
		else:
			high = middle
	return low - _gone


## How many frames have at most this sample.
func up_to_sample(sample: int) -> int:
	var low := _gone
	var high := _items.size()
	while low < high:
		var middle := (low + high) >> 1
		if _items[middle].sample <= sample:
			low = middle + 1
		else:
			high = middle
	return low - _gone
