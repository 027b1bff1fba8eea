using System;

namespace FaceRig
{
    /// The sample that plays now, smoothly. A player says where it is in steps of its buffers, some 20 ms apart; a mouth
    /// that followed would twitch. So time runs on by the picture's clock, is pulled towards what the player says, and
    /// jumps only where the two are far apart (a seek, a pause of the program).
    public struct PlaybackClock
    {
        const double PullPerSec = 4; // of the way to the player's position: buffers are passed over, drift is not
        const double JumpSecs = 0.1;

        readonly double _rate;
        double _position;
        double _atSecs;
        bool _runs;

        /// rate: samples a second of the sound.
        public PlaybackClock(double rate)
        {
            _rate = rate;
            _position = _atSecs = 0;
            _runs = false;
        }

        public long Sample => (long)Math.Floor(_position);

        /// player: the sample that the player says; speed: 1 as recorded, 0 while it pauses; nowSecs never goes back.
        public PlaybackClock Next(double player, double speed, double nowSecs)
        {
            var next = this;
            var elapsed = _runs ? Math.Max(0, nowSecs - _atSecs) : 0;
            var expected = _position + elapsed * speed * _rate;
            var off = player - expected;
            if (!_runs || Math.Abs(off) > JumpSecs * _rate) next._position = player;
            else if (speed > 0) next._position = Math.Max(_position, expected + off * Math.Min(1, PullPerSec * elapsed));
            next._atSecs = nowSecs;
            next._runs = true;
            return next;
        }
    }
}
