namespace Vmi.Tests.Search;

public sealed class BytePatternTests
{
    [Theory]
    [InlineData("01 02", 1, 0, 1, 2, 3)]
    [InlineData("0102", 1, 0, 1, 2, 3)]
    [InlineData("01 ?? 03", 1, 0, 1, 2, 3)]
    [InlineData("01 ? 03", 1, 0, 1, 2, 3)]
    [InlineData("?? 03", 2, 0, 1, 2, 3)]
    [InlineData("03 ??", -1, 0, 1, 2, 3)]
    [InlineData("?f", 2, 0, 0xF0, 0x3F)]
    [InlineData("f?", 1, 0, 0xF0, 0x3F)]
    [InlineData("f? ?f", 1, 0, 0xF0, 0x3F)]
    [InlineData("?? f? ?f", 0, 0, 0xF0, 0x3F)]
    [InlineData("?? ?? f? ?f", -1, 0, 0xF0, 0x3F)]
    [InlineData("Ab", 1, 0, 0xAB)]
    // The first place where its longest part stands is none: the next is.
    [InlineData("?1 02 03", 3, 0, 2, 3, 1, 2, 3)]
    public void A_pattern_is_found_at_its_first_place(string text, int expected, params int[] bytes) =>
        Assert.Equal(expected, BytePattern.ParseHex(text).IndexOf([.. bytes.Select(each => (byte)each)]));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("1")]
    [InlineData("01 2")]
    [InlineData("0x01")]
    [InlineData("zz")]
    [InlineData("??")]
    [InlineData("? ??")]
    public void What_is_no_pattern_is_refused(string text) => Assert.Throws<FormatException>(() => BytePattern.ParseHex(text));

    [Fact]
    public void A_pattern_without_bytes_or_of_too_many_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new BytePattern([]));
        Assert.Throws<ArgumentException>(() => new BytePattern(new byte[BytePattern.MostBytes + 1]));
        Assert.Throws<ArgumentException>(() => new BytePattern([1, 2], [0, 0]));
        Assert.Throws<ArgumentException>(() => new BytePattern([1, 2], [255]));
        Assert.Throws<FormatException>(() => BytePattern.ParseHex(new string('0', 2 * (BytePattern.MostBytes + 1))));
    }

    /// <summary>Against a loop that compares each byte at each place.</summary>
    [Fact]
    public void Random_patterns_are_found_where_a_plain_loop_finds_them()
    {
        var random = new Random(5);
        for (var round = 0; round < 2000; round++)
        {
            // Few values, so that much matches almost.
            var bytes = Enumerable.Range(0, random.Next(0, 60)).Select(_ => (byte)(random.Next(3) * 0x11)).ToArray();
            var pattern = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (byte)(random.Next(3) * 0x11)).ToArray();
            byte[] masks = [0, 0x0F, 0xF0, 0xFF];
            var mask = pattern.Select(_ => masks[random.Next(4)]).ToArray();
            mask[random.Next(mask.Length)] |= 0x0F;
            var expected = Enumerable.Range(0, Math.Max(0, bytes.Length - pattern.Length + 1)).Where(at =>
                Enumerable.Range(0, pattern.Length).All(i => ((bytes[at + i] ^ pattern[i]) & mask[i]) == 0)).DefaultIfEmpty(-1).First();
            Assert.Equal(expected, new BytePattern(pattern, mask).IndexOf(bytes));
        }
    }
}
