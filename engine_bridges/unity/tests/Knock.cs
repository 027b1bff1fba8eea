using System;
using System.Diagnostics;
using System.Threading;

namespace FaceRig.Tests
{
    /// knock CONTROL_PORT CURVES_PORT WHAT [HOST]: connects to whoever is there until `Problem` says WHAT, and prints it. Who is
    /// there may be anybody: the program lives on, and asks for no more memory than a connection needs.
    static class Knock
    {
        const int PatienceMs = 30000;
        const long AllowedBytes = 32 << 20;

        public static int Run(string[] arguments)
        {
            var clock = Stopwatch.StartNew();
            var options = new ClientOptions { ControlPort = int.Parse(arguments[0]), CurvesPort = int.Parse(arguments[1]) };
            if (arguments.Length > 3) options.Host = arguments[3];
            using (var client = new Client(options))
            {
                var character = client.Open("eve");
                while (!client.Problem.Contains(arguments[2]))
                {
                    if (clock.ElapsedMilliseconds > PatienceMs) throw new Failed("said is: " + client.Problem);
                    Thread.Sleep(2);
                }
                Check.That(!character.IsOpen && !client.IsConnected, "client", "is connected");
                Check.That(GC.GetTotalMemory(false) < AllowedBytes, "memory", GC.GetTotalMemory(false) + " bytes");
                Console.WriteLine("{\"problem\": \"" + client.Problem.Replace('"', '\'') + "\"}");
            }
            return 0;
        }
    }

    /// endure CONTROL_PORT CURVES_PORT SOUND.s16: speaks over and over in real time, and prints what happens (faces: the
    /// first of a session's sound is there), until its input ends; then the counts.
    static class Endure
    {
        const int RateHz = 16000, Piece = 320, PieceMs = 20;

        public static int Run(string[] arguments)
        {
            var sound = Sound.Read(arguments[2]);
            var ends = false;
            new Thread(() => { Console.In.ReadToEnd(); ends = true; }) { IsBackground = true }.Start();
            var options = new ClientOptions { ControlPort = int.Parse(arguments[0]), CurvesPort = int.Parse(arguments[1]) };
            using (var client = new Client(options))
            {
                var character = client.Open("eve", new CharacterOptions { SampleRate = RateHz, Rig = "arkit" });
                var clock = Stopwatch.StartNew();
                var waits = false; // for the first face of a session's sound
                for (long piece = 0; !Volatile.Read(ref ends);)
                {
                    for (; piece * PieceMs < clock.ElapsedMilliseconds; piece++)
                        character.SaySound(sound, (int)(piece * Piece % (sound.Length - Piece)), Piece, false);
                    CharacterEvent one;
                    while (character.TryTake(out one))
                    {
                        if (one.Kind == CharacterEventKind.Problem) throw new Failed(one.Problem.Message);
                        waits = one.Kind == CharacterEventKind.Opened;
                        Tell(one.Kind.ToString().ToLowerInvariant(), character);
                    }
                    if (waits && character.AheadSamples >= 0) Tell("faces", character);
                    waits = waits && character.AheadSamples < 0;
                    Thread.Sleep(2);
                }
                Console.WriteLine("{\"losses\": " + client.Losses + ", \"ahead\": " + character.AheadSamples + ", \"end\": "
                                  + character.End + ", \"garbage\": " + client.Garbage + "}");
            }
            return 0;
        }

        static void Tell(string what, Character character)
        {
            Console.WriteLine("{\"event\": \"" + what + "\", \"ahead\": " + character.AheadSamples + "}");
            Console.Out.Flush();
        }
    }
}
