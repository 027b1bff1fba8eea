namespace FaceRig
{
    // Frames by index, in a ring that grows as far as it must: the newest comes at the end, nearly always.
    sealed class FrameQueue
    {
        Frame[] _ring = new Frame[64];
        int _first;

        public int Count { get; private set; }

        public Frame this[int k] => _ring[(_first + k) & (_ring.Length - 1)];

        public Frame Newest => this[Count - 1];

        public void Insert(Frame frame)
        {
            if (Count == _ring.Length) Grow();
            var at = Count++;
            for (; at > 0 && this[at - 1].Index > frame.Index; at--) Put(at, this[at - 1]);
            Put(at, frame);
        }

        public Frame TakeFirst()
        {
            var frame = this[0];
            Put(0, null);
            _first = (_first + 1) & (_ring.Length - 1);
            Count--;
            return frame;
        }

        // The last one whose sample is at most this; -1: none
        public int AtSample(long sample)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (this[middle].Sample <= sample) low = middle + 1;
                else high = middle;
            }
            return low - 1;
        }

        void Put(int k, Frame frame) => _ring[(_first + k) & (_ring.Length - 1)] = frame;

        void Grow()
        {
            var larger = new Frame[2 * _ring.Length];
            for (var k = 0; k < Count; k++) larger[k] = this[k];
            _ring = larger;
            _first = 0;
        }
    }
}
