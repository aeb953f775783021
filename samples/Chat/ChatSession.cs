using Spectre.Console;

namespace MiniMind.Samples.Chat;

/// <summary>Reads lines, streams answers, keeps the conversation.</summary>
internal sealed class ChatSession : IDisposable
{
    private readonly MiniMindTokenizer _tokenizer;
    private readonly TextGenerator _generator;
    private readonly GenerationOptions _options;
    private readonly int _longest;
    private readonly ChatTurn[] _opening;
    private readonly List<ChatTurn> _turns = [];
    private ChatTemplateOptions _template = new();
    private CancellationTokenSource? _answer;

    public ChatSession(MiniMindLM model, MiniMindTokenizer tokenizer, GenerationOptions options, string? system)
    {
        (_tokenizer, _options, _longest) = (tokenizer, options, model.Config.MaxSeqLen);
        _generator = new TextGenerator(model, tokenizer);
        _opening = system is null ? [] : [new ChatTurn("system", system)];
        Console.CancelKeyPress += OnCancelKey;
    }

    public async Task RunAsync()
    {
        AnsiConsole.MarkupLine("[dim]/reset  /think on|off  /exit[/]");
        while (true)
        {
            AnsiConsole.Markup("[bold]you:[/] ");
            switch (Console.ReadLine()?.Trim())
            {
                case null or "/exit":
                    return;
                case "":
                    break;
                case "/reset":
                    _turns.Clear();
                    break;
                case "/think on":
                    _template = _template with { Thinking = true };
                    break;
                case "/think off":
                    _template = _template with { Thinking = false };
                    break;
                case ['/', ..]:
                    AnsiConsole.MarkupLine("[red]expected /reset, /think on, /think off or /exit[/]");
                    break;
                case var question:
                    await AnswerAsync(question);
                    break;
            }
        }
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnCancelKey;
        _generator.Dispose();
    }

    private async Task AnswerAsync(string question)
    {
        _turns.Add(new ChatTurn("user", question));
        DropWhatDoesNotFit();
        var reply = new System.Text.StringBuilder();
        var parser = new ReasoningStreamParser();
        parser.Append(_tokenizer.ChatTemplate.ReplyOpening(_template));
        using (_answer = new CancellationTokenSource())
        {
            try
            {
                await foreach (var piece in _generator.StreamAsync([.. _opening, .. _turns], _options, _template, _answer.Token))
                {
                    reply.Append(piece);
                    Show(parser.Append(piece));
                }

                Show(parser.Flush());
            }
            catch (OperationCanceledException)
            {
                AnsiConsole.Markup("[dim] (stopped)[/]");
            }
            catch (Exception e) when (e is ArgumentException or ChatTemplateException)
            {
                AnsiConsole.MarkupLineInterpolated($"[red]{e.Message}[/]");
                _turns.RemoveAt(_turns.Count - 1);
                return;
            }
            finally
            {
                _answer = null;
            }
        }

        AnsiConsole.WriteLine();
        _turns.Add(new ChatTurn("assistant", reply.ToString()));
    }

    /// <summary>Forgets the oldest exchanges until half of the longest sequence is left for the answer, or only the question remains.</summary>
    private void DropWhatDoesNotFit()
    {
        while (_turns.Count > 2 && _generator.EncodePrompt([.. _opening, .. _turns], _template).Length > _longest / 2)
            _turns.RemoveRange(0, 2);
    }

    private static void Show(IEnumerable<ReasoningPiece> pieces)
    {
        foreach (var piece in pieces)
            AnsiConsole.Write(new Text(piece.Text, piece.Part == ReasoningPart.Reasoning ? new Style(decoration: Decoration.Dim) : Style.Plain));
    }

    private void OnCancelKey(object? sender, ConsoleCancelEventArgs e)
    {
        if (_answer is not { } answer)
            return;
        e.Cancel = true;
        answer.Cancel();
    }
}
