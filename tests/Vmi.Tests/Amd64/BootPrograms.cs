namespace Vmi.Tests.Cpu;

/// <summary>The boot programs by name, each booted once, on first use.</summary>
public sealed class BootPrograms : IDisposable
{
    private readonly Dictionary<string, BootProgram> _booted = [];

    public static TheoryData<string> Names => ["legacy", "legacy without PSE", "PAE", "PAE without NXE", "4-level", "5-level"];

    internal BootProgram this[string name]
    {
        get
        {
            if (!_booted.TryGetValue(name, out var program))
            {
                program = name switch
                {
                    "legacy" => BootProgram.Boot("legacy.s", "PSE=1"),
                    "legacy without PSE" => BootProgram.Boot("legacy.s", "PSE=0"),
                    "PAE" => BootProgram.Boot("pae.s", "NXE=1"),
                    "PAE without NXE" => BootProgram.Boot("pae.s", "NXE=0"),
                    "4-level" => BootProgram.Boot("long.s", "LEVELS=4"),
                    _ => BootProgram.Boot("long.s", "LEVELS=5"),
                };
                _booted.Add(name, program);
            }

            return program;
        }
    }

    public void Dispose()
    {
        foreach (var program in _booted.Values)
            program.Dispose();
    }
}
