package io.leasehold.jepsen.history;

/**
 * A watch ended.
 *
 * @param compactRevision if the server cancelled it because that history is gone, else 0
 * @param reason what the server or the connection said; empty if the client wanted no more
 */
public record WatchClosed(long stream, long compactRevision, String reason, long atNanos)
    implements Entry {}
