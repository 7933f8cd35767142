namespace Vmi.Xen.Lab;

/// <summary>What a check says about what it found.</summary>
internal static class Expect
{
    public static void True(bool condition, string what)
    {
        if (!condition)
            throw new CheckException(what);
    }

    public static void Equal<T>(T expected, T found, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new CheckException($"{what} is {found}, not {expected}");
    }

    public static T Throws<T>(Action action, string what)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T exception)
        {
            return exception;
        }

        throw new CheckException($"{what} did not throw {typeof(T).Name}");
    }
}
