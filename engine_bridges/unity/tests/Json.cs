using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace FaceRig.Tests
{
    /// Reads the JSON of the golden files: maps, lists, texts, numbers (long or double), true, false and null.
    sealed class Json
    {
        readonly string _text;
        int _at;

        Json(string text) => _text = text;

        public static object Read(string text) => new Json(text).Value();

        public static Dictionary<string, object> Map(object value) => (Dictionary<string, object>)value;

        public static List<object> List(object value) => (List<object>)value;

        object Value()
        {
            switch (Next())
            {
                case '{': return Map();
                case '[': return List();
                case '"': return Text();
                case 't': _at += 4; return true;
                case 'f': _at += 5; return false;
                case 'n': _at += 4; return null;
            }
            return Number();
        }

        Dictionary<string, object> Map()
        {
            var map = new Dictionary<string, object>();
            for (_at++; Next() != '}';)
            {
                if (Next() == ',') _at++;
                Next();
                var key = Text();
                if (Next() != ':') throw new FormatException("no colon at " + _at);
                _at++;
                map.Add(key, Value());
            }
            _at++;
            return map;
        }

        List<object> List()
        {
            var list = new List<object>();
            for (_at++; Next() != ']';)
            {
                if (Next() == ',') _at++;
                list.Add(Value());
            }
            _at++;
            return list;
        }

        string Text()
        {
            var text = new StringBuilder();
            for (_at++; _text[_at] != '"'; _at++)
                text.Append(_text[_at] == '\\' ? Escaped() : _text[_at]);
            _at++;
            return text.ToString();
        }

        char Escaped()
        {
            switch (_text[++_at])
            {
                case 'n': return '\n';
                case 't': return '\t';
                case 'u':
                    _at += 4;
                    return (char)int.Parse(_text.Substring(_at - 3, 4), NumberStyles.HexNumber);
            }
            return _text[_at];
        }

        object Number()
        {
            var start = _at;
            while (_at < _text.Length && "+-.eE0123456789".IndexOf(_text[_at]) >= 0) _at++;
            var text = _text.Substring(start, _at - start);
            long whole;
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole)) return whole;
            return double.Parse(text, CultureInfo.InvariantCulture);
        }

        char Next()
        {
            while (char.IsWhiteSpace(_text[_at])) _at++;
            return _text[_at];
        }
    }
}
