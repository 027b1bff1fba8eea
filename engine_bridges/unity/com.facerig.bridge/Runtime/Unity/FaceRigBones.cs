using System;
using System.Collections.Generic;
using UnityEngine;

namespace FaceRig.Unity
{
    /// Bones that turn with the face: head and eyes by the rig's angles, a jaw by its curve. All of them may be missing.
    [Serializable]
    public sealed class FaceRigBones
    {
        [SerializeField] Transform _head = null;
        [SerializeField] Transform _leftEye = null, _rightEye = null;

        [Tooltip("Of a character whose chin is no blendshape")]
        [SerializeField] Transform _jaw = null;
        [SerializeField] float _jawDegrees = 25;

        [Tooltip("How much of the head's turns is shown; the rest may be the neck's")]
        [Range(0, 1)]
        [SerializeField] float _headShare = 1;

        readonly List<Turned> _turned = new List<Turned>();

        /// May be null.
        public Transform Head => _head;

        public void Set(Transform head, Transform leftEye, Transform rightEye, Transform jaw)
        {
            _head = head;
            _leftEye = leftEye;
            _rightEye = rightEye;
            _jaw = jaw;
        }

        /// How bones stand now is the face at rest. face: looks where the character looks: z ahead, y up.
        public void Begin(Transform face, IList<string> curves)
        {
            _turned.Clear();
            Add(_head, face, curves, "head", Mathf.Rad2Deg * _headShare);
            Add(_leftEye, face, curves, "leftEye", Mathf.Rad2Deg);
            Add(_rightEye, face, curves, "rightEye", Mathf.Rad2Deg);
            if (_jaw == null || curves.IndexOf("jawOpen") < 0) return;
            var jaw = new Turned(_jaw, face, _jawDegrees) { Pitch = curves.IndexOf("jawOpen") };
            _turned.Add(jaw);
        }

        public void Pose(float[] values)
        {
            for (var k = 0; k < _turned.Count; k++) _turned[k].Pose(values);
        }

        public void Rest()
        {
            for (var k = 0; k < _turned.Count; k++) _turned[k].Rest();
        }

        /// Whether a curve turns a bone.
        public bool Moves(string curve)
            => curve == "jawOpen" && _jaw != null || IsTurn(curve, "head", _head) || IsTurn(curve, "leftEye", _leftEye)
               || IsTurn(curve, "rightEye", _rightEye);

        void Add(Transform bone, Transform face, IList<string> curves, string joint, float degrees)
        {
            if (bone == null || curves.IndexOf(joint + "Yaw") < 0) return;
            _turned.Add(new Turned(bone, face, degrees)
            {
                Yaw = curves.IndexOf(joint + "Yaw"), Pitch = curves.IndexOf(joint + "Pitch"),
                Roll = curves.IndexOf(joint + "Roll"),
            });
        }

        static bool IsTurn(string curve, string joint, Transform bone)
            => bone != null && (curve == joint + "Yaw" || curve == joint + "Pitch" || curve == joint + "Roll");

        // Yaw to the character's right, pitch down, roll to its left shoulder: so do Unity's y, x and z turn
        sealed class Turned
        {
            public int Yaw = -1, Pitch = -1, Roll = -1; // curves

            readonly Transform _bone;
            readonly Quaternion _parentFromFace, _faceFromParent, _rest;
            readonly float _degrees; // for a value of 1

            public Turned(Transform bone, Transform face, float degrees)
            {
                _bone = bone;
                _degrees = degrees;
                _rest = bone.localRotation;
                var parent = bone.parent == null ? Quaternion.identity : bone.parent.rotation;
                _parentFromFace = Quaternion.Inverse(parent) * face.rotation;
                _faceFromParent = Quaternion.Inverse(_parentFromFace);
            }

            public void Pose(float[] values)
            {
                var turn = Quaternion.Euler(Of(Pitch, values), Of(Yaw, values), Of(Roll, values));
                _bone.localRotation = _parentFromFace * turn * _faceFromParent * _rest;
            }

            public void Rest() => _bone.localRotation = _rest;

            float Of(int curve, float[] values) => curve < 0 ? 0 : values[curve] * _degrees;
        }
    }
}
