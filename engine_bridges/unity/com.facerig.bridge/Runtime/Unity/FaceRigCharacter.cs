using System;
using System.Collections.Generic;
using UnityEngine;

namespace FaceRig.Unity
{
    /// A face that speaks. It needs a mesh with blendshapes in its children; beside it a FaceRigVoice or a
    /// FaceRigMicrophone gives it sound. While nobody speaks it blinks, breathes and looks about.
    [AddComponentMenu("FaceRig/FaceRig Character")]
    [DisallowMultipleComponent]
    public sealed class FaceRigCharacter : MonoBehaviour
    {
        [Tooltip("Empty: the one of the scene, or one on this machine")]
        [SerializeField] FaceRigService _service = null;

        [Tooltip("Its name at the service, of one character at a time. Empty: that of the object")]
        [SerializeField] string _subject = "";

        [Tooltip("Empty: the names are guessed")]
        [SerializeField] FaceRigMap _map = null;

        [Tooltip("Empty: all in the children that have blendshapes")]
        [SerializeField] SkinnedMeshRenderer[] _meshes = new SkinnedMeshRenderer[0];
        [SerializeField] FaceRigBones _bones = new FaceRigBones();

        [Tooltip("Of the sound as it is sent, Hz")]
        [SerializeField] int _sampleRate = 48000;

        [Tooltip("joy:0.6, a mixture, or plain words")]
        [SerializeField] string _emotion = "";

        [Tooltip("Every so many of 60 frames a second come: 1, 2 or 4. Far away nobody sees the difference")]
        [SerializeField] int _detail = 1;

        [Tooltip("The same seed blinks and glances alike")]
        [SerializeField] int _seed = 0;

        const float RetrySecs = 0.5f;

        readonly List<string[]> _shapeNames = new List<string[]>();
        SkinnedMeshRenderer[] _moved = new SkinnedMeshRenderer[0];
        IFaceClock _clock;
        float _triedSecs;
        Schema _bound;
        float[] _values = new float[0];
        Shown _shown;

        /// What happened, in the main thread: opened, lost, resumed, interrupted, closed, or a problem.
        public event Action<CharacterEvent> Happened;

        /// The character of the service, for everything that is not here. Null while disabled.
        public Character Character { get; private set; }

        /// Which curves move what; null until the session is open.
        public CurveMap Map { get; private set; }

        public FaceRigBones Bones => _bones;

        public FaceRigService Service => _service != null ? _service : FaceRigService.Shared;

        public Shown Shown => _shown;

        /// The last problem, for people.
        public string Problem { get; private set; } = "";

        /// Of the current face, in the order of the schema's curves. To read, before `LateUpdate` is over.
        public float[] Values => _values;

        /// Acts otherwise from now on: "joy:0.6", "sad, a little tired".
        public string Emotion
        {
            get => _emotion;
            set
            {
                _emotion = value;
                if (IsUsable) Character.Direct(new Direction { Emotion = value });
            }
        }

        /// 1, 2 or 4, as the character comes near or goes away.
        public int Detail
        {
            get => _detail;
            set
            {
                if (value == _detail) return;
                _detail = value;
                if (IsUsable) Character.Direct(new Direction { Detail = value });
            }
        }

        public void Blink()
        {
            if (IsUsable) Character.Direct(new Direction { Blink = true });
        }

        /// Looks at a place in the world; null: where it likes.
        public void LookAt(Vector3? place)
        {
            if (!IsUsable) return;
            var eyes = _bones.Head == null ? transform.position : _bones.Head.position;
            var to = place.HasValue ? transform.InverseTransformDirection(place.Value - eyes) : Vector3.zero;
            Character.Direct(place.HasValue
                ? new Direction { Gaze = new double[] { -to.x, to.y, to.z } } // left, up, ahead
                : new Direction { GazeAt = "none" });
        }

        /// Stops speaking now: the mouth comes to rest, and what was not heard is not heard.
        public void Interrupt()
        {
            if (_clock != null) _clock.Stop();
            if (IsUsable) Character.Interrupt();
        }

