using UnityEngine;

namespace FaceRig.Unity
{
    /// Speaks what a microphone hears. A face cannot be there before its sound was heard to the look-ahead's end, so it
    /// follows `DelaySecs` later: delay the voice by as much wherever it is played.
    [AddComponentMenu("FaceRig/FaceRig Microphone")]
    public sealed class FaceRigMicrophone : MonoBehaviour, IFaceClock
    {
        const int PiecesPerSec = 50, BufferSecs = 1;

        [Tooltip("Empty: the default one")]
        [SerializeField] string _device = "";

        [Tooltip("Beyond the look-ahead, for network and service, s")]
        [SerializeField] float _marginSecs = 0.1f;

        Character _character;
        PlaybackClock _clock;
        AudioClip _heard;
        float[] _piece;
        int _read; // up to here of the clip, which goes round
        long _sent; // the character's sample

        public string Pace => "realtime";

        public long SamplePlaying { get; private set; } = -1;

        /// By how much the face follows the voice.
        public float DelaySecs
            => _character == null ? 0 : _marginSecs + (float)_character.LatencySamples / _character.SampleRate;

        public void Begin(Character character)
        {
            _character = character;
            _heard = Microphone.Start(Device, true, BufferSecs, character.SampleRate);
            if (_heard == null)
            {
                Debug.LogWarning("FaceRig: no microphone hears: is one there, and may the program use it?", this);
                return;
            }
            // A device that has another rate: each piece is converted
            _piece = new float[_heard.frequency / PiecesPerSec * _heard.channels];
            _clock = new PlaybackClock(character.SampleRate);
            _read = 0;
            _sent = character.End;
        }

        public void Stop()
        {
            if (_heard != null) Microphone.End(Device);
            _heard = null;
            SamplePlaying = -1;
        }

        string Device => _device.Length > 0 ? _device : null;

        void Update()
        {
            if (_heard == null || _character == null || _character.IsOver) return;
            var frames = _piece.Length / _heard.channels;
            var position = Microphone.GetPosition(Device);
            for (var there = Ahead(position); there >= frames; there = Ahead(position)) Send(frames);
            _clock = _clock.Next(_sent, 1, PictureClock.NowSecs);
            SamplePlaying = System.Math.Max(0, _clock.Sample - (long)(DelaySecs * _character.SampleRate));
        }

        void Send(int frames)
        {
            _heard.GetData(_piece, _read);
            _read = (_read + frames) % _heard.samples;
            var sound = _heard.channels == 1 && _heard.frequency == _character.SampleRate ? _piece
                : SoundConversion.ToMono(_piece, _heard.channels, _heard.frequency, _character.SampleRate);
            try
            {
                _character.SaySound(sound, 0, sound.Length, false);
                _sent = _character.End;
            }
            catch (FaceRigException problem)
            {
                Debug.LogWarning("FaceRig: " + problem.Message, this);
                Stop();
            }
        }

        int Ahead(int position) => (position - _read + _heard.samples) % _heard.samples;
    }
}
