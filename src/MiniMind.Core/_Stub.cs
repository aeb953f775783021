#pragma warning disable
using System.Collections.Concurrent; using System.Text.Json; using TorchSharp; using static TorchSharp.torch;
namespace MiniMind;
internal sealed class ComputeThread : IDisposable {
  readonly BlockingCollection<Action> q = new(); readonly Thread t;
  public ComputeThread() { t = new Thread(() => { foreach (var a in q.GetConsumingEnumerable()) a(); }) { IsBackground = true }; t.Start(); }
  public Task<T> RunAsync<T>(Func<T> f) { var s = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously); q.Add(() => { try { s.SetResult(f()); } catch (Exception e) { s.SetException(e); } }); return s.Task; }
  public void Dispose() { q.CompleteAdding(); t.Join(); }
}
public sealed record ChatTurn(string Role, string Content) { public string? ReasoningContent { get; init; } }
public sealed class ChatTemplateOptions {}
public sealed class ChatTemplate { public string AssistantPrefix => ""; public string EndOfTurn => ""; }
public sealed class MiniMindTokenizer { public static MiniMindTokenizer FromDirectory(string s) => new(); public int[] Encode(string s, bool allowSpecial = true) => []; public int? PadTokenId => 0; public ChatTemplate ChatTemplate => new();
 public int[] EncodeChat(IReadOnlyList<ChatTurn> turns, ChatTemplateOptions? options = null, bool contentAsPlainText = false) => []; public void Save(string d) {} }
