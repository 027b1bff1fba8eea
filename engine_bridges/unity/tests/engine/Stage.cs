using System;
using System.Diagnostics;
using System.Reflection;
using System.Threading;
using FaceRig.Unity;
using UnityEngine;

namespace FaceRig.Tests
{
    /// A scene of stand-ins that a live service moves. WHAT CONTROL_PORT CURVES_PORT SOUND.s16; WHAT is
    ///
    ///     voice       a clip is spoken: the blendshapes are its faces, at the sample that the AudioSource plays
    ///     microphone  the same of what a microphone hears
    ///     again       switched off and on at once, under the same name
    ///     interrupt   the clip is broken off, and the mouth closes
    sealed class Stage
    {
        const int PatienceSecs = 120, PictureMs = 16, RateHz = 16000;

        readonly Stopwatch _clock = Stopwatch.StartNew();
        readonly FaceRigService _service;
        readonly FaceRigCharacter _face;
        readonly SkinnedMeshRenderer _mesh, _teeth;
        readonly Transform _head;
        readonly float[] _sound;
        IFaceClock _follows;
        long _lastSample;
        int _speaking, _pictures;
        float _widest, _turned; // jaw, of 1; head, degrees

        public Stage(string[] arguments)
        {
            _sound = Array.ConvertAll(Sound.Read(arguments[3]), one => one / 32768f);
            var holder = new GameObject("service");
            _service = holder.AddComponent<FaceRigService>();
            Time.unscaledTime = 1;
            Set(_service, "_controlPort", int.Parse(arguments[1]));
            Set(_service, "_curvesPort", int.Parse(arguments[2]));
            var character = new GameObject("Eve");
            _mesh = AddMesh(character, "Head", Array.ConvertAll(Wire.Curves.Arkit, Spelled));
            _teeth = AddMesh(character, "Teeth", "Jaw_Open", "Teeth_Gap");
            _head = new GameObject("head").transform;
            _head.parent = character.transform;
            _face = character.AddComponent<FaceRigCharacter>();
            _face.Bones.Set(_head, null, null, null);
        }

        public int Run(string what)
        {
            Microphone.Heard = what == "microphone" ? SoundConversion.ToMono(_sound, 1, RateHz, 48000) : new float[1];
            var voice = what == "microphone" ? null : _face.gameObject.AddComponent<FaceRigVoice>();
            if (voice != null) _face.gameObject.AddComponent<AudioSource>();
            else Set(_face.gameObject.AddComponent<FaceRigMicrophone>(), "_marginSecs", 1f);
            _follows = _face.GetComponent<IFaceClock>();
            Call(_face, "OnEnable");
            Until(() => _face.Map != null, "open");
            Check.That(_face.Map.Mapped == Wire.Curves.Arkit.Length, "map", _face.Map.Mapped + " curves are mapped");
            Until(() => _face.Shown.State == FaceState.Idle, "idle");
            if (what == "again") Again();
            if (voice != null) voice.Speak(Clip());
            if (voice != null) Set(voice, "_patienceSecs", (float)PatienceSecs);
            Until(() => _speaking > (what == "interrupt" ? 30 : 90) && _widest > 0.05, "speech");
            if (what == "interrupt") Interrupt();
            else if (voice != null) Until(() => !voice.IsSpeaking, "the end");
            Until(() => what == "microphone" || _face.Shown.State == FaceState.Idle, "idle again");
            Console.WriteLine("{\"pictures\": " + _pictures + ", \"speaking\": " + _speaking + ", \"widest\": "
                              + (int)(100 * _widest) + ", \"turned\": " + (int)(10 * _turned) + ", \"lost\": "
                              + _face.Character.Counts.Lost + "}");
            Call(_face, "OnDisable");
            Check.That(Weight("jawOpen") == 0, "mouth", "stays open when the character goes");
            Call(_service, "OnDisable");
            Check.That(UnityEngine.Debug.Warnings.Count == 0, "warnings", string.Join("; ", UnityEngine.Debug.Warnings.ToArray()));
            return 0;
        }

        void Again()
        {
            var before = _face.Character;
            Call(_face, "OnDisable");
            Call(_face, "OnEnable");
            Until(() => _face.Map != null && _face.Shown.State == FaceState.Idle, "open again");
            Check.That(before.IsOver && _face.Character != before, "session", "is the old one");
            UnityEngine.Debug.Warnings.RemoveAll(one => one.Contains("is open already"));
        }