        /// How curves would find these meshes' blendshapes, without a service: for the inspector.
        public CurveMap CheckNames(out CurvePreset preset)
        {
            FindShapes();
            preset = Preset();
            return CurveMap.Bind(preset.Curves, _shapeNames, preset.Targets, _map == null ? null : _map.Own);
        }

        void OnEnable()
        {
            FindShapes();
            _clock = GetComponent<IFaceClock>();
            Open();
        }

        void OnDisable()
        {
            if (_clock != null) _clock.Stop();
            if (Character != null) Character.Abandon();
            Character = null;
            _bound = null;
            Rest();
        }

        // A subject that was just closed is free a moment later: it is tried again
        void Open()
        {
            var options = new CharacterOptions
            {
                SampleRate = _sampleRate, Rig = Preset().Rig, Pace = _clock == null ? "burst" : _clock.Pace,
                Emotion = _emotion, Detail = _detail, Seed = _seed,
            };
            _triedSecs = Time.unscaledTime;
            try
            {
                Character = Service.Client.Open(_subject.Length > 0 ? _subject : gameObject.name, options);
                if (_clock != null) _clock.Begin(Character);
            }
            catch (FaceRigException problem)
            {
                if (Problem != problem.Message) Tell(problem.Message);
            }
        }

        // After animation, and after clocks have looked at their players
        void LateUpdate()
        {
            CharacterEvent one;
            if (Character == null && Time.unscaledTime - _triedSecs >= RetrySecs) Open();
            while (Character != null && Character.TryTake(out one)) Take(one);
            if (Character == null) return; // whoever heard what happened may have disabled it
            Bind(Character.Schema);
            if (_bound == null || !Character.Show(_clock == null ? -1 : _clock.SamplePlaying, _values, out _shown)) return;
            Map.Apply(_values);
            Move();
            _bones.Pose(_values);
        }

        bool IsUsable => Character != null && !Character.IsOver;

        void Take(CharacterEvent one)
        {
            if (one.Kind == CharacterEventKind.Problem) Tell(one.Problem.Message);
            else if (one.Kind == CharacterEventKind.Closed && one.Reason != "client")
                Tell("its session is over: " + one.Reason);
            else if (one.Kind != CharacterEventKind.Lost) Problem = "";
            if (Happened != null) Happened(one);
        }

        // Another schema means other curves
        void Bind(Schema schema)
        {
            if (schema == null || schema == _bound) return;
            _bound = schema;
            _values = new float[schema.Curves.Length];
            var curves = Array.ConvertAll(schema.Curves, curve => curve.Name);
            Map = CurveMap.Bind(curves, _shapeNames, Preset().Targets, _map == null ? null : _map.Own);
            _bones.Begin(transform, curves);
            if (Map.Mapped == 0) Tell("no blendshape is named like a curve of the rig " + schema.Rig + ": see its map");
        }

        // Meshes may go while a game runs
        void Move()
        {
            for (var k = 0; k < Map.Shapes.Length; k++)
            {
                var mesh = _moved[Map.Shapes[k].Mesh];
                if (mesh != null) mesh.SetBlendShapeWeight(Map.Shapes[k].Index, 100 * Map.Shapes[k].Weight);
            }
        }

        void Rest()
        {
            if (Map == null) return;
            Map.Apply(_values = new float[_values.Length]);
            Move();
            _bones.Rest();
            Map = null;
        }

        CurvePreset Preset() => _map == null ? FaceRigMap.Preset(FaceNames.Automatic, _shapeNames) : _map.Preset(_shapeNames);

        void FindShapes()
        {
            var meshes = _meshes.Length > 0 ? _meshes : GetComponentsInChildren<SkinnedMeshRenderer>();
            _moved = Array.FindAll(meshes, mesh => mesh != null && mesh.sharedMesh != null && mesh.sharedMesh.blendShapeCount > 0);
            _shapeNames.Clear();
            foreach (var mesh in _moved)
            {
                var names = new string[mesh.sharedMesh.blendShapeCount];
                for (var k = 0; k < names.Length; k++) names[k] = mesh.sharedMesh.GetBlendShapeName(k);
                _shapeNames.Add(names);
            }
        }

        void Tell(string problem)
        {
            Problem = problem;
            Debug.LogWarning("FaceRig: " + gameObject.name + ": " + problem, this);
        }
    }
}
