using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Vmi.Qemu;

/// <summary>
/// A client of GDB's remote serial protocol. What is posted goes out together at the next answer that is waited for, and the answers
/// come in the order of the requests. Text is Latin-1, so that a character is a byte.
/// </summary>
internal sealed class GdbClient : IDisposable
{
    private const int MaxPacket = 1024 * 1024;
    private const int DefaultPacketSize = 1024;
    private const int MaxThreads = 65536;
    private const int MaxFeatureLength = 1024 * 1024;

    // `M` + address + `,` + length + `:`, and the frame around it.
    private const int WriteOverhead = 48;

    private readonly GdbConnection _connection;
    private bool _posted;

    /// <summary>Takes a connection over and asks the stub what it can.</summary>
    /// <exception cref="VmiDriverException">No stub answers.</exception>
    public GdbClient(Socket socket, TimeSpan timeout)
    {
        _connection = new GdbConnection(socket, timeout);
        PacketSize = DefaultPacketSize;
        const string Key = "PacketSize=";
        foreach (var feature in Request("qSupported").Split(';'))
        {
            if (feature.StartsWith(Key, StringComparison.Ordinal)
                && int.TryParse(feature.AsSpan(Key.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size))
                PacketSize = Math.Clamp(size, 256, MaxPacket);
            else if (feature == "QStartNoAckMode+" && Request("QStartNoAckMode") == "OK")
                _connection.Acknowledges = false;
        }
        Scratch = new byte[PacketSize];
    }

    /// <summary>The longest packet the stub takes, in bytes.</summary>
    public int PacketSize { get; }

    /// <summary>Where a request is put together, as long as the stub takes one.</summary>
    public byte[] Scratch { get; }

    /// <summary>Adds a request to the next that are sent.</summary>
    public void Post(ReadOnlySpan<byte> packet)
    {
        _connection.Post(packet);
        _posted = true;
    }

    /// <summary>Adds a request to the next that are sent; numbers in it become hexadecimal.</summary>
    public void Post([InterpolatedStringHandlerArgument("")] ref GdbRequest request) => Post(request.Text);

    /// <summary>Sends what was posted, without waiting for an answer.</summary>
    public void Flush()
    {
        if (!_posted)
            return;
        _posted = false;
        _connection.Flush();
    }

    /// <summary>The next answer, or stop reply; valid until the next call. Sends what was posted before.</summary>
    /// <exception cref="VmiDriverException">The connection is gone or the answer malformed.</exception>
    public ReadOnlySpan<byte> Receive()
    {
        Flush();
        return _connection.Receive();
    }

    /// <summary>Takes an answer that must be OK.</summary>
    /// <param name="what">What was asked for; for the message.</param>
    /// <exception cref="VmiDriverException">It was not.</exception>
    public void ReceiveOk(string what)
    {
        var answer = Receive();
        if (!answer.SequenceEqual("OK"u8))
            throw new VmiDriverException($"QEMU's gdbstub answers `{Encoding.Latin1.GetString(answer)}` to {what}.");
    }

    /// <summary>Waits until the stub has sent something. From any thread.</summary>
    public bool Wait(TimeSpan timeout) => _connection.Wait(timeout);

    /// <summary>Whether an answer or a stop reply is coming in; waits for its beginning.</summary>
    public bool Poll(TimeSpan timeout) => _connection.Poll(timeout);

    /// <summary>Asks a running machine to stop; a stop reply follows.</summary>
    public void Interrupt() => _connection.Interrupt();

    /// <summary>Sends a request and returns the answer; "" means that the stub does not know the request.</summary>
    /// <exception cref="VmiDriverException">The connection is gone or the answer malformed.</exception>
    public string Request(string packet)
    {
        Post(Encoding.Latin1.GetBytes(packet));
        return Encoding.Latin1.GetString(Receive());
    }

    /// <summary>Sends a request that the stub must answer with OK.</summary>
    /// <exception cref="VmiDriverException">It did not.</exception>
    public void Command(string packet)
    {
        Post(Encoding.Latin1.GetBytes(packet));
        ReceiveOk($"`{packet.Split(':')[0]}`");
    }

    /// <summary>Chooses what addresses of memory are: guest physical, or virtual in the current vCPU.</summary>
    /// <exception cref="VmiDriverException">The stub can't (QEMU before 4.2).</exception>
    public void UsePhysicalMemory(bool physical) => Command(physical ? "Qqemu.PhyMemMode:1" : "Qqemu.PhyMemMode:0");

    /// <summary>Writes memory, in packets as long as the stub takes; returns how many bytes were written before the stub refused.</summary>
    public int Write(ulong address, ReadOnlySpan<byte> source)
    {
        var most = (PacketSize - WriteOverhead) / 2;
        var done = 0;
        while (done < source.Length)
        {
            var part = source.Slice(done, Math.Min(most, source.Length - done));
            Post($"M{address + (ulong)done},{part.Length}:{part}");
            if (!Receive().SequenceEqual("OK"u8))
                break;
            done += part.Length;
        }
        return done;
    }

    /// <summary>The stub's numbers of the vCPUs, in their order.</summary>
    /// <exception cref="VmiDriverException">It lists none.</exception>
    public IReadOnlyList<int> Threads()
    {
        var threads = new List<int>();
        for (var answer = Request("qfThreadInfo"); answer is ['m', ..] && threads.Count < MaxThreads; answer = Request("qsThreadInfo"))
        {
            foreach (var thread in answer[1..].Split(','))
            {
                // With the multiprocess extension: pPROCESS.THREAD.
                var number = thread.AsSpan(thread.IndexOf('.') + 1);
                threads.Add(int.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                    ? value
                    : throw new VmiDriverException($"QEMU's gdbstub lists a thread `{thread}`."));
            }
        }
        threads.Sort();
        return threads.Count > 0 ? threads : throw new VmiDriverException("QEMU's gdbstub lists no vCPUs.");
    }

    /// <summary>
    /// Removes every breakpoint and watchpoint, also those of a client before: the question why the machine stands still, with which a
    /// debugger begins, does so; under TCG on the current vCPU only (since QEMU 7.2), so it is asked of each.
    /// </summary>
    /// <exception cref="VmiDriverException">The connection is gone.</exception>
    public void RemoveAllBreakpoints()
    {
        foreach (var thread in Threads())
        {
            Post($"Hc{thread}");
            Post("?"u8);
            ReceiveOk("choosing a vCPU");
            Receive();
        }
    }

    /// <summary>Reads a document that the stub has: its description of the target.</summary>
    /// <exception cref="VmiDriverException">There is none of that name.</exception>
    public string ReadFeature(string name)
    {
        var text = new StringBuilder();
        // The stub escapes some bytes, which makes them two.
        var most = (PacketSize - WriteOverhead) / 2;
        while (text.Length < MaxFeatureLength)
        {
            var answer = Request(string.Create(CultureInfo.InvariantCulture, $"qXfer:features:read:{name}:{text.Length:x},{most:x}"));
            if (answer.Length == 0 || answer[0] is not ('m' or 'l'))
                break;
            text.Append(answer, 1, answer.Length - 1);
            if (answer[0] == 'l')
                return text.ToString();
            if (answer.Length == 1)
                break;
        }
        throw new VmiDriverException($"QEMU's gdbstub has no whole {name}.");
    }

    public void Dispose() => _connection.Dispose();
}
