namespace MiniMind.Extensions.AI;

/// <summary>Kinds of faults of a request to a teacher.</summary>
public enum TeacherFaultKind
{
    /// <summary>The service or the wire failed; the same request may succeed later.</summary>
    Transient,

    /// <summary>The service asks for fewer requests; all of them wait.</summary>
    RateLimited,

    /// <summary>No reply came in time.</summary>
    TimedOut,

    /// <summary>The service will never answer such a request (a wrong key, an unknown model, a bad request): the run ends.</summary>
    Permanent,

    /// <summary>The service refuses this one request, for its content or its length; the run goes on without it.</summary>
    Refused,
}
