using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace FaceRig.Unity.Editor
{
    /// Below the settings: whether there is a connection, what the face does, and which curves find no blendshape.
    [CustomEditor(typeof(FaceRigCharacter))]
    [CanEditMultipleObjects]
    public sealed class FaceRigCharacterEditor : UnityEditor.Editor
    {
        bool _showsCurves;
        CurveMap _checked;
        CurvePreset _preset;

        public override bool RequiresConstantRepaint() => Application.isPlaying;

        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            if (targets.Length > 1) return;
            var face = (FaceRigCharacter)target;
            EditorGUILayout.Space();
            if (Application.isPlaying && face.Character != null) DrawLive(face, face.Character);
            else if (GUILayout.Button("Check names of blendshapes")) _checked = face.CheckNames(out _preset);
            if (!Application.isPlaying && _checked != null)
            {
                EditorGUILayout.LabelField("Names", _preset.Name + " (rig " + _preset.Rig + ")");
                DrawMap(face, _checked);
            }
        }

        void DrawLive(FaceRigCharacter face, Character character)
        {
            var service = face.Service;
            EditorGUILayout.LabelField("Connection", service.IsConnected ? "connected" : service.Problem);
            EditorGUILayout.LabelField("Session", character.IsOpen ? "open, epoch " + character.Epoch
                                       : character.IsOver ? "over: " + character.Reason : "waiting");
            EditorGUILayout.LabelField("Look-ahead", Ms(character.LatencySamples, character.SampleRate));
            var late = character.LateSamples;
            EditorGUILayout.LabelField("Faces", !late.HasValue ? "no sound yet"
                : late > 0 ? Ms(late.Value, character.SampleRate) + " late" : Ms(-late.Value, character.SampleRate) + " in hand");
            EditorGUILayout.LabelField("Shows", face.Shown.State.ToString());
            var counts = character.Counts;
            EditorGUILayout.LabelField("Frames", counts.Received + " came, " + counts.Lost + " lost, " + counts.Held
                                       + " pictures held");
            if (face.Problem.Length > 0) EditorGUILayout.HelpBox(face.Problem, MessageType.Warning);
            if (face.Map != null) DrawMap(face, face.Map);
        }

        void DrawMap(FaceRigCharacter face, CurveMap map)
        {
            var unmapped = new List<string>(map.Unmapped);
            unmapped.RemoveAll(face.Bones.Moves);
            EditorGUILayout.LabelField("Curves", map.Mapped + " move blendshapes, " + unmapped.Count + " move nothing");
            _showsCurves = EditorGUILayout.Foldout(_showsCurves, "Curves that move nothing");
            if (!_showsCurves) return;
            foreach (var curve in unmapped) EditorGUILayout.LabelField(" ", curve);
        }

        static string Ms(long samples, int rate) => (samples * 1000 / rate) + " ms";
    }
}
