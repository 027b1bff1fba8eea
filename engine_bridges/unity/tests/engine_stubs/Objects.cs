// A stand-in for tests, written from Unity's public documentation: see README.md beside it. No part of Unity.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public class Object
    {
        static readonly List<Object> All = new List<Object>();

        public Object() => All.Add(this);

        public string name { get; set; } = "";

        public static T FindObjectOfType<T>() where T : Object => (T)All.Find(one => one is T);

        public static T FindAnyObjectByType<T>() where T : Object => FindObjectOfType<T>();

        public static void DontDestroyOnLoad(Object target) { }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform => gameObject.transform;

        public T GetComponent<T>() => gameObject.GetComponent<T>();

        public T[] GetComponentsInChildren<T>() => gameObject.GetComponentsInChildren<T>();
    }

    public class Behaviour : Component
    {
        public bool enabled { get; set; } = true;
    }

    public class MonoBehaviour : Behaviour { }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject, new() => new T();
    }

    public sealed class GameObject : Object
    {
        readonly List<Component> _components = new List<Component>();

        public GameObject(string name)
        {
            this.name = name;
            transform = AddComponent<Transform>();
        }

        public Transform transform { get; }

        public T AddComponent<T>() where T : Component, new()
        {
            var component = new T { gameObject = this, name = name };
            _components.Add(component);
            return component;
        }

        public T GetComponent<T>()
        {
            foreach (var one in _components)
                if (one is T) return (T)(object)one;
            return default(T);
        }

        public T[] GetComponentsInChildren<T>()
        {
            var found = new List<T>();
            foreach (var one in _components)
                if (one is T) found.Add((T)(object)one);
            foreach (var child in transform.Children) found.AddRange(child.gameObject.GetComponentsInChildren<T>());
            return found.ToArray();
        }
    }

    public class Transform : Component
    {
        internal readonly List<Transform> Children = new List<Transform>();
        Transform _parent;

        public Transform parent
        {
            get => _parent;
            set
            {
                _parent = value;
                value.Children.Add(this);
            }
        }

        public Vector3 localPosition { get; set; }
        public Quaternion localRotation { get; set; } = Quaternion.identity;

        public Quaternion rotation => _parent == null ? localRotation : _parent.rotation * localRotation;

        public Vector3 position => _parent == null ? localPosition : _parent.position + _parent.rotation * localPosition;

        public Vector3 InverseTransformDirection(Vector3 direction) => Quaternion.Inverse(rotation) * direction;
    }

    public static class Debug
    {
        public static readonly List<string> Warnings = new List<string>();

        public static void Log(object message) { }

        public static void LogWarning(object message, Object context) => Warnings.Add(message.ToString());
    }

    public static class Time
    {
        public static float unscaledTime { get; set; }
        public static float realtimeSinceStartup => unscaledTime;
        public static double realtimeSinceStartupAsDouble => unscaledTime;
    }

    public static class Application
    {
        public static bool isPlaying => true;
    }

    public enum KeyCode { Space, Escape, J, L, S }

    public static class Input
    {
        public static bool GetKeyDown(KeyCode key) => false;
    }

    public class GUIContent { }

    public static class GUILayout
    {
        public static bool Button(string text) => false;
    }

    [AttributeUsage(AttributeTargets.Class)] public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string menuName) { } }
    [AttributeUsage(AttributeTargets.Class)] public sealed class DisallowMultipleComponent : Attribute { }
    [AttributeUsage(AttributeTargets.Class)] public sealed class CreateAssetMenuAttribute : Attribute { public string menuName { get; set; } public string fileName { get; set; } }
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type one) { }
        public RequireComponent(Type one, Type other) { }
    }
    [AttributeUsage(AttributeTargets.Field)] public sealed class SerializeField : Attribute { }
    [AttributeUsage(AttributeTargets.Field)] public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string tooltip) { } }
    [AttributeUsage(AttributeTargets.Field)] public sealed class RangeAttribute : Attribute { public RangeAttribute(float min, float max) { } }
}
