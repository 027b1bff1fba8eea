using System;
using System.Collections.Generic;

namespace FaceRig
{
    // What came for a character and waits to be read. All of it is bounded; what nobody reads goes, the oldest first.
    sealed class News
    {
        const int MostEvents = 256, MostSounds = 4096;

        readonly Queue<CharacterEvent> _events = new Queue<CharacterEvent>();
        readonly Queue<SpokenSound> _sounds = new Queue<SpokenSound>();
        readonly FramePool _pool = new FramePool();
        readonly Queue<Frame> _frames = new Queue<Frame>();
        long _order;

        /// So many frames are kept; 0: none.
        public int MostFrames;

        /// Frames that nobody has read in time.
        public long FramesDropped { get; private set; }

        public void Add(CharacterEventKind kind, int epoch, long at, string reason = "")
            => Add(new CharacterEvent { Kind = kind, Epoch = epoch, At = at, Reason = reason });

        public void Add(FaceRigException problem)
            => Add(new CharacterEvent { Kind = CharacterEventKind.Problem, Problem = problem, Reason = problem.Code });

        public void AddFrame(in FrameHeader header, byte[] data, long shift)
        {
            if (MostFrames == 0) return;
            var frame = _pool.Take();
            frame.Set(header, data, shift);
            frame.Order = ++_order;
            _frames.Enqueue(frame);
            if (_frames.Count <= MostFrames) return;
            _pool.Give(_frames.Dequeue());
            FramesDropped++;
        }

        /// Gives the sample at which the sound ends.
        public long AddSound(long at, ArraySegment<byte> data, bool last)
        {
            var samples = new short[data.Count / 2];
            for (var k = 0; k < samples.Length; k++)
                samples[k] = (short)Bits.Little(data.Array, data.Offset + 2 * k, 2);
            _sounds.Enqueue(new SpokenSound { At = at, Samples = samples, Last = last });
            if (_sounds.Count > MostSounds) _sounds.Dequeue();
            return at + samples.Length;
        }

        public void DropSound() => _sounds.Clear();

        public bool TryTake(out CharacterEvent one)
        {
            one = _events.Count > 0 ? _events.Dequeue() : default(CharacterEvent);
            return one.Order > 0;
        }

        public bool TryTake(out SpokenSound one)
        {
            one = _sounds.Count > 0 ? _sounds.Dequeue() : null;
            return one != null;
        }

        public bool TryTake(Frame into)
        {
            if (_frames.Count == 0) return false;
            var frame = _frames.Dequeue();
            into.Set(frame);
            _pool.Give(frame);
            return true;
        }

        void Add(CharacterEvent one)
        {
            one.Order = ++_order;
            _events.Enqueue(one);
            if (_events.Count > MostEvents) _events.Dequeue();
        }
    }
}
