package io.leasehold.jepsen.history;

/** One line of a history. */
public sealed interface Entry
    permits Op,
        FaultWindow,
        Stall,
        Phase,
        MemberState,
        Counter,
        FencedWrite,
        WatchOpened,
        WatchAnswer,
        WatchClosed {}
