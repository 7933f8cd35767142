using System.Net.Sockets;
using System.Text;

namespace Vmi.Guests;

/// <summary>
/// The line to the puppet in a guest, which runs programs of known behaviour (<c>userland/puppet.c</c> has the commands). Blocks; one
/// command at a time. After an answer that did not come in time the line is out of step and of no more use.
/// </summary>
public sealed class GuestControl : IDisposable
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);
    private const string LinesHeader = "ok LINES ";
    private const int MostLines = 1_000_000;
    private readonly NetworkStream _stream;
    private readonly StreamReader _reader;
    private string? _begun;

    private GuestControl(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    private bool _isBroken;

    /// <summary>Whether each command so far got its answer, be it an error.</summary>
    public bool IsUsable => !_isBroken && _begun is null;

    /// <summary>Sends a command and gives its answer: <see cref="Begin"/> and <see cref="End"/>.</summary>
    /// <exception cref="GuestException">The answer is an error or does not come in time; the guest or the puppet is gone.</exception>
    public string Send(string line, TimeSpan? timeout = null)
    {
        Begin(line);
        return End(timeout);
    }

    /// <summary>Sends a command without waiting, so that something can be done to the guest before <see cref="End"/>.</summary>
    /// <exception cref="GuestException">The guest is gone.</exception>
    /// <exception cref="InvalidOperationException">The answer to the last one was not taken.</exception>
    public void Begin(string line)
    {
        if (_begun is not null)
            throw new InvalidOperationException($"{_begun}: the answer was not taken.");

        if (_isBroken)
            throw new GuestException($"{line}: an earlier command got no answer.");

        try
        {
            _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
            _begun = line;
        }
        catch (IOException exception)
        {
            _isBroken = true;
            throw new GuestException($"{line}: the guest is gone: {exception.Message}");
        }
    }

    /// <summary>Waits for the answer of what was begun: a line <c>ok …</c>, or <c>ok LINES n</c> and n lines after line feeds.</summary>
    /// <param name="timeout">How long each part may take; a minute if null.</param>
    /// <exception cref="GuestException">The answer is an error or does not come in time; the guest or the puppet is gone.</exception>
    /// <exception cref="InvalidOperationException">Nothing was begun.</exception>
    public string End(TimeSpan? timeout = null)
    {
        string command = _begun ?? throw new InvalidOperationException("No command was begun.");
        _stream.ReadTimeout = (int)(timeout ?? DefaultTimeout).TotalMilliseconds;
        try
        {
            string answer = ReadLine();
            if (answer.StartsWith("error", StringComparison.Ordinal))
                throw new GuestException($"{command}: {answer}");
            if (!answer.StartsWith(LinesHeader, StringComparison.Ordinal))
                return answer;

            int count = int.Parse(answer.AsSpan(LinesHeader.Length), provider: null);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostLines);
            var lines = new StringBuilder(answer);
            for (; count > 0; count--)
                lines.Append('\n').Append(ReadLine());
            return lines.ToString();
        }
        catch (IOException exception)
        {
            _isBroken = true;
            throw new GuestException($"{command}: no answer: {exception.Message}");
        }
        finally
        {
            _begun = null;
        }
    }

    /// <summary>Starts a program, which waits for <see cref="PuppetProgram.Go"/>. Disposing the result ends it.</summary>
    /// <param name="program">Its name and arguments, such as <c>loop 1000 2</c>.</param>
    /// <exception cref="GuestException">There is none of that name, or it refuses the arguments.</exception>
    public PuppetProgram Start(string program) => new(this, Send("start " + program));

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
    }

    /// <summary>Connects to QEMU's end, which must be there already.</summary>
    internal static GuestControl Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new GuestControl(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new GuestException($"{path} takes no connection: {exception.Message}");
        }
    }

    private string ReadLine() => _reader.ReadLine() ?? throw new IOException("the guest is gone.");
}
