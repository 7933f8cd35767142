using System.Globalization;

namespace Vmi.Cli.Text;

/// <summary>Says on a terminal's error output what takes long, and how far it is, and wipes that off. Elsewhere it says nothing.</summary>
internal sealed class Progress : IProgress<double>, IDisposable
{
    private const int BarLength = 30;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700), Pace = TimeSpan.FromMilliseconds(200);

    private readonly Lock _writing = new();
    private readonly Timer? _timer;
    private readonly string _what;
    private double? _fraction;
    private ulong _bytes;
    private int _shownLength;
    private bool _isOver;

    public Progress(string what)
    {
        _what = what;
        if (!Console.IsErrorRedirected)
            _timer = new Timer(_ => Show(), null, Patience, Pace);
    }

    /// <summary>From now on there is a bar.</summary>
    public void Report(MemoryProgress progress)
    {
        if (_timer is null || progress.Total == 0)
            return;
        lock (_writing)
            (_fraction, _bytes) = ((double)progress.Done / progress.Total, progress.Total);
    }

    /// <summary>From now on there is a bar, of how much is done, from 0 to 1.</summary>
    public void Report(double value)
    {
        if (_timer is null)
            return;
        lock (_writing)
            _fraction = value;
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_writing)
        {
            _isOver = true;
            if (_shownLength > 0)
                Console.Error.Write($"\r{new string(' ', _shownLength)}\r");
        }
    }

    private void Show()
    {
        lock (_writing)
        {
            if (_isOver)
                return;
            var text = _fraction is { } fraction ? Bar(fraction) : $"{_what} …";
            _shownLength = text.Length;
            Console.Error.Write($"\r{text}");
        }
    }

    private string Bar(double fraction)
    {
        var filled = (int)(fraction * BarLength);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_what} [{new string('#', filled)}{new string('-', BarLength - filled)}] {fraction:000 %}")
            + (_bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" of {_bytes >> 20} MiB"));
    }
}
