namespace MiniMind.Training;

/// <summary>Self-consistency (Wang et al. 2022): of several replies to a problem, the answer that most of them give.</summary>
internal static class MajorityVote
{
    /// <summary>How likely the most frequent answer is right when a tie is broken at random. Right replies are votes for one answer, the expected one;
    /// wrong ones that the comparer finds equal, either way round, for another; empty answers are no votes.</summary>
    /// <param name="replies">All replies to one problem.</param>
    /// <param name="comparer">Tells which wrong answers are the same.</param>
    /// <returns>0 to 1.</returns>
    public static double Accuracy(IEnumerable<EvaluatedReply> replies, IAnswerComparer comparer)
    {
        var right = 0;
        var wrong = new List<(string Answer, int Votes)>();
        foreach (var reply in replies)
        {
            var answer = reply.Reply.Answer;
            if (reply.IsRight)
                right++;
            else if (wrong.FindIndex(w => w.Answer == answer || comparer.AreEqual(w.Answer, answer) || comparer.AreEqual(answer, w.Answer)) is >= 0 and var same)
                wrong[same] = (wrong[same].Answer, wrong[same].Votes + 1);
            else if (answer.Length > 0)
                wrong.Add((answer, 1));
        }

        var most = Math.Max(right, wrong.Count == 0 ? 0 : wrong.Max(w => w.Votes));
        return right < most || most == 0 ? 0 : 1.0 / (1 + wrong.Count(w => w.Votes == most));
    }
}
