using System.Collections.Generic;

namespace FaceRig
{
    /// What became of frames. `Lost` never came, `Stale` were of an epoch that is over, `Twice` came before,
    /// `Dropped` found the buffer full; `Held`: pictures that had to show an older frame.
    public struct Counts
    {
        public long Received, Lost, Stale, Twice, Dropped, Held;
    }

    // Which indices of an epoch have come: the newest ones each by itself, a bit for each
    struct Arrivals
    {
        ulong[] _bits;
        bool _any;
        long _first, _last, _covered;

        public static Arrivals None => new Arrivals { _bits = new ulong[Wire.Jitter.Known / 64] };

        // Whether one came before, or so many have come after it that nobody knows
        public bool IsKnown(long index)
            => _any && index <= _last && (index <= _last - Wire.Jitter.Known || (Word(index) & Bit(index)) != 0);

        // Adds one that stands for the indices since the one before it; by how many more indices are missing
        public long Add(long index, int step)
        {
            var began = index - step + 1;
            if (!_any)
            {
                _any = true;
                _first = began;
                _last = began - 1;
            }
            var missing = Missing;
            if (index > _last)
            {
                if (index - _last >= Wire.Jitter.Known) System.Array.Clear(_bits, 0, _bits.Length);
                else
                    for (var one = _last + 1; one <= index; one++) Word(one) &= ~Bit(one);
                _last = index;
            }
            if (began < _first) _first = began;
            Word(index) |= Bit(index);
            _covered += step;
            return Missing - missing;
        }

        public void Forget()
        {
            System.Array.Clear(_bits, 0, _bits.Length);
            _any = false;
            _covered = 0;
        }

        long Missing => _last - _first + 1 - _covered;

        // Known is a power of two
        ref ulong Word(long index) => ref _bits[(index & (Wire.Jitter.Known - 1)) >> 6];

        static ulong Bit(long index) => 1UL << (int)(index & 63);
    }

    // By how much sound was ahead of its faces at the last pictures
    sealed class Lateness
    {
        readonly long[] _samples = new long[Wire.Jitter.Lateness];
        int _count, _next;

        public long? Worst
        {
            get
            {
                if (_count == 0) return null;
                var worst = _samples[0];
                for (var k = 1; k < _count; k++)
                    if (_samples[k] > worst) worst = _samples[k];
                return worst;
            }
        }

        public void Note(long samples)
        {
            _samples[_next] = samples;
            _next = (_next + 1) % _samples.Length;
            if (_count < _samples.Length) _count++;
        }

        public void Forget() => _count = _next = 0;
    }

    // Frames that are used again
    sealed class FramePool
    {
        readonly Stack<Frame> _free = new Stack<Frame>();

        public Frame Take() => _free.Count > 0 ? _free.Pop() : new Frame();

        public void Give(Frame frame) => _free.Push(frame);
    }
}
