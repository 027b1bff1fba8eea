// A stand-in for tests, written from Unity's public documentation: see README.md beside it. No part of Unity.
using System;

namespace UnityEngine
{
    public sealed class Mesh : Object
    {
        readonly string[] _shapes;

        public Mesh(params string[] shapes) => _shapes = shapes;

        public int blendShapeCount => _shapes.Length;

        public string GetBlendShapeName(int shapeIndex) => _shapes[shapeIndex];
    }

    public class SkinnedMeshRenderer : Component
    {
        readonly System.Collections.Generic.Dictionary<int, float> _weights
            = new System.Collections.Generic.Dictionary<int, float>();

        public Mesh sharedMesh { get; set; }

        public void SetBlendShapeWeight(int index, float value)
        {
            if (index < 0 || index >= sharedMesh.blendShapeCount) throw new ArgumentOutOfRangeException(nameof(index));
            _weights[index] = value;
        }

        public float GetBlendShapeWeight(int index) => _weights.ContainsKey(index) ? _weights[index] : 0;
    }

    public enum AudioClipLoadType { DecompressOnLoad, CompressedInMemory, Streaming }

    public enum AudioDataLoadState { Unloaded, Loading, Loaded, Failed }

    public sealed class AudioClip : Object
    {
        readonly float[] _data;

        AudioClip(string name, float[] data, int channels, int frequency)
        {
            this.name = name;
            _data = data;
            this.channels = channels;
            this.frequency = frequency;
        }

        public int channels { get; }
        public int frequency { get; }
        public int samples => _data.Length / channels;
        public AudioClipLoadType loadType { get; set; } = AudioClipLoadType.DecompressOnLoad;
        public AudioDataLoadState loadState => AudioDataLoadState.Loaded;

        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream)
            => new AudioClip(name, new float[lengthSamples * channels], channels, frequency);

        public bool LoadAudioData() => true;

        public bool GetData(float[] data, int offsetSamples)
        {
            for (var k = 0; k < data.Length; k++) data[k] = _data[(offsetSamples * channels + k) % _data.Length];
            return true;
        }

        public bool SetData(float[] data, int offsetSamples)
        {
            for (var k = 0; k < data.Length; k++) _data[(offsetSamples * channels + k) % _data.Length] = data[k];
            return true;
        }
    }

    /// Plays by `Time`, and says where it is in steps of a buffer, as the engine's does.
    public sealed class AudioSource : Behaviour
    {
        const int Buffer = 1024;
        float _begun = -1;

        public AudioClip clip { get; set; }
        public float pitch { get; set; } = 1;
        public bool loop { get; set; }

        public bool isPlaying => _begun >= 0 && Samples < clip.samples;

        public int timeSamples => isPlaying ? Samples / Buffer * Buffer : 0;

        public void Play() => _begun = Time.unscaledTime;

        public void Stop() => _begun = -1;

        int Samples => (int)((Time.unscaledTime - _begun) * pitch * clip.frequency);
    }

    public static class AudioSettings
    {
        public static int outputSampleRate => 48000;

        public static void GetDSPBufferSize(out int bufferLength, out int numBuffers)
        {
            bufferLength = 512;
            numBuffers = 2;
        }
    }

    /// Hears what `Heard` holds over and over, from `Start` on, by `Time`.
    public static class Microphone
    {
        static AudioClip _clip;
        static float _begun;
        static int _written;

        public static float[] Heard = new float[1];

        public static AudioClip Start(string deviceName, bool loop, int lengthSec, int frequency)
        {
            _begun = Time.unscaledTime;
            _written = 0;
            return _clip = AudioClip.Create("microphone", lengthSec * frequency, 1, frequency, false);
        }

        public static int GetPosition(string deviceName)
        {
            for (var end = (int)((Time.unscaledTime - _begun) * _clip.frequency); _written < end; _written++)
                _clip.SetData(new[] { Heard[_written % Heard.Length] }, _written % _clip.samples);
            return _written % _clip.samples;
        }

        public static void End(string deviceName) => _clip = null;
    }
}
