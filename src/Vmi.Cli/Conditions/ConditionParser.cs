using System.CommandLine.Parsing;
using System.Globalization;
using Vmi.Cli.Options;

namespace Vmi.Cli.Conditions;

/// <summary>
/// Takes a condition apart. Comparisons (`==`, `!=`, `&lt;`, `&lt;=`, `&gt;`, `&gt;=`) of registers, `arg0` to `arg5`, `pid`, `tid`,
/// `vcpu` and numbers, and of `name` with a text in quotation marks, put together with `!`, `&amp;&amp;`, `||` and parentheses.
/// </summary>
internal sealed class ConditionParser
{
    // Each is a call of this parser within another.
    private const int MostNested = 64;

    private static readonly string[] Signs = ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")"];
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly string _text;
    private string _token = "";
    private int _position;
    private int _next;
    private int _nested;

    private ConditionParser(string text)
    {
        _text = text;
        Advance();
    }

    private bool IsAtEnd => _token.Length == 0;

    /// <summary>Takes a condition apart.</summary>
    /// <exception cref="ConditionException">It does not parse.</exception>
    public static Condition Parse(string text)
    {
        var parser = new ConditionParser(text);
        var condition = parser.ParseOr();
        return parser.IsAtEnd ? condition : throw parser.Unexpected("&&, || or the end");
    }

    /// <summary>For the parser of the command line.</summary>
    public static Condition? Parse(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        try
        {
            return Parse(text);
        }
        catch (ConditionException exception)
        {
            result.AddError(string.Create(
                CultureInfo.InvariantCulture, $"The condition '{text}' is wrong at character {exception.Position + 1}: {exception.Message}"));
            return null;
        }
    }

    private Condition ParseOr()
    {
        var left = ParseAnd();
        while (TryTake("||"))
            left = new Condition.Or(left, ParseAnd());
        return left;
    }

    private Condition ParseAnd()
    {
        var left = ParseNot();
        while (TryTake("&&"))
            left = new Condition.And(left, ParseNot());
        return left;
    }

    private Condition ParseNot()
    {
        if (++_nested > MostNested)
            throw new ConditionException("it is nested too deeply.", _position);
        var condition = TryTake("!") ? new Condition.Not(ParseNot()) : TryTake("(") ? ParseParentheses() : ParseComparison();
        _nested--;
        return condition;
    }

    private Condition ParseParentheses()
    {
        var condition = ParseOr();
        return TryTake(")") ? condition : throw Unexpected("&&, || or )");
    }

    private Condition ParseComparison()
    {
        if (_token == "name")
            return ParseNameComparison();
        var left = ParseOperand();
        if (!Comparisons.Contains(_token))
            throw Unexpected("a comparison");
        var comparison = _token;
        Advance();
        return new Condition.Compare(left, comparison, ParseOperand());
    }

    private Condition.CompareName ParseNameComparison()
    {
        Advance();
        if (_token is not ("==" or "!="))
            throw Unexpected("== or !=");
        var equal = _token == "==";
        Advance();
        if (!_token.StartsWith('"'))
            throw Unexpected("a text in quotation marks");
        var text = _token[1..^1];
        Advance();
        return new Condition.CompareName(text, equal);
    }

    private Condition.Operand ParseOperand()
    {
        if (_token.StartsWith('"') || _token == "name")
            throw new ConditionException("a text is compared as in name == \"init\".", _position);
        Condition.Operand operand;
        if (Numbers.TryParse(_token, out var number))
            operand = new Condition.Operand(number, null);
        else if (ConditionName.TryParse(_token, out var name))
            operand = new Condition.Operand(0, name);
        else
            throw Unexpected("a register, arg0 to arg5, pid, tid, vcpu, name or a number");
        Advance();
        return operand;
    }

    private bool TryTake(string token)
    {
        if (_token != token)
            return false;
        Advance();
        return true;
    }

    /// <summary>Goes to the next token; an empty one is the end.</summary>
    private void Advance()
    {
        while (_next < _text.Length && char.IsWhiteSpace(_text[_next]))
            _next++;
        _position = _next;
        var rest = _text.AsSpan(_next);
        var length = 0;
        if (rest.StartsWith("\""))
        {
            length = rest[1..].IndexOf('"') + 2;
            if (length < 2)
                throw new ConditionException("the text has no end.", _position);
        }
        else if (Array.Find(Signs, sign => _text.AsSpan(_next).StartsWith(sign)) is { } found)
            length = found.Length;
        else
        {
            while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] == '_'))
                length++;
            if (length == 0 && !rest.IsEmpty)
                throw new ConditionException($"'{rest[0]}' has no meaning here.", _position);
        }

        _token = rest[..length].ToString();
        _next += length;
    }

    private ConditionException Unexpected(string expected) =>
        new(IsAtEnd ? $"{expected} is missing." : $"{expected} is expected, not '{_token}'.", _position);
}
