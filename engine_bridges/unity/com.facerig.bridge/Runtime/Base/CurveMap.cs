using System;
using System.Collections.Generic;

namespace FaceRig
{
    /// Which curve moves which blendshapes of a character's meshes, and by how much. Bound once; `Apply` allocates
    /// nothing.
    public sealed class CurveMap
    {
        readonly Link[] _links;
        readonly Shape[] _shapes;
        readonly List<string> _unmapped;

        CurveMap(Link[] links, Shape[] shapes, List<string> unmapped, int mapped)
        {
            _links = links;
            _shapes = shapes;
            _unmapped = unmapped;
            Mapped = mapped;
        }

        /// How many curves move something.
        public int Mapped { get; }

        /// Those that move nothing.
        public IList<string> Unmapped => _unmapped;

        /// The shapes that are moved; their weights are those of the last `Apply`.
        public Shape[] Shapes => _shapes;

        /// curves: of the schema. meshes: the blendshapes of each by name; one that several meshes have is moved in each.
        /// preset, own (either may be null): what no spelling finds; what is one's own goes before the preset, and that
        /// before the curve's own name. A gain of 0, as a new row of an inspector has it, counts as 1.
        public static CurveMap Bind(IList<string> curves, IList<string[]> meshes, IList<CurveTarget> preset,
                                    IList<CurveTarget> own)
        {
            var links = new List<Link>();
            var shapes = new List<Shape>();
            var unmapped = new List<string>();
            for (var k = 0; k < curves.Count; k++)
            {
                var found = false;
                for (var mesh = 0; mesh < meshes.Count; mesh++)
                {
                    var before = links.Count;
                    var isOwn = Has(own, curves[k]); // also without a shape: then the curve moves nothing
                    Action<int, float> add = (shape, gain) => Add(links, shapes, k, mesh, shape, gain);
                    Find(curves[k], meshes[mesh], isOwn ? own : preset, add);
                    if (links.Count == before && !isOwn) add(CurveNames.Find(curves[k], meshes[mesh]), 1);
                    found |= links.Count > before;
                }
                if (!found) unmapped.Add(curves[k]);
            }
            return new CurveMap(links.ToArray(), shapes.ToArray(), unmapped, curves.Count - unmapped.Count);
        }

        /// Weights in [0, 1] from the values of curves; curves that move the same shape add up.
        public void Apply(float[] values)
        {
            for (var k = 0; k < _shapes.Length; k++) _shapes[k].Weight = 0;
            foreach (var link in _links) _shapes[link.Shape].Weight += link.Gain * values[link.Curve];
            for (var k = 0; k < _shapes.Length; k++) _shapes[k].Weight = Math.Max(0, Math.Min(1, _shapes[k].Weight));
        }

        static void Find(string curve, string[] among, IList<CurveTarget> targets, Action<int, float> add)
        {
            for (var k = 0; targets != null && k < targets.Count; k++)
                if (targets[k].Curve == curve)
                    add(CurveNames.Find(targets[k].Shape ?? "", among), targets[k].Gain == 0 ? 1 : targets[k].Gain);
        }

        static bool Has(IList<CurveTarget> targets, string curve)
        {
            for (var k = 0; targets != null && k < targets.Count; k++)
                if (targets[k].Curve == curve) return true;
            return false;
        }

        static void Add(List<Link> links, List<Shape> shapes, int curve, int mesh, int shape, float gain)
        {
            if (shape < 0) return;
            var at = shapes.FindIndex(one => one.Mesh == mesh && one.Index == shape);
            if (at < 0)
            {
                at = shapes.Count;
                shapes.Add(new Shape { Mesh = mesh, Index = shape });
            }
            links.Add(new Link { Curve = curve, Shape = at, Gain = gain });
        }

        struct Link
        {
            public int Curve, Shape;
            public float Gain;
        }

        /// A blendshape of a mesh.
        public struct Shape
        {
            public int Mesh, Index;
            public float Weight;
        }
    }
}
