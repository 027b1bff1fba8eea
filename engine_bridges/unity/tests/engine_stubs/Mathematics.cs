// A stand-in for tests, written from Unity's public documentation: see README.md beside it. No part of Unity.
using System;

namespace UnityEngine
{
    public static class Mathf
    {
        public const float Rad2Deg = 57.29578f;

        public static float Max(float one, float other) => Math.Max(one, other);
    }

    public struct Vector3
    {
        public float x, y, z;

        public Vector3(float x, float y, float z)
        {
            this.x = x;
            this.y = y;
            this.z = z;
        }

        public static Vector3 zero => new Vector3();

        public static Vector3 operator +(Vector3 one, Vector3 other) => new Vector3(one.x + other.x, one.y + other.y, one.z + other.z);

        public static Vector3 operator -(Vector3 one, Vector3 other) => new Vector3(one.x - other.x, one.y - other.y, one.z - other.z);
    }

    public struct Quaternion
    {
        public float x, y, z, w;

        public Quaternion(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }

        public static Quaternion identity => new Quaternion(0, 0, 0, 1);

        /// Turns by z, then by x, then by y, in degrees.
        public static Quaternion Euler(float x, float y, float z)
            => About(0, 1, 0, y) * About(1, 0, 0, x) * About(0, 0, 1, z);

        public static Quaternion Inverse(Quaternion of) => new Quaternion(-of.x, -of.y, -of.z, of.w);

        public static Quaternion operator *(Quaternion a, Quaternion b) => new Quaternion(
            a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
            a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
            a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
            a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);

        public static Vector3 operator *(Quaternion turn, Vector3 point)
        {
            var turned = turn * new Quaternion(point.x, point.y, point.z, 0) * Inverse(turn);
            return new Vector3(turned.x, turned.y, turned.z);
        }

        static Quaternion About(float x, float y, float z, float degrees)
        {
            var half = degrees * Math.PI / 360;
            var sine = (float)Math.Sin(half);
            return new Quaternion(x * sine, y * sine, z * sine, (float)Math.Cos(half));
        }
    }
}
