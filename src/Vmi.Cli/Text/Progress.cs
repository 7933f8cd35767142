namespace Vmi.Cli.Text;

/// <summary>Says on a terminal's error output what takes long, and wipes that off again. Elsewhere it says nothing.</summary>
internal sealed class Progress : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    private readonly Lock _writing = new();
    private readonly Timer? _timer;
    private readonly string _what;
    private bool _isShown;
    private bool _isOver;

    public Progress(string what)
    {
        _what = what;
        if (!Console.IsErrorRedirected)
            _timer = new Timer(_ => Show(), null, Patience, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_writing)
        {
            _isOver = true;
            if (_isShown)
                Console.Error.Write($"\r{new string(' ', _what.Length)}\r");
        }
    }

    private void Show()
    {
        lock (_writing)
        {
            if (_isOver)
                return;
            Console.Error.Write(_what);
            _isShown = true;
        }
    }
}
