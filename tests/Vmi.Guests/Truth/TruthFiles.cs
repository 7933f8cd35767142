using System.Globalization;
using System.Text;

namespace Vmi.Guests;

/// <summary>Takes apart what the guest printed: a run of sections, each a file of the guest. Its form is in userland/section.h.</summary>
internal static class TruthFiles
{
    /// <summary>The sections by name, in the order they were printed.</summary>
    /// <exception cref="GuestException">The print is not whole.</exception>
    public static OrderedDictionary<string, byte[]> Read(string path)
    {
        byte[] print = File.ReadAllBytes(path);
        OrderedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        for (int position = 0; ;)
        {
            int end = print.AsSpan(position).IndexOf((byte)'\n');
            string[] header = end < 0 ? [] : Encoding.ASCII.GetString(print, position, end).Split(' ');
            if (header is not ["@@", var name, var size] || !int.TryParse(size, CultureInfo.InvariantCulture, out int length)
                || length > print.Length - position - end - 2 || print[position + end + 1 + length] != '\n')
                throw new GuestException($"the guest's truth is broken at byte {position} of {print.Length}");

            if (name == "end")
                return files;
            files[name] = print.AsSpan(position + end + 1, length).ToArray();
            position += end + length + 2;
        }
    }
}
