using System;

namespace FaceRig
{
    public enum FaceState { Rest, Idle, Speech, Held }

    /// Which face is shown. `Index`: of the frame at or before it, -1 at rest. `State`: Speech; Held (the frame
    /// that should follow is late); Idle (no sound plays); Rest (nothing came).
    public struct Shown
    {
        public long Index;
        public FaceState State;
    }

    /// The jitter buffer: which face to show for the sample that is playing now. The rules, and their numbers,
    /// are those of PROTOCOL.md, "The jitter buffer".
    ///
    /// Pure: no sockets, no threads, no clock of its own. One thread at a time. Nothing is allocated once as
    /// many frames have come as are kept at a time.
    public sealed class Playout
    {
        const long NsPerSec = 1000000000;

        readonly int _sampleRate, _frames, _secs; // so many frames in so many seconds
        readonly long _hold, _bridge, _behind; // samples
        readonly float[] _rest, _last, _fadeFrom;
        readonly FrameQueue _sound = new FrameQueue(), _idle = new FrameQueue();
        readonly FramePool _pool = new FramePool();
        readonly Lateness _late = new Lateness();
        Arrivals _arrivals = Arrivals.None;

        long _anchorIndex, _anchorNs = -1; // idle life stood at this index at this time
        long _newestIdle = -1, _newestIdleNs;
        Target _shown;
        bool _hasShown, _fading, _broken; // broken: the next picture follows no other
        long _shownNs, _fadeNs;
        Counts _counts;

        /// rest: the face at rest, a value for each curve.
        public Playout(int sampleRate, int fpsNumerator, int fpsDenominator, float[] rest)
        {
            _sampleRate = sampleRate;
            _frames = fpsNumerator;
            _secs = fpsDenominator;
            _hold = (long)sampleRate * Wire.Jitter.HoldMs / 1000;
            _bridge = (long)sampleRate * Wire.Jitter.BridgeMs / 1000;
            _behind = (long)sampleRate * Wire.Jitter.BehindMs / 1000;
            _rest = rest;
            _last = new float[rest.Length];
            _fadeFrom = new float[rest.Length];
        }

        public int Epoch { get; private set; }

        public Counts Counts => _counts;

        /// By how much the sound that plays is ahead of the newest frame, at worst in the last pictures: a raw
        /// tap must be delayed by so much. Negative: so much is in hand. Null: no sound played.
        public long? LateSamples => _late.Worst;

        /// The sample of the newest frame with sound; -1 before any.
        public long AheadSamples => _sound.Count > 0 ? _sound.Newest.Sample : -1;

        #region Frames in

        /// Takes a frame; false if it is of no use: of an epoch that is over, a second time, another rig's.
        /// shift: of its samples.
        public bool Put(in FrameHeader header, byte[] data, long shift = 0)
        {
            if (header.Epoch < Epoch || header.Count != _rest.Length)
            {
                _counts.Stale++;
                return false;
            }
            Interrupted(header.Epoch);
            if (_arrivals.IsKnown(header.Index))
            {
                _counts.Twice++;
                return false;
            }
            _counts.Received++;
            _counts.Lost += _arrivals.Add(header.Index, header.Step);
            var frame = _pool.Take();
            frame.Set(header, data, shift);
            if (frame.Sample >= 0) _counts.Dropped += Keep(_sound, frame, Wire.Jitter.MostSounding);
            else Keep(_idle, frame, Wire.Jitter.MostIdle);
            return true;
        }

        /// The epoch that counts from now on: what came of older ones is forgotten, and not shown again.
        public void Interrupted(int epoch)
        {
            if (epoch > Epoch) Restart(epoch);
        }

        /// Another session goes on with this character: indices and epochs begin anew, the face does not jump.
        public void Restart(int epoch)
        {
            Epoch = epoch;
            while (_sound.Count > 0) _pool.Give(_sound.TakeFirst());
            while (_idle.Count > 0) _pool.Give(_idle.TakeFirst());
            _arrivals.Forget();
            _late.Forget();
            _anchorNs = _newestIdle = -1;
            _newestIdleNs = 0;
            _broken = true;
        }

        int Keep(FrameQueue frames, Frame frame, int most)
        {
            frames.Insert(frame);
            if (frames.Count <= most) return 0;
            _pool.Give(frames.TakeFirst());
            return 1;
        }

        #endregion

        #region Faces out

        /// The face at `nowNs` (a clock that never goes back) while `sample` of the sound plays (-1: none does),
        /// into an array of a value for each curve.
        public Shown Show(long nowNs, long sample, float[] into)
        {
            var target = default(Target);
            if (sample < 0 || !Speaking(sample, ref target)) Living(nowNs, ref target);
            if (_hasShown && (_broken || Jumps(target, nowNs)))
            {
                Array.Copy(_last, _fadeFrom, _last.Length);
                _fadeNs = _shownNs;
                _fading = true;
            }
            _broken = false;
            Draw(target, into);
            Fade(nowNs, into);
            Array.Copy(into, _last, _last.Length);
            target.One = target.Following = null; // they may be given back
            _shown = target;
            _shownNs = nowNs;
            _hasShown = true;
            return new Shown { Index = target.Index, State = target.State };
        }

