using System.Collections.Generic;
using UnityEngine;

namespace FaceRig.Unity
{
    /// Speaks clips through an AudioSource, with the face in time. The whole clip is sent at once; it is heard as soon as
    /// its first faces are there. Clips that wait are spoken one after the other.
    [AddComponentMenu("FaceRig/FaceRig Voice")]
    [RequireComponent(typeof(AudioSource))]
    public sealed class FaceRigVoice : MonoBehaviour, IFaceClock
    {
        [Tooltip("A line is heard after so long without its faces, s: rather a still mouth than no voice")]
        [SerializeField] float _patienceSecs = 0.5f;

        [Tooltip("Between the mixer and the ear, s; below 0: what Unity's buffers hold")]
        [SerializeField] float _outputSecs = -1;

        readonly Queue<AudioClip> _waiting = new Queue<AudioClip>();
        AudioSource _source;
        Character _character;
        PlaybackClock _clock;
        AudioClip _clip; // that is being spoken
        long _begins, _length; // of it, samples of the character
        float _sentSecs;
        bool _plays;

        public string Pace => "burst";

        /// Whether something is said, or waits to be.
        public bool IsSpeaking => _clip != null || _waiting.Count > 0;

        public long SamplePlaying { get; private set; } = -1;

        /// Says a clip, after those that wait. Its Load Type must be Decompress On Load.
        public void Speak(AudioClip clip)
        {
            if (clip != null) _waiting.Enqueue(clip);
        }

        public void Begin(Character character)
        {
            _source = GetComponent<AudioSource>();
            _character = character;
            SamplePlaying = -1;
        }

        public void Stop()
        {
            _waiting.Clear();
            End();
        }

        void Update()
        {
            if (_character == null || _character.IsOver) return;
            if (_clip == null && _waiting.Count > 0) Send(_waiting.Dequeue());
            if (_clip == null) return;
            if (!_plays) Play();
            else if (_source.clip != _clip || !_source.isPlaying && _source.timeSamples == 0) End();
            else Follow();
        }

        void Send(AudioClip clip)
        {
            var samples = new float[clip.samples * clip.channels];
            if (clip.loadState != AudioDataLoadState.Loaded) clip.LoadAudioData();
            if (clip.loadType != AudioClipLoadType.DecompressOnLoad || !clip.GetData(samples, 0))
            {
                Debug.LogWarning("FaceRig: " + clip.name + " holds no samples to read: set its Load Type to "
                                 + "Decompress On Load", this);
                return;
            }
            var sound = SoundConversion.ToMono(samples, clip.channels, clip.frequency, _character.SampleRate);
            try
            {
                _begins = _character.SaySound(sound, 0, sound.Length, true);
            }
            catch (FaceRigException problem)
            {
                Debug.LogWarning("FaceRig: " + clip.name + ": " + problem.Message, this);
                return;
            }
            _length = sound.Length;
            _clip = clip;
            _sentSecs = Time.unscaledTime;
        }

        // As soon as there are faces for its beginning
        void Play()
        {
            if (_character.AheadSamples < _begins && Time.unscaledTime - _sentSecs < _patienceSecs) return;
            _source.clip = _clip;
            _source.loop = false;
            _source.Play();
            _clock = new PlaybackClock(_character.SampleRate);
            _plays = true;
            Follow();
        }

        void Follow()
        {
            var rate = (double)_character.SampleRate;
            var player = _source.timeSamples * rate / _clip.frequency;
            var speed = _source.isPlaying ? Mathf.Max(0, _source.pitch) : 0; // paused, or a game that stands still
            _clock = _clock.Next(player, speed, PictureClock.NowSecs);
            var heard = _clock.Sample - (long)(OutputSecs() * rate);
            SamplePlaying = _begins + System.Math.Max(0, System.Math.Min(_length, heard));
        }

        void End()
        {
            if (_source != null && _clip != null && _source.clip == _clip) _source.Stop();
            _clip = null;
            _plays = false;
            SamplePlaying = -1;
        }

        float OutputSecs()
        {
            if (_outputSecs >= 0) return _outputSecs;
            int samples, buffers;
            AudioSettings.GetDSPBufferSize(out samples, out buffers);
            return (float)samples * buffers / AudioSettings.outputSampleRate;
        }
    }
}
