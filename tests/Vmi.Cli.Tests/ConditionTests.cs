using Vmi.Amd64;
using Vmi.Cli.Conditions;

namespace Vmi.Cli.Tests;

public sealed class ConditionTests
{
    [Theory]
    [InlineData("rdi == 3", true)]
    [InlineData("rdi==3", true)]
    [InlineData("RDI == 0x3", true)]
    [InlineData("rdi != 3", false)]
    [InlineData("3 == rdi", true)]
    [InlineData("rdi == rsi", false)]
    [InlineData("rdi < rsi", true)]
    [InlineData("rsi <= 0xffffffffffffffff", true)]
    [InlineData("rsi > 18446744073709551614", true)]
    [InlineData("rdi >= 4", false)]
    [InlineData("rdi == 3 && arg1 > 0x10", true)]
    [InlineData("rdi == 3 && arg1 > 0x11", false)]
    [InlineData("rdi == 4 || arg1 == 17", true)]
    [InlineData("rdi == 4 || rdi == 5", false)]
    [InlineData("pid == 5 && tid == 6 && vcpu == 1", true)]
    [InlineData("name == \"a b\\\"", true)]
    [InlineData("name != \"a b\\\"", false)]
    [InlineData("name == \"\"", false)]
    // && before ||, ! before both.
    [InlineData("rdi == 3 || rdi == 3 && rdi == 4", true)]
    [InlineData("(rdi == 3 || rdi == 3) && rdi == 4", false)]
    [InlineData("!(rdi == 4)", true)]
    [InlineData("! rdi == 4 && rdi == 3", true)]
    [InlineData("!!(rdi == 4)", false)]
    [InlineData("!rdi == 3 || rdi == 3", true)]
    public void A_condition_is_true_of_its_values(string text, bool expected) =>
        Assert.Equal(expected, ConditionParser.Parse(text).IsTrue(new Values { ThreadName = "a b\\" }));

    [Theory]
    [InlineData("tid == 0")]
    [InlineData("tid != 0")]
    [InlineData("tid < 1")]
    [InlineData("name == \"x\"")]
    [InlineData("name != \"x\"")]
    public void What_is_not_known_compares_as_false(string text) =>
        Assert.False(ConditionParser.Parse(text).IsTrue(new Values { Tid = null }));

    [Fact]
    public void What_decides_nothing_is_not_looked_at()
    {
        Assert.False(ConditionParser.Parse("rdi == 4 && arg5 == 0").IsTrue(new Values()));
        Assert.True(ConditionParser.Parse("rdi == 3 || arg5 == 0").IsTrue(new Values()));
        Assert.Throws<InvalidOperationException>(() => ConditionParser.Parse("rdi == 3 && arg5 == 0").IsTrue(new Values()));
    }

    [Theory]
    [InlineData("", 0, "missing")]
    [InlineData("   ", 3, "missing")]
    [InlineData("rdi", 3, "a comparison is missing")]
    [InlineData("rdi = 3", 4, "'='")]
    [InlineData("rdi ==", 6, "missing")]
    [InlineData("rdi == 3 &&", 11, "missing")]
    [InlineData("rdi == 3 rsi == 4", 9, "'rsi'")]
    [InlineData("rdi == 3)", 8, "')'")]
    [InlineData("(rdi == 3", 9, ") is missing")]
    [InlineData("rdy == 3", 0, "'rdy'")]
    [InlineData("arg6 == 3", 0, "'arg6'")]
    [InlineData("rdi == 0x", 7, "'0x'")]
    [InlineData("rdi == 12ab", 7, "'12ab'")]
    [InlineData("rdi == 0x10000000000000000", 7, "'0x10000000000000000'")]
    [InlineData("rdi == -1", 7, "'-'")]
    [InlineData("name == init", 8, "quotation marks")]
    [InlineData("name == \"init", 8, "no end")]
    [InlineData("name < \"a\"", 5, "== or !=")]
    [InlineData("rdi == \"a\"", 7, "name ==")]
    [InlineData("rdi == name", 7, "name ==")]
    [InlineData("rdi & 1 == 1", 4, "'&'")]
    [InlineData("rdi == 3 == 4", 9, "'=='")]
    [InlineData("rdi == \u0663", 7, "'\u0663'")]
    public void What_does_not_parse_is_said_with_its_place(string text, int position, string said)
    {
        var exception = Assert.Throws<ConditionException>(() => ConditionParser.Parse(text));
        Assert.Equal(position, exception.Position);
        Assert.Contains(said, exception.Message);
    }

    [Theory]
    [InlineData('(')]
    [InlineData('!')]
    public void One_without_end_is_refused(char sign) =>
        Assert.Contains("too deeply", Assert.Throws<ConditionException>(() => ConditionParser.Parse(new string(sign, 100_000))).Message);

    private sealed class Values : IConditionValues
    {
        public string? ThreadName { get; init; }

        public ulong? Tid { get; init; } = 6;

        public ulong? Number(ConditionName name) => name switch
        {
            { Register: Amd64Register.Rdi } => 3,
            { Register: Amd64Register.Rsi } => ulong.MaxValue,
            { Argument: 1 } => 17,
            { Register: null, Argument: null, Subject: ConditionSubject.Pid } => 5,
            { Register: null, Argument: null, Subject: ConditionSubject.Tid } => Tid,
            { Register: null, Argument: null, Subject: ConditionSubject.Vcpu } => 1,
            _ => throw new InvalidOperationException($"{name} was asked for."),
        };
    }
}
