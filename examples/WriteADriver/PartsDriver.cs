using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Vmi;
using Vmi.Amd64;

/// <summary>
/// Memory in several files of one folder, each named after the physical address of its first byte: `0x0.mem`, `0x100000000.mem`. QEMU
/// writes such parts: `pmemsave 0x100000000 0x40000000 0x100000000.mem`.
/// </summary>
public sealed class PartsDriver : IVmiRead
{
    private readonly List<(PhysicalRange Range, SafeFileHandle File)> _parts = [];

    /// <summary>Opens all parts of a folder.</summary>
    /// <exception cref="VmiFormatException">There are none, or two overlap.</exception>
    public PartsDriver(string folder)
    {
        Name = $"parts of memory in {folder}";
        foreach (var path in Directory.GetFiles(folder, "0x*.mem"))
        {
            var digits = Path.GetFileNameWithoutExtension(path).AsSpan(2);
            if (!ulong.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start))
                throw new VmiFormatException($"{path} is not named after an address.");
            var file = File.OpenHandle(path);
            _parts.Add((new PhysicalRange(new Pa(start), (ulong)RandomAccess.GetLength(file)), file));
        }

        _parts.Sort((one, other) => one.Range.Start.CompareTo(other.Range.Start));
        if (_parts.Count == 0)
            throw new VmiFormatException($"{folder} has no parts of memory (0x0.mem).");
        if (_parts.Zip(_parts.Skip(1)).Any(pair => pair.First.Range.End > pair.Second.Range.Start))
            throw new VmiFormatException($"Two parts of memory in {folder} overlap.");
        MemoryMap = [.. _parts.Select(part => part.Range)];
        // Without registers there are no vCPUs to speak of.
        Info = new VmiInfo((_parts[^1].Range.End - 1).Gfn, 0);
    }

    public string Name { get; }

    public Architecture Architecture => Amd64Architecture.Instance;

    public bool IsLive => false;

    public VmiInfo Info { get; }

    public IReadOnlyList<PhysicalRange> MemoryMap { get; }

    public int Read(Pa address, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var at = address + (ulong)done;
            var (range, file) = _parts.Find(part => part.Range.Contains(at));
            if (file is null)
                break;
            var wanted = (int)Math.Min(range.End - at, (ulong)(destination.Length - done));
            var count = RandomAccess.Read(file, destination.Slice(done, wanted), (long)(at - range.Start));
            if (count == 0)
                break;
            done += count;
        }

        return done;
    }

    public void Dispose() => _parts.ForEach(part => part.File.Dispose());
}
