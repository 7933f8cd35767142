using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>What a C type's name says of a number: how wide it is, and whether it is signed.</summary>
internal static class IntegerTypes
{
    /// <summary>The width and sign of an arithmetic type or an enumeration; false for pointers, structures and what is not known.</summary>
    public static bool TryFind(Profile profile, string type, out int size, out bool isSigned)
    {
        (size, isSigned) = Basic(type);
        if (size != 0)
            return true;
        if (!profile.Types.TryFind(type, out var named) || !profile.Types.TrySkipModifiers(named.Id, out var found)
            || found.Kind != BtfKind.Int && !found.IsEnum || found.OwnSize is not (1 or 2 or 4 or 8))
            return false;
        (size, isSigned) = ((int)found.OwnSize, found.IsSigned);
        return true;
    }

    private static (int Size, bool IsSigned) Basic(string type) => type switch
    {
        "int" or "signed int" => (sizeof(int), true),
        "unsigned" or "unsigned int" => (sizeof(int), false),
        "long" or "signed long" or "long int" => (sizeof(long), true),
        "unsigned long" or "unsigned long int" or "long unsigned int" => (sizeof(ulong), false),
        "long long" or "long long int" => (sizeof(long), true),
        "unsigned long long" or "long long unsigned int" => (sizeof(ulong), false),
        "short" or "short int" => (sizeof(short), true),
        "unsigned short" or "short unsigned int" => (sizeof(ushort), false),
        "char" or "signed char" => (sizeof(sbyte), true),
        "unsigned char" => (sizeof(byte), false),
        "_Bool" or "bool" => (sizeof(bool), false),
        _ => (0, false),
    };
}
