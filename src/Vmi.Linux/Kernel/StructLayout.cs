using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// Where the fields of one kernel structure lie, looked up once. <see cref="Length"/> covers all of them, so that the structure is read
/// once and the fields are picked out of the copy.
/// </summary>
internal abstract class StructLayout(Profile profile, string name)
{
    /// <summary>No structure that is read here is larger; a forged profile may claim it.</summary>
    private const int LargestStructure = 64 * 1024;

    public string Name { get; } = name;

    /// <summary>Bytes from the start of the structure to the end of the last field asked for.</summary>
    public int Length { get; private set; }

    protected Profile Profile { get; } = profile;

    /// <summary>The first of these paths that exists: a field was renamed.</summary>
    protected Field Number(params ReadOnlySpan<string> paths) => OptionalNumber(paths) ?? Profile.Field(Name, paths[0]);

    protected Field? OptionalNumber(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (Profile.TryGetField(Name, path, out var field))
                return Covered(path, field, sizeof(ulong));
        }

        return null;
    }

    /// <summary>An array of characters inside the structure.</summary>
    protected Field Text(string path, int longest) => Covered(path, Profile.Field(Name, path), longest);

    protected BitField Bits(string path)
    {
        var field = Profile.BitField(Name, path);
        Covered(path, field.Field, sizeof(ulong));
        return field;
    }

    /// <summary>The offset of a structure inside this one, which is not read with it.</summary>
    protected ulong Offset(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (Profile.TryGetField(Name, path, out var field))
                return field.Offset;
        }

        return Profile.Field(Name, paths[0]).Offset;
    }

    private Field Covered(string path, Field field, int largest)
    {
        if (field.Size == 0 || field.Size > (ulong)largest || field.Offset > LargestStructure - field.Size)
            throw new ProfileException(
                $"The field {Name}.{path} has {field.Size} bytes at offset {field.Offset}: the profile is not sound.");
        Length = Math.Max(Length, (int)(field.Offset + field.Size));
        return field;
    }
}