        // The face of a sample of the sound; false where no frame is near
        bool Speaking(long sample, ref Target target)
        {
            if (_sound.Count > 0 && !_sound.Newest.IsLast && !IsOver(_sound.Newest))
                _late.Note(sample - _sound.Newest.Sample);
            Trim(sample);
            var here = _sound.AtSample(sample);
            if (here < 0) return false;
            var one = _sound[here];
            var since = sample - one.Sample;
            if (here + 1 < _sound.Count && AreTogether(one, _sound[here + 1]))
            {
                var following = _sound[here + 1];
                target.Between(one, following, (double)since / (following.Sample - one.Sample), FaceState.Speech);
                return true;
            }
            var frame = (long)_sampleRate * _secs; // in samples, times _frames
            var late = Math.Min(since, int.MaxValue) * _frames - one.Step * frame; // is what should follow
            target.Only(one, late < 0 ? FaceState.Speech : FaceState.Held);
            if (late < 0) return true;
            if (one.IsLast || late > _hold * _frames - frame || IsOver(one)) return false;
            _counts.Held++;
            return true;
        }

        // Whether as much sound lies between two frames as time, and not too much
        bool AreTogether(Frame one, Frame following)
        {
            long frames = following.Index - one.Index, samples = following.Sample - one.Sample;
            var frame = (long)_sampleRate * _secs;
            if (samples <= 0 || samples > _bridge || frames > long.MaxValue / 2 / frame) return false;
            return Math.Abs(frames * frame - samples * _frames) <= frame;
        }

        // Whether idle life has gone on after a frame: its sound was the last
        bool IsOver(Frame one) => _idle.Count > 0 && _idle.Newest.Index > one.Index;

        // Forgets frames far behind what plays; the one before stays, to draw from
        void Trim(long sample)
        {
            var oldest = sample - _behind;
            if (_sound.Count < 2 || _sound[1].Sample > oldest) return;
            for (var gone = _sound.AtSample(oldest); gone > 0; gone--) _pool.Give(_sound.TakeFirst());
        }

        // The face while no sound plays: idle frames by the clock, a few late where they come unevenly
        void Living(long nowNs, ref Target target)
        {
            target = new Target { State = FaceState.Rest, Index = -1, Step = 1 };
            if (_idle.Count == 0) return;
            var newest = _idle.Newest;
            if (newest.Index != _newestIdle)
            {
                _newestIdle = newest.Index;
                _newestIdleNs = nowNs;
            }
            if (nowNs - _newestIdleNs > Wire.Jitter.IdleStaleNs) return;
            double share;
            var held = IdlePosition(newest, nowNs, out share);
            var here = 0;
            while (here + 1 < _idle.Count && _idle[here + 1].Index <= held) here++;
            var one = _idle[here];
            if (here + 1 == _idle.Count || held < one.Index || held == one.Index && share == 0)
            {
                target.Only(one, FaceState.Idle);
                return;
            }
            var following = _idle[here + 1];
            var gap = following.Index - one.Index;
            if (gap > Wire.Jitter.IdleBehind * following.Step) target.Only(following, FaceState.Idle); // speech lay between
            else target.Between(one, following, (held - one.Index + share) / gap, FaceState.Idle);
        }

        // The whole index that idle life is at, and the share of the way to the next
        long IdlePosition(Frame newest, long nowNs, out double share)
        {
            long low = newest.Index - Wire.Jitter.IdleBehind * newest.Step, held = newest.Index - newest.Step;
            share = 0;
            if (_anchorNs >= 0)
            {
                // Exact, and within what a decimal holds
                decimal done = (decimal)(nowNs - _anchorNs) * _frames, frame = (decimal)NsPerSec * _secs;
                var whole = decimal.Floor(done / frame);
                var rest = done - whole * frame;
                held = _anchorIndex + (long)Math.Max(-int.MaxValue, Math.Min(whole, int.MaxValue));
                share = (double)(rest / frame);
                if (held >= low && (held < newest.Index || held == newest.Index && rest == 0)) return held;
                held = held < low ? low : newest.Index;
                share = 0;
            }
            _anchorIndex = held;
            _anchorNs = nowNs;
            return held;
        }

        // Whether a face follows the last one by more or less than the time between them
        bool Jumps(in Target target, long nowNs)
        {
            var rests = target.State == FaceState.Rest;
            if (rests != (_shown.State == FaceState.Rest)) return true;
            if (rests) return false;
            long further = target.Index - _shown.Index, most = Wire.Jitter.Jump * Math.Max(target.Step, _shown.Step);
            if (further < -most) return true;
            var needed = (decimal)Math.Min(further - most, int.MaxValue) * _secs * NsPerSec;
            return needed > (decimal)(nowNs - _shownNs) * _frames;
        }

        void Draw(in Target target, float[] into)
        {
            if (target.One == null) Array.Copy(_rest, into, _rest.Length);
            else if (target.Following == null) Array.Copy(target.One.Values, into, _rest.Length);
            else Blend(target.One.Values, target.Following.Values, (float)target.Share, into);
        }

        void Fade(long nowNs, float[] into)
        {
            if (!_fading) return;
            var share = (nowNs - _fadeNs) / (double)Wire.Jitter.FadeNs;
            _fading = share < 1;
            if (_fading) Blend(_fadeFrom, into, (float)Math.Max(0, share), into);
        }

        void Blend(float[] from, float[] to, float share, float[] into)
        {
            for (var k = 0; k < _rest.Length; k++) into[k] = from[k] + share * (to[k] - from[k]);
        }

        #endregion

        struct Target
        {
            public Frame One, Following;
            public double Share;
            public long Index;
            public int Step;
            public FaceState State;

            public void Only(Frame one, FaceState state)
            {
                One = one;
                Following = null;
                Index = one.Index;
                Step = one.Step;
                State = state;
            }

            public void Between(Frame one, Frame following, double share, FaceState state)
            {
                Only(one, state);
                Following = following;
                Share = share;
                Step = following.Step;
            }
        }
    }
}
