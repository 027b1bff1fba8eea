// A stand-in for tests, written from Unity's public documentation: see README.md beside it. No part of Unity.
using System;
using UnityEngine;

namespace UnityEditor
{
    public enum MessageType { None, Info, Warning, Error }

    public class Editor : ScriptableObject
    {
        public UnityEngine.Object target { get; set; }
        public UnityEngine.Object[] targets { get; set; }

        public virtual void OnInspectorGUI() { }

        public virtual bool RequiresConstantRepaint() => false;

        public bool DrawDefaultInspector() => false;
    }

    public static class EditorGUILayout
    {
        public static void Space() { }

        public static void LabelField(string label, string label2) { }

        public static void HelpBox(string message, MessageType type) { }

        public static bool Foldout(bool foldout, string content) => foldout;
    }

    public static class Selection
    {
        public static GameObject[] gameObjects => new GameObject[0];
    }

    public static class Undo
    {
        public static T AddComponent<T>(GameObject gameObject) where T : Component, new() => gameObject.AddComponent<T>();
    }

    [AttributeUsage(AttributeTargets.Class)] public sealed class CustomEditor : Attribute { public CustomEditor(Type inspectedType) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class CanEditMultipleObjects : Attribute { }
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName, bool isValidateFunction) { }
        public MenuItem(string itemName, bool isValidateFunction, int priority) { }
    }
}
