using System;

namespace FaceRig.Tests
{
    /// All test programs of the bridge in one: the first argument says which. They end with 0, or with 1 and the reason.
    static class Program
    {
        static int Main(string[] arguments)
        {
            try
            {
                var rest = new string[Math.Max(0, arguments.Length - 1)];
                Array.Copy(arguments, Math.Min(1, arguments.Length), rest, 0, rest.Length);
                switch (arguments.Length > 0 ? arguments[0] : "")
                {
                    case "packets": return Packets.Run(rest[0]);
                    case "vectors": return Vectors.Run(rest[0]);
                    case "names": return Names.Run();
                    case "sound": return Hearing.Run();
                    case "zmtp": return Connections.Run();
                    case "knock": return Knock.Run(rest);
                    case "endure": return Endure.Run(rest);
                    case "fuzz": return Fuzz.Run(rest);
                    case "scenario": return Scenario.Run(rest);
                    case "bench": return Bench.Run(rest);
                }
                throw new Failed("say which program, and give what it needs: see the first lines of each file here");
            }
            catch (Failed problem)
            {
                Console.Error.WriteLine(problem.Message);
            }
            catch (FaceRigException problem)
            {
                Console.Error.WriteLine(problem.Message);
            }
            return 1;
        }
    }
}
