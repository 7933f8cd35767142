namespace Vmi.Linux.Tests;

public sealed class GuestTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("61 5b 62 5d", "a[b]")]
    [InlineData("c3 bc e2 82 ac f0 9f 90 a7", "ü€🐧")]
    [InlineData("ff 61 fe", @"\xffa\xfe")]
    [InlineData("e2 82", @"\xe2\x82")]
    [InlineData("e2 82 41", @"\xe2\x82A")]
    [InlineData("ed a0 80", @"\xed\xa0\x80")]
    [InlineData("c0 80", @"\xc0\x80")]
    [InlineData("1b 5b 33 31 6d 0a", "\u001b[31m\n")]
    public void Bytes_that_are_not_UTF_8_are_escaped_and_all_others_stay(string hex, string text) =>
        Assert.Equal(text, GuestText.Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));
}
