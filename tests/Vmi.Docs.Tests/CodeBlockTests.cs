using System.Text.RegularExpressions;

namespace Vmi.Docs.Tests;

public sealed partial class CodeBlockTests
{
    [Fact]
    public void Every_block_of_csharp_in_the_documents_stands_in_an_example_that_is_compiled()
    {
        var examples = Directory.EnumerateFiles(Path.Combine(Repository.Root, "examples"), "*.cs", SearchOption.AllDirectories)
            .Select(path => Normalize(File.ReadAllText(path))).ToArray();
        var documents = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md"));
        var blocks = 0;
        foreach (var document in documents)
        {
            foreach (Match match in CSharpBlock().Matches(File.ReadAllText(document)))
            {
                blocks++;
                var block = Normalize(match.Groups[1].Value);
                Assert.True(
                    examples.Any(example => example.Contains(block, StringComparison.Ordinal)),
                    $"{Path.GetFileName(document)} has a block that is in no example:\n{block}");
            }
        }

        Assert.True(blocks > 0, "No document has a block of C#.");
    }

    /// <summary>Indentation and line ends do not count: a block may stand inside of a method.</summary>
    private static string Normalize(string code) =>
        string.Join('\n', code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CSharpBlock();
}
