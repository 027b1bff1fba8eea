using System;
using System.Collections.Generic;
using System.Text;

namespace FaceRig
{
    /// Finds the blendshape that a curve means, however its maker spells it: `jawOpen`, `Jaw_Open`, `JAW OPEN`,
    /// `Face.M_A25_Jaw_Open`; and `eyeBlinkLeft` as `eyeBlink_L`.
    public static class CurveNames
    {
        /// The place of the shape that is meant; -1: there is none. Exact spelling goes before another one, and that
        /// before a name with something in front; of those the one with the least.
        public static int Find(string curve, IList<string> shapes)
        {
            var exact = shapes.IndexOf(curve);
            if (exact >= 0 || curve.Length == 0) return curve.Length == 0 ? -1 : exact;
            var wanted = string.Concat(Words(curve));
            int found = -1, least = int.MaxValue;
            for (var k = 0; k < shapes.Count && wanted.Length > 0; k++)
            {
                var before = WordsBefore(Words(shapes[k]), wanted);
                if (before < 0 || before >= least) continue;
                least = before;
                found = k;
            }
            return found;
        }

        /// The words of a name in small letters. L and R are left and right; what rigs put in front is left out.
        internal static List<string> Words(string name)
        {
            var words = new List<string>();
            var word = new StringBuilder();
            for (var k = 0; k < name.Length; k++)
            {
                var begins = char.IsUpper(name[k]) && k > 0
                             && (!char.IsUpper(name[k - 1]) || k + 1 < name.Length && char.IsLower(name[k + 1]));
                if (begins || !char.IsLetterOrDigit(name[k])) Close(word, words);
                if (char.IsLetterOrDigit(name[k])) word.Append(char.ToLowerInvariant(name[k]));
            }
            Close(word, words);
            if (words.Count > 2 && words[0] == "ctrl" && words[1] == "expressions") words.RemoveRange(0, 2);
            return words;
        }

        static void Close(StringBuilder word, List<string> words)
        {
            if (word.Length == 0) return;
            var text = word.ToString();
            words.Add(text == "l" ? "left" : text == "r" ? "right" : text);
            word.Length = 0;
        }

        // How many words a name has before those that are wanted, at its end; -1: it does not end so. Run together, since
        // not everybody tells words apart: eyeblinkleft
        static int WordsBefore(List<string> words, string wanted)
        {
            var end = "";
            for (var k = words.Count - 1; k >= 0 && end.Length < wanted.Length; k--)
            {
                end = words[k] + end;
                if (end == wanted) return k;
            }
            return -1;
        }
    }
}
