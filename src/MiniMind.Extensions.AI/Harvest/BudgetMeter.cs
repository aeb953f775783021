namespace MiniMind.Extensions.AI;

/// <summary>What of a budget is used or reserved for requests under way.</summary>
internal sealed class BudgetMeter(HarvestBudget budget, TokenPrices prices)
{
    private readonly Lock _lock = new();
    private long _requests;
    private long _underWay;
    private (long Input, long Output) _tokens;
    private (long Input, long Output) _largest;

    /// <summary>Whether a request has been refused.</summary>
    public bool IsSpent { get; private set; }

    /// <summary>Counts what was used before.</summary>
    public void Add(long requests, long inputTokens, long outputTokens)
    {
        lock (_lock)
        {
            _requests += requests;
            Count(inputTokens, outputTokens);
        }
    }

    /// <summary>Reserves a request.</summary>
    /// <returns>False if the budget does not have it.</returns>
    public bool TryReserve()
    {
        lock (_lock)
        {
            var count = _underWay + 1;
            var (input, output) = (_tokens.Input + (count * _largest.Input), _tokens.Output + (count * _largest.Output));
            if (_requests + 1 > budget.Requests || input + output > budget.Tokens || prices.CostOf(input, output) > budget.Money || IsUsedUp)
            {
                IsSpent = true;
                return false;
            }

            _requests++;
            _underWay++;
            return true;
        }
    }

    /// <summary>Ends a request.</summary>
    public void Settle(long inputTokens, long outputTokens)
    {
        lock (_lock)
        {
            _underWay--;
            Count(inputTokens, outputTokens);
        }
    }

    private bool IsUsedUp => _tokens.Input + _tokens.Output >= budget.Tokens || (budget.Money is { } money && prices.CostOf(_tokens.Input, _tokens.Output) >= money);

    private void Count(long input, long output)
    {
        _tokens = (_tokens.Input + input, _tokens.Output + output);
        _largest = (Math.Max(_largest.Input, input), Math.Max(_largest.Output, output));
    }
}