        void Interrupt()
        {
            var epoch = _face.Character.Epoch;
            _face.Interrupt();
            Check.That(_follows.SamplePlaying == -1, "voice", "plays on");
            Until(() => _face.Character.Epoch > epoch && _face.Shown.State == FaceState.Idle, "interrupted");
            Until(() => Weight("jawOpen") < 15, "a mouth at rest"); // percent: breath
        }

        // A picture: what Unity calls, and what must then be so
        void Picture()
        {
            if (!WaitsForFaces()) Time.unscaledTime += PictureMs / 1000f;
            _pictures++;
            Call(_follows, "Update");
            Call(_face, "LateUpdate");
            if (_face.Map == null) return;
            for (var k = 0; k < Wire.Curves.Arkit.Length; k++)
            {
                var curve = Array.FindIndex(_face.Character.Schema.Curves, one => one.Name == Wire.Curves.Arkit[k]);
                var value = _face.Values[curve];
                var weight = _mesh.GetBlendShapeWeight(k);
                Check.That(weight == 100 * Math.Max(0, Math.Min(1, value)), Wire.Curves.Arkit[k], "weighs " + weight);
            }
            Check.That(_teeth.GetBlendShapeWeight(0) == Weight("jawOpen"), "teeth", "do not go with the jaw");
            Check.That(_follows.SamplePlaying == -1 || _follows.SamplePlaying >= _lastSample, "sound", "goes back");
            _lastSample = Math.Max(_lastSample, _follows.SamplePlaying);
            _turned = Math.Max(_turned, (float)(2 * Math.Acos(Math.Min(1, Math.Abs(_head.localRotation.w)))) * Mathf.Rad2Deg);
            if (_face.Shown.State != FaceState.Speech) return;
            _speaking++;
            _widest = Math.Max(_widest, Weight("jawOpen") / 100);
        }

        // However slow this machine is: the scene's time stands still while faces are late
        bool WaitsForFaces()
        {
            var of = _face.Character;
            return _follows.SamplePlaying >= 0 && of.AheadSamples < Math.Min(_follows.SamplePlaying, of.End - of.SampleRate / 10);
        }

        float Weight(string curve) => _mesh.GetBlendShapeWeight(Array.IndexOf(Wire.Curves.Arkit, curve));

        void Until(Func<bool> so, string what)
        {
            var endMs = _clock.ElapsedMilliseconds + PatienceSecs * 1000;
            while (!so())
            {
                if (_clock.ElapsedMilliseconds > endMs)
                    throw new Failed(what + ": not in time; " + _face.Problem + " " + _service.Problem + " " + _face.Shown.State + Told());
                Thread.Sleep(PictureMs);
                Picture();
            }
        }

        string Told()
        {
            var of = _face.Character;
            return "; plays " + _follows.SamplePlaying + ", ahead " + of.AheadSamples + ", end " + of.End + ", unsent " + of.WaitingSecs
                   + ", frames " + of.Counts.Received + ", reason " + of.Reason;
        }

        // Stereo, at another rate than the character's
        AudioClip Clip()
        {
            var stereo = new float[2 * _sound.Length];
            for (var k = 0; k < stereo.Length; k++) stereo[k] = _sound[k / 2];
            var clip = AudioClip.Create("line", _sound.Length, 2, RateHz, false);
            clip.SetData(stereo, 0);
            return clip;
        }

        // Jaw_Open
        static string Spelled(string curve)
        {
            var apart = "" + char.ToUpperInvariant(curve[0]);
            for (var k = 1; k < curve.Length; k++) apart += (char.IsUpper(curve[k]) ? "_" : "") + curve[k];
            return apart;
        }

        static SkinnedMeshRenderer AddMesh(GameObject to, string name, params string[] shapes)
        {
            var child = new GameObject(name);
            child.transform.parent = to.transform;
            var mesh = child.AddComponent<SkinnedMeshRenderer>();
            mesh.sharedMesh = new Mesh(shapes);
            return mesh;
        }

        static void Call(object of, string message)
            => of.GetType().GetMethod(message, BindingFlags.NonPublic | BindingFlags.Instance).Invoke(of, null);

        static void Set(object of, string field, object value)
            => of.GetType().GetField(field, BindingFlags.NonPublic | BindingFlags.Instance).SetValue(of, value);
    }
}
