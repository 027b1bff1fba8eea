using System;
using System.Collections.Generic;

namespace FaceRig
{
    // Sound on its way to the service: kept until nobody can ask for it again, with the ends of sentences in it.
    // Samples are counted by the client, from 0 on and never back. `First`: the earliest that is kept; `Sent`: the
    // next to send; `End`: the next to come.
    sealed class Outbox
    {
        public const int LongestSecs = 600; // that may wait to be sent
        const int PiecesPerSec = 4; // of sound in a message

        readonly int _width, _rate;
        readonly List<long> _flushes = new List<long>(), _flushed = new List<long>(); // to send; perhaps not received
        byte[] _sound = new byte[1 << 16];
        int _bytes;

        public Outbox(string encoding, int rate)
        {
            _width = encoding == "f32" ? 4 : 2;
            _rate = rate;
        }

        public long First { get; private set; }
        public long Sent { get; private set; }
        public long End => First + _bytes / _width;
        public bool IsEmpty => Sent == End && _flushes.Count == 0;
        public double WaitingSecs => (double)(End - Sent) / _rate;
        public byte[] Sound => _sound;

        /// Takes sound; gives the sample that it begins at.
        public long Add(short[] samples, int offset, int count)
        {
            var at = Grow(count);
            for (var k = offset; k < offset + count; k++)
                if (_width == 2) at = Put(at, samples[k]);
                else at = PutSingle(at, samples[k] / 32768f);
            return End - count;
        }

        /// Samples in [-1, 1].
        public long Add(float[] samples, int offset, int count)
        {
            for (var k = offset; k < offset + count; k++)
                if (float.IsNaN(samples[k]) || float.IsInfinity(samples[k]))
                    throw FaceRigException.Config("the sound holds NaN or infinity", "SaySound", "send finite samples");
            var at = Grow(count);
            for (var k = offset; k < offset + count; k++)
            {
                var sample = Math.Max(-1f, Math.Min(1f, samples[k]));
                if (_width == 2) at = Put(at, (short)Math.Round(sample * 32767.0));
                else at = PutSingle(at, sample);
            }
            return End - count;
        }

        /// The sentence ends here.
        public long Flush()
        {
            _flushes.Add(End);
            return End;
        }

        /// The next thing to send, of the sound before sample `limit`; it counts as sent. Count 0: a flush.
        public bool TryTake(long limit, out Piece piece)
        {
            piece = new Piece { At = Sent };
            if (_flushes.Count > 0 && _flushes[0] <= Sent)
            {
                _flushed.Add(_flushes[0]);
                _flushes.RemoveAt(0);
                return true;
            }
            var stop = Math.Min(Math.Min(End, limit), Sent + _rate / PiecesPerSec);
            if (_flushes.Count > 0) stop = Math.Min(stop, _flushes[0]);
            if (stop <= Sent) return false;
            piece.Offset = (int)(Sent - First) * _width;
            piece.Count = (int)(stop - Sent) * _width;
            Sent = stop;
            return true;
        }

        /// Forgets what was not sent, and what was: nobody will ask for it.
        public void Drop()
        {
            First = Sent;
            _bytes = 0;
            _flushes.Clear();
            _flushed.Clear();
        }

        /// The service's own voice spoke up to a sample; sound that is yet to be sent follows it, so much later.
        public long Skip(long sample)
        {
            var further = Math.Max(0, sample - Sent);
            if (further == 0) return 0;
            Remove((int)(Sent - First) * _width);
            First = Sent = sample;
            for (var k = 0; k < _flushes.Count; k++) _flushes[k] += further;
            _flushed.Clear();
            return further;
        }

        /// Goes on from what was received. A flush at its end is sent again: it may be lost, and twice does no harm.
        public void SendAgain(long received)
        {
            Sent = Math.Min(Math.Max(received, First), End);
            _flushed.RemoveAll(at => at < received);
            _flushes.InsertRange(0, _flushed);
            _flushed.Clear();
        }

        /// Lets go of sound that was received and lies before sample `needed`, a second at a time.
        public void Forget(long received, long needed)
        {
            while (_flushed.Count > 0 && _flushed[0] < received) _flushed.RemoveAt(0);
            var keep = Math.Max(First, Math.Min(Math.Min(received, needed), Sent));
            if (keep - First < _rate) return;
            Remove((int)(keep - First) * _width);
            First = keep;
        }

        // Room for more samples; gives where they begin
        int Grow(int samples)
        {
            if (WaitingSecs + (double)samples / _rate > LongestSecs)
                throw FaceRigException.Config("more than 600 s of sound wait", "SaySound", "send it as it is needed");
            var at = _bytes;
            _bytes += samples * _width;
            if (_bytes > _sound.Length) Array.Resize(ref _sound, Math.Max(2 * _sound.Length, _bytes));
            return at;
        }

        void Remove(int bytes)
        {
            Buffer.BlockCopy(_sound, bytes, _sound, 0, _bytes - bytes);
            _bytes -= bytes;
        }

        int Put(int at, short sample)
        {
            _sound[at] = (byte)sample;
            _sound[at + 1] = (byte)(sample >> 8);
            return at + 2;
        }

        int PutSingle(int at, float sample)
        {
            var bits = new SingleBits { Single = sample }.Bits;
            for (var k = 0; k < 4; k++) _sound[at + k] = (byte)(bits >> 8 * k);
            return at + 4;
        }

        public struct Piece
        {
            public long At;
            public int Offset, Count; // bytes of Sound
        }
    }
}
